/*
 * ceiling_store.c - what the ceiling asks of the database, and nothing more
 *
 * It checks no key, no field, no length; a change makes the ticket's row, the audit row
 * and, if asked, the entry in the full-text index, all with the columns of the server.
 */
#include "ceiling_store.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

#define COLUMNS "SELECT t.id, t.subject, t.description, t.status, t.priority, t.department," \
    " t.created_by, t.assigned_to, (SELECT name FROM core_user WHERE id = t.assigned_to)," \
    " t.created_at, t.updated_at, t.closed_at FROM tickets t"
#define SEPARATOR "\xef\xbf\xbf"	/* between and behind the texts that are searched */

enum statement {
	BEGIN, COMMIT, POINT, SCAN,
	WRITER_ONLY,
	BEGIN_WRITE = WRITER_ONLY, INSERT, UPDATE, AUDIT, NAME, TEXT, INDEX,
	STATEMENTS,
};

static const char *const sql[STATEMENTS] = {
	[BEGIN] = "BEGIN",
	[COMMIT] = "COMMIT",
	[POINT] = COLUMNS " WHERE t.id = ?1",
	[SCAN] = COLUMNS " ORDER BY t.id DESC",
	[BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[INSERT] = "INSERT INTO tickets (subject, description, status, priority, department,"
	    " created_by, assigned_to, created_at, updated_at, status_fold, department_fold)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?10)",
	[UPDATE] = "UPDATE tickets SET status = ?2, status_fold = ?3, updated_at = ?4"
	    " WHERE id = ?1",
	[AUDIT] = "INSERT INTO core_audit (at, request_id, key_id, user_id, address, resource,"
	    " record, action, changes) VALUES (?1, ?2, 1, 1, '127.0.0.1', 'tickets', ?3, ?4, ?5)",
	[NAME] = "SELECT name FROM core_user WHERE id = ?1",
	[TEXT] = "INSERT INTO core_text_tickets (id, text) VALUES (?1, ?2)",
	[INDEX] = "INSERT INTO core_index_tickets (rowid, text) VALUES (?1, ?2)",
};

enum {
	CREATOR = 1,		/* the user of the key */
	PATIENCE = 5000,	/* ms */
	TIME_SIZE = 32,
	REQUEST_ID = 16,	/* hex digits */
	FRAME_ROOM = 16,	/* what stands around a ticket */
	CHANGES_ROOM = 160,	/* names of the members and brackets, in an audit entry */
	FIRST_SIZE = 1024,
};

struct store {
	sqlite3 *h;
	sqlite3_stmt *st[STATEMENTS];
	bool search, entered, scanned;
	int checkpoint;			/* at so many frames */
	int frames;			/* in the WAL */
	uint64_t changes;		/* so far; the request ids are made of it */
	char now[TIME_SIZE];
	struct bytes text, audit, strings;
};

static void
must(struct store *s, int rc, const char *what)
{
	if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW)
		return;
	fprintf(stderr, "ceiling: %s: %s\n", what, sqlite3_errmsg(s->h));
	exit(EXIT_FAILURE);
}

static void
run(struct store *s, enum statement which)
{
	must(s, sqlite3_step(s->st[which]), sql[which]);
	must(s, sqlite3_reset(s->st[which]), sql[which]);
}

void
bytes_need(struct bytes *b, size_t room)
{
	size_t size = b->size == 0 ? FIRST_SIZE : b->size;

	if (b->size - b->len >= room)
		return;
	while (size - b->len < room)
		size *= 2;
	if ((b->at = realloc(b->at, size)) == NULL)
		abort();
	b->size = size;
}

static void
bytes_add(struct bytes *b, struct words w)
{
	bytes_need(b, w.len);
	b->len = (size_t)(json_raw(b->at + b->len, w) - b->at);
}

/* ---- connections ---- */

static int
wal_grown(void *context, sqlite3 *h, const char *name, int frames)
{
	struct store *s = context;

	(void)h, (void)name;
	s->frames = frames;
	return SQLITE_OK;
}

struct store *
store_open(const struct store_options *o, bool writer)
{
	struct store *s = calloc(1, sizeof *s);
	int flags = SQLITE_OPEN_NOMUTEX | (writer ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
	char pragmas[160];

	if (s == NULL)
		abort();
	s->search = o->search;
	s->checkpoint = o->checkpoint;
	must(s, sqlite3_open_v2(o->path, &s->h, flags, NULL), o->path);
	sqlite3_busy_timeout(s->h, PATIENCE);
	snprintf(pragmas, sizeof pragmas, "PRAGMA mmap_size = %ld; PRAGMA cache_size = -%ld;"
	    "PRAGMA synchronous = FULL; PRAGMA journal_mode%s", o->mmap_mib << 20, o->cache_kib,
	    writer ? " = WAL" : "");
	must(s, sqlite3_exec(s->h, pragmas, NULL, NULL, NULL), pragmas);
	for (int i = 0; i < (writer ? STATEMENTS : WRITER_ONLY); i++)
		must(s, sqlite3_prepare_v3(s->h, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &s->st[i],
		    NULL), sql[i]);
	sqlite3_wal_hook(s->h, wal_grown, s);
	return s;
}

/* ---- reading ---- */

void
store_enter(struct store *s)
{
	if (!s->entered)
		run(s, BEGIN);
	s->entered = true;
}

void
store_leave(struct store *s)
{
	if (s->entered)
		run(s, COMMIT);
	s->entered = false;
}

static struct words
column(sqlite3_stmt *st, int i)
{
	const char *at = (const char *)sqlite3_column_text(st, i);

	return (struct words){ at, at == NULL ? 0 : (size_t)sqlite3_column_bytes(st, i) };
}

/* The texts live until the statement's next step. */
static void
ticket_of_row(sqlite3_stmt *st, struct ticket *t)
{
	*t = (struct ticket){
		.id = sqlite3_column_int64(st, 0),
		.subject = column(st, 1),
		.description = column(st, 2),
		.status = column(st, 3),
		.priority = column(st, 4),
		.department = column(st, 5),
		.created_by = sqlite3_column_int64(st, 6),
		.assigned_to = sqlite3_column_int64(st, 7),
		.assignee = column(st, 8),
		.created_at = column(st, 9),
		.updated_at = column(st, 10),
		.closed_at = column(st, 11),
	};
}

static void
answer_with(struct bytes *out, const struct ticket *t)
{
	char *d;

	bytes_need(out, json_ticket_room(t) + FRAME_ROOM);
	d = json_raw(out->at + out->len, WORDS("{\"ticket\":"));
	d = json_ticket(d, t);
	*d++ = '}';
	out->len = (size_t)(d - out->at);
}

bool
store_point(struct store *s, int64_t id, struct bytes *out)
{
	sqlite3_stmt *st = s->st[POINT];
	struct ticket t;
	int rc;

	sqlite3_bind_int64(st, 1, id);
	rc = sqlite3_step(st);
	must(s, rc, sql[POINT]);
	if (rc == SQLITE_ROW) {
		ticket_of_row(st, &t);
		answer_with(out, &t);
	}
	sqlite3_reset(st);
	return rc == SQLITE_ROW;
}

void
store_scan_begin(struct store *s, struct bytes *out)
{
	sqlite3_reset(s->st[SCAN]);
	s->scanned = false;
	bytes_add(out, WORDS("{\"tickets\":["));
}

bool
store_scan_step(struct store *s, size_t target, struct bytes *out)
{
	struct ticket t;
	char *d;
	int rc;

	while (out->len < target) {
		rc = sqlite3_step(s->st[SCAN]);
		must(s, rc, sql[SCAN]);
		if (rc == SQLITE_DONE) {
			bytes_add(out, WORDS("]}"));
			sqlite3_reset(s->st[SCAN]);
			return false;
		}
		ticket_of_row(s->st[SCAN], &t);
		bytes_need(out, json_ticket_room(&t) + 1);
		d = out->at + out->len;
		if (s->scanned)
			*d++ = ',';
		s->scanned = true;
		out->len = (size_t)(json_ticket(d, &t) - out->at);
	}
	return true;
}

/* ---- writing ---- */

static void
bind(sqlite3_stmt *st, int parameter, struct words w)
{
	if (w.at == NULL)
		sqlite3_bind_null(st, parameter);
	else
		sqlite3_bind_text(st, parameter, w.at, (int)w.len, SQLITE_STATIC);
}

static void
set_now(struct store *s)
{
	struct timespec ts;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	n = strftime(s->now, sizeof s->now, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(s->now + n, sizeof s->now - n, ".%06ld", ts.tv_nsec / 1000);
}

static struct words
now(const struct store *s)
{
	return (struct words){ s->now, strlen(s->now) };
}

void
store_begin(struct store *s)
{
	set_now(s);
	run(s, BEGIN_WRITE);
}

void
store_commit(struct store *s)
{
	run(s, COMMIT);
}

void
store_checkpoint_if_due(struct store *s)
{
	if (s->frames < s->checkpoint)
		return;
	must(s, sqlite3_wal_checkpoint_v2(s->h, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL),
	    "checkpoint");
	s->frames = 0;
}

/* In lower case, at the end of b; ASCII alone, which is what the bodies here are made of. */
static struct words
fold(struct bytes *b, struct words w)
{
	char *d;

	if (w.at == NULL)
		return w;
	bytes_need(b, w.len);
	d = b->at + b->len;
	for (size_t i = 0; i < w.len; i++)
		d[i] = (char)tolower((unsigned char)w.at[i]);
	b->len += w.len;
	return (struct words){ d, w.len };
}

static void
audit(struct store *s, int64_t id, struct words action)
{
	sqlite3_stmt *st = s->st[AUDIT];
	char request_id[REQUEST_ID + 1];

	snprintf(request_id, sizeof request_id, "%016llx", (unsigned long long)++s->changes);
	bind(st, 1, now(s));
	bind(st, 2, (struct words){ request_id, REQUEST_ID });
	sqlite3_bind_int64(st, 3, id);
	bind(st, 4, action);
	bind(st, 5, (struct words){ s->audit.at, s->audit.len });
	run(s, AUDIT);
}

/* What the search finds: both texts, folded. */
static void
index_ticket(struct store *s, const struct ticket *t)
{
	struct words text;

	s->text.len = 0;
	bytes_need(&s->text, t->subject.len + t->description.len + 2 * sizeof SEPARATOR);
	fold(&s->text, t->subject);
	bytes_add(&s->text, WORDS(SEPARATOR));
	fold(&s->text, t->description);
	bytes_add(&s->text, WORDS(SEPARATOR));
	text = (struct words){ s->text.at, s->text.len };
	for (enum statement i = TEXT; i <= INDEX; i++) {
		sqlite3_bind_int64(s->st[i], 1, t->id);
		bind(s->st[i], 2, text);
		run(s, i);
	}
}

static void
insert_row(struct store *s, struct ticket *t)
{
	sqlite3_stmt *st = s->st[INSERT];
	const struct words words[] = { t->subject, t->description, t->status, t->priority,
	    t->department };

	s->text.len = 0;
	bytes_need(&s->text, t->status.len + t->department.len);
	for (int i = 0; i < (int)(sizeof words / sizeof words[0]); i++)
		bind(st, i + 1, words[i]);
	sqlite3_bind_int64(st, 6, t->created_by);
	if (t->assigned_to != 0)
		sqlite3_bind_int64(st, 7, t->assigned_to);
	else
		sqlite3_bind_null(st, 7);
	bind(st, 8, now(s));
	bind(st, 9, fold(&s->text, t->status));
	bind(st, 10, fold(&s->text, t->department));
	run(s, INSERT);
	t->id = sqlite3_last_insert_rowid(s->h);
}

/* {"subject":[null,"..."],...} */
static void
describe_insert(struct bytes *b, const struct ticket *t)
{
	const struct { struct words name, value; } rows[] = {
		{ WORDS("{\"subject\":[null,"), t->subject },
		{ WORDS("],\"description\":[null,"), t->description },
		{ WORDS("],\"status\":[null,"), t->status },
		{ WORDS("],\"priority\":[null,"), t->priority },
		{ WORDS("],\"department\":[null,"), t->department },
	};
	char *d;

	b->len = 0;
	bytes_need(b, CHANGES_ROOM + json_ticket_room(t));
	d = b->at;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		d = json_words(json_raw(d, rows[i].name), rows[i].value);
	d = json_integer(json_raw(d, WORDS("],\"created_by\":[null,")), t->created_by);
	d = json_integer(json_raw(d, WORDS("],\"assigned_to\":[null,")), t->assigned_to);
	d = json_raw(d, WORDS("]}"));
	b->len = (size_t)(d - b->at);
}

/* False if there is no such user.  The name lives until the statement's next run. */
static bool
name_assignee(struct store *s, struct ticket *t)
{
	if (t->assigned_to == 0)
		return true;
	sqlite3_bind_int64(s->st[NAME], 1, t->assigned_to);
	if (sqlite3_step(s->st[NAME]) != SQLITE_ROW)
		return false;
	t->assignee = column(s->st[NAME], 0);
	return true;
}

static bool
read_body(struct store *s, const char *body, size_t len, struct ticket *t)
{
	s->strings.len = 0;
	bytes_need(&s->strings, len);
	return json_read(body, len, s->strings.at, t);
}

int
store_insert(struct store *s, const char *body, size_t len, struct bytes *out)
{
	struct ticket t = { .status = WORDS("Open"), .created_by = CREATOR };

	if (!read_body(s, body, len, &t) || t.subject.at == NULL || t.description.at == NULL)
		return 400;
	if (!name_assignee(s, &t)) {
		sqlite3_reset(s->st[NAME]);
		return 400;
	}
	insert_row(s, &t);
	if (s->search)
		index_ticket(s, &t);
	describe_insert(&s->audit, &t);
	audit(s, t.id, WORDS("create"));
	t.created_at = t.updated_at = now(s);
	answer_with(out, &t);
	sqlite3_reset(s->st[NAME]);
	return 201;
}

/* {"status":["Open","Closed"]} */
static void
describe_update(struct bytes *b, struct words from, struct words to)
{
	char *d;

	b->len = 0;
	bytes_need(b, CHANGES_ROOM + json_words_room(from) + json_words_room(to));
	d = json_words(json_raw(b->at, WORDS("{\"status\":[")), from);
	*d++ = ',';
	d = json_raw(json_words(d, to), WORDS("]}"));
	b->len = (size_t)(d - b->at);
}

static void
update_row(struct store *s, int64_t id, struct words status)
{
	sqlite3_stmt *st = s->st[UPDATE];

	s->text.len = 0;
	sqlite3_bind_int64(st, 1, id);
	bind(st, 2, status);
	bind(st, 3, fold(&s->text, status));
	bind(st, 4, now(s));
	run(s, UPDATE);
}

int
store_update(struct store *s, int64_t id, const char *body, size_t len, struct bytes *out)
{
	struct ticket t, change = { 0 };
	int rc;

	if (!read_body(s, body, len, &change) || change.status.at == NULL)
		return 400;
	sqlite3_bind_int64(s->st[POINT], 1, id);
	rc = sqlite3_step(s->st[POINT]);
	must(s, rc, sql[POINT]);
	if (rc == SQLITE_ROW) {
		ticket_of_row(s->st[POINT], &t);
		describe_update(&s->audit, t.status, change.status);
		t.status = change.status;
		t.updated_at = now(s);
		answer_with(out, &t);
	}
	sqlite3_reset(s->st[POINT]);
	if (rc != SQLITE_ROW)
		return 404;
	update_row(s, id, change.status);
	audit(s, id, WORDS("update"));
	return 200;
}
