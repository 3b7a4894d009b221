# table.awk - the results for people; exit status 1 if a bar was missed

function shown(x) {
	if (x == "-") return "-"
	return x >= 1000 ? sprintf("%d", x) : x >= 100 ? sprintf("%.0f", x) : sprintf("%.3g", x)
}

function pair(a, b) {
	return a == "-" ? "" : shown(a) "/" shown(b)
}

function verdict() {
	if ($9 == "-") return ""
	if ($10 == "at_least" ? $6 >= $9 : $6 <= $9) return "good"
	missed++
	return "MISSED"
}

BEGIN {
	FS = "\t"
	printf "%-58s %10s %10s %8s %15s %8s  %s\n", "", "ours", "ceiling", "is", "(spread)", "bar", ""
}

{
	spread = $7 == "-" ? "" : "(" shown($7) "-" shown($8) ")"
	bar = $9 == "-" ? "" : ($10 == "at_least" ? ">= " : "<= ") $9
	printf "%-58s %10s %10s %8s %15s %8s  %s\n", $2, shown($4), shown($5), shown($6), spread,
	    bar, verdict()
	if ($11 != "-")
		printf "    p50 %s us, p99 %s us (ours/ceiling)\n", pair($11, $13), pair($12, $14)
	if ($15 != "-")
		printf "    %s us of processor a request (ours/ceiling)\n", pair($15, $16)
}

END { exit missed > 0 }
