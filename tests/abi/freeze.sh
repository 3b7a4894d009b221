#!/bin/sh
# freeze.sh - keeps what the header declares for its newest target; see abi.mk
#
# While the major is 0 nothing is promised, and a target is written anew, its module too.
# What a major of 1 or more has written stands for ever: neither text nor layout nor binary
# is made again, whatever the header or the compiler has become.
set -eu
cd "$(dirname "$0")/../.."
. tests/abi/declare.sh
. tests/abi/build.sh

minor=$(define_of HD_ABI_MINOR $header)
kept=$abi/target-$minor
module=$abi/binaries/target_$minor
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

if [ -e "$kept.txt" ] && [ "$(define_of HD_ABI_MAJOR "$kept.txt")" -ge 1 ]; then
	echo "abi-freeze: $kept.txt is kept for ever; what is new belongs to target" \
	    "$((minor + 1)), behind #if HD_ABI_TARGET >= $((minor + 1))" >&2
	exit 1
fi
if ! [ -e "$module.c" ]; then
	echo "abi-freeze: write $module.c and .sh first, as $abi/binaries/target_0" >&2
	exit 1
fi
declarations $header "$minor" "$folder/text"
layout $header "$minor" "$folder/text" "$folder/abi"
build_kept "$minor" core/include "$folder/so"

cp "$folder/text" "$kept.txt"
cp "$folder/abi" "$kept.abi"
[ "$(uname -m)" = x86_64 ] || {
	echo "abi-freeze: the binary is for x86_64 and is not written on this machine" >&2
	exit 0
}
install -m 644 "$folder/so" "$module.so"
(cd $abi/binaries && sha256sum "target_$minor.c" "target_$minor.so" > "target_$minor.sha256")
{
	echo "$(gcc --version | head -n 1)"
	echo "gcc $flags -I(the folder of plugin.h) -o target_$minor.so target_$minor.c"
} > "$module.rule"
