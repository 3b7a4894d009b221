#!/bin/sh
# sdk.sh - a module by somebody who has what "make install" puts in place, and nothing else
#
#	tests/sdk.sh BUILD
#
# Installs into an empty folder; there writes a module with "helpdesk module new", builds,
# tests, judges, installs and serves it; then judges modules that are broken in many ways.
set -u
suite=sdk build=${1:?usage: sdk.sh BUILD}
. "$(dirname "$0")/suite.sh"

# ---- a stranger's way ----

install_here

expect "a module is written" says 0 "rooms.c" helpdesk module new rooms
for compiler in gcc clang; do
	expect "it builds without a warning of $compiler" silent make -C rooms -B CC=$compiler all \
	    test_rooms
done
expect "and as somebody strict would build it" silent make -C rooms -B \
    WARNINGS="$(echo $strict)" all test_rooms
expect "it passes make check" says 0 "rooms.so: nothing wrong" make -C rooms check
expect "and its own test" says 0 "rooms: good" make -C rooms check
expect "it is what is installed as an example" sh -c \
    "sed 's/sample/rooms/g' '$p/share/doc/helpdesk/examples/sample/sample.c' | cmp - rooms/rooms.c"
cp -r "$p/share/doc/helpdesk/examples/sample" .
expect "the example passes make check where it is copied to" says 0 "sample.so: nothing wrong" \
    make -C sample check
cp -r sample wrong && sed -i 's/409, NULL/410, NULL/' wrong/sample.c
expect "its test fails if its code is wrong" says 2 \
    "not so: !hd_test_run(t) && t->status == 409" make -C wrong check
expect "it is installed" make -C rooms install
expect "where the server looks" test -s "$p/lib/helpdesk/modules/rooms.so"
expect "it is cleaned up" sh -c "make -C rooms clean && test ! -e rooms/rooms.so"

expect "--dir says where to" sh -c "helpdesk module new desks --dir else && test -s else/desks.c"
expect "a folder that is there is left alone" says 1 "rooms is there already" \
    helpdesk module new rooms
for name in Rooms 1room 'ro om' ../rooms ''; do
	expect "'$name' is no name" says 1 "has a name that is not of a-z, 0-9 and '_'" \
	    helpdesk module new "$name" --dir refused
done
for name in core user_rooms sqlite; do
	expect "$name is the server's name" says 1 "is called $name, which is reserved" \
	    helpdesk module new "$name"
done
expect "a word of SQL is no name" says 1 "reserved word of SQL" helpdesk module new select
expect "of what was refused nothing is written" test ! -e refused -a ! -e core -a ! -e select

# ---- the header for tests ----

# What a handler does, and the sentence for it.
cat > misuses <<END
reads_another_member declares no body member "seat"
reads_another_parameter declares no path parameter "i"
reads_an_option_that_is_not_there declares no option "colour"
runs_a_statement_that_is_not_there has no statement 2
gives_too_few_values gives statement 0 0 values: SELECT id, name FROM misuse WHERE id = ?1
uses_a_row_before_the_first reads a row where hd_next has not said there is one
uses_a_row_behind_the_last reads a row where hd_next has not said there is one
reads_a_third_column reads column 2 of statement 0, of which the test gave 2
writes_in_a_read writes, and is not HD_WRITE
replies_twice replies twice
leaves_a_bracket_open replies with 1 brackets open
closes_another_bracket closes a bracket } that is not open
names_an_element writes into an array with the name "one"
says_nothing returns true without hd_reply
fails_without_a_word returns false and has not failed
replies_with_a_failure replies with status 404
changes_a_row_in_a_read writes, and is not HD_WRITE
makes_a_row_of_a_stranger uses rows of tickets, which is no resource of it
answers_with_a_row_of_a_stranger uses rows of tickets, which is no resource of it
gives_a_member_that_is_not_there gives the member "colour" of misuse, which cannot be given
changes_what_is_given_once gives the member "maker" of misuse, which cannot be given
leaves_out_what_is_required does not give the member "name" of misuse
calls_what_nobody_offers calls tickets.count/1, which nobody offers
adds_to_what_is_no_time adds to 'noon', which is no time
sets_a_header_after_the_reply sets a header, though it has replied
writes_json_before_bytes writes JSON before bytes of text/plain
has_no_route is no route of it
END
cc -o misuse $(pkg-config --cflags helpdesk-plugin) "$tests/sdk/misuse.c" || exit 1
while read -r how sentence; do
	expect "testing.h: a handler that $how" says 134 \
	    "misuse: POST /$how/{id} $sentence" sh -c "./misuse $how; exit \$?"
done < misuses
expect "testing.h: a job that answers" says 134 \
    "misuse: job answers replies where nobody has asked" sh -c "./misuse job; exit \$?"
expect "testing.h: a hook that asks for a field of its own invention" says 134 \
    "misuse: hook on misuse declares no field \"colour\"" sh -c "./misuse hook; exit \$?"
expect "testing.h: rows of the server's tables are made where they are needed" says 0 \
    "misuse: good" ./misuse makes_a_user
expect "testing.h: builds moments" cc -o moments $(pkg-config --cflags helpdesk-plugin) \
    "$tests/sdk/moments.c"
expect "testing.h: adds to times as the server does" ./moments

cc -o faithful $(pkg-config --cflags helpdesk-plugin) "$tests/sdk/faithful.c" || exit 1
expect "testing.h gives a handler what the server would" says 0 "faithful: good" ./faithful

# ---- served ----

cat > helpdesk.yaml <<END
server:
  listen: [ { address: "127.0.0.1:$port" } ]
module_path: [ $p/lib/helpdesk/modules ]
sites:
  - name: demo
    database: { path: demo.db }
    modules: { meta: , users: , rooms: { least_note: 4 } }
END
helpdesk user add maria --email maria@example.com -c helpdesk.yaml > /dev/null
key=$(helpdesk key create --name sdk --user maria -c helpdesk.yaml)
serve
expect "POST makes an entry" says 0 '"title":"Move"' ask POST /rooms '{"title": "Move"}'
expect "GET lists it" says 0 '{"rooms":[{"id":1,"title":"Move"' ask GET /rooms
expect "the filter finds it, whatever its case" says 0 '"id":1' ask GET '/rooms?title=mOVE'
expect "the option counts" says 0 'must have 4 characters or more' \
    ask POST /rooms/1/finish '{"note": "ok"}'
expect "the route with code serves" says 0 '{"id":1,"note":"Moved"' \
    ask POST /rooms/1/finish '{"note": "Moved"}'
expect "and refuses the second time" says 0 "HTTP 409" ask POST /rooms/1/finish '{"note": "Moved"}'
expect "and what is not there" says 0 "HTTP 404" ask POST /rooms/7/finish '{"note": "Moved"}'
expect "an entry that was finished can be deleted" says 0 deleted ask DELETE /rooms/1

judge_document /rooms '/rooms/{id}' '/rooms/{id}/finish'
begin_proxy
expect "the validating proxy lets an entry pass" says 0 "HTTP 201" ask POST /rooms '{"title": "Two"}'
expect "and the list" says 0 "HTTP 200" ask GET /rooms
expect "and the route with code" says 0 "HTTP 201" ask POST /rooms/2/finish '{"note": "Done"}'
end_proxy

# ---- listed ----

cat > list.yaml <<END
module_path: [ $p/lib/helpdesk/modules, $root/more ]
sites:
  - name: athens
    hosts: [ a.example ]
    database: { path: a.db }
    modules: { meta: , rooms: { enabled: false }, none: { required: false } }
  - name: berlin
    database: { path: b.db }
    modules: { rooms: , broken: { required: false } }
END
mkdir more
printf '\177ELF' > more/broken.so
helpdesk module list -c list.yaml > listed
expect "the modules of all sites are listed, in columns" awk '
	NR == 1 { split($0, head); good = $1 == "SITE" && $6 == "STATE"; at = index($0, "STATE") }
	substr($0, at - 1, 1) != " " || substr($0, at, 1) == " " { good = 0 }
	END { exit !(good && NR == 6) }' listed
expect "with name, version, ABI, routes that no start has counted yet, and state" \
    grep -qE '^berlin +rooms +0\.1\.0 +[0-9]+\.[0-9]+ +- +enabled$' listed
expect "one that is switched off" grep -qE '^athens +rooms +0\.1\.0 .*disabled$' listed
expect "one that is not there" grep -qE '^athens +none +- +- +- +refused: there is no none\.so' listed
expect "one that is damaged" grep -qE '^berlin +broken +- +- +- +refused: is cut short' listed
expect "one site, if it is named" says 0 "athens" helpdesk module list --site athens -c list.yaml
expect "and no other" not grep -q berlin said
expect "machines get it as JSON" node -e '
	const { modules } = JSON.parse(require("fs").readFileSync(0));
	process.exit(modules.length === 5 && modules.every(m => "abi" in m && "why" in m) ? 0 : 1)' \
    <<END
$(helpdesk module list --json -c list.yaml)
END
expect "a site that was started knows how many routes there are" node -e '
	const [ list, document ] = JSON.parse(require("fs").readFileSync(0));
	const methods = [ "get", "post", "put", "patch", "delete" ];
	const operations = Object.entries(document.paths)
	    .filter(([ path ]) => path.startsWith("/api/v1/rooms"))
	    .flatMap(([ , item ]) => Object.keys(item).filter(key => methods.includes(key)));
	const rooms = list.modules.find(m => m.name === "rooms");
	process.exit(operations.length > 0 && rooms.routes === operations.length ? 0 : 1)' <<END
[$(helpdesk module list --json -c helpdesk.yaml), $(helpdesk openapi -c helpdesk.yaml)]
END

# ---- judged ----

broken() { # HOW [FLAG ...]: a folder with broken.so
	mkdir -p "judged/$1"
	cc -shared -fPIC -fvisibility=hidden $(pkg-config --cflags helpdesk-plugin) "-DBROKEN_$1" \
	    -o "judged/$1/broken.so" "$tests/sdk/broken.c"
}
for how in CONSTRUCTOR CRASH EXIT HANG REFUSAL FINI OPTION NEED; do
	broken $how || exit 1
done
judge() { # HOW WORDS
	expect "a module with $1 is told of" says 1 "$2" \
	    helpdesk module check "judged/$1/broken.so"
}
judge CONSTRUCTOR "broken.so: crashed (SIGABRT) while it was loaded"
judge CRASH "broken.so: crashed (SIGABRT) in its init"
judge EXIT "broken.so: ended the process with status 0 in its init"
judge HANG "broken.so: has not come to an end in 10 seconds in its init"
judge REFUSAL "broken.so: init failed: the moon is full"
judge FINI "broken.so: crashed (SIGABRT) in its fini"
judge OPTION "broken.so: option url must be given"
judge NEED "needs module nobody: there is no nobody.so in"
mkdir temporary
expect "after which nothing is left behind" sh -c '
	TMPDIR=temporary helpdesk module check judged/CRASH/broken.so
	[ $? -eq 1 ] && rmdir temporary'

sed "s|modules: { meta: .*|modules: { broken: { url: here } }|" helpdesk.yaml > option.yaml
expect "the configuration gives what it must have" says 0 "nothing wrong" \
    helpdesk module check judged/OPTION/broken.so -c option.yaml
sed "s|modules: { meta: .*|modules: { broken: { urls: here } }|" helpdesk.yaml > option.yaml
expect "what is wrong there is told with its place" says 1 \
    "broken.so: option urls: the module has no such option (option.yaml:7)" \
    helpdesk module check judged/OPTION/broken.so -c option.yaml
expect "a configuration that is none is a fault of its own" says 78 "none.yaml: cannot be read" \
    helpdesk module check judged/OPTION/broken.so -c none.yaml

wordy() { # NAME [FLAG ...]
	mkdir -p "judged/$1"
	out=judged/$1/wordy.so
	shift
	cc -shared -fPIC -fvisibility=hidden $(pkg-config --cflags helpdesk-plugin) "$@" \
	    -o "$out" "$tests/sdk/wordy.c"
}
wordy good && wordy wrong -DWRONG || exit 1
expect "a list that is looked through is noted" says 0 \
    "note: GET /wordy?name= looks through all rows" helpdesk module check judged/good/wordy.so
for filter in code page is_rare; do
	expect "and no other: $filter" not grep -qF "?$filter=" said
done
expect "and so is a statement" grep -qF "note: statement 1 (SELECT" said
expect "and no other" not grep -qF "statement 0" said
expect "once" test "$(grep -cF "note: statement 1" said)" -eq 1
expect "all statements that are wrong are told" says 1 "statement 2: " \
    helpdesk module check judged/wrong/wordy.so
expect "the second too" grep -qF "statement 3: " said

size=$(stat -c %s judged/good/wordy.so)
for part in 0 3 40 100 $((size / 3)) $((size - 1)); do
	mkdir -p "judged/$part" && head -c "$part" judged/good/wordy.so > "judged/$part/wordy.so"
	expect "a file of $part bytes of $size is told of" says 1 "wordy.so: is " \
	    helpdesk module check "judged/$part/wordy.so"
	expect "once" test "$(wc -l < said)" -eq 1
done
cp judged/good/wordy.so judged/good/other.so
expect "a file of another name is not found by a server" says 1 "calls itself wordy" \
    helpdesk module check judged/good/other.so
chmod 666 judged/good/other.so
expect "all that is wrong with a file is told at once" says 1 "can be written by everybody" \
    helpdesk module check judged/good/other.so
expect "the rest of it too" grep -qF "calls itself wordy" said
expect "what is no file is told of" says 1 "cannot be opened" helpdesk module check none.so
for name in meta tickets knowledge software hardware users keys audit; do
	expect "$name is a module that is taken" says 0 "nothing wrong" \
	    helpdesk module check "$p/lib/helpdesk/modules/$name.so"
done

echo "sdk: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
