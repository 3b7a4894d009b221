/*
 * row.c - one row of a resource, on its way to a client
 *
 * What reading and writing of resources share.
 */
#include "row.h"

#include <inttypes.h>

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

void
row_emit(struct request *req, const struct value *row)
{
	const struct resource *r = row_resource(req);
	struct emission e = { &req->answer.body, req, r, row[0].integer };
	unsigned i;

	for (i = 0; i < r->count; i++) {
		out_text(e.out, r->columns[i].member);
		value_emit(&e, r->columns[i].field, &row[i]);
	}
	out_char(e.out, '}');
}

bool
row_answer(struct request *req, int status, const struct value *row)
{
	out_text(&req->answer.body, row_resource(req)->one_open);
	row_emit(req, row);
	out_char(&req->answer.body, '}');
	if (req->status != 0)
		return false;
	answer_complete(req, status);
	return true;
}
