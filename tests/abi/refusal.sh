# refusal.sh - whether "make abi-freeze" keeps what it must; sourced by abi.sh
#
# It runs in a copy of what it reads and writes.
copy=$folder/copy

freeze() {
	"$copy/$abi/freeze.sh"
}

# copied EXPRESSION: the copy with another header.
copied() {
	sed -E "$(with_next "$1")" "$copy/$header" > "$copy/$header.new" &&
	    mv "$copy/$header.new" "$copy/$header"
}

refuses() { # WORDS
	if freeze > "$folder/said" 2>&1; then
		return 1
	fi
	cat "$folder/said"
	grep -qF -- "$1" "$folder/said"
}

kept_sums() {
	(cd "$copy/$abi" && sha256sum "target-$minor".* "binaries/target_$minor".*)
}

mkdir -p "$copy/tests" "$copy/${header%/*}"
cp -r $abi "$copy/tests"
cp $header "$copy/$header"

if [ "$major" -eq 0 ]; then
	copied 's/^\tunsigned flags;/\tint flags;/'
	expect "while the major is 0, a target may be written again" freeze
	expect "and is" grep -q '	int flags;' "$copy/$abi/target-$minor.txt"
	copied 's/^(#define HD_ABI_MAJOR) .*/\1 1/'
	expect "the major becomes 1" freeze
fi
kept_sums > "$folder/sums"
expect "what is kept says so" grep -q '^#define HD_ABI_MAJOR [1-9]' \
    "$copy/$abi/target-$minor.txt"
expect "from then on a target is not written again" refuses "is kept for ever"
copied 's/^\tint flags;/\tunsigned flags;/; s/HD_ABI_MAJOR 1/HD_ABI_MAJOR 0/'
expect "not even for a header that goes back" refuses "is kept for ever"
copied 's/HD_ABI_MAJOR 0/HD_ABI_MAJOR 1/'
copied "$(cat $abi/grow.sed)"
expect "a new target needs a module of its own" refuses "target_$next.c"
sed "s/target_0/target_$next/g; s/^#define HD_ABI_TARGET .*/#define HD_ABI_TARGET $next/" \
    $abi/binaries/target_0.c > "$copy/$abi/binaries/target_$next.c"
expect "a new target is kept" freeze
for file in "target-$next.txt" "target-$next.abi" "binaries/target_$next.c"; do
	expect "$file is there" test -s "$copy/$abi/$file"
done
kept_sums > "$folder/sums.after"
expect "and the old one is what it was" cmp "$folder/sums" "$folder/sums.after"
