# suite.sh - what the suites of a module's author share; sourced
#
#	suite=sdk build=... ; . tests/suite.sh
#
# Leaves $tests, $root (an empty folder, removed at the end) and $port (up to $port + 9, for
# this suite alone), and changes to the root of the tree.  What is put in $server is stopped
# at the end.
unset MAKEFLAGS MFLAGS MAKELEVEL	# of the make that runs this: what is made here is on its own
build=$(cd "$build" && pwd) || exit 2
cd "$(dirname "$0")/.." || exit 2
tests=$PWD/tests
root=$(mktemp -d) && chmod 755 "$root" || exit 2
port=$((10000 + $$ % 1000 * 10))	# below those that the kernel gives to clients
passed=0 failed=0 server= prism=

finish() {
	[ -n "$prism" ] && kill "$prism"
	stop
	rm -rf "$root"
}
trap finish EXIT

# expect WHAT COMMAND ...
expect() {
	what=$1
	shift
	if "$@" > "$root/out" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$suite: failed: $what"
		sed 's/^/    /' "$root/out"
	fi
}

# says STATUS WORDS COMMAND ...: ends with the status and prints the words, on either side.
says() {
	status=$1 words=$2
	shift 2
	"$@" > "$root/said" 2>&1
	is=$?
	cat "$root/said"
	[ "$is" -eq "$status" ] && grep -qF -- "$words" "$root/said"
}

silent() { # COMMAND ...: succeeds and warns of nothing
	"$@" > "$root/said" 2>&1 || { cat "$root/said"; return 1; }
	cat "$root/said"
	! grep -qi warning "$root/said"
}

not() {
	! "$@"
}

# Installs into $root, and goes there: its commands and pkg-config's file are found first.
install_here() {
	make --no-print-directory BUILD="$build" DESTDIR="$root" install \
	    > "$root/install.log" 2>&1 || { cat "$root/install.log"; exit 1; }
	p=$root/usr/local
	cd "$root" || exit 2
	sed -i "s|^prefix=.*|prefix=$p|" "$p/share/pkgconfig/helpdesk-plugin.pc"	# it was moved
	PKG_CONFIG_PATH=$p/share/pkgconfig
	PATH=$p/bin:$PATH
	export PKG_CONFIG_PATH PATH
}

# As somebody strict would build it.
strict="-Wall -Wextra -Wpedantic -Wshadow -Wcast-qual -Wformat=2 -Wstrict-prototypes
    -Wmissing-prototypes -Wwrite-strings -Wconversion -Wno-sign-conversion"

# ---- a server, and what it is asked ----

# Serves helpdesk.yaml, which listens at $port, with $key.
serve() {
	helpdesk serve -c helpdesk.yaml 2> server.log &
	server=$!
	base=http://127.0.0.1:$port/api/v1
	for try in $(seq 100); do
		curl -s -o /dev/null "http://127.0.0.1:$port/healthz" && break
		sleep 0.1
	done
}

stop() {
	[ -n "$server" ] && kill -TERM "$server" && wait "$server"
	set -- $?
	server=
	return "$1"
}

ask() { # METHOD PATH [BODY [HEADER ...]]: the status behind the body
	method=$1 path=$2 sent=${3-}
	shift $(($# < 3 ? $# : 3))
	for header; do
		shift
		set -- "$@" -H "$header"
	done
	curl -s -g -w ' HTTP %{http_code}\n' -X "$method" -H "X-API-Key: $key" \
	    -H 'Content-Type: application/json' "$@" ${sent:+-d "$sent"} "$base$path"
}

# ---- the OpenAPI document, as the packages of tests/npm see it ----

export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true SCARF_ANALYTICS=false
bin=$tests/npm/node_modules/.bin

# Fetches it to openapi.json, for PATH ... to be there, and no fault in it.
judge_document() {
	curl -s -H "X-API-Key: $key" "$base/openapi.json" > openapi.json
	for path; do
		expect "the document has $path" grep -qF "\"/api/v1$path\":" openapi.json
	done
	expect "redocly finds no fault with it" \
	    node "$bin/redocly" lint --config "$tests/npm/redocly.yaml" openapi.json
	expect "spectral finds no fault with it" \
	    node "$bin/spectral" lint --ruleset "$tests/npm/spectral.yaml" openapi.json
}

# From now on what is asked goes through a proxy that holds it, and the answer, to openapi.json.
begin_proxy() {
	node "$bin/prism" proxy openapi.json --errors -h 127.0.0.1 -p $((port + 1)) \
	    "http://127.0.0.1:$port" > prism.log 2>&1 &
	prism=$!
	for try in $(seq 300); do
		curl -s -o /dev/null "http://127.0.0.1:$((port + 1))/" && break
		sleep 0.1
	done
	base=http://127.0.0.1:$((port + 1))/api/v1
}

end_proxy() {
	kill "$prism"
	prism=
	base=http://127.0.0.1:$port/api/v1
}
