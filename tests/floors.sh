#!/bin/sh
# Holds every #include of core/ against core/FLOORS, and prints one line a fault.
# The last line counts, in the form that test runners read.
set -u
cd "$(dirname "$0")/../core" || exit 2

awk '
	FILENAME == "FLOORS" && /^#/ { next }
	FILENAME == "FLOORS" && /^rooms:/ { in_rooms = 1; next }
	FILENAME == "FLOORS" && /^[0-9]/ { floor = $1; next }
	FILENAME == "FLOORS" && in_rooms && NF > 1 {
		for (i = 2; i <= NF; i++)
			may[$1, $i] = 1
		room[$1] = 1
		next
	}
	FILENAME == "FLOORS" {
		for (i = 1; i <= NF; i++) {
			if ($i in at) fault("FLOORS", $i " is listed twice")
			at[$i] = floor
		}
		next
	}
	FNR == 1 {
		name = FILENAME
		sub(/\.[ch]$/, "", name)
		seen[name] = 1
		files++
		if (!(name in at)) fault(FILENAME, "is on no floor")
	}
	/^#[ \t]*include[ \t]*"/ {
		split($0, part, "\"")
		other = part[2]
		sub(/\.h$/, "", other)
		checked++
		if (at[other] + 0 > at[name] + 0)
			fault(FILENAME, "is on floor " at[name] " and includes " part[2] " of floor " at[other])
	}
	/^#[ \t]*include[ \t]*[<"]/ {
		split($0, part, /[<">]/)
		for (r in room) {
			if (index(part[2], r) != 1) continue
			checked++
			if (!((r, name) in may)) fault(FILENAME, "may not include " part[2])
		}
	}
	function fault(file, what) { print "core/" file ": " what; faults++ }
	END {
		for (n in at) if (!(n in seen)) fault("FLOORS", n " is not there")
		if (files < 40 || checked < 100) fault("FLOORS", "too little was checked to mean anything")
		printf "floors: %d passed, %d failed\n", checked - faults, faults
		exit faults > 0
	}
' FLOORS *.[ch]
