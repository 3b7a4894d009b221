#!/bin/sh
# follow.sh - does what a page says, as it is printed
#
#	tests/follow.sh PAGE FOLDER	in FOLDER/work, which is made
#
# The fenced blocks of the page happen in order, in one shell:
#
#	sh			is run; a command that fails is a fault
#	text			what the block of shell before it prints; "..." is anything
#	console			is shown, not run: what needs a machine of its own
#	c, diff, yaml, make ...	a file, whose name ends the text before: "... `rooms.c`:"
#
# The first block of shell says where things are; what stands in $HERE takes its place.  The
# last line counts the blocks; the exit status is 0 if all went as shown.
set -u

# Cuts a page into FOLDER/steps: N.sh, N.text, and N.file with N.name.
cut_page() { # PAGE FOLDER
	awk -v folder="$2/steps/" '
	function fault(what) { print FILENAME ":" FNR ": " what; bad = 1; exit 1 }
	/^```/ && !inside {
		kind = substr($0, 4)
		inside = 1
		if (kind == "console") { out = "/dev/null"; next }
		at = folder sprintf("%03d", ++n)
		if (kind == "sh") out = at ".sh"
		else if (kind == "text") {
			if (last != "sh") fault("whose output is this?")
			out = at ".text"
		} else {
			if (!match(before, /`[A-Za-z0-9_.\/-]+`:$/)) fault("a file without a name")
			print substr(before, RSTART + 1, RLENGTH - 3) > (at ".name")
			out = at ".file"
		}
		last = kind
		printf "" > out
		next
	}
	/^```/ { inside = 0; if (out != "/dev/null") close(out); next }
	inside { print > out; next }
	NF { before = $0 }
	END { if (inside && !bad) fault("a block without an end"); exit bad }' "$1"
}

# Whether a text is what is shown; "..." stands for anything, alone in a line for any lines.
is_shown() { # SHOWN TEXT
	awk '
	function all(file,    line, text) {
		while ((getline line < file) > 0) text = text line "\n"
		return text
	}
	BEGIN {
		shown = all(ARGV[1])
		gsub(/[][\\.^$*+?(){}|\/]/, "\\\\&", shown)
		gsub(/\n\\\.\\\.\\\.\n/, "\n(.*\n)?", shown)
		gsub(/\\\.\\\.\\\./, ".*", shown)
		exit !(all(ARGV[2]) ~ ("^" shown "$"))
	}' "$1" "$2"
}

# Goes through the steps in this shell, as a reader does, and notes each that went well.
walk() { # FOLDER
	folder=$1
	server='' first=1
	cd "$folder/work" || return 1
	trap '[ -z "$server" ] || kill "$server"' EXIT
	set -e
	while read -r step <&9; do
		echo "$step" > "$folder/at"
		case $step in
		*.file)
			name=$(cat "${step%.file}.name")
			mkdir -p "$(dirname "$name")"
			cp "$step" "$name"
			;;
		*.text)
			is_shown "$step" "$folder/out"
			;;
		*)
			[ -z "$first" ] || printf '%s\n' "$HERE" > "$step"
			first=
			. "$step" > "$folder/out" 2>&1 9<&-
			;;
		esac
		echo "$step" >> "$folder/done"
	done 9< "$folder/order"
}

if [ "$1" = --walk ]; then
	walk "$2"
	exit
fi
page=$1 folder=$2 failed=0
mkdir -p "$folder/steps" "$folder/work" && : > "$folder/done" && : > "$folder/out" || exit 2
cut_page "$page" "$folder" || exit 1
find "$folder/steps" -name '*.sh' -o -name '*.text' -o -name '*.file' | sort > "$folder/order"
sh "$0" --walk "$folder" > "$folder/said" 2>&1
if ! cmp -s "$folder/order" "$folder/done"; then
	failed=1
	echo "$page stops at:"
	sed 's/^/    /' "$(cat "$folder/at")"
	echo "  where there was printed:"
	sed 's/^/    /' "$folder/out" "$folder/said"
fi
echo "$(basename "$page"): $(wc -l < "$folder/done") passed, $failed failed"
[ "$failed" -eq 0 ] && [ -s "$folder/done" ]
