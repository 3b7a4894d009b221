# declarations.awk - what a header declares, one member a line, from "gcc -E -dD"
#
#	awk -v header=FILE -f declarations.awk
#
# Only what stands in the header itself counts.  Comments are gone already; white space is
# kept only between two words.  Left out are the bodies of inline functions, which a mended
# header may change: they can call nothing but what their target declares.  The minor is
# left out, too, since the declarations for a target are the same under every minor.

# Cuts a text into its tokens; a string or a character is one.
function tokens(text, found,    n) {
	while (match(text, /[^ \t]/)) {
		text = substr(text, RSTART)
		if (!match(text, /^("([^"\\]|\\.)*"|'([^'\\]|\\.)*'|[A-Za-z0-9_]+)/))
			RLENGTH = 1
		found[++n] = substr(text, 1, RLENGTH)
		text = substr(text, RLENGTH + 1)
	}
	return n
}

# Adds a token to a text, with a blank where two words would become one.
function join(text, token) {
	return text (text ~ /[A-Za-z0-9_]$/ && token ~ /^[A-Za-z0-9_]/ ? " " : "") token
}

function tight(text,    found, n, i, out) {
	n = tokens(text, found)
	for (i = 1; i <= n; i++) out = join(out, found[i])
	return out
}

function put() {
	if (part != "") print (inner ? "\t" : "") part
	part = ""
}

# Takes one token of a declaration; a bracket behind a parameter list opens a body.
function take(token) {
	if (body > 0) {
		body += (token == "{") - (token == "}")
		return
	}
	if (token == "{" && part ~ /\)$/) {
		put()
		body = 1
		return
	}
	if (token == "}") {
		put()
		inner = 0
	}
	part = join(part, token)
	if (token == "{") constants = part ~ /^enum/
	if (token == "{" || token == ";" || (token == "," && inner && constants)) put()
	if (token == "{") inner = 1
}

/^# [0-9]+ "/ { inside = $3 == "\"" header "\""; next }
!inside || /^#undef / { next }
/^#define HD_ABI_MINOR / || /^#define [A-Z_]*_PLUGIN_H/ { next }
/^#define / {
	head = $2
	sub(/^#define [^ ]+/, "")
	print "#define " head " " tight($0)
	next
}
{ text = text " " $0 }
END {
	n = tokens(text, found)
	for (i = 1; i <= n; i++) take(found[i])
	if (part != "" || inner || body > 0) exit 1	# brackets that do not match
}
