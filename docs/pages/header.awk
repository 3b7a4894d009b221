# header.awk - a page of what a header declares, from the header itself
#
#	awk -v as=markdown -f header.awk plugin.h services.h testing.h
#	awk -v as=man -f header.awk plugin.h
#
# A comment belongs to the declaration right below it.  A function without one is like the
# function before it, and so is where it may be called.  As Markdown the page has every
# declaration and every comment; as a man page, the calls with a line each.

function fault(what) {
	print FILENAME ":" FNR ": " what > "/dev/stderr"
	bad = 1
	exit 1
}

# ---- text ----

function plain(text) {
	gsub(/[*<]/, "\\\\&", text)
	return text
}

function expand(text,    out, i, c) {
	out = ""
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "\t")
			do out = out " "; while (length(out) % 8)
		else
			out = out c
	}
	sub(/ +$/, "", out)
	return out
}

# A comment as Markdown: a paragraph with a tab in it is laid out by hand.
function prose(comment,    part, n, i, out) {
	n = split(comment, part, /\n\n+/)
	for (i = 1; i <= n; i++) {
		if (part[i] ~ /\t/)
			out = out "```\n" by_hand(part[i]) "```\n\n"
		else
			out = out plain(part[i]) "\n\n"
	}
	return out
}

function by_hand(text,    line, n, i, out) {
	n = split(text, line, "\n")
	for (i = 1; i <= n && line[i] ~ /^\t/; i++) continue
	if (i > n)		# all of it is indented
		for (i = 1; i <= n; i++) sub(/^\t/, "", line[i])
	for (i = 1; i <= n; i++) out = out expand(line[i]) "\n"
	return out
}

function first_sentence(comment) {
	sub(/\n\n.*/, "", comment)
	sub(/:$/, ".", comment)
	gsub(/[ \t\n]+/, " ", comment)
	gsub(/ ?\[(request|startup|any)\]/, "", comment)
	if (match(comment, /[^.]\.( |$)/)) comment = substr(comment, 1, RSTART + 1)
	return comment
}

# ---- what is found ----

function title(text) {
	section = text
	before = ""
	if (as == "man") man_section(text)
	else if (wanted()) printf "### %s\n\n", toupper(substr(text, 1, 1)) substr(text, 2)
}

# Of testing.h only what a test calls is for its readers.
function wanted() {
	return FILENAME !~ /testing\.h$/ || section == "" || section == "what a test calls"
}

function found(name, kind, code) {
	if (kind == "macro" && comment == "") {
		if (!(name in macros)) others = others code
		macros[name]
		return
	}
	if (kind == "call") place(name)
	if (!wanted()) { comment = ""; return }
	if (as == "man") man(name, kind, code)
	else {
		printf "#### %s\n\n", name
		if (comment != "") printf "%s", prose(comment)
		else if (before != "" && kind == "call") printf "As `%s`.\n\n", before
		printf "```c\n%s```\n\n", code
	}
	if (kind == "call" && comment != "") before = name
	comment = ""
}

# A comment that belongs to no declaration.
function alone() {
	if (comment != "" && wanted() && as != "man") printf "%s", prose(comment)
	comment = ""
}

# Where a call may be made.
function place(name) {
	if (match(comment, /\[(request|startup|any)\]/)) {
		where = substr(comment, RSTART, RLENGTH)
		place_of = section
	} else if (FILENAME ~ /plugin\.h$/ && place_of != section)
		fault(name " does not say where it may be called")
	if (comment == "" && before == "" && wanted()) fault(name " has no comment")
}

# ---- the man page ----

function roff(text) {
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	return text
}

# In lines of at most 78 bytes, none of which begins with a request.
function fill(text,    word, n, i, line) {
	n = split(roff(text), word, / +/)
	for (i = 1; i <= n; i++) {
		if (line != "" && length(line) + 1 + length(word[i]) > 78) {
			print line
			line = ""
		}
		if (line == "" && word[i] ~ /^[.\047]/) word[i] = "\\&" word[i]
		line = line (line == "" ? "" : " ") word[i]
	}
	if (line != "") print line
}

function man_section(text) {
	if (!calls++) print ".SH CALLS"
	print ".SS " toupper(substr(text, 1, 1)) roff(substr(text, 2))
}

# The members of a struct, or the values of an enum.
function names(code, kind,    line, n, i, out, part) {
	gsub(/\/\*([^*]|\*[^\/])*\*\//, "", code)
	sub(/^[^{]*\{/, "", code)
	sub(/\}[^}]*$/, "", code)
	n = split(code, line, kind == "enum" ? "," : ";")
	for (i = 1; i <= n; i++) {
		part = line[i]
		gsub(/[ \t\n]+/, " ", part)
		if (part ~ /^ *$/) continue
		if (kind == "enum") sub(/ *=.*/, "", part)
		else if (match(part, /\(\*[a-z_]+\)/)) part = substr(part, RSTART + 2, RLENGTH - 3)
		else part = members(part)
		gsub(/^ +| +$/, "", part)
		out = out (out == "" ? "" : ", ") part
	}
	return out
}

# "uint16_t a_size, b_size" or "char vendor[12]": the names.
function members(part,    line, n, i, out, name) {
	n = split(part, line, ",")
	for (i = 1; i <= n; i++) {
		name = line[i]
		sub(/\[[0-9]*\] *$/, "", name)
		sub(/.*[ *]/, "", name)
		out = out (out == "" ? "" : ", ") name
	}
	return out
}

function man(name, kind, code) {
	if (kind == "macro" && name !~ /^HD_MODULE/) {
		others = others code
		return
	}
	if (kind == "call" || kind == "macro") {
		print ".TP"
		print ".B " name
		if (kind == "call") print roff(where)
		fill(comment != "" ? first_sentence(comment) : "As " before ".")
		return
	}
	if (!types++) print ".SH TYPES"
	print ".TP"
	print ".B " name
	if (comment != "") fill(first_sentence(comment))
	if (kind == "struct" || kind == "enum") {
		print ".br"
		fill("(" names(code, kind) ")")
	}
}

# ---- reading ----

BEGIN {
	if (as == "markdown") {
		print "# Plugin reference\n"
		print "Everything that the headers of a module declare.  This page is made from their comments"
		print "(`make pages`); how the usual things are done is in [plugins.md](plugins.md).\n"
	}
}

FNR == 1 {
	part = place_of = section = before = comment = ""
	if (as != "man") printf "%s## helpdesk/%s\n\n", NR == 1 ? "" : "\n", file_name()
}

function file_name(    n, part) {
	n = split(FILENAME, part, "/")
	return part[n]
}

# A body of a function.
body { if (/^\}/) body = 0; next }

# A comment at the beginning of a line.
in_comment || (part == "" && /^\/\*/) {
	line = $0
	if (!in_comment && match(line, /^\/\* ---- .* ---- \*\/$/)) {
		title(substr(line, 9, length(line) - 16))
		next
	}
	if (!in_comment) {
		alone()
		sub(/^\/\*/, "", line)
	} else sub(/^ \*/, line ~ /^ \*\// ? "*" : "", line)
	in_comment = !sub(/\*\/.*$/, "", line)
	sub(/^ /, "", line)
	sub(/[ ]+$/, "", line)
	if (line == "" && comment == "") next
	comment = comment (comment == "" ? "" : "\n") line
	if (!in_comment) sub(/\n*(SPDX[^\n]*)?\n*$/, "", comment)
	next
}

# A macro; of one of several lines, the first.
/^#define / && part == "" {
	code = $0
	name = $2
	sub(/\(.*/, "", name)
	long = sub(/[ \t]*\\$/, "", code)
	if (long) skip = 1
	if (name ~ /_H$/) {
		if (as != "man") printf "%s", prose(comment)
		comment = ""
	} else found(name, "macro", code (long ? "  ..." : "") "\n")
	next
}
skip { if (!/\\$/) skip = 0; next }
/^#/ && part == "" { if (!/^#(if|ifndef|include)/) alone(); next }
/^(extern "C" \{|\})$/ { next }
/^struct [a-z_]+;$/ && part == "" { next }
/^$/ && part == "" { alone(); next }

# A declaration, line by line.
{ part = part $0 "\n" }
part ~ /^(struct|enum)/ && (/^\};/ || (/;$/ && part !~ /\n.*\n/ && part !~ /\{\n/)) {
	kind = part ~ /^struct/ ? "struct" : "enum"
	name = part
	sub(/^(struct|enum) */, "", name)
	sub(/ *\{.*/, "", name)
	if (name == "") {
		match(part, /HD_[A-Z_]+/)
		name = substr(part, RSTART, RLENGTH) " ..."
	} else name = kind " " name
	found(name, kind, part)
	part = ""
	next
}
part ~ /^typedef/ && /;$/ {
	name = part
	sub(/\(.*/, "", name)
	sub(/.*[ *]/, "", name)
	found(name, "typedef", part)
	part = ""
	next
}
part ~ /\n\{\n$/ {
	sub(/\n\{\n$/, "", part)
	sub(/^HD_FORMAT\([^)]*\) /, "", part)
	sub(/^(_Noreturn )?static inline /, "", part)
	sub(/\n/, part ~ /\*\n/ ? "" : " ", part)
	match(part, /[a-z_]+\(/)
	name = substr(part, RSTART, RLENGTH - 1)
	found(name, "call", part ";\n")
	part = ""
	body = 1
	next
}

function others_of_man(    line, n, i, part, out) {
	print ".SH MACROS"
	n = split(others, line, "\n")
	for (i = 1; i < n; i++) {
		split(line[i], part, /[ (]/)
		out = out (out == "" ? "" : ", ") part[2]
	}
	fill(out)
}

END {
	if (bad) exit 1
	if (part != "" || in_comment) fault("a declaration without an end")
	if (as == "man") others_of_man()
	else printf "## Other macros\n\n```c\n%s```\n", others
}
