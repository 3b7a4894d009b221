#!/bin/sh
# make.sh - prints a page of docs/ that is made from what the program has anyway
#
#	docs/pages/make.sh PAGE BUILD	helpdesk.yaml.5, helpdesk-plugin.7, plugin-reference.md
#
# "make pages" writes them; a test holds what is kept in docs/ against what this prints.
set -eu
page=${1:?usage: make.sh PAGE BUILD}
build=${2:?usage: make.sh PAGE BUILD}
headers=core/include/helpdesk

# around FILE PLACE: what is read stands in FILE instead of the line PLACE.
around() {
	sed -e "/^$2\$/{
		r /dev/stdin
		d
	}" "$1"
}

case $page in
plugin-reference.md)
	awk -v as=markdown -f docs/pages/header.awk \
	    $headers/plugin.h $headers/services.h $headers/testing.h
	;;
helpdesk-plugin.7)
	awk -v as=man -f docs/pages/header.awk $headers/plugin.h |
	    around docs/pages/helpdesk-plugin.7.in @DECLARATIONS@
	;;
helpdesk.yaml.5)
	"$build/helpdesk" check --reference | awk -f docs/pages/keys.awk |
	    around docs/pages/helpdesk.yaml.5.in @KEYS@
	;;
*)
	echo "make.sh: $page is made by nobody" >&2
	exit 64
	;;
esac
