#!/bin/sh
# docs.sh - the examples of docs/api.md, each run as it is printed
#
#	tests/docs.sh BUILD
#
# Serves a demo site on a free port and gives every block of shell in the page to sh, in
# order; one that fails is shown.  The first block, which says where the server is, is ours.
set -u
build=$(cd "${1:?usage: docs.sh BUILD}" && pwd) || exit 2
cd "$(dirname "$0")/.." || exit 2
folder=$(mktemp -d) || exit 2
port=$((20000 + $$ % 10000))
passed=0 failed=0 server=

finish() {
	[ -n "$server" ] && kill -TERM "$server" && wait "$server"
	rm -rf "$folder"
}
trap finish EXIT

PORT=$port conf/demo.sh "$build" "$folder/demo" fill >"$folder/fill.log" 2>&1 || {
	cat "$folder/fill.log"
	exit 1
}
KEY=$("$build/helpdesk" -c "$folder/demo/helpdesk.yaml" key create --name docs --user integration-user) ||
	exit 1
BASE=http://127.0.0.1:$port/api/v1
export KEY BASE
"$build/helpdesk" -c "$folder/demo/helpdesk.yaml" serve 2>"$folder/server.log" &
server=$!
for try in $(seq 100); do
	curl -s -o /dev/null "http://127.0.0.1:$port/healthz" && break
	sleep 0.1
done

# One file a block: 1.sh, 2.sh ...
awk -v folder="$folder" '
	/^```sh$/ { inside = 1; n++; next }
	/^```/ { inside = 0; next }
	inside { print > (folder "/" n ".sh") }' docs/api.md
for block in $(ls "$folder" | sed -n 's/^\([0-9]*\)\.sh$/\1/p' | sort -n); do
	[ "$block" = 1 ] && continue
	if (cd "$folder" && sh -eu "./$block.sh") >"$folder/out" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "fails:"
		cat "$folder/$block.sh" "$folder/out"
	fi
done
echo "docs: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 10 ]
