/*
 * row.c - one row of a resource, on its way to a client
 *
 * What reading and writing of resources share.
 */
#include "row.h"

#include <inttypes.h>

#include "db.h"
#include "request.h"
#include "resource.h"
#include "type.h"

const struct resource *
row_resource(const struct request *req)
{
	return req->route->resource;
}

int64_t
row_id(const struct request *req)
{
	int64_t id = 0;

	(void)text_to_int(req->params[0], &id);
	return id;
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
