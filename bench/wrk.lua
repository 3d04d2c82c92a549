-- Posts to the paths of a file, one in each line, and tells the result as JSON. A step that is prime to the number of
-- paths leads through all of them, and keeps neighbors in memory apart.
local requests, at = {}, 0

function init(args)
  for path in io.lines(args[1]) do requests[#requests + 1] = wrk.format("POST", path) end
  at = tonumber(args[2]) * 7919 % #requests
end

function request()
  at = (at + 7919) % #requests
  return requests[at + 1]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('\nRESULT {"requests":%d,"us":%d,"p50":%d,"p99":%d,"failed":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failed))
end
