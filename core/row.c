/*
 * row.c - one row of a resource, on its way to a client
 *
 * What reading and writing of resources share.
 */
#include "row.h"

#include <inttypes.h>

#include "choice.h"
#include "cleanup.h"
#include "db.h"
#include "request.h"
#include "resource.h"
#include "type.h"

const struct resource *
row_resource(const struct request *req)
{
	return req->route->resource;
}

static int64_t
number(const struct request *req, unsigned parameter)
{
	int64_t id = 0;

	(void)text_to_int(req->params[parameter], &id);
	return id;
}

int64_t
row_id(const struct request *req)
{
	return number(req, row_resource(req)->depth);
}

int64_t
row_parent_id(const struct request *req)
{
	const struct resource *r = row_resource(req);

	return r->depth > 0 ? number(req, r->depth - 1) : 0;
}

bool
row_check_parent(struct request *req)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	const struct resource *parent = row_resource(req)->parent;
	enum db_result result;

	if (parent == NULL)
		return true;
	st = row_prepare(req, parent->select_item);
	if (st == NULL)
		return false;
	db_bind_int(st, 1, row_parent_id(req));
	if (parent->depth > 0)
		db_bind_int(st, 2, number(req, parent->depth - 1));
	result = db_step(st);
	if (result == DB_DONE)
		return request_fail_sentence(req, 404, "not_found", NULL, "No %s %" PRId64 ".",
		    parent->d->one, row_parent_id(req));
	return result == DB_ROW || request_fail_db(req, result);
}

bool
row_fail_absent(struct request *req, int64_t id)
{
	return request_fail_sentence(req, 404, "not_found", NULL, "No %s %" PRId64 ".",
	    row_resource(req)->d->one, id);
}

struct db_stmt *
row_prepare(struct request *req, const char *sql)
{
	struct db_stmt *st;
	struct err e;

	if (sql == NULL) {
		request_fail_memory(req);
		return NULL;
	}
	st = db_prepare(req->db, sql, &e);
	if (st == NULL)
		request_fail_inside(req, "%s", e.message);
	return st;
}

struct db_stmt *
row_select(struct request *req)
{
	const struct resource *r = row_resource(req);
	struct db_stmt *st = row_prepare(req, r->select_item);

	if (st == NULL)
		return NULL;
	db_bind_int(st, 1, row_id(req));
	if (r->depth > 0)
		db_bind_int(st, 2, row_parent_id(req));
	return st;
}

/* Writes all members of a row, with both braces. */
static void
write_members(struct request *req, struct out *out, const struct value *row)
{
	const struct resource *r = row_resource(req);
	struct emission e = { out, req, r, row[0].integer };
	unsigned i;

	for (i = 0; i < r->count; i++)
		value_emit(&e, r->columns[i].member, r->columns[i].field, &row[i]);
	out_char(out, '}');
}

/* Likewise, in a buffer that serves one row after the other. */
struct text
row_json(struct request *req, const struct value *row)
{
	struct out *out = &req->whole;

	if (out->arena == NULL)
		out_init(out, &req->arena, SIZE_MAX);
	out->len = 0;
	write_members(req, out, row);
	return out->failed ? (struct text){ NULL, 0 } : (struct text){ out->at, out->len };
}

struct text
row_whole(struct request *req, const struct value *row)
{
	struct text whole = row_json(req, row);

	if (whole.at == NULL)
		req->answer.body.failed = true;
	else
		etag_add(&req->etag, whole);
	return whole;
}

/* Writes all of a row where it is to be: a buffer that grows has it in one piece. */
static void
emit_in_place(struct request *req, const struct value *row)
{
	struct out *body = &req->answer.body;
	size_t begins = body->len;

	write_members(req, body, row);
	if (!body->failed)
		etag_add(&req->etag, (struct text){ body->at + begins, body->len - begins });
}

/* A member's name, with the brace or comma before it: the first that is chosen begins. */
static void
emit_name(struct out *out, struct text member, bool first)
{
	out_char(out, first ? '{' : ',');
	out_bytes(out, member.at + 1, member.len - 1);
}

static void
emit_chosen(struct request *req, const struct value *row)
{
	const struct resource *r = row_resource(req);
	struct emission e = { &req->answer.body, req, r, row[0].integer };
	bool first = true;
	unsigned i;

	for (i = 0; i < r->count; i++) {
		if (!choice_has(req, i))
			continue;
		emit_name(e.out, r->columns[i].member, first);
		value_emit(&e, TEXT(""), r->columns[i].field, &row[i]);
		first = false;
	}
}

/* The tag is that of the whole row, whatever is told of it. */
void
row_emit_members(struct request *req, const struct value *row)
{
	struct out *body = &req->answer.body;

	if (req->chosen == 0 && body->drain == NULL) {
		emit_in_place(req, row);
		body->len -= !body->failed;	/* the last brace */
		return;
	}
	row_whole(req, row);
	if (req->chosen != 0)
		emit_chosen(req, row);
	else
		out_bytes(body, req->whole.at, req->whole.len > 0 ? req->whole.len - 1 : 0);
}

void
row_emit(struct request *req, const struct value *row)
{
	row_emit_members(req, row);
	out_char(&req->answer.body, '}');
}

/* ---- preconditions ---- */

/* The tag that an answer with this row alone has. */
static bool
tag_of(struct request *req, const struct value *row, char tag[ETAG_SIZE])
{
	struct text whole = row_json(req, row);
	struct etag etag = { 0 };

	if (whole.at == NULL || req->status != 0)
		return req->status == 0 ? request_fail_memory(req) : false;
	etag_add(&etag, whole);
	etag_finish(&etag, tag);
	return true;
}

bool
row_check_tag(struct request *req, const struct value *row)
{
	bool match = request_header(req, "if-match").at != NULL;
	bool none_match = request_header(req, "if-none-match").at != NULL;
	char tag[ETAG_SIZE];

	if (!match && !none_match)
		return true;
	if (!tag_of(req, row, tag))
		return false;
	if (match && !request_lists_tag(req, "if-match", text_of(tag), ETAG_STRONGLY))
		return request_fail_sentence(req, 412, "precondition", "If-Match",
		    "The %s has changed since it was read; fetch it again.",
		    row_resource(req)->d->one);
	if (none_match && request_lists_tag(req, "if-none-match", text_of(tag), ETAG_WEAKLY))
		return request_fail_sentence(req, 412, "precondition", "If-None-Match",
		    "The %s is what If-None-Match excludes; fetch it again.",
		    row_resource(req)->d->one);
	return true;
}

/* ---- answering ---- */

static bool
put_location(struct request *req, int64_t id)
{
	char *location = arena_printf(&req->arena, "%.*s/%" PRId64, (int)req->path.len,
	    req->path.at, id);

	if (location == NULL)
		return request_fail_memory(req);
	answer_header(req, "location", text_of(location));
	return true;
}

bool
row_answer(struct request *req, int status, const struct value *row)
{
	if (status == 201 && !put_location(req, row[0].integer))
		return false;
	out_text(&req->answer.body, row_resource(req)->one_open);
	row_emit(req, row);
	out_char(&req->answer.body, '}');
	if (req->status != 0)
		return false;
	answer_complete(req, status);
	return true;
}
