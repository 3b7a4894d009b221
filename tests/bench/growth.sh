#!/bin/sh
# growth.sh - what more tickets, or more sites, do to the same requests
set -u

usage() {
	cat <<'END'
usage: growth.sh [--seconds N] [--rounds N] [--tickets "N ..."] [--sites "N ..."]
           [--out FOLDER] BUILD
       growth.sh --help

Measures a point read, an insert and a list filtered to 50 tickets with more and more
tickets on one site, then with more and more sites of 1,000 tickets each, requests
spread over them; FOLDER (BUILD/bench) gets growth.tsv and growth.svg.

  --seconds N      how long each turn takes (3)
  --rounds N       how many turns; the median counts (3)
  --tickets "N .." how many tickets (1000 100000 1000000 10000000)
  --sites "N .."   how many sites (1 100 1000)
  --out FOLDER     where the results go

10,000,000 tickets need 20 GB of disk, twice.  Databases are kept in BUILD/bench/seeds.
END
}

here=$(cd "$(dirname "$0")" && pwd)
. "$here/place.sh"
. "$here/load.sh"
. "$here/compare.sh"
. "$here/sections.sh"

seconds=3 rounds=3 out= counts="1000 100000 1000000 10000000" sites="1 100 1000"
while [ $# -gt 0 ]; do
	case $1 in
	--seconds) seconds=$2; shift 2 ;;
	--rounds) rounds=$2; shift 2 ;;
	--tickets) counts=$2; shift 2 ;;
	--sites) sites=$2; shift 2 ;;
	--out) out=$2; shift 2 ;;
	--help) usage; exit 0 ;;
	-*) usage >&2; exit 64 ;;
	*) break ;;
	esac
done
[ $# -eq 1 ] || { usage >&2; exit 64; }
place_open "$1"
out=${out:-$build/bench}
mkdir -p "$out"
growth=$run/growth

# ALONG N WHAT: the described load on ours, a line of tickets|sites, number, what, rate, p99
measure() {
	[ "$1" = sites ] && host="site{site}.bench"
	rm -f "$run/ours.rates" "$run/ours.latencies"
	warm_up "$ours_http"
	for round in $(seq "$rounds"); do
		load_once "$ours_http" "$seconds"
		echo "$load_rate" >> "$run/ours.rates"
		echo "$load_p99" >> "$run/ours.latencies"
	done
	printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" \
	    "$(middle < "$run/ours.rates" | cut -d ' ' -f 1)" \
	    "$(middle < "$run/ours.latencies" | cut -d ' ' -f 1)" >> "$growth"
	say "  $2 $1, $3: $(tail -n 1 "$growth" | cut -f 4)/s"
}

# The insert is last: the others find the tickets as they were seeded.
measure_all() { # ALONG N
	describe h1 64 1 GET "$ITEM" 200
	measure "$1" "$2" "point read"
	describe h1 16 1 GET "$LIST?department=Needle" 200
	measure "$1" "$2" "filtered list"
	describe h1 64 1 POST "$LIST" 201 "$NEW"
	measure "$1" "$2" "insert"
}

for count in $counts; do
	ours_start "$count" 0
	measure_all tickets "$count"
	ours_stop
done
for count in $sites; do
	export BENCH_SITES="$count"
	sites_start "$count" "$FEW"
	measure_all sites "$count"
	ours_stop
done
cp "$growth" "$out/growth.tsv"
awk -f "$here/curve.awk" "$growth" > "$out/growth.svg"
awk -F '\t' '
	BEGIN { printf "%-10s %10s  %-14s %12s %10s\n", "", "", "", "requests/s", "p99 us" }
	{ printf "%-10s %10s  %-14s %12s %10s\n", $1, $2, $3, $4, $5 }
' "$growth"
echo "$out/growth.tsv and $out/growth.svg hold the same."
