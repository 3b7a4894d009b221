# keys.awk - the keys of the configuration as a man page, from "helpdesk check --reference"
#
# In the reference a comment stands above the key that it explains; a key behind a '#' is one
# without a default.  What has no comment is a name of one's own: a module's.

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

# "limits.body": the names of the sections around a key, and its own.
function path(column, name,    i, out) {
	for (i = 0; i < column; i += 2)
		if (i in at) out = out at[i] "."
	return out name
}

function value_text(value, required, off) {
	if (value == "") return ""
	if (required) return " For example: " value
	return (off ? " Not set; for example: " : " Default: ") value
}

function key(column, name, value, off,    i, required) {
	for (i in at) if (i + 0 >= column) delete at[i]
	if (doc == "") {
		at[column] = "NAME"
		return
	}
	at[column] = name
	required = doc ~ /\(required\)/
	if (doc !~ /[.)]$/) doc = doc "."
	else if (doc ~ /\)$/) doc = doc "."
	if (column == 0) {
		print ".SS " name
		fill(doc value_text(value, required, off))
	} else {
		print ".TP"
		print ".B " roff(path(column, name))
		fill(doc value_text(value, required, off))
	}
	doc = ""
	keys++
}

NR == 1, /^$/ { next }		# what the reference says of itself
/^$/ { next }
{
	line = $0
	match(line, /^ */)
	column = RLENGTH
	line = substr(line, column + 1)
	off = sub(/^# /, "", line)
	if (sub(/^- /, "", line)) column += 2
	if (line ~ /^[a-z_0-9]+:( |$)/) {
		name = value = line
		sub(/:.*/, "", name)
		sub(/^[^:]*: */, "", value)
		key(column, name, value, off)
	} else if (off)
		doc = line
	else {
		print "line " NR " is neither a key nor a comment" > "/dev/stderr"
		exit 1
	}
}
END { if (keys < 20) exit 1 }
