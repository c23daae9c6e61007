-- What wrk sends, read from the file named after "--": the method, the body on one line, header lines up to an
-- empty one, then paths, which take turns.  Prints its figures as one line of JSON.
local requests = {}
local turn = 0

function init(args)
  local lines = io.lines(args[1])
  local method, body, headers = lines(), lines(), {}
  for line in lines do
    if line == "" then break end
    local name, value = line:match("^(.-): (.*)$")
    headers[name] = value
  end
  if body == "" then body = nil end
  for path in lines do
    requests[#requests + 1] = wrk.format(method, path, headers, body)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "microseconds": %d, "connect": %d, "read": %d, "write": %d, "status": %d, ' ..
    '"timeout": %d, "p50": %d, "p99": %d}\n',
    summary.requests, summary.duration, errors.connect, errors.read, errors.write, errors.status,
    errors.timeout, latency:percentile(50), latency:percentile(99)))
end
