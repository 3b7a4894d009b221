#!/bin/sh
# clang-tidy and cppcheck over the program and its modules; the arguments are the
# compiler's.  What is switched off, and why, is in .clang-tidy and below.
set -u
cd "$(dirname "$0")/.." || exit 2
faults=0 checked=0

# Two at a time: clang-tidy takes seconds a file.
files=$(ls core/*.c modules/*/*.c)
if ! printf '%s\n' $files | xargs -P 2 -n 6 sh -c '
	flags=$1; shift
	clang-tidy --quiet --warnings-as-errors="*" "$@" -- -std=c11 $flags -Icore/include 2>/dev/null
' sh "$*" "" ; then
	faults=$((faults + 1))
fi
checked=$((checked + $(printf '%s\n' $files | wc -l)))

# Functions that only plugins or tests call look unused; missing system headers are fine.
if ! cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
    --suppress=missingIncludeSystem --error-exitcode=1 -j 2 -D_GNU_SOURCE -Icore/include core modules; then
	faults=$((faults + 1))
fi
checked=$((checked + 1))
echo "lint: $((checked - faults)) passed, $faults failed"
[ "$faults" -eq 0 ]
