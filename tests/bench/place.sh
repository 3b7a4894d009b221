# place.sh - databases, the server, the ceiling; sourced by bench.sh and growth.sh
#
# Seeded databases are kept in BUILD/bench/seeds and made anew when the schema or seed.c
# changes.  A measurement works on copies, in BUILD/bench/run.

READY_TRIES=600		# times 50 ms
MODULES="{ meta: , tickets: , knowledge: , software: , hardware: }"

fail() {
	echo "bench: $*" >&2
	exit 1
}

say() {
	echo "$*" >&2
}

# ---- folders ----

place_open() { # BUILD
	build=$(cd "$1" && pwd) || exit 2
	seeds=$build/bench/seeds
	mkdir -p "$build/bench"
	run=$(mktemp -d "$build/bench/run.XXXXXX") || exit 2
	tools=$build/tests/bench
	servers=
	trap place_close EXIT
	trap 'exit 130' INT TERM
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
	    -subj /CN=localhost -keyout "$run/key.pem" -out "$run/cert.pem" 2> /dev/null ||
		fail "no certificate"
	template_find
}

place_close() {
	stop_all
	rm -rf "$run"
}

# ---- sites ----

begin_configuration() { # FOLDER [LIMITS]
	cat > "$1/helpdesk.yaml" <<END
server:
  listen:
    - { address: "127.0.0.1:0" }
    - { address: "127.0.0.2:0", tls: { certificate: "$run/cert.pem", key: "$run/key.pem" } }
  access_log: false
limits: { connections_per_address: 0, spool: 32GiB }
module_path: [ "$build/modules" ]
sites:
END
}

add_site() { # FOLDER NAME DATABASE [HOST]
	cat >> "$1/helpdesk.yaml" <<END
  - name: $2
    ${4:+hosts: [ $4 ]}
    database: { path: "$3" }
    modules: $MODULES
END
}

# A folder with the configuration of one site.
site_configure() { # FOLDER
	mkdir -p "$1"
	begin_configuration "$1"
	add_site "$1" bench helpdesk.db
}

helpdesk() { # FOLDER ARGUMENTS ...
	folder=$1
	shift
	"$build/helpdesk" -c "$folder/helpdesk.yaml" "$@"
}

# A database as the server makes it, with a user and a key.
site_make() { # FOLDER
	site_configure "$1"
	helpdesk "$1" user add bench --email bench@example.com > /dev/null ||
		fail "no user in $1"
	helpdesk "$1" key create --name bench --user bench > "$1/key" || fail "no key in $1"
	server_start "$1"
	stop "$started"
}

# The template of all seeds, so that one key opens every copy: sets key.  Another schema or
# another seed.c throws all seeds away.
template_find() {
	site_make "$run/empty"
	identity=$({
		sqlite3 "$run/empty/helpdesk.db" .schema "SELECT * FROM core_derived" \
		    "SELECT owner, checksum FROM core_migration"
		cat "$here/seed.c"
	} | cksum)
	if [ "$(cat "$seeds/identity" 2> /dev/null)" != "$identity" ]; then
		rm -rf "$seeds"
		mkdir -p "$seeds"
		mv "$run/empty" "$seeds/template"
		echo "$identity" > "$seeds/identity"
	fi
	key=$(cat "$seeds/template/key")
}

# The database of a kept seed, made if need be: sets seed.
seed_find() { # TICKETS ARTICLES
	seed=$seeds/$1-$2.db
	[ -f "$seed" ] && return
	say "bench: filling a database with $1 tickets and $2 articles (kept in $seed)"
	cp "$seeds/template/helpdesk.db" "$seed.part"
	"$tools/seed" "$seed.part" "$1" "$2" || fail "no seed"
	mv "$seed.part" "$seed"
}

# A site of its own on a copy of a seed.
site_copy() { # TICKETS ARTICLES FOLDER
	seed_find "$1" "$2"
	site_configure "$3"
	cp --reflink=auto "$seed" "$3/helpdesk.db" || fail "no copy"
}

# ---- processes ----

# Waits for the addresses in a log: sets started, started_http, started_https.
wait_until_ready() { # PID LOG
	started=$1
	servers="$1 $servers"
	tries=0
	until grep -q 'ready:.*http:' "$2" 2> /dev/null; do
		kill -0 "$1" 2> /dev/null || fail "it ended: $(tail -n 5 "$2")"
		[ $((tries += 1)) -lt "$READY_TRIES" ] || fail "not ready: $(tail -n 5 "$2")"
		sleep 0.05
	done
	started_http=$(grep -o 'http://[0-9.:]*' "$2" | head -n 1)
	started_https=$(grep -o 'https://[0-9.:]*' "$2" | head -n 1)
}

server_start() { # FOLDER
	"$build/helpdesk" -c "$1/helpdesk.yaml" serve > "$1/log" 2>&1 &
	wait_until_ready $! "$1/log"
}

ceiling_start() { # FOLDER [ARGUMENTS ...]
	folder=$1
	shift
	"$tools/ceiling" --database "$folder/helpdesk.db" --certificate "$run/cert.pem" \
	    --key "$run/key.pem" "$@" > "$folder/ceiling.log" 2>&1 &
	wait_until_ready $! "$folder/ceiling.log"
}

stop() { # PID
	kill -TERM "$1" 2> /dev/null
	wait "$1" 2> /dev/null
	servers=$(echo " $servers " | sed "s/ $1 / /")
}

# The latest first: clients before servers.
stop_all() {
	for pid in $servers; do
		stop "$pid"
	done
}

# Both on copies of one seed: sets ours, ours_http, ..., theirs, theirs_http, ...
pair_start() { # TICKETS ARTICLES [CEILING'S ARGUMENTS ...]
	site_copy "$1" "$2" "$run/theirs"
	ours_start "$1" "$2"
	shift 2
	ceiling_start "$run/theirs" "$@"
	theirs=$started theirs_http=$started_http theirs_https=$started_https
}

# One server alone: sets ours, ours_http, ours_https, rows.
ours_start() { # TICKETS ARTICLES
	rows=$1
	site_copy "$1" "$2" "$run/ours"
	sync	# or the first writes wait for the copies
	server_start "$run/ours"
	ours=$started ours_http=$started_http ours_https=$started_https
}

ours_stop() {
	stop "$ours"
	rm -rf "$run/ours"
}

pair_stop() {
	stop "$ours"
	stop "$theirs"
	rm -rf "$run/ours" "$run/theirs"
}

# ---- what a process uses ----

rss_kib() { # PID
	awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"
}

# Of processes and of their children that have ended, user and system, in hundredths of a
# second.
cpu_ticks() { # PID ...
	for pid; do
		sed 's/.*) //' "/proc/$pid/stat"
	done | awk '{ ticks += $12 + $13 + $14 + $15 } END { print ticks + 0 }'
}
