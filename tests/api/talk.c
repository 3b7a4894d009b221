/*
 * talk.c - asking what a conversation says, and checking what comes
 */
#include "talk.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "cleanup.h"
#include "db.h"
#include "envelope.h"
#include "err.h"
#include "expect.h"
#include "http_file.h"
#include "json.h"
#include "out.h"

enum { EXCHANGE_MEMORY = 512 << 20 };

/* What must come: the part of an exchange behind "HTTP". */
struct expectation {
	char status[4];			/* "2xx" */
	struct text message;		/* of an error; empty: any */
	struct field fields[REPLY_FIELDS];
	size_t field_count;
	struct text json;		/* empty: any */
};

static struct text
take_line(struct text *rest)
{
	const char *end = rest->len == 0 ? NULL : memchr(rest->at, '\n', rest->len);
	size_t n = end == NULL ? rest->len : (size_t)(end - rest->at);
	struct text line = { rest->at, n };

	if (end != NULL)
		n++;
	rest->at += n;
	rest->len -= n;
	return line;
}

static struct text
take_word(struct text *line)
{
	const char *end = line->len == 0 ? NULL : memchr(line->at, ' ', line->len);
	size_t n = end == NULL ? line->len : (size_t)(end - line->at);
	struct text word = { line->at, n };

	line->at += n;
	line->len -= n;
	*line = text_trim(*line);
	return word;
}

/* "Name: value" lines up to an empty line, or to one that begins JSON. */
static bool
take_fields(struct text *rest, struct field *fields, size_t *n, struct err *e)
{
	struct text line;
	const char *colon;

	while (rest->len > 0 && strchr("{[\"", rest->at[0]) == NULL) {
		line = take_line(rest);
		if (line.len == 0)
			return true;
		colon = memchr(line.at, ':', line.len);
		if (colon == NULL || *n == REPLY_FIELDS)
			return err_set(e, "no header field: %.*s", (int)line.len, line.at);
		fields[*n].name = (struct text){ line.at, (size_t)(colon - line.at) };
		fields[*n].value = text_trim((struct text){ colon + 1,
		    line.len - fields[*n].name.len - 1 });
		++*n;
	}
	return true;
}

static bool
names_field(const struct question *q, const char *name)
{
	for (size_t i = 0; i < q->field_count; i++)
		if (text_equal_ascii(q->fields[i].name, text_of(name)))
			return true;
	return false;
}

static void
add_field(struct question *q, const char *name, const char *value)
{
	if (names_field(q, name) || value == NULL)
		return;
	q->fields[q->field_count].name = text_of(name);
	q->fields[q->field_count++].value = text_of(value);
}

/* Drops the fields that are named only to say that they are not sent. */
static void
drop_absent(struct question *q)
{
	size_t n = 0;

	for (size_t i = 0; i < q->field_count; i++)
		if (!text_equal(q->fields[i].value, TEXT("-")))
			q->fields[n++] = q->fields[i];
	q->field_count = n;
}

static bool
make_question(struct talk *t, struct arena *a, const struct exchange *x, struct text rest,
    struct question *q, struct err *e)
{
	struct text line = take_line(&rest);

	*q = (struct question){ .method = take_word(&line), .target = line };
	while (rest.len > 0 && rest.at[0] != '\n' && rest.at[0] != '{')
		if (!take_fields(&rest, q->fields, &q->field_count, e))
			return false;
		else
			break;
	if (rest.len > 0 && rest.at[0] == '\n')
		take_line(&rest);
	while (rest.len > 0 && rest.at[rest.len - 1] == '\n')
		rest.len--;
	if (rest.len > 0)
		q->body = rest;
	if (x->flags & EXCHANGE_ESCAPED) {
		q->target = names_unescape(a, q->target);
		if (q->body.at != NULL)
			q->body = names_unescape(a, q->body);
	}
	add_field(q, "Host", "helpdesk.example.com");
	if (!names_field(q, "Authorization"))
		add_field(q, "X-API-Key", names_get(&t->names, "key"));
	if (q->body.at != NULL)
		add_field(q, "Content-Type", "application/json");
	drop_absent(q);
	return true;
}

/* The lines as they are sent: with CRLF, escapes replaced. */
static struct text
make_raw(struct arena *a, struct text rest)
{
	struct out out;

	out_init(&out, a, 32 << 20);
	while (rest.len > 0) {
		out_text(&out, take_line(&rest));
		if (rest.len > 0)
			out_string(&out, "\r\n");
	}
	return names_unescape(a, (struct text){ out.at, out.len });
}

static bool
make_expectation(struct text rest, struct expectation *x, struct err *e)
{
	struct text line = take_line(&rest), status = take_word(&line);

	*x = (struct expectation){ .message = text_trim(line) };
	if (status.len != 3)
		return err_set(e, "no status: %.*s", (int)status.len, status.at);
	memcpy(x->status, status.at, 3);
	if (!take_fields(&rest, x->fields, &x->field_count, e))
		return false;
	x->json = text_trim(rest);
	return true;
}

static bool
check_status(const struct expectation *x, const struct reply *r, struct err *e)
{
	int n = r->body.len < 300 ? (int)r->body.len : 300;
	char came[16];

	snprintf(came, sizeof came, "%03d", r->status);
	for (int i = 0; i < 3; i++)
		if (x->status[i] != 'x' && x->status[i] != came[i])
			return err_set(e, "expected %s, came %d %.*s", x->status, r->status, n,
			    r->body.at);
	return true;
}

static bool
check_field(struct talk *t, struct arena *a, struct field want, const struct reply *r,
    struct err *e)
{
	const char *name = expect_capture(a, &want.value);
	struct text came = { NULL, 0 };

	for (size_t i = 0; i < r->field_count; i++)
		if (text_equal_ascii(r->fields[i].name, want.name))
			came = r->fields[i].value;
	if (text_equal(want.value, TEXT("-")))
		return came.at == NULL || err_set(e, "expected no %.*s, came %.*s",
		    (int)want.name.len, want.name.at, (int)came.len, came.at);
	if (came.at == NULL || !expect_like(want.value, came))
		return err_set(e, "expected %.*s: %.*s, came %.*s", (int)want.name.len,
		    want.name.at, (int)want.value.len, want.value.at,
		    came.at == NULL ? 8 : (int)came.len, came.at == NULL ? "no field" : came.at);
	if (name != NULL)
		names_set(&t->names, name, came);
	return true;
}

static bool
check_json(struct talk *t, struct arena *a, const struct expectation *x, const struct reply *r,
    struct err *e)
{
	const struct json *want, *came;

	if (x->message.len > 0 && !envelope_check_message(a, r, x->message, e))
		return false;
	if (x->json.len == 0)
		return true;
	if (!json_parse(a, x->json, &want, e))
		return err_prefix(e, "in the expected JSON: ");
	if (want->kind == JSON_STRING)
		return text_equal(want->text, r->body) || err_set(e, "expected the bytes "
		    "\"%.*s\", came \"%.*s\"", TEXT_SHOWN(want->text), TEXT_SHOWN(r->body));
	if (!json_parse(a, r->body, &came, e))
		return err_prefix(e, "in the JSON that came: ");
	return expect_json(want, came, &t->names, a, e);
}

static bool
check_reply(struct talk *t, struct arena *a, const struct question *q, bool ours,
    const struct expectation *x, const struct reply *r, struct err *e)
{
	bool head = text_equal(q->method, TEXT("HEAD"));

	if (!check_status(x, r, e))
		return false;
	if (ours && !envelope_check(a, r, head, e))
		return false;
	for (size_t i = 0; i < x->field_count && ours; i++)
		if (!check_field(t, a, x->fields[i], r, e))
			return false;
	if (head && r->body.len > 0)
		return err_set(e, "expected no body to HEAD, came %zu bytes", r->body.len);
	return check_json(t, a, x, r, e);
}

static bool
ask_http(struct talk *t, struct arena *a, const struct exchange *x, struct text request,
    struct text answer, struct err *e)
{
	bool is_raw = x->flags & EXCHANGE_RAW;
	struct expectation *want = arena_zero(a, sizeof *want);
	struct question *q = arena_zero(a, sizeof *q);
	struct reply *reply = arena_zero(a, sizeof *reply);
	struct text raw = { NULL, 0 };

	if (!make_expectation(answer, want, e))
		return false;
	if (is_raw)
		raw = make_raw(a, request);
	else if (!make_question(t, a, x, request, q, e))
		return false;
	if (!t->ask(t, a, q, raw, x, atoi(want->status), reply, e))
		return false;
	return check_reply(t, a, q, !t->through_proxy || (x->flags & EXCHANGE_DIRECT), want, reply,
	    e);
}

static void
emit_row(struct out *out, struct db_stmt *st)
{
	for (unsigned i = 0; i < db_columns(st); i++) {
		struct text value = db_text(st, i);
		int64_t n;

		out_char(out, i == 0 ? '[' : ',');
		if (text_to_int(value, &n))
			out_int(out, n);
		else
			json_text(out, value);
	}
	out_char(out, ']');
}

/* The rows of a statement as JSON; what looks like a number is one. */
static bool
ask_database(const char *database, const char *sql, struct out *out, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct db *db;
	bool first = true;

	if (!db_open(database, DB_READ_ONLY, &db, e))
		return false;
	if ((st = db_prepare(db, sql, e)) != NULL) {
		out_char(out, '[');
		for (; db_step(st) == DB_ROW; first = false) {
			if (!first)
				out_char(out, ',');
			emit_row(out, st);
		}
		out_char(out, ']');
	}
	db_release(&st);
	st = NULL;
	db_close(db);
	return !first || out->len > 0;
}

static bool
ask_sql(struct talk *t, struct arena *a, struct text request, struct text answer, struct err *e)
{
	const struct json *want, *came;
	struct out out;

	take_line(&request);
	request = text_trim(request);
	out_init(&out, a, 16 << 20);
	if (!ask_database(t->database, arena_copy(a, request.at, request.len), &out, e))
		return false;
	if (!json_parse(a, (struct text){ out.at, out.len }, &came, e))
		return err_prefix(e, "in the rows that came: ");
	if (!json_parse(a, text_trim(answer), &want, e))
		return err_prefix(e, "in the expected rows: ");
	return expect_json(want, came, &t->names, a, e) ||
	    err_prefix(e, "of %.*s: ", out.len < 300 ? (int)out.len : 300, out.at);
}

static void
run_once(struct talk *t, const struct http_file *f, const struct exchange *x,
    const struct row *row)
{
	struct text request, answer;
	struct arena a;
	struct err e = { "" };
	bool good;

	if ((x->flags & EXCHANGE_WIRE) && !t->has_wire)
		return;
	arena_init(&a, EXCHANGE_MEMORY);
	for (size_t i = 0; row != NULL && i < x->column_count; i++)
		names_set(&t->names, x->columns[i], text_of(row->cells[i]));
	good = names_expand(&t->names, &a, x->request, &request, &e) &&
	    names_expand(&t->names, &a, x->answer, &answer, &e) &&
	    (x->flags & EXCHANGE_SQL ? ask_sql(t, &a, request, answer, &e) :
	    ask_http(t, &a, x, request, answer, &e));
	t->asked++;
	if (!good) {
		t->failed++;
		printf("%s:%u: %s, %s: %s\n", f->path, row != NULL ? row->line : x->line, t->way,
		    x->title, e.message);
	}
	arena_fini(&a);
}

static void
run_rows(struct talk *t, const struct http_file *f, const struct exchange *x)
{
	const struct row *row = x->rows;

	do {
		run_once(t, f, x, row);
		row = row == NULL ? NULL : row->next;
	} while (row != NULL);
}

void
talk_run(struct talk *t, const struct http_file *f)
{
	char n[12];

	for (const struct exchange *x = f->exchanges; x != NULL; x = x->next)
		for (unsigned i = 1; i <= x->times; i++) {
			snprintf(n, sizeof n, "%u", i);
			names_set(&t->names, "n", text_of(n));
			run_rows(t, f, x);
		}
}
