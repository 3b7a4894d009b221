#!/bin/sh
# Runs the suites, one after the other, each as a target of the Makefile; shows a line
# a suite, what failed in its log and the end of that, and at last the count of all tests.
#
#	tests/all.sh SUITE ...		a suite is TARGET or VARIANT:TARGET
#
# A variant is a build of its own: asan, tsan, clang (see the Makefile).
set -u
cd "$(dirname "$0")/.." || exit 2
log=build/log
mkdir -p "$log"
passed=0 failed=0 broken=0

# The counts that a log holds: cmocka's, and lines "what: N passed, N failed".
count() {
	awk '/^\[  PASSED  \] [0-9]+ test/ { p += $4 }
	     /^\[  FAILED  \] [0-9]+ test/ { f += $4 }
	     /^([^ ]+: )?[0-9]+ passed, [0-9]+ failed/ {
		sub(/^[^0-9]*: /, ""); p += $1; f += $3 }
	     END { print p + 0, f + 0 }' "$1"
}

# What failed, wherever it stands in a log, and the end of it.
show() {
	grep -n -A 30 -E '^\[  FAILED  \] [^0-9]|^\[  ERROR  \]|: failed: |ThreadSanitizer|AddressSanitizer|LeakSanitizer|runtime error' \
	    "$1" | head -n 200
	echo "---- the end of $1"
	tail -n 60 "$1"
}

for suite in "$@"; do
	name=$(echo "$suite" | tr ':' '-')
	target=${suite#*:}
	variant=${suite%%:*}
	[ "$variant" = "$suite" ] && variant=
	began=$(date +%s)
	printf '%-16s ' "$suite"
	make --no-print-directory ${variant:+"VARIANT=$variant"} "$target" >"$log/$name.log" 2>&1
	status=$?
	counts=$(count "$log/$name.log")
	p=${counts% *} f=${counts#* }
	passed=$((passed + p)) failed=$((failed + f))
	[ "$status" -ne 0 ] && [ "$f" -eq 0 ] && broken=$((broken + 1))
	printf '%5d passed %3d failed %4d s%s\n' "$p" "$f" $(($(date +%s) - began)) \
	    "$([ "$status" -eq 0 ] || echo "   FAILED: $log/$name.log")"
	[ "$status" -eq 0 ] || show "$log/$name.log"
done
failed=$((failed + broken))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
