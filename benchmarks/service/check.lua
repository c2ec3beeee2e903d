-- wrk asks at random for what the service has, and checks that each answer is of one version.
--
--     wrk -t1 ... -s check.lua URL -- ARTICLES
--
-- Prints what it counted as one line of JSON. With one thread alone: each has its own counts.

local asking = {"related", "related", "page", "blocks", "next", "unchanged"}
local numbers = {}  -- of versions, by name
local tags = {}

function setup(thread)
  counting = thread
end

function init(args)
  articles = tonumber(args[1])
  math.randomseed(1)
  answers, unchanged, faults, refused, mixed, versions, states = 0, 0, 0, 0, 0, 0, 0
  example, tag = "", nil
end

local function article()
  return string.format("a%07d", 2 * math.random(0, articles / 2 - 1))
end

function request()
  local what = asking[math.random(#asking)]
  if what == "next" then
    local body = string.format('{"history": ["%s", "%s"]}', article(), article())
    return wrk.format("POST", "/v1/next", {["Content-Type"] = "application/json"}, body)
  elseif what == "blocks" then
    return wrk.format("GET", "/v1/blocks/popular?section=section%20000&exclude=" .. article())
  elseif what == "unchanged" then
    return wrk.format("GET", "/v1/page/" .. article(), {["If-None-Match"] = tag})
  end
  return wrk.format("GET", "/v1/" .. what .. "/" .. article())
end

-- Says what is wrong with the body of an answer that says it is of a version; nil where nothing is.
local function wrong(version, body)
  local named = body:match('"version":"([^"]*)"')
  if named ~= version then
    return "the body is of version " .. tostring(named)
  end
  local number
  for mark in body:gmatch("%[v(%d+)%]") do
    if number and mark ~= number then
      return "marks " .. number .. " and " .. mark
    end
    number = mark
  end
  if not number then
    return "no mark"
  end
  if not numbers[version] then
    numbers[version] = number
    versions = versions + 1
  end
  return numbers[version] ~= number and "marks of another version: " .. number or nil
end

function response(status, headers, body)
  answers = answers + 1
  if status == 200 then
    local found = wrong(headers["ymal-version"], body)
    if found then
      mixed = mixed + 1
      example = tostring(headers["ymal-version"]) .. ": " .. found
    end
    tag = headers["etag"] or tag
  elseif status == 304 then
    unchanged = unchanged + 1
  elseif status >= 500 then
    faults = faults + 1
  else
    refused = refused + 1
  end
  if headers["etag"] and not tags[headers["etag"]] then
    tags[headers["etag"]] = true
    states = states + 1
  end
end

function done(summary, latency)
  local errors = summary.errors
  local counts = {
    cut = errors.connect + errors.read + errors.write + errors.timeout,
    p50 = latency:percentile(50) / 1000,
    p99 = latency:percentile(99) / 1000,
    slowest = latency.max / 1000,
  }
  local names = {"answers", "unchanged", "faults", "refused", "mixed", "versions", "states"}
  for _, name in ipairs(names) do
    counts[name] = counting:get(name)
  end
  local parts = {string.format('"example": "%s"', counting:get("example"))}
  for name, value in pairs(counts) do
    parts[#parts + 1] = string.format('"%s": %.10g', name, value)
  end
  print("{" .. table.concat(parts, ", ") .. "}")
end
