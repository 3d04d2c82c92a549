-- Posts to the paths in a file, which has one path per line. Prints the result as JSON on the last line. Each request
-- goes to the path 7919 lines after the previous one, so that consecutive requests use distant memory. The prime
-- number 7919 does not divide the number of paths, so every path is visited.
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
