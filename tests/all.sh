#!/bin/sh
# Runs the suites, one after the other, each as a target of the Makefile; shows a line
# a suite, what failed in its log and the end of that, and at last the count of all tests.
#
#	tests/all.sh SUITE ...		a suite is TARGET or VARIANT:TARGET
#
# A variant is a build of its own: asan, tsan, clang (see the Makefile).  A '+' behind a suite
# lets it run beside those that follow.
set -u
cd "$(dirname "$0")/.." || exit 2
log=build/log
mkdir -p "$log"
passed=0 failed=0 broken=0
trap "trap - INT TERM; kill 0" INT TERM

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

# Runs a suite to its end; what it came to is in files beside its log.
run() {
	began=$(date +%s)
	make --no-print-directory ${variant:+"VARIANT=$variant"} "$target" >"$log/$name.log" 2>&1
	echo "$? $(($(date +%s) - began))" >"$log/$name.end"
}

# Adds what a suite came to, and says it.
report() {
	read -r status took <"$log/$name.end"
	counts=$(count "$log/$name.log")
	p=${counts% *} f=${counts#* }
	passed=$((passed + p)) failed=$((failed + f))
	[ "$status" -ne 0 ] && [ "$f" -eq 0 ] && broken=$((broken + 1))
	printf '%-16s %5d passed %3d failed %4d s%s\n' "$suite" "$p" "$f" "$took" \
	    "$([ "$status" -eq 0 ] || echo "   FAILED: $log/$name.log")"
	[ "$status" -eq 0 ] || show "$log/$name.log"
}

# Its name in files, its target, and its variant, which may be none.
take_apart() {
	name=$(echo "$suite" | tr ':' '-')
	target=${suite#*:}
	variant=${suite%%:*}
	[ "$variant" = "$suite" ] && variant=
}

# A suite with a '+' behind it mostly waits - for time-outs of a server, say - and runs beside
# those that follow, until the next of its kind.
waiting=
settle() {
	[ -n "$waiting" ] || return 0
	wait
	suite=$waiting waiting=
	take_apart
	report
}

for suite in "$@"; do
	case $suite in
	*+)
		next=${suite%+}
		settle
		suite=$next waiting=$next
		take_apart
		run &
		;;
	*)
		take_apart
		run
		report
		;;
	esac
done
settle
failed=$((failed + broken))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
