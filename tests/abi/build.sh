# build.sh - how the kept modules are built; sourced
#
# Small, and the same from the same source and header wherever it is built.
flags="-std=c11 -Os -fPIC -shared -fvisibility=hidden -s -Wl,--build-id=none"
flags="$flags -Wl,-z,noseparate-code"

# build_kept TARGET INCLUDE FILE
build_kept() {
	gcc $flags -I"$2" -o "$3" "tests/abi/binaries/target_$1.c"
}
