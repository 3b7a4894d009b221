# picture.awk - the results as bars: ours as a part of the ceiling, with the bar to reach

BEGIN {
	FS = "\t"
	WIDTH = 900; LEFT = 400; RIGHT = 60; LINE = 26; TOP = 40
	FULL = WIDTH - LEFT - RIGHT	# a ratio of 1
	while ((getline line < ARGV[1]) > 0) {
		split(line, f, "\t")
		rows += f[5] != "-"
	}
	close(ARGV[1])
	HEIGHT = TOP + rows * LINE + 20
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" ", WIDTH, HEIGHT
	print "font-family=\"sans-serif\" font-size=\"13\">"
	printf "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n", WIDTH, HEIGHT
	printf "<text x=\"10\" y=\"22\" font-weight=\"bold\">%s</text>\n",
	    "Requests a second, as a part of the bare ceiling"
}

function place(x) { return LEFT + FULL * (x > 1.1 ? 1.1 : x) }

$5 != "-" {
	y = TOP + drawn++ * LINE
	colour = $9 == "-" || $6 >= $9 ? "#4a7ab5" : "#c0504d"
	what = $2
	gsub(/&/, "\\&amp;", what); gsub(/</, "\\&lt;", what); gsub(/>/, "\\&gt;", what)
	printf "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", LEFT - 8, y + 15, what
	printf "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"18\" fill=\"%s\"/>\n", LEFT, y + 1,
	    place($6) - LEFT, colour
	printf "<path d=\"M%.1f %dH%.1f\" stroke=\"black\"/>\n", place($7), y + 10, place($8)
	if ($9 != "-")
		printf "<path d=\"M%.1f %dV%d\" stroke=\"black\" stroke-width=\"2\"/>\n",
		    place($9), y - 1, y + 21
	printf "<text x=\"%d\" y=\"%d\" fill=\"white\">%.2f</text>\n", LEFT + 6, y + 15, $6
}

END {
	printf "<path d=\"M%d %dV%d\" stroke=\"#888\" stroke-dasharray=\"4 3\"/>\n", place(1), TOP - 8,
	    HEIGHT - 12
	printf "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" fill=\"#555\">ceiling</text>\n",
	    place(1), TOP - 12
	print "</svg>"
}
