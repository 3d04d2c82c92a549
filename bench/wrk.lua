-- Posts to the paths of a file, which has one on each line, and prints the result as JSON on the last line. Its steps
-- are coprime to the number of paths: they visit every path, and neighbors in memory do not follow one another.
local requests, index = {}, 0

function init(args)
  for path in io.lines(args[1]) do requests[#requests + 1] = wrk.format("POST", path) end
  index = tonumber(args[2]) * 7919 % #requests
end

function request()
  index = (index + 7919) % #requests
  return requests[index + 1]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('\n{"requests":%d,"us":%d,"p50":%d,"p99":%d,"failed":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failed))
end
