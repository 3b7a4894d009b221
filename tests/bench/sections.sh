# sections.sh - what is measured; sourced by bench.sh
#
# A line "#: NAME  what" is a line of --help, and SECTIONS is their order.

#: status      GET /status, against a constant answer
#: point       GET /tickets/{id}, against a bare SELECT
#: unchanged   the same with If-None-Match: 304, against a constant 304
#: post        durable POST /tickets, against a bare group commit
#: patch       durable PATCH /tickets/{id}, likewise
#: list        the list of 100,000 tickets, against a bare scan
#: filter      50 of 1,000,000 tickets, against 50 of 1,000
#: search      GET /knowledge?q= over 100,000 articles, against a point read
#: mixed       reads beside 64 busy writers
#: isolation   small reads beside long ones; the WAL beside slow clients
#: memory      idle, per connection, per site, beside slow clients
#: start       until it is ready
SECTIONS="status point unchanged post patch list filter search mixed isolation memory start"

TICKETS=100000
ARTICLES=100000
MANY=1000000
FEW=1000

ITEM='/api/v1/tickets/{id}'
LIST=/api/v1/tickets
NEW='{"subject":"Printer jam on floor 12","description":"The printer on this floor keeps jamming since this morning, paper tray two, error code 12345 on the screen","priority":"Medium","department":"Facilities","assigned_to":3}'
CHANGE='{"status":"{word}"}'

section_status() {
	pair_start "$TICKETS" 0
	describe h1 64 1 GET /api/v1/status 200
	compare status-h1 "GET /status, HTTP/1.1, 64 connections" 0.75
	describe h2 16 32 GET /api/v1/status 200
	compare status-h2 "GET /status, h2+TLS, 16 x 32" 0.75
	describe h2c 16 32 GET /api/v1/status 200
	compare status-h2c "GET /status, h2c, 16 x 32" -
	pair_stop
}

section_point() {
	pair_start "$TICKETS" 0
	describe h1 64 1 GET "$ITEM" 200
	compare point-h1 "GET /tickets/{id}, HTTP/1.1, 64 connections" 0.85
	describe h2 16 32 GET "$ITEM" 200
	compare point-h2 "GET /tickets/{id}, h2+TLS, 16 x 32" 0.85
	pair_stop
}

# One ticket, since each has another ETag; what is read and made for it is the same.
section_unchanged() {
	pair_start "$TICKETS" 0
	tag=$(curl -sS -o /dev/null -D - -H "X-API-Key: $key" "$ours_http$LIST/4711" |
	    tr -d '\r' | sed -n 's/^etag: //p')
	[ -n "$tag" ] || fail "a ticket has no ETag"
	describe h1 64 1 GET "$LIST/4711" 304
	etag=$tag
	compare unchanged-h1 "GET /tickets/{id} -> 304, HTTP/1.1, 64 connections" 0.7
	describe h2 16 32 GET "$LIST/4711" 304
	etag=$tag
	compare unchanged-h2 "GET /tickets/{id} -> 304, h2+TLS, 16 x 32" 0.7
	pair_stop
}

section_post() {
	pair_start "$TICKETS" 0
	describe h1 64 1 POST "$LIST" 201 "$NEW"
	compare post-64 "POST /tickets, 64 in flight" 0.8
	describe h1 256 1 POST "$LIST" 201 "$NEW"
	compare post-256 "POST /tickets, 256 in flight" 0.8
	pair_stop
	pair_start "$TICKETS" 0 --no-search
	describe h1 64 1 POST "$LIST" 201 "$NEW"
	compare post-64-rows "the same, the ceiling without full-text index" -
	pair_stop
}

section_patch() {
	pair_start "$TICKETS" 0
	describe h1 64 1 PATCH "$ITEM" 200 "$CHANGE"
	compare patch-64 "PATCH /tickets/{id}, 64 in flight" 0.7
	describe h1 256 1 PATCH "$ITEM" 200 "$CHANGE"
	compare patch-256 "PATCH /tickets/{id}, 256 in flight" 0.7
	pair_stop
}

helpdesk_version() {
	"$build/helpdesk" --version 2> /dev/null | head -n 1
}
