# loans.sh - what examples/loans is asked; sourced by tests/examples.sh
helper clerk

cat > helpdesk.yaml <<END
server:
  listen: [ { address: "127.0.0.1:$port" } ]
module_path: [ $p/lib/helpdesk/modules ]
sites:
  - name: athens
    database: { path: athens.db }
    modules: { meta: , users: , audit: , hardware: , loans: { look_every: 1s }, clerk: }
  - name: berlin
    hosts: [ berlin.example ]
    database: { path: berlin.db }
    modules: { meta: , hardware: , loans: { days: 3, look_every: "0" }, clerk: }
END
enrol berlin
enrol athens
serve
hardware=/inventory/hardware

in_days() { # DAYS
	date -u -d "+$1 days" +%F
}
lend() { # ASSET [MORE [HEADER]]
	ask POST "$hardware/$1/lend" "{\"borrower\": \"maria\"${2:+, $2}}" ${3:+"$3"}
}

# Whether loan 1 is what was said when it was lent.
is_as_lent() {
	ask GET /loans/1 > read && sed -i 's/ HTTP .*//' said read && cmp said read
}
# Whether an answer has the headers that a new row has; the loan is not kept.
tells_place() {
	curl -si -H "X-API-Key: $key" -H 'Content-Type: application/json' \
	    -d '{"borrower": "maria"}' "$base$hardware/2/lend?dry_run=1" > headers
	cat headers
	grep -qi '^location: /api/v1/loans/2' headers && grep -qi '^etag: "' headers
}
# A borrower whom there is no longer.
is_gone() {
	helpdesk user add gone --email gone@example.com --site athens -c helpdesk.yaml > gone &&
	    ask PATCH "/users/$(cat gone)" '{"active": false}' > /dev/null &&
	    says 0 "borrower: user 'gone' is deactivated" \
	    ask POST $hardware/2/lend '{"borrower": "gone"}'
}
# Whether a loan that is asked for twice, under one name, is one.
is_lent_once() {
	lend 3 '' 'Idempotency-Key: three' > first && lend 3 '' 'Idempotency-Key: three' > second &&
	    cat first second && grep -q 'HTTP 201' second && cmp first second
}
# with_key "OPTIONS OF KEY CREATE" COMMAND ...: asks with another key.
with_key() {
	whole=$key
	key=$(helpdesk key create --site athens -c helpdesk.yaml $1)
	shift
	"$@"
	set -- $?
	key=$whole
	return "$1"
}
is_refused_to_readers() {
	with_key '--name reader --scope loans:read' says 0 'loans:write' lend 4
}
refuses_nobody() {
	with_key '--name nobody' says 0 'borrower must reference a valid user' \
	    ask POST $hardware/2/lend '{}'
}
# A late loan becomes overdue on this site.
is_overdue_again() {
	ask POST $hardware '{"asset_tag": "DL-7"}' > /dev/null
	ask POST /clerk/6/late > /dev/null
	until_says '"hardware_id":6' ask GET '/loans?overdue=true'
}

# ---- lending ----

for tag in DL-1 DL-2 DL-3 DL-4; do
	ask POST $hardware "{\"asset_tag\": \"$tag\"}" > /dev/null
done
expect "an asset is lent" says 0 'HTTP 201' lend 1
expect "for as long as the option says by default" grep -qF "\"due_on\":\"$(in_days 14)\"" said
expect "to who is named" grep -qF '"borrower":1,"borrower_name":"maria"' said
expect "the answer is what GET gives" is_as_lent
expect "where it is, is told, and its tag" tells_place
expect "of a dry run nothing is kept" says 0 '"assigned_to":null' ask GET $hardware/2
expect "the asset says who has it" says 0 '"assigned_to":1,"assigned_to_name":"maria"' \
    ask GET $hardware/1
expect "and since when" grep -qF "\"assigned_on\":\"$(in_days 0)\"" said
expect "it is not lent twice" says 0 'HTTP 409' lend 1
expect "and who has it, and what to do, is told" grep -qF "It cannot be lent: hardware 1 is lent \
to maria until $(in_days 14). POST /api/v1/loans/1/return takes it back." said
expect "what is not there is not lent" says 0 'HTTP 404' lend 77
expect "without a borrower it is who asks" says 0 '"borrower_name":"maria"' \
    ask POST "$hardware/2/lend?dry_run=1" '{}'
expect "if that is a user" refuses_nobody
expect "a borrower must be there" says 0 "no user 'bob'" ask POST $hardware/2/lend '{"borrower": "bob"}'
expect "and be active" is_gone
expect "nothing is lent until yesterday" says 0 'due_on: must not be before today' \
    lend 2 "\"due_on\": \"$(in_days -1)\""
expect "but until today" says 0 'HTTP 201' lend 2 "\"due_on\": \"$(in_days 0)\", \"note\": \" x \""
expect "with a note" grep -qF '"note":"x"' said
expect "the same request sent again lends once" is_lent_once
expect "a key without the scope lends nothing" is_refused_to_readers

# ---- what the table serves ----

expect "loans are listed, latest first" says 0 '{"loans":[{"id":3' ask GET /loans
expect "and those of a borrower" says 0 '{"loans":[{"id":3' ask GET '/loans?borrower=MARIA&limit=1'
expect "of nobody there is none" says 0 'Borrower not found.' ask GET '/loans?borrower=bob'
expect "and those of an asset" says 0 '{"loans":[{"id":2' ask GET '/loans?hardware_id=2'
expect "no client makes one" says 0 'HTTP 405' ask POST /loans '{"hardware_id": 4}'
expect "and none deletes one" says 0 'HTTP 405' ask DELETE /loans/1
expect "a client grants more days" says 0 "\"due_on\":\"$(in_days 30)\"" \
    ask PATCH /loans/1 "{\"due_on\": \"$(in_days 30)\"}"
expect "but none that have gone" says 0 'HTTP 400' ask PATCH /loans/1 '{"due_on": "2020-01-01"}'
expect "and not none" says 0 'due_on: must not be null' ask PATCH /loans/1 '{"due_on": null}'
expect "what is the module's to write is ignored" says 0 '"is_open":true,"overdue":false' \
    ask PATCH /loans/1 '{"is_open": false, "overdue": true, "borrower": 7, "hardware_id": 9}'
expect "or told of" says 0 "Read-only member 'is_open'." \
    ask PATCH /loans/1 '{"is_open": false}' 'Prefer: handling=strict'

# ---- the hook on hardware ----

expect "what is lent is not deleted" says 0 'HTTP 409' ask DELETE $hardware/1
expect "and what to do is told" grep -qF "It cannot be deleted: hardware 1 is lent to maria until \
$(in_days 30). POST /api/v1/loans/1/return takes it back." said
expect "and it is still there" says 0 'HTTP 200' ask GET $hardware/1
expect "nor is it by another module" says 0 'HTTP 409' ask DELETE /clerk/1
expect "what is not lent is" says 0 'HTTP 200' ask DELETE $hardware/4

# ---- taking back ----

expect "a loan that has changed since is not returned" says 0 'HTTP 412' \
    ask POST /loans/1/return '' 'If-Match: "0123456789abcdef0123456789abcdef"'
tag=$(curl -si -H "X-API-Key: $key" "$base/loans/1" | tr -d '\r' | sed -n 's/^etag: //Ip')
expect "a loan is returned" says 0 'HTTP 200' ask POST /loans/1/return '' "If-Match: $tag"
expect "and says since when" grep -qE '"is_open":false.*"returned_at":"[0-9]{4}-' said
expect "the asset is nobody's" says 0 '"assigned_to":null,"assigned_to_name":null,"assigned_on":null' \
    ask GET $hardware/1
expect "it is not returned twice" says 0 'HTTP 409' ask POST /loans/1/return
expect "and when it was is told" grep -qF 'Loan 1 was returned at ' said
expect "what is no loan is not returned" says 0 'HTTP 404' ask POST /loans/77/return
expect "a loan that is closed is not changed" says 0 'Loan 1 is closed; lend the asset again.' \
    ask PATCH /loans/1 '{"note": "late"}'
expect "open ones are listed" says 0 '{"loans":[{"id":3' ask GET '/loans?is_open=true'
expect "and closed ones" says 0 '{"loans":[{"id":1' ask GET '/loans?is_open=false'
expect "what was returned is lent again" says 0 'HTTP 201' lend 1
ask POST /loans/3/return > /dev/null
expect "or deleted" says 0 '"status":"deleted"' ask DELETE $hardware/3
expect "its loans stay" says 0 '{"loans":[{"id":3' ask GET '/loans?hardware_id=3'

# ---- the job ----

ask POST $hardware '{"asset_tag": "DL-5"}' > /dev/null
expect "a loan is late" says 0 '"overdue":false' ask POST /clerk/5/late
loan=$(sed 's/.*"id":\([0-9]*\).*/\1/' said)
expect "and becomes overdue by itself" until_says "\"id\":$loan,\"hardware_id\":5" \
    ask GET '/loans?overdue=true'
expect "others do not" not grep -qF '"hardware_id":2' said
expect "it stands in its history" says 0 '"changes":{"overdue":[false,true]}' \
    ask GET "/loans/$loan/history"
expect "and in the audit trail" says 0 '"action":"update"' ask GET '/audit?resource=loans&limit=1'
expect "with more days it is late no longer" says 0 '"overdue":false' \
    ask PATCH "/loans/$loan" "{\"due_on\": \"$(in_days 1)\"}"

# ---- another site ----

key=$(cat berlin.key)
host='Host: berlin.example'
ask POST $hardware '{"asset_tag": "B-1"}' "$host" > /dev/null
ask POST $hardware '{"asset_tag": "B-2"}' "$host" > /dev/null
expect "another site has its own loans" says 0 '{"loans":[]}' ask GET /loans '' "$host"
expect "and its own days" says 0 "\"due_on\":\"$(in_days 3)\"" lend 1 '' "$host"
expect "a late loan is made there" says 0 'HTTP 201' ask POST /clerk/2/late '' "$host"
key=$(cat athens.key)
expect "here the job runs on" is_overdue_again
key=$(cat berlin.key)
expect "there it never does" says 0 '{"loans":[]}' ask GET '/loans?overdue=true' '' "$host"
key=$(cat athens.key)

# ---- the document ----

judge_document /loans '/loans/{id}' '/loans/{id}/return' '/inventory/hardware/{id}/lend' \
    '/loans/{id}/history'
begin_proxy
ask POST $hardware '{"asset_tag": "DL-8"}' > /dev/null
expect "the validating proxy lets an asset be lent" says 0 'HTTP 201' lend 7
expect "and a second time refused" says 0 'HTTP 409' lend 7
expect "and the list" says 0 'HTTP 200' ask GET /loans
expect "and a change" says 0 'HTTP 200' ask PATCH /loans/2 '{"note": "y"}'
expect "and a return" says 0 'HTTP 200' ask POST /loans/2/return
end_proxy
