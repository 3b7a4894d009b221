-- requests.lua - what wrk sends, whether the answers are right, and one line of results
--
--	wrk ... -s requests.lua URL -- METHOD PATH ROWS STATUS [BODY]
--
-- In the path, the body and the headers (-H) {id} becomes a random number from 1 to ROWS,
-- {word} a word that differs each time, {site} a number from 1 to the environment's
-- BENCH_SITES.  With BENCH_CHECK=1 each answer must have the status STATUS; this takes
-- time, so it is for the warm-up alone.

local WORD = 10	-- characters
local rows, sites, expected, parts
bad = 0

function setup(thread)
	-- Threads begin with different numbers, and with the same ones each time.
	threads = threads or {}
	table.insert(threads, thread)
	thread:set("seed", #threads)
end

local makers = {
	id = function() return math.random(1, rows) end,
	site = function() return math.random(1, sites) end,
	word = function() return string.format("word%06d", math.random(0, 999999)) end,
}

-- Texts and makers of texts, in turns: a text stands at each odd place.
local function split(text)
	local found, from = {}, 1
	while true do
		local first, last, name = text:find("{(%l+)}", from)
		if not first or not makers[name] then break end
		found[#found + 1] = text:sub(from, first - 1)
		found[#found + 1] = makers[name]
		from = last + 1
	end
	found[#found + 1] = text:sub(from)
	return found
end

local function whole(method, path, body)
	local lines = { method .. " " .. path .. " HTTP/1.1" }
	if not wrk.headers["Host"] then
		wrk.headers["Host"] = wrk.host .. ":" .. wrk.port
	end
	for name, value in pairs(wrk.headers) do
		lines[#lines + 1] = name .. ": " .. value
	end
	if body then
		local length = #body:gsub("{word}", string.rep("w", WORD))
		lines[#lines + 1] = "Content-Length: " .. length
	end
	return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (body or "")
end

function init(args)
	rows, expected = tonumber(args[3]), tonumber(args[4])
	sites = tonumber(os.getenv("BENCH_SITES") or 1)
	math.randomseed(seed)
	parts = split(whole(args[1], args[2], args[5]))
end

function request()
	local text = parts[1]
	for i = 2, #parts, 2 do
		text = text .. parts[i]() .. parts[i + 1]
	end
	return text
end

if os.getenv("BENCH_CHECK") == "1" then
	function response(status)
		if status ~= expected then bad = bad + 1 end
	end
end

-- result REQUESTS MICROSECONDS FAULTS P50 P99
function done(summary, latency)
	local e, wrong = summary.errors, 0
	for _, thread in ipairs(threads) do
		wrong = wrong + thread:get("bad")
	end
	print(string.format("result %d %d %d %d %d", summary.requests, summary.duration,
	    e.connect + e.read + e.write + e.status + e.timeout + wrong,
	    latency:percentile(50), latency:percentile(99)))
end
