#!/bin/sh
# abi.sh - holds what modules out there rely on
#
#	tests/abi/abi.sh BUILD
#
# kept.sh	modules built once are served as on the first day
# frozen.sh	the declarations for each target are what was kept: as text, which has names,
#		order of parameters and values, and as abidiff sees the compiled layout
# mutants.sh	faulty headers, each of which one of the two must find
# target.sh	a module is of the target that it says, whatever its header and its server have
# refusal.sh	"make abi-freeze" never writes again what is promised
# languages.sh	C99, C11, C17, C++11, C++17, C++20, with gcc and clang
set -u
build=$(cd "${1:?usage: abi.sh BUILD}" && pwd) || exit 2
cd "$(dirname "$0")/../.." || exit 2
. tests/abi/declare.sh
. tests/abi/build.sh
. tests/abi/house.sh
program=$build/helpdesk
machine=$(uname -m)
umask 022
folder=$(mktemp -d) && chmod 755 "$folder" || exit 2
passed=0 failed=0 server= method=

finish() {
	[ -n "$server" ] && stop
	rm -rf "$folder"
}
trap finish EXIT

# expect WHAT COMMAND ...
expect() {
	what=$1
	shift
	if "$@" > "$folder/out" 2>&1; then
		passed=$((passed + 1))
		return 0
	fi
	failed=$((failed + 1))
	echo "FAILED: $what"
	sed 's/^/    /' "$folder/out"
	return 1
}

for part in kept frozen mutants target refusal languages; do
	before=$((passed + failed))
	. "$abi/$part.sh"
	echo "== $part: $((passed + failed - before)) tests"
done
echo "abi: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
