# target.sh - a module is of the minor that it targets, not of its header's; sourced by abi.sh

major=$(define_of HD_ABI_MAJOR $header)
mutate "$(cat $abi/grow.sed)"
newer=$folder/mutant

# builds TARGET INCLUDE FILE: the kept module's source for another target.
builds() {
	sed "s/^#define HD_ABI_TARGET .*/#define HD_ABI_TARGET $1/" \
	    $abi/binaries/target_0.c > "$folder/target_0.c"
	gcc $flags -I"$2" -o "$3" "$folder/target_0.c"
}

# What a header gives a module of this target to call.
declares() { # TARGET
	printf '%s\n' '#include <helpdesk/plugin.h>' \
	    'int64_t grow(struct hd_req *);' \
	    'int64_t grow(struct hd_req *req) { return hd_grow(req); }' > "$folder/grow.c"
	gcc -std=c11 -Werror=implicit-function-declaration -fsyntax-only \
	    "-DHD_ABI_TARGET=$1" -I"$newer" "$folder/grow.c"
}

does_not_declare() {
	! declares "$1"
}

mkdir -p "$folder/now" "$folder/newer" "$folder/newest"
now=$folder/now/target_0.so
expect "target 0 of this header" builds 0 core/include "$now"
expect "target 0 of the next header" builds 0 "$newer" "$folder/newer/target_0.so"
expect "they are the same, byte for byte" cmp "$now" "$folder/newer/target_0.so"
expect "this server takes target 0 of the next header" is_taken "$folder/newer/target_0.so" \
    target_0
expect "target $next of the next header" builds "$next" "$newer" "$folder/newer/target_0.so"
expect "this server refuses it" is_refused "$folder/newer/target_0.so" target_0 \
    "target_0 1.0.0 needs plugin ABI $major.$next, this server offers $major.0 to $major.$minor"
expect "what is new is there for target $next" declares "$next"
expect "what is new is not there for target $minor" does_not_declare "$minor"

# A server of the next minor, made of the same core.
build_next() {
	MAKEFLAGS='' CPPFLAGS="-I$newer -DHD_ABI_TARGET=HD_ABI_MINOR" make --no-print-directory \
	    -j2 CC=gcc OPTIMISE= BUILD="$folder/next" "$folder/next/helpdesk"
}

if expect "a server of the next minor" build_next; then
	program=$folder/next/helpdesk
	expect "it takes target $next" is_taken "$folder/newer/target_0.so" target_0
	expect "target $((next + 1))" builds $((next + 1)) "$newer" "$folder/newest/target_0.so"
	expect "it refuses that" is_refused "$folder/newest/target_0.so" target_0 \
	    "needs plugin ABI $major.$((next + 1)), this server offers $major.0 to $major.$next"
	use target_0 "$now" "today, under a server of the next minor"
	program=$build/helpdesk
fi
