#!/bin/sh
# plugins.sh - does what docs/plugins.md says, with what "make install" puts in place
#
#	tests/plugins.sh BUILD
#
# And what the README says that "helpdesk module new" writes, against the server of the page.
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL	# of the make that runs this: what is made here is on its own
build=$(cd "${1:?usage: plugins.sh BUILD}" && pwd) || exit 2
cd "$(dirname "$0")/.." || exit 2
source=$PWD
umask 022
root=$(mktemp -d) && chmod 755 "$root" || exit 2
trap 'rm -rf "$root"' EXIT
port=$((24000 + $$ % 6000))

make --no-print-directory BUILD="$build" DESTDIR="$root" install > "$root/install.log" 2>&1 ||
	{ cat "$root/install.log"; exit 1; }
p=$root/usr/local
sed -i "s|^prefix=.*|prefix=$p|" "$p/share/pkgconfig/helpdesk-plugin.pc"	# it was moved
PKG_CONFIG_PATH=$p/share/pkgconfig
PATH=$p/bin:$PATH
HERE="PORT=$port SOURCE=$source"
export PKG_CONFIG_PATH PATH HERE

# A page that is not as it says is found: what stands behind its first block, and that.
wrong() { # WHAT TEXT
	printf '```sh\nPORT=1\n```\n%b' "$2" > "$root/wrong.md"
	rm -rf "$root/wrong"
	if tests/follow.sh "$root/wrong.md" "$root/wrong" > "$root/said" 2>&1; then
		echo "follow: $1 is not found"
		untrue=$((untrue + 1))
	else
		found=$((found + 1))
	fi
}
found=0 untrue=0
wrong "a command that fails" '```sh\ntrue\nfalse\ntrue\n```\n'
wrong "another output" '```sh\necho one\n```\n```text\ntwo\n```\n'
wrong "more output" '```sh\necho one; echo two\n```\n```text\none\n```\n'
wrong "less output" '```sh\necho one\n```\n```text\none\ntwo\n```\n'
wrong "another end of a line" '```sh\necho one two\n```\n```text\none ... three\n```\n'
wrong "a file without a name" 'Put this somewhere:\n```c\nint i;\n```\n'
wrong "a block without an end" '```sh\ntrue\n'
wrong "output of nothing" 'A file, `x`:\n```c\n```\n```text\nx\n```\n'
printf '```sh\nPORT=1\n```\n`x.c`:\n```c\nint i;\n```\n```sh\ncat x.c; echo 1; echo 2; echo a b\n```\n' \
    > "$root/right.md"
printf '```text\nint ...\n...\na b\n```\n' >> "$root/right.md"
tests/follow.sh "$root/right.md" "$root/right" > "$root/said" 2>&1 ||
	{ cat "$root/said"; untrue=$((untrue + 1)); }
echo "follow: $found passed, $untrue failed"

tests/follow.sh docs/plugins.md "$root/page"
failed=$(($? | untrue > 0))

# The commands of the README, as they are printed, on the port that is free here.
cd "$root/page/work" || exit 2
key=$(helpdesk key create --name readme --user maria -c helpdesk.yaml) || failed=1
helpdesk serve -c helpdesk.yaml 2> readme.log &
server=$!
for try in $(seq 100); do
	curl -s -o /dev/null "http://127.0.0.1:$port/healthz" && break
	sleep 0.1
done
grep '^    curl' rooms/README.md | sed "s/:8080/:$port/; s|rooms/1/|rooms/2/|" > readme.sh
KEY=$key sh -eu readme.sh > answers 2>&1 || failed=1
kill "$server"
wait "$server"
lines=$(wc -l < readme.sh)
good=$(grep -o '"title":"Move"\|"note":"Moved"' answers | wc -l)
if [ "$lines" -ne 3 ] || [ "$good" -lt 3 ] || grep -q '"error"' answers; then
	cat answers
	echo "readme: 0 passed, 1 failed"
	exit 1
fi
echo "readme: $lines passed, 0 failed"
exit "$failed"
