# mutants.sh - whether the keepers find what they should; sourced by abi.sh
#
# Headers with one fault each are held against what plugin.h declares today.

minor=$(define_of HD_ABI_MINOR $header)
next=$((minor + 1))

with_next() {
	printf '%s\n' "$1" | sed "s/NEXT/$next/g"
}

# mutate EXPRESSION: the mutant's header, in a folder to include from; false if it is the same.
mutate() {
	mutant=$folder/mutant/helpdesk/plugin.h
	mkdir -p "${mutant%/*}"
	sed -E "$(with_next "$1")" $header > "$mutant"
	! cmp -s $header "$mutant"
}

finds() { # freeze|abidiff|growth
	case $1 in
	freeze) ! is_frozen "$mutant" "$minor" "$folder/now.txt" ;;
	abidiff) ! is_laid_out "$mutant" "$minor" "$folder/now.abi" ;;
	growth) ! is_grown "$mutant" "$folder/now.abi" ;;
	esac
}

lets_pass() {
	! finds "$1"
}

# A keeper finds a mutant only if it could read it.
is_readable() {
	declarations "$mutant" "$minor" "$folder/text" &&
	    layout "$mutant" "$minor" "$folder/text" "$folder/abi" &&
	    gcc -std=c11 -w -fsyntax-only "-DHD_ABI_TARGET=$next" -x c "$mutant"
}

declarations $header "$minor" "$folder/now.txt" &&
    layout $header "$minor" "$folder/now.txt" "$folder/now.abi" || exit 1

try() { # WHAT FINDERS EXPRESSION
	expect "$1: it is another header" mutate "$3" || return
	expect "$1: it can be read" is_readable || return
	if [ "$2" = nobody ]; then
		for who in $keepers; do
			expect "$1: $who lets it pass" lets_pass $who
		done
		return
	fi
	for who in $2; do
		case " $keepers " in
		*" $who "*) expect "$1: $who finds it" finds $who ;;
		esac
	done
}

keepers="freeze abidiff growth"
[ "$machine" = x86_64 ] || keepers=freeze
while IFS=';' read -r what who expression; do
	case $what in '#'*) continue ;; esac
	try "$what" "$who" "$expression"
done < $abi/mutants
try "the next minor" nobody "$(cat $abi/grow.sed)"
