#!/bin/sh
# checks.sh - whether the checking build finds what a module does wrong, and says who it was
#
#	tests/checks.sh BUILD		of make VARIANT=checks
set -u
build=$(cd "${1:?usage: checks.sh BUILD}" && pwd) || exit 2
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0

cat > "$folder/helpdesk.yaml" <<END
module_path: [ "$build/tests/fixture" ]
sites: [ { name: main, database: { path: main.db }, modules: { careless: } } ]
END

# holds FILE TEXT: whether a file holds a text; for an empty text, whether it says no error.
holds() {
	if [ -n "$2" ]; then grep -qF -- "$2" "$1"; else ! grep -q '^error' "$1"; fi
}

# expect PATH ANSWER LINE: what is printed holds ANSWER, and what is said LINE.
expect() {
	"$build/helpdesk" -c "$folder/helpdesk.yaml" get "/api/v1/careless/$1" \
	    > "$folder/answer" 2> "$folder/said"
	if holds "$folder/answer" "$2" && holds "$folder/said" "$3"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "checks: $1: expected '$2' and '$3', got:"
		cat "$folder/answer" "$folder/said"
	fi
}

expect nothing '"second"' ''
expect text '' 'module careless 1.2.3 uses the text of column 0 after the next row'
expect request '' 'module careless 1.2.3 uses a request after its answer'
expect write '' 'module careless 1.2.3 writes in GET /api/v1/careless/write, which is not HD_WRITE'

echo "checks: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
