# load.sh - one load on one server; sourced by bench.sh and growth.sh
#
# A load is described by variables, which sections set with describe:
#	protocol	h1, h2c or h2 (over TLS)
#	connections, streams
#	method path rows status body etag host
#	counted	so many requests in a turn, in place of so many seconds
#	uris	a file with paths, one a line, in place of path; for h2load alone
# load_once BASE leaves its findings in load_rate (requests a second), load_count,
# load_faults, load_p50 and load_p99 (microseconds).

TOOL_THREADS=2		# of wrk and h2load
WARM_UP=1		# seconds
URIS=4096		# random ids in a list for h2load
LATENCY_SECONDS=1	# of the pass in which h2load notes each request

# describe PROTOCOL CONNECTIONS STREAMS METHOD PATH STATUS [BODY]
describe() {
	protocol=$1 connections=$2 streams=$3 method=$4 path=$5 status=$6 body=${7:-}
	etag= host= uris= counted=
}

threads_for() {
	[ "$1" -lt "$TOOL_THREADS" ] && echo "$1" || echo "$TOOL_THREADS"
}

# The base address of a side, by protocol: of "HTTP HTTPS".
base_of() {
	case $protocol in
	h2) echo "$2" ;;
	*) echo "$1" ;;
	esac
}

# Headers as arguments for either tool; the caller takes them by: eval set -- "$(headers)"
headers() {
	printf "%s " -H "'X-API-Key: $key'"
	[ -z "$etag" ] || printf "%s " -H "'If-None-Match: $etag'"
	[ -z "$host" ] || printf "%s " -H "'Host: $host'"
	[ -z "$body" ] || printf "%s " -H "'Content-Type: application/json'"
}

# ---- wrk ----

wrk_run() { # BASE SECONDS
	base=$1 for_seconds=$2
	eval set -- "$(headers)"
	wrk -t "$(threads_for "$connections")" -c "$connections" -d "${for_seconds}s" --timeout 60s \
	    "$@" -s "$here/requests.lua" "$base" -- "$method" "$path" "$rows" "$status" \
	    ${body:+"$body"} > "$run/load.out" 2>&1 ||
		fail "wrk: $(tail -n 3 "$run/load.out")"
	set -- $(sed -n 's/^result //p' "$run/load.out")
	[ $# -eq 5 ] || fail "wrk: $(tail -n 3 "$run/load.out")"
	load_count=$1 load_faults=$3 load_p50=$4 load_p99=$5
	load_rate=$(awk "BEGIN { printf \"%.1f\", $1 * 1e6 / $2 }")
}

# ---- h2load ----

# A list of addresses, if the path has an id in it.
write_uris() { # BASE
	if [ -n "$uris" ]; then
		sed "s|^|$1|" "$uris" > "$run/uris"
		return
	fi
	case $path in
	*{id}*)
		prefix=${path%%\{id\}*} suffix=${path#*\{id\}}
		awk -v rows="$rows" -v n="$URIS" 'BEGIN {
			srand(1)
			while (n-- > 0) print 1 + int(rand() * rows)
		}' | sed "s|.*|$1$prefix&$suffix|" > "$run/uris" ;;
	*) echo "$1$path" > "$run/uris" ;;
	esac
}

h2load_tool() { # ARGUMENTS ...
	more=$(for a; do printf "'%s' " "$a"; done)
	eval set -- "$(headers)" "$more"
	[ "$protocol" = h1 ] && set -- --h1 "$@"
	if [ -n "$body" ]; then
		printf %s "$body" > "$run/body"
		set -- -d "$run/body" "$@"
	fi
	h2load -t "$(threads_for "$connections")" -c "$connections" -m "$streams" \
	    -i "$run/uris" "$@" > "$run/load.out" 2>&1 ||
		fail "h2load: $(tail -n 3 "$run/load.out")"
}

# finished in 3.00s, 81234.50 req/s, 24MB/s / requests: ... N done, N succeeded, N failed,
# N errored, N timeout / status codes: N 2xx, N 3xx, N 4xx, N 5xx
h2load_read() {
	set -- $(awk -v expected="$status" '
		/^finished in/ { rate = $4 }
		/^requests:/ { done = $6; faults = $10 + $12 + $14 }
		/^status codes:/ { split("3 5 7 9", at, " "); right = $(at[int(expected / 100) - 1]) }
		END {
			gsub(/,/, "", rate)
			print rate + 0, done + 0, faults + (done > right ? done - right : 0)
		}' "$run/load.out")
	load_rate=$1 load_count=$2 load_faults=$3 load_p50=0 load_p99=0
}

h2load_run() { # BASE SECONDS
	write_uris "$1"
	h2load_tool -D "$2"
	h2load_read
}

# As many requests as that, not as many seconds: for answers that take long.
load_counted() { # BASE REQUESTS
	write_uris "$1"
	h2load_tool -n "$2"
	h2load_read
}

# Percentiles of h2load: it notes each request in a file, so not while rates count.
h2load_latency() { # BASE [ARGUMENTS ...]; a later -D counts
	write_uris "$1"
	shift
	rm -f "$run/requests.log"
	h2load_tool -D "$LATENCY_SECONDS" --log-file "$run/requests.log" "$@"
	h2load_read
	load_check
	set -- $(percentiles "$run/requests.log")
	load_p50=$1 load_p99=$2
}

# The third column's 50 % and 99 %.
percentiles() { # FILE
	cut -f 3 "$1" | sort -n | awk '
		{ at[NR] = $1 }
		END {
			if (NR == 0) { print 0, 0; exit }
			print at[int((NR + 1) / 2)], at[NR - int(NR / 100)]
		}'
}

# ---- either ----

load_check() {
	[ "$load_faults" -eq 0 ] ||
		fail "$load_faults answers to $method $path were not $status:" \
		    "$(tail -n 12 "$run/load.out")"
	[ "$load_count" -gt 0 ] || fail "no answer to $method $path"
}

load_once() { # BASE SECONDS
	if [ -n "$counted" ]; then
		load_counted "$1" "$counted"
	elif [ "$protocol" = h1 ]; then
		wrk_run "$@"
	else
		h2load_run "$@"
	fi
	load_check
}

# Each answer is looked at.
warm_up() { # BASE
	BENCH_CHECK=1 load_once "$1" "$WARM_UP"
}
