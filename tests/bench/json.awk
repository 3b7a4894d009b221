# json.awk - the results for programs

function text(s) {
	gsub(/[\\"]/, "\\\\&", s)
	return "\"" s "\""
}

function value(x) {
	return x == "-" ? "null" : x
}

BEGIN {
	FS = "\t"
	split("id what unit ours ceiling value least most bar sense p50_us p99_us ceiling_p50_us" \
	    " ceiling_p99_us cpu_us ceiling_cpu_us", names, " ")
	is_text["id"] = is_text["what"] = is_text["unit"] = is_text["sense"] = 1
	printf "{\n\t\"at\": %s,\n\t\"program\": %s,\n\t\"machine\": %s,\n\t\"processors\": %d,\n",
	    text(at), text(program), text(machine), processors
	printf "\t\"seconds\": %d,\n\t\"rounds\": %d,\n\t\"results\": [", seconds, rounds
}

{
	printf "%s\n\t\t{", (NR > 1 ? "," : "")
	for (i = 1; i <= NF; i++)
		printf "%s%s: %s", (i > 1 ? ", " : ""), text(names[i]),
		    ((names[i] in is_text) && $i != "-" ? text($i) : value($i))
	printf "}"
}

END { print "\n\t]\n}" }
