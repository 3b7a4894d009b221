# sla.sh - what examples/sla is asked; sourced by tests/examples.sh
expect "its header is installed" cmp "$example/sla.h" "$p/include/helpdesk/sla.h"
helper desk

configure() { # SLA
	cat > helpdesk.yaml <<-END
	server:
	  listen: [ { address: "127.0.0.1:$port" } ]
	module_path: [ $p/lib/helpdesk/modules ]
	sites:
	  - name: athens
	    database: { path: athens.db }
	    modules: { meta: , tickets: , desk: , sla: { $1 } }
	  - name: berlin
	    hosts: [ berlin.example ]
	    database: { path: berlin.db }
	    modules:
	      meta:
	      tickets:
	      desk:
	      sla: { times: "Urgent=30m", done: "Erledigt" }
	END
}
report() { # MEMBERS [HEADER]
	ask POST /tickets "{\"subject\": \"Jam\", \"description\": \"Paper\"${1:+, $1}}" ${2:+"$2"}
}
# moment MEMBER: what it is in the last answer, in seconds.
moment() {
	date -u -d "$(sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/" said)Z" +%s
}
# is_due_in SECONDS TICKET [HEADER]: so long after it was made.
is_due_in() {
	says 0 'HTTP 200' ask GET "/tickets/$2" '' ${3:+"$3"} && made=$(moment created_at) &&
	    says 0 'HTTP 200' ask GET "/tickets/$2/sla" '' ${3:+"$3"} &&
	    [ $(($(moment due_at) - made)) -eq "$1" ]
}

# ---- before its time ----

configure 'enabled: false'
enrol berlin
enrol athens
serve
report '"priority": "High"' > /dev/null
report '"status": "Closed", "priority": "High"' > /dev/null
expect "where there is no sla, its routes are not there" says 0 'HTTP 404' ask GET /sla/breached
expect "and who can do without it does" says 0 \
    '{"offered":false,"due_at":null,"state":null} HTTP 200' ask GET /desk/1
stop

# ---- its options ----

configure 'times: "Urgent"'
expect "a list that is none stops the start" says 78 \
    "sla.so: init failed: option times: 'Urgent' is no PRIORITY=4h" \
    helpdesk serve -c helpdesk.yaml

# ---- its time ----

configure 'times: "Urgent=4h, High=8h, Now=1s"'
serve
expect "a ticket that was there gets its time" until_says '"state":"running"' ask GET /tickets/1/sla
expect "as long as its priority says" is_due_in 28800 1
expect "one that was done with, too" says 0 '"state":"met"' ask GET /tickets/2/sla
expect "a new ticket has its time at once" says 0 '"id":3' report '"priority": "urgent"'
expect "whatever the case of its priority" is_due_in 14400 3
report '' > /dev/null
expect "another priority, or none, has a time too" is_due_in 172800 4
ask PATCH /tickets/4 '{"priority": "High"}' > /dev/null
expect "a new priority is a new time" is_due_in 28800 4
expect "what is not there has none" says 0 'There is no due time of a ticket 77.' \
    ask GET /tickets/77/sla
expect "which is a 404" grep -qF 'HTTP 404' said
ask PATCH /tickets/3 '{"status": "resolved"}' > /dev/null
expect "what is done with in time is met" says 0 '"state":"met"' ask GET /tickets/3/sla
met=$(moment met_at)
ask PATCH /tickets/3 '{"status": "Closed"}' > /dev/null
expect "and stays so" says 0 '"state":"met"' ask GET /tickets/3/sla
expect "since the same moment" test "$(moment met_at)" -eq "$met"
ask PATCH /tickets/3 '{"status": "Open"}' > /dev/null
expect "until it is opened again" says 0 '"met_at":null,"state":"running"' ask GET /tickets/3/sla
ask DELETE /tickets/3 > /dev/null
expect "a ticket's time goes with it" says 0 'HTTP 404' ask GET /tickets/3/sla

# ---- breaches ----

report '"priority": "Now"' > /dev/null
report '"priority": "Now"' > /dev/null
expect "a ticket's time runs out" until_says '"state":"breached"' ask GET /tickets/6/sla
expect "it is listed, longest first" says 0 '{"breached":[{"ticket_id":5' ask GET /sla/breached
expect "with the other" grep -qF '{"ticket_id":6' said
expect "but for those whose time runs" not grep -qF '"ticket_id":4' said
expect "at most so many" says 0 '"state":"breached"}]}' ask GET '/sla/breached?limit=1'
expect "and no more" not grep -qF '"ticket_id":6' said
expect "none at all cannot be asked for" says 0 'HTTP 400' ask GET '/sla/breached?limit=0'
ask PATCH /tickets/5 '{"status": "Closed"}' > /dev/null
expect "done with late is late" says 0 '"state":"met_late"' ask GET /tickets/5/sla
expect "and listed no longer" says 0 '{"breached":[{"ticket_id":6' ask GET /sla/breached

# ---- the service, and another site ----

expect "another module asks it" says 0 '{"offered":true,"due_at":"20' ask GET /desk/6
expect "and is answered" grep -qF '"state":"breached"} HTTP 200' said
expect "what it is refused with is its answer" says 0 'There is no due time of a ticket 77.' \
    ask GET /desk/77
key=$(cat berlin.key)
host='Host: berlin.example'
expect "another site has its own tickets" says 0 '"id":1' report '"priority": "Urgent"' "$host"
expect "and its own times" is_due_in 1800 1 "$host"
ask PATCH /tickets/1 '{"status": "Closed"}' "$host" > /dev/null
expect "and its own words" says 0 '"state":"running"' ask GET /tickets/1/sla '' "$host"
ask PATCH /tickets/1 '{"status": "Erledigt"}' "$host" > /dev/null
expect "for what is done with" says 0 '"state":"met"' ask GET /tickets/1/sla '' "$host"
key=$(cat athens.key)

# ---- the document ----

judge_document '/tickets/{id}/sla' /sla/breached
begin_proxy
expect "the validating proxy lets a time pass" says 0 'HTTP 200' ask GET /tickets/6/sla
expect "and one that is met" says 0 'HTTP 200' ask GET /tickets/5/sla
expect "and the list" says 0 'HTTP 200' ask GET '/sla/breached?limit=20'
end_proxy
