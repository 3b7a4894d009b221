#!/bin/sh
# demo.sh - the site of "make run": made once, kept, served
#
#	conf/demo.sh BUILD [FOLDER [fill]]
#
# Makes FOLDER (demo) with a configuration, people, API keys and believable data, unless
# they are there already, prints a key and a curl line, and serves.  With "fill" it stops
# before serving.  PORT chooses another port than 8080.  Data that is there is never
# touched; to begin anew, remove the folder.
set -eu

build=$(cd "${1:?usage: demo.sh BUILD [FOLDER [fill]]}" && pwd)
folder=${2:-demo}
here=$(dirname "$0")
data=$here/demo
helpdesk=$build/helpdesk
server=

fail() {
	echo "demo: $*" >&2
	exit 1
}

# What must not outlive this script.
stop_server() {
	if [ -n "$server" ]; then
		kill -TERM "$server" 2>/dev/null || :
		wait "$server" || :
		server=
	fi
}

write_configuration() {
	cat > "$folder/helpdesk.yaml" <<END
# The demo site of "make run".  conf/helpdesk.yaml explains every key.
server:
  listen:
    - { address: "127.0.0.1:${PORT:-8080}" }
module_path: [ "$build/modules" ]
sites:
  - name: demo
    database: { engine: sqlite, path: helpdesk.db }
    modules:
      meta:
      keys:
      tickets:
      knowledge:
      software:
      hardware:
      users:
      audit:
END
}

# host:port of the first listener.
address() {
	sed -n 's/.*address: *"\([^"]*\)".*/\1/p' "$folder/helpdesk.yaml" | head -n 1
}

check_port() {
	status=0
	curl -s -o /dev/null --max-time 2 "http://$(address)/" || status=$?
	[ "$status" = 7 ] || fail "$(address) is taken: stop what listens there, or choose" \
	    "another port, as in: make run PORT=8081"
}

add_people() {
	grep -v '^#' "$data/users" | while IFS='|' read -r name full; do
		name=${name% }
		full=${full# }
		"$helpdesk" -c "$folder/helpdesk.yaml" user add "$name" --full-name "$full" \
		    --email "user$((n = ${n:-0} + 1))@example.com" > /dev/null
	done
}

# The fourth key is the one of the API document's examples.
add_keys() {
	set -- "$helpdesk" -c "$folder/helpdesk.yaml" key create
	"$@" --name "Monitoring" > /dev/null
	"$@" --name "Chatbot" --user service-desk > /dev/null
	"$@" --name "RPA Robot" --user admin > /dev/null
	(umask 077 && "$@" --name "Automation Bot" --user integration-user > "$folder/key")
}

# One transfer of a curl configuration for each line of a file, to be posted to a path.
transfers() {
	sed -e "s/\"NOW\"/\"$(date -u +%Y-%m-%dT%H:%M:%S)\"/" -e 's/[\\"]/\\&/g' "$2" |
	    sed -e "s|.*|next\nurl = \"http://$(address)/api/v1/$1\"\ndata = \"&\"|" \
	    -e "s|\$|\nheader = \"Content-Type: application/json\"|" \
	    -e "s|\$|\nheader = \"X-API-Key: $(cat "$folder/key")\"|" \
	    -e "s|\$|\noutput = /dev/null\nfail\nsilent\nshow-error|"
}

add_data() {
	{
		transfers tickets "$data/tickets.jsonl"
		transfers knowledge "$data/knowledge.jsonl"
		transfers inventory/software "$data/software.jsonl"
		transfers inventory/hardware "$data/hardware.jsonl"
	} | sed 1d | curl -sS --fail-early -K - || fail "the data was not taken"
}

# The file of the API document's article, as long as it says.
attach() {
	article=$(curl -sSf "http://$(address)/api/v1/knowledge?q=Reset+VPN+profile" \
	    -H "X-API-Key: $(cat "$folder/key")" | sed 's/.*"results":\[{"id":\([0-9]*\).*/\1/')
	{ printf '%%PDF-1.4\n%%\n'; head -c 145212 /dev/zero; } > "$folder/vpn_profile_reset.pdf"
	curl -sSf -o /dev/null "http://$(address)/api/v1/knowledge/$article/attachments" \
	    -H "X-API-Key: $(cat "$folder/key")" -F "file=@$folder/vpn_profile_reset.pdf" ||
	    fail "the file was not taken"
	rm "$folder/vpn_profile_reset.pdf"
}

wait_until_ready() {
	for i in $(seq 200); do
		kill -0 "$server" 2>/dev/null || fail "the server ended:" \
		    "$(tail -n 5 "$folder/fill.log")"
		curl -s -f -o /dev/null "http://$(address)/readyz" && return
		sleep 0.1
	done
	fail "the server does not get ready; see $folder/fill.log"
}

# Everything, or nothing: what an interrupted run left is made anew.
fill() {
	echo "demo: making a site in $folder (20 people, 201 tickets, articles, inventory)"
	rm -rf "$folder"/helpdesk.db*
	add_people
	add_keys
	"$helpdesk" serve -c "$folder/helpdesk.yaml" > "$folder/fill.log" 2>&1 &
	server=$!
	wait_until_ready
	add_data
	attach
	stop_server
	: > "$folder/complete"
}

command -v curl > /dev/null || fail "curl is needed; conf/install.sh installs it"
[ -x "$helpdesk" ] || fail "there is no $helpdesk; make builds it"
mkdir -p "$folder"
chmod 700 "$folder"
[ -f "$folder/helpdesk.yaml" ] || write_configuration
[ -z "${PORT:-}" ] || sed -i "s/\(address: *\"[^:]*\):[0-9]*\"/\1:$PORT\"/" "$folder/helpdesk.yaml"
check_port
trap stop_server EXIT
trap 'exit 130' INT TERM
[ -f "$folder/complete" ] || fill
[ "${3:-}" = fill ] && exit 0

cat <<END

  API key:  $(cat "$folder/key")

  curl -sS http://$(address)/api/v1/status -H "X-API-Key: $(cat "$folder/key")"

  Ctrl-C stops the server; the data in $folder/ is kept.

END
trap - EXIT INT TERM
exec "$helpdesk" serve -c "$folder/helpdesk.yaml"
