#!/bin/sh
# install.sh - installs the Debian packages that are missing, and says which
#
#	conf/install.sh run|test|bench
#
# The lists are conf/packages/*.txt; testing and measuring need what running needs, too.  Does
# nothing, quickly, if all are there.
set -eu

lists=$(dirname "$0")/packages
case ${1:-} in
run) set -- run ;;
test) set -- run test ;;
bench) set -- run bench ;;
*) echo "usage: install.sh run|test|bench" >&2; exit 64 ;;
esac

# "package command" a line, command "-" if the package itself is looked for.
wanted() {
	for list; do
		sed -e 's/#.*//' -e '/^ *$/d' -e 's/[()]//g' "$lists/$list.txt"
	done | awk '{ print $1, (NF > 1 ? $2 : "-") }'
}

is_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = "ii " ]
}

missing=$(wanted "$@" | while read -r package command; do
	[ "$command" != - ] && command -v "$command" > /dev/null && continue
	is_installed "$package" || echo "$package"
done)
[ -n "$missing" ] || exit 0

command -v apt-get > /dev/null || {
	echo "These Debian packages, or what they hold, are missing:" $missing >&2
	exit 1
}
echo "Installing Debian packages:" $missing
root=
[ "$(id -u)" = 0 ] || root=sudo
export DEBIAN_FRONTEND=noninteractive
# A list that is too old, or not there, is the one reason to fetch it anew.
$root apt-get install -y --no-install-recommends $missing > /dev/null 2>&1 || {
	$root apt-get update
	$root apt-get install -y --no-install-recommends $missing
}
