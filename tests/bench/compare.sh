# compare.sh - the server beside the ceiling, in turns; sourced by bench.sh
#
# A result is a line of $results, fields separated by tabs:
#	id what unit ours ceiling value least most bar sense p50 p99 ceiling_p50 ceiling_p99
#	cpu ceiling_cpu
# value is what is held against the bar: "at_least" or "at_most" it (sense), or "-".

# middle < numbers: MEDIAN LEAST MOST
middle() {
	sort -n | awk '
		{ at[NR] = $1 }
		END {
			half = int((NR + 1) / 2)
			print (NR % 2 ? at[half] : (at[half] + at[half + 1]) / 2), at[1], at[NR]
		}'
}

calculate() { # AN EXPRESSION OF AWK
	awk "BEGIN { printf \"%.6g\", $1 }"
}

# Ends the measurement if the two do not make the same bytes of the same rows.
same_bytes() { # PATH
	curl -sSf -H "X-API-Key: $key" "$ours_http$1" > "$run/answer" &&
		curl -sSf "$theirs_http$1" | cmp - "$run/answer" >&2 ||
		fail "the ceiling answers otherwise to $1"
}

# A side's turn: appends to its files.
turn() { # SIDE
	eval "pid=\$$1 base=\$(base_of \$${1}_http \$${1}_https)"
	before=$(cpu_ticks "$pid")
	load_once "$base" "$seconds"
	after=$(cpu_ticks "$pid")
	echo "$load_rate" >> "$run/$1.rates"
	calculate "($after - $before) * 1e4 / $load_count" >> "$run/$1.cpus"
	echo >> "$run/$1.cpus"
	echo "$load_p50 $load_p99" >> "$run/$1.latencies"
	eval "${1}_rate=$load_rate"
}

# Percentiles of a side, or "- -": of wrk the medians over the rounds, of h2load a pass of its own.
latency_of() { # SIDE
	if [ -n "$counted" ]; then
		load_p50=- load_p99=-
	elif [ "$protocol" = h1 ]; then
		load_p50=$(cut -d ' ' -f 1 "$run/$1.latencies" | middle | cut -d ' ' -f 1)
		load_p99=$(cut -d ' ' -f 2 "$run/$1.latencies" | middle | cut -d ' ' -f 1)
	else
		eval "h2load_latency \$(base_of \$${1}_http \$${1}_https)"
	fi
	eval "${1}_latency='$load_p50 $load_p99'"
}

# What is described, in turns, the first turn now on this side, now on that.
compare() { # ID WHAT BAR
	rm -f "$run"/ours.* "$run"/theirs.*
	: > "$run/ratios"
	for side in ours theirs; do
		eval "warm_up \$(base_of \$${side}_http \$${side}_https)"
	done
	for round in $(seq "$rounds"); do
		order="ours theirs"
		[ $((round % 2)) = 0 ] && order="theirs ours"
		for side in $order; do
			turn "$side"
		done
		calculate "$ours_rate / $theirs_rate" >> "$run/ratios"
		echo >> "$run/ratios"
		say "  $1 $round/$rounds: $ours_rate/s of $theirs_rate/s," \
		    "$(tail -n 1 "$run/ratios")"
	done
	latency_of ours
	latency_of theirs
	compared "$@"
}

compared() { # ID WHAT BAR
	set -- "$1" "$2" "$3" $(middle < "$run/ratios")
	result "$1" "$2" "requests/s" "$(middle < "$run/ours.rates" | cut -d ' ' -f 1)" \
	    "$(middle < "$run/theirs.rates" | cut -d ' ' -f 1)" "$4" "$5" "$6" "$3" at_least \
	    $ours_latency $theirs_latency \
	    "$(middle < "$run/ours.cpus" | cut -d ' ' -f 1)" \
	    "$(middle < "$run/theirs.cpus" | cut -d ' ' -f 1)"
}

# Fields in the order of the opening comment; those that are missing are "-".
result() {
	while [ $# -lt 16 ]; do
		set -- "$@" -
	done
	(IFS=$(printf '\t'); echo "$*") >> "$results"
}

# A result that is a number of its own: ID WHAT UNIT VALUE BAR SENSE
single() {
	result "$1" "$2" "$3" "$4" - "$4" - - "$5" "$6"
	say "  $1: $4 $3"
}

# Medians of numbers in a file: ID WHAT UNIT FILE BAR SENSE
spread() {
	set -- "$1" "$2" "$3" "$5" "$6" $(middle < "$4")
	result "$1" "$2" "$3" "$6" - "$6" "$7" "$8" "$4" "$5"
	say "  $1: $6 $3 ($7 to $8)"
}
