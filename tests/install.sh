#!/bin/sh
# Installs into an empty folder, and does there what README.md tells a module's author
# to do: the module of its section "Writing a module" is taken out of the text, built
# with pkg-config alone, and served.
#
#	tests/install.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 2
build=$1
root=$(mktemp -d) && chmod 755 "$root"
trap 'rm -rf "$root"' EXIT
passed=0 failed=0

# expect WHAT COMMAND ...
expect() {
	what=$1
	shift
	if "$@" > "$root/out" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $what"
		sed 's/^/    /' "$root/out"
	fi
}

says() { # WORDS COMMAND ...
	words=$1
	shift
	"$@" | grep -F -- "$words"
}

p=$root/usr/local
expect "everything is installed" make --no-print-directory BUILD="$build" DESTDIR="$root" install
for file in bin/helpdesk lib/helpdesk/modules/tickets.so include/helpdesk/plugin.h \
    include/helpdesk/testing.h share/doc/helpdesk/api.md share/doc/helpdesk/plugins.md \
    share/doc/helpdesk/plugin-reference.md share/man/man5/helpdesk.yaml.5 \
    share/man/man7/helpdesk-plugin.7 \
    share/doc/helpdesk/examples/sample/sample.c share/doc/helpdesk/examples/sample/Makefile \
    share/doc/helpdesk/examples/ldap-sync/ldap_sync.c \
    share/doc/helpdesk/examples/ldap-sync/README.md \
    share/doc/helpdesk/examples/loans/loans.c share/doc/helpdesk/examples/loans/README.md \
    share/doc/helpdesk/examples/sla/sla.h share/doc/helpdesk/examples/sla/Makefile \
    share/pkgconfig/helpdesk-plugin.pc share/man/man1/helpdesk.1 \
    lib/systemd/system/helpdesk.service share/doc/helpdesk/helpdesk.yaml \
    share/doc/helpdesk/LICENSE; do
	expect "$file is there" test -s "$p/$file"
done
export PKG_CONFIG_PATH="$p/share/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root"
expect "pkg-config knows where modules go" test \
    "$(pkg-config --variable=moduledir helpdesk-plugin | sed "s|^$root||")" = \
    /usr/local/lib/helpdesk/modules
expect "pkg-config knows the ABI" test "$(pkg-config --variable=abi_major helpdesk-plugin)" = \
    "$(sed -n 's/^#define HD_ABI_MAJOR //p' core/include/helpdesk/plugin.h)"
expect "no place of the machine is left in the unit" sh -c "! grep -q @ '$p/lib/systemd/system/helpdesk.service'"
if command -v man > /dev/null; then
	expect "the man page is one" sh -c "man -l '$p/share/man/man1/helpdesk.1' | grep -q 'EXIT STATUS'"
fi

# The module of the README.
sed -n '/^#include <helpdesk\/plugin.h>/,/^HD_MODULE/p' README.md > "$root/rooms.c"
expect "the README has a module" grep -q HD_MODULE "$root/rooms.c"
expect "it builds with pkg-config alone" ${CC:-cc} -shared -fPIC -fvisibility=hidden \
    $(pkg-config --cflags helpdesk-plugin) -o "$root/rooms.so" "$root/rooms.c"
expect "it is installed" install -m 644 "$root/rooms.so" \
    "$p/lib/helpdesk/modules"

cat > "$root/helpdesk.yaml" <<END
module_path: [ $p/lib/helpdesk/modules ]
sites: [ { name: main, database: { path: main.db }, modules: { meta: , rooms: } } ]
END
helpdesk="$p/bin/helpdesk -c $root/helpdesk.yaml"
expect "the server takes it" $helpdesk check
expect "it is listed" says "rooms" $helpdesk module list
expect "it serves" says '{"rooms":[]}' $helpdesk get /api/v1/rooms
expect "it is in the document" says '"/api/v1/rooms/{id}"' $helpdesk openapi
expect "the smallest configuration of the README is one" sh -c "
	sed -n '/^sites:/,/^\`\`\`/p' README.md | sed '/\`\`\`/,\$d' |
	    sed 's|/var/lib/helpdesk|$root|' > '$root/small.yaml'
	echo 'module_path: [ $p/lib/helpdesk/modules ]' >> '$root/small.yaml'
	$p/bin/helpdesk -c '$root/small.yaml' check"

# yaml_of PAGE FIRST: the block of a page that begins with this line, with folders that are here.
yaml_of() {
	awk -v first="$2" '/^```/ { inside = 0 } $0 == first && before ~ /^```/ { inside = 1 }
	    { before = $0 } inside' "$1" | sed "s|/var/lib/helpdesk|$root|"
	echo "module_path: [ $p/lib/helpdesk/modules ]"
}

for page in README.md docs/deploy.md; do
	yaml_of $page server: > "$root/tls.yaml"
	expect "the configuration of $page for port 443 has a listener" \
	    grep -qF '"[::]:443"' "$root/tls.yaml"
	expect "and is one" "$p/bin/helpdesk" -c "$root/tls.yaml" check
done
yaml_of README.md sites: > "$root/helpdesk.yaml"
grep '^    helpdesk -c helpdesk.yaml' README.md > "$root/commands"
expect "the README has commands" grep -q serve "$root/commands"
sed -i '/serve$/d' "$root/commands"
expect "which do what they say" says hp_ \
    sh -c "cd '$root' && PATH='$p/bin':\$PATH sh -eu commands"
expect "docs/deploy.md has commands" sh -c \
    "sed -n 's/^runuser -u helpdesk -- //p' docs/deploy.md > '$root/commands' && test -s '$root/commands'"
expect "which do what they say" says hp_ sh -c "
	rm -r '$root'/main.db* && cd '$root' && sed -i 's/\$/ -c helpdesk.yaml/' commands &&
	PATH='$p/bin':\$PATH sh -eu commands"
echo "install: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
