#!/bin/sh
# clang-tidy and cppcheck over the program and its modules; the arguments are flags for
# the compiler.  What is switched off, and why, is said in .clang-tidy and below.
set -u
cd "$(dirname "$0")/.." || exit 2
mkdir -p build
printf '#define HELPDESK_VERSION "0"\n#define CONF_MODULE_DIR "/"\n' > build/lint.h
faults=0
files=$(ls core/*.c modules/*/*.c examples/*/*.c | grep -v /test_)

# Two at a time: clang-tidy takes seconds a file.
if ! printf '%s\n' $files | FLAGS="$*" xargs -P 2 -n 5 sh -c '
	clang-tidy --quiet --warnings-as-errors="*" "$@" -- \
	    -std=c11 -D_GNU_SOURCE -include build/lint.h $FLAGS -Icore/include 2>/dev/null
' sh; then
	faults=$((faults + 1))
fi

# Leaks are for LeakSanitizer: cppcheck does not know the cleanup attribute.
if ! cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
    --suppress=missingIncludeSystem --suppress=memleak --suppress=resourceLeak \
    --suppress=uninitvar --error-exitcode=1 -j 2 -D_GNU_SOURCE -D__x86_64__ -D__GNUC__ \
    --include=build/lint.h -Icore/include $files; then
	faults=$((faults + 1))
fi
checked=$(printf '%s\n' $files | wc -l)
echo "lint: $((checked - faults)) passed, $faults failed"
[ "$faults" -eq 0 ]
