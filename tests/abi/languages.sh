# languages.sh - the languages that plugin.h and a module of it compile as; sourced by abi.sh
#
# The header promises no warnings of these.  Not among them are -Wold-style-cast, which its
# inline functions do not bear, and g++'s -Wshadow, for which a function may not be called
# as a struct is (hd_client, hd_instance).  Rows that do not name all their members, as no
# module does, need -Wno-missing-field-initializers beside -Wextra.
strict="-Wall -Wextra -Wpedantic -Werror -Wconversion -Wcast-qual"
strict_c="-Wshadow -Wstrict-prototypes -Wmissing-prototypes"
rows="-Wno-missing-field-initializers"

# compiles COMPILER STANDARD FLAG ...
compiles() {
	compiler=$1 std=$2
	shift 2
	"$compiler" "-std=$std" $strict -Icore/include -fsyntax-only "$@"
}

printf '#include <helpdesk/plugin.h>\n' > "$folder/once.h"
cat "$folder/once.h" "$folder/once.h" > "$folder/twice.h"
for target in $(seq 0 "$(define_of HD_ABI_MINOR $header)"); do
	for std in c99 c11 c17; do
		for compiler in gcc clang; do
			with="$compiler -std=$std and target $target"
			expect "the header compiles with $with" compiles $compiler $std \
			    $strict_c "-DHD_ABI_TARGET=$target" -x c "$folder/twice.h"
		done
	done
	for std in c++11 c++17 c++20; do
		for compiler in g++ clang++; do
			with="$compiler -std=$std and target $target"
			expect "the header compiles with $with" compiles $compiler $std \
			    "-DHD_ABI_TARGET=$target" -x c++ "$folder/twice.h"
		done
	done
done

# What would lay out the structs otherwise.
refuses_short_enums() { # COMPILER
	! "$1" -std=c11 -fshort-enums -Icore/include -fsyntax-only -x c "$folder/twice.h" \
	    > "$folder/said" 2>&1 && grep hd_enums_are_ints "$folder/said"
}
for compiler in gcc clang; do
	expect "$compiler -fshort-enums does not pass" refuses_short_enums $compiler
done

for std in c99 c11 c17; do
	for compiler in gcc clang; do
		expect "a module compiles with $compiler -std=$std" compiles $compiler $std \
		    $strict_c $rows -x c $abi/every.c
	done
done
for compiler in g++ clang++; do
	expect "a module compiles with $compiler -std=c++20" compiles $compiler c++20 \
	    $rows -x c++ $abi/every.c
	for std in c++11 c++17; do
		expect "tables and handlers compile with $compiler -std=$std" \
		    compiles $compiler $std $rows $abi/every.cc
	done
done

# The functions that every.h does not call.
uncalled() {
	! sed -n 's/^.*static inline .*[ *]\(hd_[a-z_]*\)(.*/\1/p' "$folder/now.txt" |
	    while read -r name; do
		grep -q "[^a-z_]$name(" $abi/every.h || echo "$name"
	done | grep .
}
expect "there are functions" grep -q 'static inline .*hd_reply(' "$folder/now.txt"
expect "the module calls every function" uncalled

# What C++ makes of it, the server takes.
builds_as() { # COMPILER STANDARD LANGUAGE
	"$1" "-std=$2" -Icore/include -fPIC -shared -fvisibility=hidden -w \
	    -o "$folder/every.so" -x "$3" $abi/every.c
}
while read -r compiler std language; do
	expect "$compiler -std=$std makes a module" builds_as $compiler $std $language
	expect "and the server takes it" is_taken "$folder/every.so" every
done <<END
gcc c99 c
clang c17 c
g++ c++20 c++
clang++ c++20 c++
END
