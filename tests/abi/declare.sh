# declare.sh - what a header declares for a target, as text and as abidiff's XML; sourced
#
# Always by gcc, whatever CC is: another compiler expands the header's macros otherwise.
abi=tests/abi
header=core/include/helpdesk/plugin.h

# define_of NAME HEADER: the number that a macro stands for.
define_of() {
	sed -n "s/^#define $1 //p" "$2"
}

# The constants of the declarations, each with its value, made into a program and run.
constants() { # HEADER TARGET DECLARATIONS
	{
		echo '#include <stdio.h>'
		echo 'int main(void) {'
		sed -n -e 's/^\t\(HD_[A-Z0-9_]*\)\(=.*\)\{0,1\},\{0,1\}$/\1/p' \
		    -e 's/^#define \(HD_[A-Z_]*\) [0-9(].*/\1/p' "$3" |
		    sed 's/.*/printf("& = %lld\\n", (long long)&);/'
		echo 'return 0; }'
	} > "$3.c"
	gcc -std=c11 -w "-DHD_ABI_TARGET=$2" -include "$1" -o "$3.run" "$3.c" && "$3.run"
}

# declarations HEADER TARGET FILE: writes the text of the freeze.
declarations() {
	gcc -std=c11 -E -dD "-DHD_ABI_TARGET=$2" -x c "$1" > "$3.i" &&
	    awk -v header="$1" -f $abi/declarations.awk "$3.i" > "$3" &&
	    constants "$1" "$2" "$3" > "$3.values" && cat "$3.values" >> "$3"
}

# A pointer to each type of the declarations, so that the debugger's information has all.
probes() {
	echo '#include <stdint.h>'
	sed -n -e 's/^struct \([a-z_]*\){$/struct \1 *struct_\1;/p' \
	    -e 's/^enum \([a-z_]*\){$/enum \1 *enum_\1;/p' \
	    -e 's/^typedef .*[ *(]\(hd_[a-z_]*\)(.*/\1 *function_\1;/p' "$1"
}

# layout HEADER TARGET DECLARATIONS FILE: writes what abidw knows of all the types.
layout() {
	probes "$3" > "$4.c" &&
	    gcc -std=c11 -w -g -fPIC -shared -nostdlib "-DHD_ABI_TARGET=$2" -include "$1" \
	    -o "$4.so" "$4.c" &&
	    abidw --no-show-locs --no-corpus-path --no-comp-dir-path "$4.so" |
	    sed "s| path='[^']*'||" > "$4"
}

# Whether two layouts are the same.  Of abidiff's exit status every bit counts, harmless
# changes included: for one target nothing may change at all.
same_layout() {
	abidiff --harmless "$1" "$2"
}

# Whether the second layout is the first one, grown: see growth.awk.  Bits 1 and 2 of the
# exit status say that abidiff itself failed; 4 and 8, that something differs.
grown_layout() {
	abidiff --harmless --leaf-changes-only "$1" "$2" > "$2.grown"
	[ $(($? & 3)) -eq 0 ] && awk -f $abi/growth.awk "$2.grown"
}
