#!/bin/sh
# examples.sh - the modules of examples/, by somebody who has what "make install" puts in place
#
#	tests/examples.sh BUILD [EXAMPLE ...]
#
# Each is copied from where it is installed, built by both compilers without a warning, tested,
# judged and installed as its README.md says.  Then its part, tests/examples/NAME.sh, serves
# it and asks it everything that it can be asked; the functions are those of suite.sh, and
# $example is its folder.  Beside the parts stand modules that they use.
set -u
suite=examples build=${1:?usage: examples.sh BUILD [EXAMPLE ...]}
. "$(dirname "$0")/suite.sh"
shift
# ldap-sync has a suite of its own, with a directory: ldap.sh.
[ $# -gt 0 ] || set -- $(ls "$tests/../examples" | grep -vx ldap-sync)
install_here

# A key of each site of helpdesk.yaml, and a user, maria.
enrol() { # SITE
	helpdesk user add maria --email maria@example.com --site "$1" -c helpdesk.yaml > "$1.user" &&
	    helpdesk key create --name suite --user maria --site "$1" -c helpdesk.yaml > "$1.key" &&
	    key=$(cat "$1.key")
}

# A module that stands beside the parts, built and installed.
helper() { # NAME
	expect "$1, which uses it, builds" silent cc -shared -fPIC -fvisibility=hidden -Wall -Wextra \
	    -Wpedantic -Werror $(pkg-config --cflags helpdesk-plugin) -o "$1.so" \
	    "$tests/examples/$1.c"
	install -m 644 "$1.so" "$p/lib/helpdesk/modules"
}

# until_says WORDS COMMAND ...: it says so at last.
until_says() {
	for try in $(seq 200); do
		says 0 "$@" > "$root/until" && return 0
		sleep 0.1
	done
	cat "$root/until"
	return 1
}

for example; do
	cp -r "$p/share/doc/helpdesk/examples/$example" . || exit 1
	for compiler in gcc clang; do
		expect "$example passes make check, built by $compiler" silent make -C "$example" -B \
		    CC=$compiler WARNINGS="-Wall -Wextra -Wpedantic -Werror" check
		expect "and nothing is wrong with it" grep -qF ".so: nothing wrong" said
		expect "and its own test was run" grep -qE '^[a-z_]+: good$' said
	done
	expect "it builds as somebody strict would build it" silent make -C "$example" -B \
	    WARNINGS="$(echo $strict) -Werror" all
	expect "it is installed" make -C "$example" install
	for module in "$example"/*.so; do
		expect "where the server looks" \
		    cmp "$module" "$p/lib/helpdesk/modules/$(basename "$module")"
	done
	. "$tests/examples/$example.sh"
	expect "$example: the server ends as it should" stop
	expect "$example: the server's log has no error" not grep -E '^(error|warning)' server.log
	rm -rf ./*.db* ./*.files *.key helpdesk.yaml
	expect "it is cleaned up" sh -c "make -C $example clean && ! ls $example/*.so"
done

echo "examples: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
