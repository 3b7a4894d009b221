#!/bin/sh
# ldap.sh - examples/ldap-sync as a stranger has it, and a real directory
#
#	tests/ldap.sh BUILD
#
# Installs into an empty folder; there builds, tests and judges the example with what is
# installed, serves sites with it, and does to an OpenLDAP server what happens to servers.
# That server is an ordinary process with a folder and ports of its own: the one that the
# package may have started is neither used nor touched.
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL	# of the make that runs this: what is made here is on its own
unset LDAPCONF LDAPRC			# what would turn libldap elsewhere
build=$(cd "${1:?usage: ldap.sh BUILD}" && pwd) || exit 2
cd "$(dirname "$0")/.." || exit 2
tests=$PWD/tests
root=$(mktemp -d) && chmod 755 "$root" || exit 2
port=$((20000 + $$ % 10000))
clear=$((port + 10000)) tls=$((port + 20000))
passed=0 failed=0 server= directory= liar=

finish() {
	[ -n "$server" ] && kill -TERM "$server" && wait "$server"
	[ -n "$directory" ] && kill -KILL "$directory" && wait "$directory" 2> /dev/null
	[ -n "$liar" ] && kill "$liar"
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
		echo "ldap: failed: $what"
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

not() {
	! "$@"
}

# within SECONDS COMMAND ...: until it succeeds
within() {
	tries=$(($1 * 10))
	shift
	while ! "$@" > "$root/within" 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || { cat "$root/within"; return 1; }
		sleep 0.1
	done
}

# ---- a stranger's way ----

make --no-print-directory BUILD="$build" DESTDIR="$root" install > "$root/install.log" 2>&1 ||
	{ cat "$root/install.log"; exit 1; }
p=$root/usr/local
cd "$root" || exit 2
sed -i "s|^prefix=.*|prefix=$p|" "$p/share/pkgconfig/helpdesk-plugin.pc"	# it was moved
PKG_CONFIG_PATH=$p/share/pkgconfig
PATH=$p/bin:$PATH
export PKG_CONFIG_PATH PATH

cp -r "$p/share/doc/helpdesk/examples/ldap-sync" example || exit 1
for compiler in gcc clang; do
	expect "it builds without a warning of $compiler" make -C example -B CC=$compiler \
	    WARNINGS="-Wall -Wextra -Wpedantic -Werror" all test_ldap_sync
done
expect "it passes make check" says 0 "ldap_sync.so: nothing wrong" make -C example check
expect "and its own test" says 0 "ldap_sync: good" make -C example check
cp -r example wrong && sed -i 's/gone \* 100 <= /gone * 0 <= /' wrong/ldap_sync.c
expect "its test fails if its guard is gone" says 2 "not so: " make -C wrong check
expect "it is installed" make -C example install
expect "what links libldap links nothing of OpenSSL, which the server has already" \
    not sh -c "ldd example/ldap_sync.so | grep -q libcrypto"

# ---- a directory ----

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=localhost" \
    -addext "subjectAltName=IP:127.0.0.1" -keyout tls.key -out tls.pem 2> openssl.log || exit 1
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=another" \
    -addext "subjectAltName=IP:127.0.0.1" -keyout another.key -out another.pem 2> openssl.log ||
	exit 1
# A copy: where programs are confined by their path, the installed one may read its own
# folders alone.
cp "$(PATH=$PATH:/usr/sbin command -v slapd)" slapd || exit 1
mkdir data
cat > slapd.conf <<END
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
attributetype ( 1.3.6.1.4.1.4203.666.1.99 NAME 'rawName' SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )
objectclass ( 1.3.6.1.4.1.4203.666.3.99 NAME 'raw' SUP top AUXILIARY MAY rawName )
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $root/slapd.pid
TLSCertificateFile $root/tls.pem
TLSCertificateKeyFile $root/tls.key
database mdb
suffix "dc=example,dc=com"
rootdn "cn=admin,dc=example,dc=com"
rootpw changes
directory $root/data
limits dn.exact="cn=few,dc=example,dc=com" size=3
limits * size=unlimited
END
person() { # UNIT UID CN MAIL [LINE ...]
	printf 'dn: cn=%s,ou=%s,dc=example,dc=com\nobjectClass: inetOrgPerson\n' "$3" "$1"
	uid=$2 mail=$4
	shift 4
	[ $# -eq 0 ] || printf '%s\n' "$@"	# classes are said in one go
	printf 'sn: x\nuid: %s\nmail: %s\n\n' "$uid" "$mail"
}
unit() { # UNIT
	printf 'dn: ou=%s,dc=example,dc=com\nobjectClass: organizationalUnit\n\n' "$1"
}
{
	printf 'dn: dc=example,dc=com\nobjectClass: dcObject\nobjectClass: organization\no: x\n\n'
	for reader in reader few; do
		printf 'dn: cn=%s,dc=example,dc=com\nobjectClass: person\nsn: x\n' $reader
		printf 'userPassword: hush-hush\n\n'
	done
	for name in people many odd refers bytes greek; do
		unit $name
	done
	person people maria "Maria Antoniou" maria@example.com
	person people nikos "Nikos Pappas" nikos@example.com
	person people anna "Anna Berg" anna@example.com
	person people yuki "Yuki Tanaka" yuki@example.com
	person people omar "Omar Haddad" omar@example.com
	person people left "Who Left" left@example.com "employeeType: disabled"
	for i in $(seq 1203); do
		person many "user$i" "User $i" "user$i@example.com"
	done
	person odd 12345 "All Digits" digits@example.com
	person odd same "One" one@example.com
	person odd SAME "Two" two@example.com
	person odd noat "No At" nowhere
	person odd good "All Good" good@example.com
	printf 'dn: cn=No Uid,ou=odd,dc=example,dc=com\nobjectClass: inetOrgPerson\nsn: x\n\n'
	printf 'dn: cn=nothing,ou=odd,dc=example,dc=com\nobjectClass: inetOrgPerson\nsn: x\n'
	printf 'uid: x%090d\n\n' 0
	person bytes fine "Fine" fine@example.com "objectClass: raw" "rawName: plain"
	person bytes bytes "Bytes" bytes@example.com "objectClass: raw" "rawName:: w/7D"
	person greek αθηνά "Athena" athena@example.com
	person greek ΑΘΗΝΆ "Athena In Capitals" athena@example.com
	person greek σωκράτης "Σωκράτης" socrates@example.com
	person refers stays "Stays" stays@example.com
	printf 'dn: ou=else,ou=refers,dc=example,dc=com\nobjectClass: referral\n'
	printf 'objectClass: extensibleObject\nref: ldap://127.0.0.1:1/ou=else,dc=example,dc=org\n\n'
} > all.ldif
./slapd -T add -q -f slapd.conf -l all.ldif > slapadd.log 2>&1 || { cat slapadd.log; exit 1; }

raise() {
	./slapd -f slapd.conf -h "ldap://127.0.0.1:$clear ldaps://127.0.0.1:$tls" -d 0 \
	    2> slapd.log &
	directory=$!
	within 10 ldapsearch -x -H "ldap://127.0.0.1:$clear" -s base -b "" > /dev/null
}
fell() {
	kill -KILL "$directory" && wait "$directory" 2> /dev/null
	directory=
}
modify() { # LDIF on stdin
	ldapmodify -x -H "ldap://127.0.0.1:$clear" -D cn=admin,dc=example,dc=com -w changes \
	    > modify.log 2>&1 || { cat modify.log; exit 1; }
}
raise || { echo "ldap: no slapd"; exit 1; }

# ---- sites ----

umask 077
echo hush-hush > secret
echo no-such-password > changing
install -m 644 secret open
: > empty
umask 022

# A site for each way to be wrong: NAME OPTIONS
ways="
main|base: 'ou=people,dc=example,dc=com', filter: '(&(objectClass=inetOrgPerson)(!(employeeType=disabled)))', interval: '0'
many|base: 'ou=many,dc=example,dc=com', page: 100, batch: 400
odd|base: 'ou=odd,dc=example,dc=com', interval: '0'
bytes|base: 'ou=bytes,dc=example,dc=com', full_name: rawName, interval: '0'
guid|base: 'ou=bytes,dc=example,dc=com', entry: rawName, interval: '0'
greek|base: 'ou=greek,dc=example,dc=com', interval: '0'
refers|base: 'ou=refers,dc=example,dc=com', interval: '0'
referred|base: 'ou=else,ou=refers,dc=example,dc=com', interval: '0'
nobase|base: 'ou=nobody,dc=example,dc=com', interval: '0'
nodn|base: 'neither here nor there', interval: '0'
nofilter|base: 'ou=people,dc=example,dc=com', filter: '(uid=', interval: '0'
noentry|base: 'ou=people,dc=example,dc=com', entry: nothing, interval: '0'
"
lies="silent half garbage leaves drip endless"
dn="bind_dn: 'cn=reader,dc=example,dc=com'"
reading="$dn, password_file: $root/secret"
safe="url: 'ldaps://127.0.0.1:$tls', ca_file: $root/tls.pem"
site() { # NAME OPTIONS
	printf '  - name: %s\n    hosts: [ %s.example ]\n    database: { path: %s.db }\n' $1 $1 $1
	printf '    modules: { meta: , users: , audit: , ldap_sync: { timeout: 2, %s } }\n' "$2"
}
{
	printf 'server: { listen: [ { address: "127.0.0.1:%d" } ], access_log: false }\n' $port
	printf 'module_path: [ %s ]\nsites:\n' "$p/lib/helpdesk/modules"
	echo "$ways" | while IFS='|' read -r name more; do
		[ -z "$name" ] || site $name "$safe, $reading, $more"
	done
	people="base: 'ou=people,dc=example,dc=com', interval: '0'"
	site starttls "url: 'ldap://127.0.0.1:$clear', ca_file: $root/tls.pem, $reading, $people"
	site nobody "url: 'ldap://127.0.0.1:$clear', start_tls: false, $people"
	site password "$safe, $dn, password_file: $root/changing, $people"
	site open "$safe, $dn, password_file: $root/open, $people"
	site empty "$safe, $dn, password_file: $root/empty, $people"
	site gone "$safe, $dn, password_file: $root/not-there, $people"
	site few "$safe, bind_dn: 'cn=few,dc=example,dc=com', password_file: $root/secret, \
	    base: 'ou=many,dc=example,dc=com', interval: '0'"
	site untrusted "url: 'ldaps://127.0.0.1:$tls', ca_file: $root/another.pem, $reading, $people"
	site unsafe "url: 'ldap://127.0.0.1:$clear', ca_file: $root/another.pem, $reading, $people"
	site named "url: 'ldaps://localhost:$tls', ca_file: $root/tls.pem, $reading, $people"
	site nofile "url: 'ldaps://127.0.0.1:$tls', ca_file: $root/none.pem, $reading, $people"
	site down "url: 'ldap://127.0.0.1:1', $reading, $people"
	for lie in $lies; do
		site $lie "url: 'ldapi://$(echo "$root/lies/$lie" | sed 's|/|%2F|g')', $people, longest: 4"
	done
} > helpdesk.yaml
expect "the configuration is right" says 0 "" helpdesk check -c helpdesk.yaml
sed "s|url: '[^']*'|url: 'http://127.0.0.1'|" helpdesk.yaml > bad.yaml
helpdesk user add maria --email old@example.com --site main -c helpdesk.yaml > /dev/null || exit 1	# by hand, before
helpdesk user add keeper --email keeper@example.com --site main -c helpdesk.yaml > /dev/null || exit 1
for site in $(sed -n 's/^  - name: //p' helpdesk.yaml); do
	helpdesk key create --name test --site "$site" -c helpdesk.yaml > "key.$site" || exit 1
done
helpdesk serve -c helpdesk.yaml 2> server.log &
server=$!
within 20 curl -sf -o healthz -H "Host: main.example" "http://127.0.0.1:$port/healthz" ||
	{ tail server.log; exit 1; }

base=http://127.0.0.1:$port/api/v1
ask() { # SITE METHOD PATH: the status, then the body
	curl -s -m 60 -w ' HTTP %{http_code}\n' -X "$2" -H "Host: $1.example" \
	    -H "X-API-Key: $(cat "key.$1")" "$base$3"
}
run() { # SITE
	ask "$1" POST /ldap-sync/run
}
counts() { # SITE FOUND SAME CREATED CHANGED DEACTIVATED PROBLEMS LEFT: what a run does
	run "$1" > "$root/ran"
	cat "$root/ran"
	grep -qF "\"counts\":{\"found\":$2,\"same\":$3,\"created\":$4,\"changed\":$5,\
\"deactivated\":$6,\"problems\":$7,\"left\":$8}" "$root/ran" && grep -q 'HTTP 200' "$root/ran"
}
user() { # SITE NAME WORDS: the user has them
	ask "$1" GET "/users?name=$2" > "$root/user"
	cat "$root/user"
	grep -qF -- "$3" "$root/user"
}
entries() { # SITE: of the audit trail about users
	ask "$1" GET '/audit?resource=users&count=true&limit=1000' | grep -o '"action"' | wc -l
}

# ---- what is equal ----

expect "the directory can be asked" says 0 '{"found":5,"problem_count":0,"problems":[]}' \
    ask main POST /ldap-sync/check
expect "which changes nothing" user main anna '{"users":[]}'
expect "nothing has run" says 0 '"ran_at":null,"succeeded_at":null,"error":null' \
    ask main GET /ldap-sync
expect "all are made, and who was made by hand is found" counts main 5 0 4 1 0 0 0
expect "with address and name" user main anna \
    '"full_name":"Anna Berg","email":"anna@example.com","active":true'
expect "who was there already keeps the number" user main maria \
    '"id":1,"name":"maria","full_name":"Maria Antoniou"'
expect "who is disabled is not made" user main left '{"users":[]}'
before=$(entries main)
expect "the second time there is nothing to do" counts main 5 5 0 0 0 0 0
expect "and nothing in the audit trail" test "$(entries main)" -eq "$before" -a "$before" -ge 5
expect "how it went is told" says 0 '"error":null,"counts":{"found":5,"same":5' \
    ask main GET /ldap-sync

modify <<END
dn: cn=Nikos Pappas,ou=people,dc=example,dc=com
changetype: modify
replace: mail
mail: nikos.pappas@example.com
-
replace: uid
uid: npappas
END
expect "who has another name and address" counts main 5 4 0 1 0 0 0
expect "is the same user" user main npappas \
    '"id":3,"name":"npappas","full_name":"Nikos Pappas","email":"nikos.pappas@example.com"'
expect "the audit trail has just what differs" says 0 \
    '"changes":{"name":["nikos","npappas"],"email":["nikos@example.com","nikos.pappas@example.com"]}' \
    ask main GET '/audit?resource=users&limit=1'

modify <<END
dn: cn=Omar Haddad,ou=people,dc=example,dc=com
changetype: modify
replace: employeeType
employeeType: disabled
END
expect "who is disabled" counts main 4 4 0 0 1 0 0
expect "is deactivated" user main omar '"active":false'
expect "who was made by hand is left alone" user main keeper '"active":true'
modify <<END
dn: cn=Omar Haddad,ou=people,dc=example,dc=com
changetype: modify
delete: employeeType
END
expect "who comes back" counts main 5 4 0 1 0 0 0
expect "is active" user main omar '"active":true'
modify <<END
dn: cn=Yuki Tanaka,ou=people,dc=example,dc=com
changetype: delete
END
expect "who is gone" counts main 4 4 0 0 1 0 0
expect "is deactivated too" user main yuki '"active":false'
modify <<END
dn: cn=Yuki Tanaka,ou=people,dc=example,dc=com
changetype: add
objectClass: inetOrgPerson
sn: x
uid: yuki
END
expect "who is made anew" counts main 5 4 0 1 0 0 0
expect "is who it was" user main yuki '"full_name":"Yuki Tanaka","email":null,"active":true'

# ---- what is never done ----

modify <<END
dn: cn=Anna Berg,ou=people,dc=example,dc=com
changetype: delete

dn: cn=Omar Haddad,ou=people,dc=example,dc=com
changetype: delete
END
before=$(entries main)
expect "so many are not deactivated" says 0 "2 of 5 users are not in the directory any more" \
    run main
expect "that is no fault of the server" grep -q "HTTP 409" said
expect "nobody is" user main anna '"active":true'
expect "nothing is written" test "$(entries main)" -eq "$before"
expect "and it is told" says 0 '"error":"2 of 5 users' ask main GET /ldap-sync
modify <<END
dn: ou=more,ou=people,dc=example,dc=com
changetype: add
objectClass: organizationalUnit

dn: cn=Maria Antoniou,ou=people,dc=example,dc=com
changetype: delete

dn: cn=Nikos Pappas,ou=people,dc=example,dc=com
changetype: delete

dn: cn=Yuki Tanaka,ou=people,dc=example,dc=com
changetype: delete
END
expect "for an empty answer nobody is deactivated" says 0 "5 of 5 users are not in" run main
expect "really nobody" user main maria '"active":true'

# ---- many ----

total() { # SITE: users
	curl -s -D - -o total "$base/users?count=true&limit=1" -H "Host: $1.example" \
	    -H "X-API-Key: $(cat "key.$1")" | tr -d '\r' | sed -n 's/^x-total-count: //ip'
}
all_are_there() {
	[ "$(total many)" -eq 1203 ] && ask many GET /ldap-sync | tee many |
	    grep -qF '"created":1203,"changed":0,"deactivated":0,"problems":0,"left":0}'
}
expect "many come by pages, in batches, by themselves" within 30 all_are_there
expect "after which they are the same" counts many 1203 1203 0 0 0 0 0
expect "the last one too" user many user1203 '"email":"user1203@example.com"'

# ---- odd entries ----

expect "of odd entries the good ones are taken" counts odd 7 0 2 0 0 5 0
expect "a name of digits is no name" grep -qF "digits alone are a user's id" ran
expect "nor one of too many characters" grep -qF "80 characters" ran
expect "an address must be one" grep -qF "noat: email: the email address must look like" ran
expect "an entry must have a name" grep -qF \
    "cn=No Uid,ou=odd,dc=example,dc=com: has no uid." ran
expect "two names that differ in case are one" grep -qiF \
    'same: another entry has this name' ran
expect "each is told again by the next run" counts odd 7 2 0 0 0 5 0
expect "what is no UTF-8 is told" counts bytes 2 0 1 0 0 1 0
expect "and of whom" grep -qF \
    "cn=Bytes,ou=bytes,dc=example,dc=com: its rawName is not UTF-8." ran
expect "the other is there" user bytes fine '"full_name":"plain"'

expect "an entry may be known by bytes that are no text" counts guid 2 0 2 0 0 0 0
expect "and is known again" counts guid 2 2 0 0 0 0 0
expect "capitals are the same letters in Greek, too" counts greek 3 0 2 0 0 1 0
expect "which is told" grep -qF ": another entry has this name." ran
expect "and the letters are kept" user greek "%CF%83%CF%89%CE%BA%CF%81%CE%AC%CF%84%CE%B7%CF%82" \
    '"full_name":"Σωκράτης"'

# ---- what is set up wrong ----

wrong() { # SITE WORDS: what asking and running say, and what is told of it then
	for what in check run; do
		expect "$1: $what says so" says 0 "$2" ask "$1" POST /ldap-sync/$what
		expect "$1: which is a 502" grep -q '"code":"bad_gateway".*HTTP 502' said
	done
	expect "$1: it is told" says 0 "$2" ask "$1" GET /ldap-sync
	expect "$1: without the password" not grep -q "hush-hush\|no-such-password" said
	expect "$1: nobody was made" says 0 '{"users":[]}' ask "$1" GET /users
}
wrong password "does not take the password of bind_dn"
wrong open "can be read by everybody"
wrong empty "is empty"
wrong gone "not-there is not there"
wrong nobase "has nothing at the base"
wrong nodn "takes bind_dn or base for no name of an entry"
wrong nofilter "the filter is none"
wrong refers "refers to another one, which is not followed"
wrong referred "refers to another one, which is not followed"
wrong few "gives only a part of its entries"
wrong untrusted "cannot be reached"
wrong unsafe "cannot be reached safely"
wrong nofile "none.pem cannot be read, or holds no certificate"
wrong named "cannot be reached"
wrong down "cannot be reached"
expect "an attribute that nobody has" says 0 "has no nothing." run noentry
expect "what is no URL stops the start" says 1 "url: 'http://127.0.0.1' is none" \
    helpdesk module check "$p/lib/helpdesk/modules/ldap_sync.so" -c bad.yaml
echo hush-hush > changing
expect "a password that was changed is read anew" says 0 '"found":' ask password POST \
    /ldap-sync/check

# ---- servers die and hang ----

for site in starttls nobody; do
	expect "$site: it is read" says 0 "HTTP 200" ask $site POST /ldap-sync/check
done
fell
expect "a dead server is told" says 0 "cannot be reached" run many
expect "nobody is deactivated" user many user7 '"active":true'
raise
expect "one that is there again is taken" counts many 1203 1203 0 0 0 0 0

kill -STOP "$directory"
for site in main starttls nobody; do
	ask $site POST /ldap-sync/check > hangs.$site &
	eval "asking_$site=$!"
done
expect "while it hangs, users are served" says 0 '"name":"user1203"' ask many GET /users
expect "and written" says 0 "HTTP 201" curl -s -w ' HTTP %{http_code}\n' -d '{"name":"meanwhile"}' \
    -H "Content-Type: application/json" \
    -H "Host: many.example" -H "X-API-Key: $(cat key.many)" "$base/users"
expect "a run gives up" says 0 "HTTP 502" run many
wait $asking_main $asking_starttls $asking_nobody
for site in main starttls nobody; do
	expect "$site: so does who asked" grep -q "HTTP 502" hangs.$site
done
expect "one that has taken the connection has not answered in time" grep -q \
    "has not answered in time" hangs.nobody
kill -CONT "$directory"
expect "and it is well again" counts many 1203 1203 0 0 0 0 0

for i in 1 2 3; do
	run many > both.$i &
	eval "both_$i=$!"
done
wait $both_1 $both_2 $both_3
expect "of several runs at once one is made, and others are told" sh -c \
    'grep -q "HTTP 200" both.* && ! grep -v "HTTP 200\|Another run reads the directory now" both.*'

# ---- directories that lie ----

mkdir lies
node "$tests/ldap_liar.js" "$root/lies" &
liar=$!
within 20 test -S lies/endless
for lie in $lies; do
	ask $lie POST /ldap-sync/check > lie.$lie &
	eval "asking_$lie=$!"
done
for lie in $lies; do
	eval wait "\$asking_$lie"
	expect "$lie: it has an end" grep -q '"code":"bad_gateway".*HTTP 502' lie.$lie
done
for lie in silent half drip endless; do
	expect "$lie: which says that it took too long" grep -q "has not answered in time" lie.$lie
done
kill "$liar"
liar=

# ---- the document ----

curl -s -H "Host: main.example" -H "X-API-Key: $(cat key.main)" "$base/openapi.json" > openapi.json
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true SCARF_ANALYTICS=false
bin=$tests/npm/node_modules/.bin
for path in /ldap-sync /ldap-sync/run /ldap-sync/check; do
	expect "the document has $path" grep -qF "\"/api/v1$path\":" openapi.json
done
expect "redocly finds no fault with it" \
    node "$bin/redocly" lint --config "$tests/npm/redocly.yaml" openapi.json
expect "spectral finds no fault with it" \
    node "$bin/spectral" lint --ruleset "$tests/npm/spectral.yaml" openapi.json

kill -STOP "$directory"
run many > last &
last=$!
kill -TERM "$server"
wait "$server"
ended=$?
server=
wait "$last"
kill -CONT "$directory"
expect "a server that is told to stop does, whatever hangs" test $ended -eq 0
expect "the log has no secret" not grep -q "hush-hush\|no-such-password" server.log

echo "ldap: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
