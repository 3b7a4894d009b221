# curve.awk - growth as curves: a panel for each request, along tickets and along sites

function label(n) {
	return n >= 1000000 ? n / 1000000 " M" : n >= 1000 ? n / 1000 " k" : n
}

BEGIN {
	FS = "\t"
	PANEL = 280; HIGH = 200; MARGIN = 50	# of a panel, with its margin
	lines["tickets"] = 0; lines["sites"] = 1
}

{
	key = $1 SUBSEP $3
	if (!(key in count)) {
		if (!($3 in at)) at[$3] = columns++
		along[key] = $1; what[key] = $3
	}
	i = count[key]++
	x[key, i] = log($2); name[key, i] = label($2); y[key, i] = $4
	if ($4 > top[$3]) top[$3] = $4
	if (i == 0 || x[key, i] < least[$1]) least[$1] = x[key, i]
	if (x[key, i] > most[$1]) most[$1] = x[key, i]
}

# The lower left corner of a panel is (left, base).
function panel(key,    left, base, w, h, i, px, py, path, span) {
	left = at[what[key]] * PANEL + MARGIN
	base = (lines[along[key]] + 1) * (HIGH + MARGIN)
	w = PANEL - MARGIN - 20; h = HIGH - 40
	span = most[along[key]] - least[along[key]]
	printf "<text x=\"%d\" y=\"%d\" font-weight=\"bold\">%s, by %s</text>\n", left,
	    base - h - 14, what[key], along[key]
	printf "<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"#888\"/>\n", left, base - h, base,
	    left + w
	printf "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#555\">%d</text>\n", left - 4,
	    base - h + 4, top[what[key]]
	for (i = 0; i < count[key]; i++) {
		px = left + (span > 0 ? w * (x[key, i] - least[along[key]]) / span : w / 2)
		py = base - h * y[key, i] / top[what[key]]
		path = path (i ? "L" : "M") sprintf("%.1f %.1f", px, py)
		printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"#4a7ab5\"/>\n", px, py
		printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#555\">%s</text>\n",
		    px, base + 15, name[key, i]
	}
	printf "<path d=\"%s\" fill=\"none\" stroke=\"#4a7ab5\" stroke-width=\"2\"/>\n", path
}

END {
	width = columns * PANEL; height = 2 * (HIGH + MARGIN) + 30
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" ", width, height
	print "font-family=\"sans-serif\" font-size=\"12\">"
	printf "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n", width, height
	printf "<text x=\"10\" y=\"20\">Requests a second, from 0; more tickets or more sites" \
	    " to the right, by powers</text>\n"
	for (key in count) panel(key)
	print "</svg>"
}
