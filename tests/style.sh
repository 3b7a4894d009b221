#!/bin/sh
# What a glance cannot check: lines of at most 100 columns (a tab is 8), no white space
# at their ends, and the lengths of functions: half under 18 lines, nine in ten under 50.
# Prints a line a fault, then a count.
set -u
cd "$(dirname "$0")/.." || exit 2

LC_ALL=C awk '
	# Tabs go to the next 8; the bytes that continue a character of UTF-8 take no room.
	function width(s,    i, n, c) {
		n = 0
		for (i = 1; i <= length(s); i++) {
			c = substr(s, i, 1)
			n += c == "\t" ? 8 - n % 8 : c !~ /[\200-\277]/
		}
		return n
	}
	function fault(what) { print FILENAME ":" FNR ": " what; faults++ }
	{
		files += FNR == 1
		# A table of cases is read row by row; its rows may be longer.
		if (width($0) > 100 && !(FILENAME ~ /^tests\// && /^\t+\{/))
			fault("longer than 100 columns")
		if ($0 ~ /[ \t]$/) fault("white space at the end")
	}
	/^\{/ { start = FNR; name = last }
	/^\}/ && start {
		n = FNR - start - 1
		size[functions++] = n
		if (n > 80) fault("function of " n " lines: " name)
		start = 0
	}
	{ last = $0 }
	END {
		for (i = 0; i < functions; i++) { under18 += size[i] < 18; under50 += size[i] < 50 }
		if (under18 * 2 < functions) { print "fewer than half of the functions are under 18 lines"; faults++ }
		if (under50 * 10 < functions * 9) { print "fewer than nine in ten functions are under 50 lines"; faults++ }
		printf "%d functions, %d%% under 18 lines, %d%% under 50\n", functions,
		    under18 * 100 / functions, under50 * 100 / functions
		printf "style: %d passed, %d failed\n", files - (faults > 0), faults
		exit faults > 0
	}
' $(find core modules tests examples -name '*.[ch]' -not -path '*/node_modules/*' 2>/dev/null)
