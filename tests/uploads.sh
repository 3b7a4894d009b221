#!/bin/sh
# uploads.sh - large files through a real server, and a server killed while files come
#
#	tests/uploads.sh BUILD [BYTES]
#
# A file of BYTES (1 GiB) goes up and comes down over HTTP/1.1, chunked, and HTTP/2; the
# server's memory may grow by 16 MiB at most meanwhile (VmHWM of /proc, which is the peak).
# Then 50 uploads are cut off by kill -9, each at another moment, and after the restart the
# folder and the table must agree: neither a file without a row nor a row without a file.
set -u
build=$(cd "${1:?usage: uploads.sh BUILD [BYTES]}" && pwd) || exit 2
bytes=${2:-1073741824}
cd "$(dirname "$0")/.." || exit 2
folder=$(mktemp -d) || exit 2
helpdesk="$build/helpdesk -c $folder/helpdesk.yaml"
passed=0 failed=0 server= base=

finish() {
	[ -n "$server" ] && kill -KILL "$server" 2>/dev/null
	rm -rf "$folder"
}
trap finish EXIT

pass() {
	passed=$((passed + 1))
}

fault() {
	failed=$((failed + 1))
	echo "uploads: $*"
}

start() {
	$helpdesk serve 2>"$folder/server.log" &
	server=$!
	for try in $(seq 200); do
		base=$(sed -n 's|.*ready: \(http://[0-9.:]*\).*|\1/api/v1|p' "$folder/server.log")
		[ -n "$base" ] && return
		sleep 0.05
	done
	echo "uploads: the server does not start"
	tail -n 5 "$folder/server.log"
	exit 1
}

# Peak of resident memory, in KiB; forget_peak begins anew from what is held now.
peak() {
	awk '/^VmHWM/ { print $2 }' "/proc/$server/status"
}

forget_peak() {
	echo 5 > "/proc/$server/clear_refs"
}

cat > "$folder/helpdesk.yaml" <<END
server:
  listen: [ { address: "127.0.0.1:0" } ]
  access_log: false
limits: { attachment: 2GiB }
module_path: [ "$build/modules" ]
sites:
  - name: large
    database: { path: large.db }
    modules: { meta: , tickets: , knowledge: }
END
$helpdesk user add maria --email maria@example.com >/dev/null &&
    key=$($helpdesk key create --name bot --user maria) || exit 1
start
curl -sf -o /dev/null "$base/tickets" -H "X-API-Key: $key" -H "Content-Type: application/json" \
    -d '{"subject":"Large","description":"Files"}' || exit 1

# ---- constant memory ----

# Bytes that no compression or deduplication shortens.
head -c "$bytes" /dev/zero | openssl enc -aes-128-ctr -pass pass:x -nosalt -pbkdf2 \
    > "$folder/large" 2>/dev/null
digest=$(sha256sum < "$folder/large" | cut -d' ' -f1)

# send WHAT CURL-OPTION... : uploads, and compares the digest and the memory
send() {
	what=$1
	shift
	forget_peak
	before=$(peak)
	answer=$(curl -s "$base/tickets/1/attachments" -H "X-API-Key: $key" -X POST "$@" \
	    -H "Content-Disposition: attachment; filename=\"large.bin\"" \
	    -H "Content-Type: application/octet-stream")
	grown=$(($(peak) - before))
	case $answer in
	*"\"digest\":\"$digest\""*) pass ;;
	*) fault "$what: $answer" ;;
	esac
	if [ "$grown" -lt 16384 ]; then pass; else fault "$what: $grown KiB more"; fi
}

send "an upload over HTTP/1.1" -T "$folder/large"
send "a chunked upload" -T "$folder/large" -H "Transfer-Encoding: chunked"
send "an upload over HTTP/2" --http2-prior-knowledge -T "$folder/large"

# fetch WHAT CURL-OPTION...
fetch() {
	what=$1
	shift
	forget_peak
	before=$(peak)
	came=$(curl -s "$base/tickets/1/attachments/1" -H "X-API-Key: $key" "$@" | sha256sum |
	    cut -d' ' -f1)
	grown=$(($(peak) - before))
	if [ "$came" = "$digest" ]; then pass; else fault "$what: other bytes"; fi
	if [ "$grown" -lt 16384 ]; then pass; else fault "$what: $grown KiB more"; fi
}

fetch "a download over HTTP/1.1"
fetch "a download over HTTP/2" --http2-prior-knowledge

for id in 1 2 3; do
	curl -sf -o /dev/null -X DELETE "$base/tickets/1/attachments/$id" -H "X-API-Key: $key" ||
	    fault "attachment $id is not removed"
done
if [ -z "$(find "$folder/large.db.files" -type f ! -name lock)" ]; then pass
else fault "files are left after the last row is gone"; fi
rm -f "$folder/large"

# ---- killed in the middle ----

for round in $(seq 50); do
	for n in 1 2 3 4; do
		head -c $((round * 40000 + n)) /dev/urandom > "$folder/part.$n"
		curl -s -o /dev/null "$base/tickets/1/attachments" -H "X-API-Key: $key" \
		    -F "a=@$folder/part.$n" -F "b=@$folder/part.1" &
	done
	# Somewhere between the first byte and the last answer.
	sleep "0.0$(printf %02d $((round % 40)))"
	kill -KILL "$server"
	wait
	start
	if $helpdesk check --files >"$folder/check" 2>&1; then pass
	else fault "round $round: $(cat "$folder/check")"; fi
done
$helpdesk get /api/v1/tickets/1/attachments?fields=id |
    awk -F'"id"' '{ print "uploads: " NF - 1 " files survived" }'
echo "uploads: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
