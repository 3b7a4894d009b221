#!/bin/sh
# pages.sh - whether the pages of docs/ say what the program has, all of it
#
#	tests/pages.sh BUILD
#
# The pages that are made from a table or a header are what their maker prints; whoever reads
# them finds every name that plugin.h declares and every command and option of the program.
set -u
build=$(cd "${1:?usage: pages.sh BUILD}" && pwd) || exit 2
cd "$(dirname "$0")/.." || exit 2
. tests/abi/declare.sh
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0

# expect WHAT COMMAND ...
expect() {
	what=$1
	shift
	if "$@" > "$folder/said" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "pages: failed: $what"
		sed 's/^/    /' "$folder/said"
	fi
}

# ---- what is made ----

for page in plugin-reference.md helpdesk-plugin.7 helpdesk.yaml.5; do
	docs/pages/make.sh "$page" "$build" > "$folder/$page" || failed=$((failed + 1))
	expect "docs/$page is what is made of it; make pages" diff "docs/$page" "$folder/$page"
done

# ---- every name of the header ----

# The names of declarations: what stands before '{', '=', ',', ';' or '(', or is a pointer to a
# function.
names() {
	sed -E 's/\[[0-9]+\]//g' "$1" | awk '
	/^#define / { sub(/\(.*/, "", $2); print $2; next }
	/^HD_[A-Z_]+ = / { next }		# values, which the frozen text has
	/^(enum|struct) ?[a-z_]*\{$/ { sub(/\{/, ""); sub(/^(enum|struct) ?/, ""); if (NF) print; next }
	/^\t.*\(\*[a-z_]+\)/ { match($0, /\(\*[a-z_]+\)/); print substr($0, RSTART + 2, RLENGTH - 3); next }
	/^\t/ {
		n = split($0, part, ",")
		for (i = 1; i <= n; i++) {
			sub(/[=;].*/, "", part[i])
			sub(/.*[ \t*]/, "", part[i])
			if (part[i] != "") print part[i]
		}
		next
	}
	match($0, /hd_[a-z_]+\(/) { print substr($0, RSTART, RLENGTH - 1) }
	' | sort -u
}

declarations $header "$(define_of HD_ABI_MINOR $header)" "$folder/declared" || exit 1
names "$folder/declared" > "$folder/names"
expect "the header declares more than a little" test "$(wc -l < "$folder/names")" -gt 200
for page in plugin-reference.md helpdesk-plugin.7; do
	sed -e 's/\\-/-/g' "docs/$page" > "$folder/text"
	grep -vxF "$(grep -oE '[A-Za-z_][A-Za-z0-9_]*' "$folder/text" | sort -u)" "$folder/names" \
	    > "$folder/lacks"
	expect "docs/$page has every name of plugin.h" sh -c "! grep . '$folder/lacks'"
done

# ---- every command and option ----

# The page as lines "COMMAND|what stands in its heading and below it".
awk '
	{ gsub(/\\-/, "-"); gsub(/\\f[A-Z]/, ""); gsub(/[",]/, ""); gsub(/\\/, "") }
	/^\.SH/ { inside = $2 == "COMMANDS"; next }
	!inside { next }
	/^\.RS/ { deep++ }
	/^\.RE/ { deep-- }
	/^\.TP/ && !deep { begins = 1; next }
	begins { sub(/^\.[A-Z]+ /, ""); print ""; printf "%s|", $0; begins = 0; next }
	{ printf " %s", $0 }
	END { print "" }' docs/helpdesk.1 > "$folder/manual"

# entry COMMAND: what the page has of it.
entry() {
	grep -E "^$1( |\||\[)" "$folder/manual"
}

# The options that a command itself takes, by its help.
options_of() {
	"$build/helpdesk" "$@" --help | sed -n 's/^  \(--[a-z-]*\) .*/\1/p' |
	    grep -vxE -e '--(config|help)'
}

"$build/helpdesk" --help | sed -n 's/^  \([a-z]\{1,\}\( [a-z]\{1,\}\)\{0,1\}\) .*/\1/p' \
    > "$folder/commands"
expect "the program has more than a few commands" test "$(wc -l < "$folder/commands")" -gt 15
while read -r command <&9; do
	expect "docs/helpdesk.1 has $command" entry "$command"
	for option in $(options_of $command); do
		expect "docs/helpdesk.1 has $command $option" sh -c \
		    "printf '%s' \"\$1\" | grep -qE -e \"\$2([^a-z-]|\$)\"" sh "$(entry "$command")" \
		    "$option"
	done
	options_of $command >> "$folder/options"
done 9< "$folder/commands"
printf '%s\n' --config --help --version >> "$folder/options"
sed 's/\\-/-/g' docs/helpdesk.1 | grep -oE -e '--[a-z][a-z-]*' | sort -u > "$folder/written"
grep -vxF -f "$folder/options" "$folder/written" > "$folder/stale"
expect "docs/helpdesk.1 has no option that the program lacks" sh -c "! grep . '$folder/stale'"
cut -d '|' -f 1 "$folder/manual" | grep . | while read -r heading; do
	grep -qxF -e "$(echo "$heading" | sed -E 's/ *(\[|NAME|FILE|PATH|--|[A-Z]).*//')" \
	    "$folder/commands" || echo "$heading"
done > "$folder/stale"
expect "docs/helpdesk.1 has no command that the program lacks" sh -c "! grep . '$folder/stale'"

# ---- man pages ----

for page in docs/*.[1-8]; do
	expect "$page is a clean man page" sh -c "! mandoc -T lint '$page' | grep ."
	expect "$page names what it is" grep -qE '^\.SH NAME' "$page"
done

echo "pages: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
