# sections.sh - what is measured; sourced by bench.sh
#
# A line "#: NAME  what" is a line of --help, and SECTIONS is their order.

#: status      GET /status, against a constant answer
#: point       GET /tickets/{id}, against a bare SELECT
#: unchanged   the same with If-None-Match: 304, against a constant 304
#: post        durable POST /tickets, against a bare group commit
#: patch       durable PATCH /tickets/{id}, likewise
#: list        the list of 100,000 tickets, against a bare scan; short lists
#: filter      50 of 1,000,000 tickets, against 50 of 1,000
#: search      GET /knowledge?q= over 100,000 articles, against a point read
#: mixed       reads beside 64 busy writers
#: isolation   small reads beside long ones; the WAL beside slow clients
#: memory      idle, per connection, per site, beside slow clients
#: start       until it is ready
SECTIONS="status point unchanged post patch list filter search mixed isolation memory start"

TICKETS=100000
ARTICLES=100000
MANY=1000000
FEW=1000

ITEM='/api/v1/tickets/{id}'
LIST=/api/v1/tickets
NEW='{"subject":"Printer jam on floor 12","description":"The printer on this floor keeps jamming since this morning, paper tray two, error code 12345 on the screen","priority":"Medium","department":"Facilities","assigned_to":3}'
CHANGE='{"status":"{word}"}'

section_status() {
	pair_start "$TICKETS" 0
	describe h1 64 1 GET /api/v1/status 200
	compare status-h1 "GET /status, HTTP/1.1, 64 connections" 0.75
	describe h2 16 32 GET /api/v1/status 200
	compare status-h2 "GET /status, h2+TLS, 16 x 32" 0.75
	describe h2c 16 32 GET /api/v1/status 200
	compare status-h2c "GET /status, h2c, 16 x 32" -
	pair_stop
}

section_point() {
	pair_start "$TICKETS" 0
	same_bytes "$LIST/4711"
	describe h1 64 1 GET "$ITEM" 200
	compare point-h1 "GET /tickets/{id}, HTTP/1.1, 64 connections" 0.85
	describe h2 16 32 GET "$ITEM" 200
	compare point-h2 "GET /tickets/{id}, h2+TLS, 16 x 32" 0.85
	pair_stop
}

# One ticket, since each has another ETag; what is read and made for it is the same.
section_unchanged() {
	pair_start "$TICKETS" 0
	tag=$(curl -sS -o /dev/null -D - -H "X-API-Key: $key" "$ours_http$LIST/4711" |
	    tr -d '\r' | sed -n 's/^etag: //p')
	[ -n "$tag" ] || fail "a ticket has no ETag"
	describe h1 64 1 GET "$LIST/4711" 304
	etag=$tag
	compare unchanged-h1 "GET /tickets/{id} -> 304, HTTP/1.1, 64 connections" 0.7
	describe h2 16 32 GET "$LIST/4711" 304
	etag=$tag
	compare unchanged-h2 "GET /tickets/{id} -> 304, h2+TLS, 16 x 32" 0.7
	pair_stop
}

section_post() {
	pair_start "$TICKETS" 0
	describe h1 64 1 POST "$LIST" 201 "$NEW"
	compare post-64 "POST /tickets, 64 in flight" 0.8
	describe h1 256 1 POST "$LIST" 201 "$NEW"
	compare post-256 "POST /tickets, 256 in flight" 0.8
	pair_stop
	pair_start "$TICKETS" 0 --no-search
	describe h1 64 1 POST "$LIST" 201 "$NEW"
	compare post-64-rows "the same, the ceiling without full-text index" -
	pair_stop
}

section_patch() {
	pair_start "$TICKETS" 0
	describe h1 64 1 PATCH "$ITEM" 200 "$CHANGE"
	compare patch-64 "PATCH /tickets/{id}, 64 in flight" 0.7
	describe h1 256 1 PATCH "$ITEM" 200 "$CHANGE"
	compare patch-256 "PATCH /tickets/{id}, 256 in flight" 0.7
	pair_stop
}

# ---- lists ----

LISTS=10		# full lists in a turn

# The rate of a list that many ask for, without a ceiling: ID WHAT PATH
rate_of_list() {
	rm -f "$run/rates"
	describe h1 32 1 GET "$3" 200
	warm_up "$ours_http"
	for round in $(seq "$rounds"); do
		load_once "$ours_http" "$seconds"
		echo "$load_rate" >> "$run/rates"
	done
	spread "$1" "$2" requests/s "$run/rates" - -
}

section_list() {
	pair_start "$TICKETS" 0
	same_bytes "$LIST"
	describe h1 1 1 GET "$LIST" 200
	counted=$LISTS
	compare list "the list of 100,000 tickets, one client" 0.7
	counted=
	pair_stop
	ours_start "$FEW" 0
	rate_of_list list-1000 "the list of 1,000 tickets, 32 connections" "$LIST"
	rate_of_list list-50 "50 of them, 32 connections" "$LIST?limit=50"
	ours_stop
}

# The many stand for ours, the few for the ceiling: twice the time is half the rate.
section_filter() {
	site_copy "$FEW" 0 "$run/theirs"
	ours_start "$MANY" 0
	server_start "$run/theirs"
	theirs=$started theirs_http=$started_http theirs_https=$started_https
	describe h1 16 1 GET "$LIST?department=Needle" 200
	compare filter "50 of 1,000,000 tickets, against 50 of 1,000" 0.5
	pair_stop
}

section_search() {
	ours_start "$TICKETS" "$ARTICLES"
	"$tools/seed" words | sed 's|^|/api/v1/knowledge?q=|' > "$run/words"
	rm -f "$run/ratios" "$run/point" "$run/search"
	for round in $(seq "$rounds"); do
		describe h1 8 1 GET "$ITEM" 200
		h2load_latency "$ours_http"
		echo "$load_p99" >> "$run/point"
		point_p99=$load_p99
		describe h1 8 1 GET "/api/v1/knowledge?q=WORD" 200
		uris=$run/words
		h2load_latency "$ours_http"
		echo "$load_p99" >> "$run/search"
		echo "$(calculate "$load_p99 / $point_p99")" >> "$run/ratios"
	done
	spread search-point-p99 "p99 of GET /tickets/{id}, 8 connections" us "$run/point" - -
	spread search-p99 "p99 of GET /knowledge?q=, 8 connections" us "$run/search" - -
	spread search "p99 of a search, in p99 of point reads" times "$run/ratios" 10 at_most
	ours_stop
}

# ---- one beside the other ----

describe_reads() { describe h1 64 1 GET "$ITEM" 200; }
describe_writes() { describe h1 64 1 POST "$LIST" 201 "$NEW"; }

# A load in the background; finish_beside waits for it and takes its findings.  It may be
# that nothing is answered: that is a rate of 0.
start_beside() { # DESCRIBE SECONDS
	mkdir -p "$run/beside"
	(
		trap - EXIT
		run=$run/beside
		"$1"
		wrk_run "$ours_http" "$2"
		[ "$load_faults" -eq 0 ] || fail "$load_faults answers to $method were no $status"
		echo "$load_rate" > "$run/rate"
	) &
	beside=$!
}

finish_beside() {
	wait "$beside" || fail "the load beside failed"
	beside_rate=$(cat "$run/beside/rate")
}

# Seconds of a processor that the server and all clients that have ended took: sets spent.
spent_so_far() {
	times > "$run/times"
	spent=$(awk -v server="$(cpu_ticks "$ours")" '
		NR == 2 {
			split($1 "m" $2, t, "m")
			print server / 100 + t[1] * 60 + t[2] + t[3] * 60 + t[4]
		}' "$run/times")
}

# What a write takes, client and all, is known from writes alone.  What they leave is what
# the reads can have of their own rate.
mixed_round() {
	describe_reads
	load_once "$ours_http" "$seconds"
	alone=$load_rate
	describe_writes
	spent_so_far
	before=$spent
	load_once "$ours_http" "$seconds"
	spent_so_far
	each=$(calculate "($spent - $before) / $load_count")
	start_beside describe_writes "$seconds"
	describe_reads
	load_once "$ours_http" "$seconds"
	finish_beside
	left=$(calculate "1 - $beside_rate * $each / $(nproc)")
	echo "$beside_rate" >> "$run/writes"
	calculate "$load_rate / ($alone * $left)" >> "$run/ratios"
	echo >> "$run/ratios"
	say "  mixed $round/$rounds: $alone/s alone; $load_rate/s beside $beside_rate writes/s," \
	    "which leave $left of the machine"
}

section_mixed() {
	ours_start "$TICKETS" 0
	rm -f "$run/ratios" "$run/writes"
	for round in $(seq "$rounds"); do
		mixed_round
	done
	spread mixed "reads beside 64 writers, against alone on the cores left" ratio \
	    "$run/ratios" 0.6 at_least
	spread mixed-writes "the writes beside those reads" writes/s "$run/writes" - -
	ours_stop
}

ISOLATION_SECONDS=8
PACE=50			# point reads a second on each of 8 connections
SLOW_READERS=10
SLOW_BYTES=65536	# a second, each
EVERYTHING="$LIST?q=the"	# in the description of each ticket

# Until stopped, or refused: sets looping.
loop_beside() { # PATH
	(
		trap 'kill $! 2> /dev/null; exit' TERM
		trap - EXIT
		while :; do
			curl -sS -f -o /dev/null -H "X-API-Key: $key" "$ours_http$1" &
			wait $! || { echo "$1" >> "$run/refused"; exit 1; }
		done
	) &
	looping=$!
	servers="$looping $servers"
}

# probe in the background, with a pipe that ends it: sets probing.
probe_begin() { # ARGUMENTS ...
	rm -f "$run/pipe"
	mkfifo "$run/pipe"
	"$tools/probe" "$@" < "$run/pipe" > "$run/probe.out" &
	probing=$!
	exec 9> "$run/pipe"
	tries=0
	until grep -q open "$run/probe.out"; do
		kill -0 "$probing" 2> /dev/null || fail "probe $1 ended"
		[ $((tries += 1)) -lt "$READY_TRIES" ] || fail "probe $1 does not begin"
		sleep 0.05
	done
}

probe_end() {
	exec 9>&-
	wait "$probing"
}

address_of() { # BASE
	echo "${1##*/}"
}

slow_begin() { # COUNT
	probe_begin slow "$(address_of "$ours_http")" "$1" "$key" "$LIST" "$SLOW_BYTES"
}

# The p99 of paced point reads, and how many processors the processes kept busy meanwhile.
paced() { # PID ...
	describe h1 8 1 GET "$ITEM" 200
	before=$(cpu_ticks "$@")
	h2load_latency "$ours_http" -D "$ISOLATION_SECONDS" --rps "$PACE"
	busy=$(calculate "($(cpu_ticks "$@") - $before) / 100 / $ISOLATION_SECONDS")
}

long_reads_begin() {
	rm -f "$run/refused"
	slow_begin "$SLOW_READERS"
	loop_beside "$LIST"
	list_loop=$looping
	loop_beside "$EVERYTHING"
	search_loop=$looping
}

long_reads_end() {
	stop "$list_loop"
	stop "$search_loop"
	probe_end
	[ ! -f "$run/refused" ] ||
		fail "a long read was refused: $(cat "$run/refused")"
	coming=$(tail -n 1 "$run/probe.out")
	[ "$coming" = "$SLOW_READERS" ] ||
		fail "of $SLOW_READERS slow clients the server kept $coming"
}

# Beside long reads, then beside threads that keep the machine as busy.
isolation_round() {
	paced "$ours"
	quiet=$busy
	long_reads_begin
	paced "$ours" "$list_loop" "$search_loop"
	long_reads_end
	beside_p99=$load_p99
	share=$(calculate "int(100 * ($busy - $quiet) / $(nproc) + 0.5)")
	probe_begin burn "$(nproc)" "$((share > 99 ? 99 : share < 1 ? 1 : share))"
	paced "$ours"
	probe_end
	calculate "$beside_p99 / $load_p99" >> "$run/ratios"
	echo >> "$run/ratios"
	say "  isolation $round/$rounds: p99 $beside_p99 us beside long reads," \
	    "$load_p99 us beside $share % of burning"
}

# The longest that the WAL gets while writers write beside clients that hold answers.
wal_round() {
	long_reads_begin
	start_beside describe_writes "$ISOLATION_SECONDS"
	longest=0
	while kill -0 "$beside" 2> /dev/null; do
		now=$(stat -c %s "$run/ours/helpdesk.db-wal")
		[ "$now" -gt "$longest" ] && longest=$now
		sleep 0.1
	done
	finish_beside
	long_reads_end
	single wal-writes "writes beside long reads and slow clients" writes/s "$beside_rate" 1 at_least
	single wal "the WAL at its longest, writers beside slow clients" MiB \
	    "$(calculate "$longest / 1048576")" 64 at_most
}

section_isolation() {
	ours_start "$MANY" 0
	rm -f "$run/ratios"
	for round in $(seq "$(isolation_rounds)"); do
		isolation_round
	done
	spread isolation "p99 of point reads beside long ones, against equal load" times \
	    "$run/ratios" 2 at_most
	wal_round
	ours_stop
}

# Half of the rounds: each takes half a minute.
isolation_rounds() {
	echo $(((rounds + 1) / 2))
}

# ---- memory ----

SETTLE=1		# seconds after which a server counts as idle
IDLE_CONNECTIONS=500
MORE_SITES=100
SLOW_CLIENTS=20
SLOW_SECONDS=15

memory_idle() {
	ours_start "$FEW" 0
	sleep "$SETTLE"
	idle=$(rss_kib "$ours")
	single memory-idle "idle, five modules, one site" MiB "$(calculate "$idle / 1024")" 12 at_most
	before=$(rss_kib "$ours")
	probe_begin idle "$(address_of "$ours_https")" "$IDLE_CONNECTIONS" "$key"
	sleep "$SETTLE"
	single memory-tls "an idle TLS connection" KiB \
	    "$(calculate "($(rss_kib "$ours") - $before) / $IDLE_CONNECTIONS")" 30 at_most
	probe_end
	ours_stop
}

# A server with so many copies of a seed: site1.bench, site2.bench, ...
sites_start() { # COUNT TICKETS
	rows=$2
	seed_find "$2" 0
	mkdir -p "$run/ours"
	begin_configuration "$run/ours"
	for i in $(seq "$1"); do
		add_site "$run/ours" "site$i" "site$i.db" "site$i.bench"
		cp --reflink=auto "$seed" "$run/ours/site$i.db" || fail "no copy"
	done
	sync
	server_start "$run/ours"
	ours=$started ours_http=$started_http ours_https=$started_https
}

memory_sites() {
	sites_start 1 "$FEW"
	sleep "$SETTLE"
	one=$(rss_kib "$ours")
	ours_stop
	sites_start $((1 + MORE_SITES)) "$FEW"
	sleep "$SETTLE"
	single memory-site "each further idle site" KiB \
	    "$(calculate "($(rss_kib "$ours") - $one) / $MORE_SITES")" 300 at_most
	ours_stop
}

memory_slow() {
	ours_start "$MANY" 0
	describe h1 1 1 GET "$LIST/1" 200
	warm_up "$ours_http"
	before=$(rss_kib "$ours") highest=0
	slow_begin "$SLOW_CLIENTS"
	for i in $(seq $((SLOW_SECONDS * 10))); do
		now=$(rss_kib "$ours")
		[ "$now" -gt "$highest" ] && highest=$now
		sleep 0.1
	done
	probe_end
	[ "$(tail -n 1 "$run/probe.out")" = "$SLOW_CLIENTS" ] || fail "slow clients were dropped"
	single memory-slow "1,000,000 tickets to 20 slow clients add" MiB \
	    "$(calculate "($highest - $before) / 1024")" 32 at_most
	ours_stop
}

section_memory() {
	memory_idle
	memory_sites
	memory_slow
}

# ---- start ----

section_start() {
	site_copy "$MANY" 0 "$run/ours"
	rm -f "$run/times"
	for round in $(seq "$rounds"); do
		"$tools/probe" start "$build/helpdesk" -c "$run/ours/helpdesk.yaml" serve \
		    >> "$run/times" || fail "it does not start"
	done
	spread start "ready, on 1,000,000 tickets" ms "$run/times" 50 at_most
	rm -rf "$run/ours"
}
