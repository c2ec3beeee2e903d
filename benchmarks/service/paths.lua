-- wrk asks for the paths of a file, one a line, in their order and again from the first; prints what
-- came of it as one line of JSON.
--
--     wrk -t1 ... -s paths.lua URL -- FILE

local requests, at = {}, 0

function init(args)
  for path in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"speed": %.1f, "bad": %d, "p50": %.3f, "p99": %.3f}',
    1e6 * summary.requests / summary.duration,
    errors.connect + errors.read + errors.write + errors.timeout + errors.status,
    latency:percentile(50) / 1000,
    latency:percentile(99) / 1000
  ))
end
