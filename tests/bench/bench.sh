#!/bin/sh
# bench.sh - how fast the server is, as a part of what the machine can do
set -u

usage() {
	cat <<'END'
usage: bench.sh [--seconds N] [--rounds N] [--out FOLDER] BUILD [SECTION ...]
       bench.sh --help

Measures BUILD/helpdesk beside BUILD/tests/bench/ceiling, in turns, and prints a table;
FOLDER (BUILD/bench) gets results.json and results.svg.  Without sections: all of them.

  --seconds N   how long each turn takes (3)
  --rounds N    how many turns each side has (5)
  --out FOLDER  where the results go

Sections:
END
	sed -n 's/^#: /  /p' "$here/sections.sh"
}

here=$(cd "$(dirname "$0")" && pwd)
. "$here/place.sh"
. "$here/load.sh"
. "$here/compare.sh"
. "$here/sections.sh"

seconds=3 rounds=5 out=
while [ $# -gt 0 ]; do
	case $1 in
	--seconds) seconds=$2; shift 2 ;;
	--rounds) rounds=$2; shift 2 ;;
	--out) out=$2; shift 2 ;;
	--help) usage; exit 0 ;;
	-*) usage >&2; exit 64 ;;
	*) break ;;
	esac
done
[ $# -gt 0 ] || { usage >&2; exit 64; }
place_open "$1"
shift
[ $# -gt 0 ] || set -- $SECTIONS
out=${out:-$build/bench}
mkdir -p "$out"
results=$run/results
: > "$results"

for section; do
	case " $SECTIONS " in
	*" $section "*) ;;
	*) fail "there is no section $section; --help lists them" ;;
	esac
done
# A section that fails says why, and the others follow.
section_run() { # SECTION
	(
		trap 'stop_all; rm -rf "$run/ours" "$run/theirs"' EXIT
		"section_$1"
	)
}

began=$(date +%s) number=0 failed=
for section; do
	say "bench: $section ($((number += 1)) of $#)"
	section_run "$section" || failed="$failed $section"
done

machine=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
awk -v machine="$machine" -v processors="$(nproc)" -v seconds="$seconds" -v rounds="$rounds" \
    -v at="$(date -u +%Y-%m-%dT%H:%M:%SZ)" -v program="$("$build/helpdesk" version)" \
    -f "$here/json.awk" "$results" > "$out/results.json"
awk -f "$here/picture.awk" "$results" > "$out/results.svg"
awk -f "$here/table.awk" "$results"
status=$?
[ -z "$failed" ] || { echo "FAILED, without or with fewer results:$failed"; status=1; }
echo
echo "$machine, $(nproc) processors; $rounds turns of $seconds s;" \
    "$(($(date +%s) - began)) s in all."
echo "$out/results.json and $out/results.svg hold the same."
exit $status
