/*
 * idempotency.c - a POST that may be sent again: the header field Idempotency-Key
 */
#include "idempotency.h"

#include <string.h>

#include "cleanup.h"
#include "db.h"
#include "key.h"
#include "request.h"

static const int64_t kept_for = INT64_C(24) * 60 * 60 * 1000000;	/* microseconds */

/* ---- what is asked ---- */

/* Visible ASCII: what every client and every log can show. */
static bool
is_name(struct text t)
{
	size_t i;

	for (i = 0; i < t.len; i++)
		if (t.at[i] < '!' || t.at[i] > '~')
			return false;
	return t.len >= 1 && t.len <= IDEMPOTENCY_NAME;
}

/* The boundary of a multipart body is another each time that it is sent. */
static struct text
media_type(const struct request *req)
{
	struct text type = request_header(req, "content-type");
	const char *semicolon = type.len > 0 ? memchr(type.at, ';', type.len) : NULL;
	struct text bare = type;

	if (semicolon == NULL || type.len < 10 ||
	    !text_equal_ascii((struct text){ type.at, 10 }, TEXT("multipart/")))
		return type;
	bare.len = (size_t)(semicolon - type.at);
	return text_trim(bare);
}

static void
add_line(struct request *req, struct text t)
{
	fingerprint_add(&req->idempotency.print, t.at, t.len);
	fingerprint_add(&req->idempotency.print, "\n", 1);
}

static bool
begin(struct request *req, struct text name)
{
	struct idempotency *i = &req->idempotency;

	i->name = (struct text){ arena_copy(&req->arena, name.at, name.len), name.len };
	if (i->name.at == NULL)
		return request_fail_memory(req);
	fingerprint_begin(&i->print);
	add_line(req, req->method);
	add_line(req, req->target);
	add_line(req, media_type(req));
	if (!req->route->upload)
		fingerprint_add(&i->print, req->body.at, req->body.len);
	return true;
}

bool
idempotency_begin(struct request *req)
{
	struct text name = request_header(req, "idempotency-key");

	if (name.at == NULL || req->client == NULL || req->route->access != HD_WRITE ||
	    !text_equal(req->method, TEXT("POST")))
		return true;
	name = text_trim(name);
	if (!is_name(name))
		return request_fail(req, 400, "format", "Idempotency-Key",
		    "must be 1 to %d visible ASCII characters", IDEMPOTENCY_NAME);
	return req->dry_run || begin(req, name);
}

void
idempotency_add(struct request *req, const char *bytes, size_t n)
{
	if (req->idempotency.name.at != NULL)
		fingerprint_add(&req->idempotency.print, bytes, n);
}

void
idempotency_fini(struct idempotency *i)
{
	fingerprint_fini(&i->print);
}

/* ---- answering again ---- */

/* What belongs to an answer and is not of the moment at which it is given. */
static const char *const kept_headers[] = {
	"content-type", "etag", "location", "preference-applied",
};

/* The constant spelling of a header that is kept; NULL for others. */
static const char *
kept_header(struct text name)
{
	size_t i;

	for (i = 0; i < sizeof(kept_headers) / sizeof(kept_headers[0]); i++)
		if (text_equal(name, text_of(kept_headers[i])))
			return kept_headers[i];
	return NULL;
}

static struct text
take_until(struct text *rest, const char *separator)
{
	size_t n = strlen(separator);
	const char *end = memmem(rest->at, rest->len, separator, n);
	struct text taken = { rest->at, end != NULL ? (size_t)(end - rest->at) : rest->len };

	rest->at += taken.len + (end != NULL ? n : 0);
	rest->len -= taken.len + (end != NULL ? n : 0);
	return taken;
}

/* From lines of "name: value". */
static bool
put_headers(struct request *req, struct text lines)
{
	struct text line, name;
	char *value;

	while (lines.len > 0) {
		line = take_until(&lines, "\n");
		name = take_until(&line, ": ");
		if (kept_header(name) == NULL)
			continue;
		value = arena_copy(&req->arena, line.at, line.len);
		if (value == NULL)
			return request_fail_memory(req);
		answer_header(req, kept_header(name), (struct text){ value, line.len });
	}
	return true;
}

/* The answer as it was: what this request prefers changes nothing in it. */
static bool
answer_again(struct request *req, struct db_stmt *st)
{
	out_init(&req->answer.body, &req->arena, SIZE_MAX);
	out_text(&req->answer.body, db_text(st, 3));
	if (!put_headers(req, db_text(st, 2)))
		return false;
	answer_header(req, "idempotency-replayed", TEXT("true"));
	req->strict = false;
	req->returns = PREFER_ANY;
	answer_complete(req, (int)db_int(st, 1));
	return false;
}

static bool
answer_or_fail(struct request *req, struct db_stmt *st)
{
	char print[FINGERPRINT_SIZE];

	fingerprint_write(&req->idempotency.print, print);
	if (!text_equal(db_text(st, 0), text_of(print)))
		return request_fail_sentence(req, 409, "idempotency", "Idempotency-Key",
		    "Idempotency-Key '%.*s' was used for another request; choose a new one.",
		    TEXT_SHOWN(req->idempotency.name));
	if (db_is_null(st, 3))
		return request_fail_sentence(req, 409, "idempotency", "Idempotency-Key",
		    "The request with Idempotency-Key '%.*s' was done; its answer held a secret,"
		    " which is not kept.", TEXT_SHOWN(req->idempotency.name));
	return answer_again(req, st);
}

static struct db_stmt *
prepare(struct request *req, const char *sql)
{
	struct err e;
	struct db_stmt *st = db_prepare(req->db, sql, &e);

	if (st == NULL)
		request_fail_inside(req, "%s", e.message);
	return st;
}

/* The moment until which an answer is too old. */
static bool
bind_end(struct request *req, struct db_stmt *st, unsigned parameter)
{
	char *end = arena_alloc(&req->arena, ISO8601_TIME_SIZE);

	if (end == NULL)
		return request_fail_memory(req);
	iso8601_format(req->now - kept_for, end);
	db_bind_text(st, parameter, text_of(end));
	return true;
}

bool
idempotency_find(struct request *req)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	enum db_result result;

	if (req->idempotency.name.at == NULL)
		return true;
	st = prepare(req, "SELECT fingerprint, status, headers, body FROM core_idempotency"
	    " WHERE key_id = ?1 AND name = ?2 AND at > ?3");
	if (st == NULL || !bind_end(req, st, 3))
		return false;
	db_bind_int(st, 1, req->client->hd.id);
	db_bind_text(st, 2, req->idempotency.name);
	result = db_step(st);
	if (result == DB_ROW)
		return answer_or_fail(req, st);
	return result == DB_DONE || request_fail_db(req, result);
}

/* ---- keeping ---- */

/* A few each time: more than come in, so that they do not grow. */
static bool
drop_old(struct request *req)
{
	CLEANUP(db_release) struct db_stmt *st = prepare(req, "DELETE FROM core_idempotency WHERE"
	    " (key_id, name) IN (SELECT key_id, name FROM core_idempotency WHERE at <= ?1"
	    " ORDER BY at LIMIT 8)");
	enum db_result result;

	if (st == NULL || !bind_end(req, st, 1))
		return false;
	result = db_step(st);
	return result == DB_DONE || request_fail_db(req, result);
}

static bool
drop_all_old(struct db *db, int64_t now, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	char end[ISO8601_TIME_SIZE];

	st = db_prepare(db, "DELETE FROM core_idempotency WHERE at <= ?1", e);
	if (st == NULL)
		return false;
	iso8601_format(now - kept_for, end);
	db_bind_text(st, 1, text_of(end));
	return db_step(st) == DB_DONE || err_set(e, "%s", db_message(db));
}

bool
idempotency_clean(struct db *db, int64_t now, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	if (drop_all_old(db, now, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

/* As lines of "name: value". */
static struct text
write_headers(struct request *req)
{
	const struct answer *a = &req->answer;
	struct out out;
	unsigned i;

	out_init(&out, &req->arena, SIZE_MAX);
	for (i = 0; i < a->header_count; i++) {
		if (kept_header(a->headers[i].name) == NULL)
			continue;
		out_text(&out, a->headers[i].name);
		out_string(&out, ": ");
		out_text(&out, a->headers[i].value);
		out_char(&out, '\n');
	}
	return out.failed ? (struct text){ NULL, 0 } : (struct text){ out.at, out.len };
}

/* A secret is kept nowhere: absent, and so null. */
static struct text
kept_body(const struct request *req)
{
	const struct out *body = &req->answer.body;

	if (req->answer_secret)
		return (struct text){ NULL, 0 };
	return body->len > 0 ? (struct text){ body->at, body->len } : TEXT("");
}

static bool
insert(struct request *req, struct text headers)
{
	CLEANUP(db_release) struct db_stmt *st = prepare(req, "INSERT INTO core_idempotency"
	    " (key_id, name, fingerprint, at, status, headers, body)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (key_id, name) DO UPDATE SET"
	    " fingerprint = ?3, at = ?4, status = ?5, headers = ?6, body = ?7");
	char print[FINGERPRINT_SIZE];
	enum db_result result;

	if (st == NULL)
		return false;
	fingerprint_write(&req->idempotency.print, print);
	db_bind_int(st, 1, req->client->hd.id);
	db_bind_text(st, 2, req->idempotency.name);
	db_bind_text(st, 3, text_of(print));
	db_bind_text(st, 4, text_of(req->now_text));
	db_bind_int(st, 5, req->answer.status);
	db_bind_text(st, 6, headers);
	db_bind_text(st, 7, kept_body(req));
	result = db_step(st);
	return result == DB_DONE || request_fail_db(req, result);
}

bool
idempotency_keep(struct request *req)
{
	struct text headers;

	if (req->idempotency.name.at == NULL || req->answer.status < 200 ||
	    req->answer.status > 299)
		return true;
	headers = write_headers(req);
	if (headers.at == NULL)
		return request_fail_memory(req);
	return drop_old(req) && insert(req, headers);
}
