-- Sends POST requests to the paths in a file, which has one path per line. Prints the result as JSON on the last line.
-- Each request uses the path 7919 lines after the path of the previous request, so that in a long file consecutive
-- requests use distant memory. After the last line, the count continues at the first line. The number of paths must not
-- be a multiple of the prime number 7919. Otherwise, the requests would not reach every path.
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
