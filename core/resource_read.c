/*
 * resource_read.c - what the route of one row does that changes nothing; lists are list.c
 *
 * One set of functions for every resource; what is peculiar to one is in its table.
 */
#include "resource_serve.h"

#include "choice.h"
#include "cleanup.h"
#include "db.h"
#include "request.h"
#include "resource.h"
#include "row.h"
#include "type.h"

bool
resource_get(struct request *req)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct value row[RESOURCE_FIELDS];
	enum db_result result;

	if (req->arguments != NULL && !choice_read(req, &req->arguments[0]))
		return false;
	st = row_select(req);
	if (st == NULL)
		return false;
	result = db_step(st);
	if (result == DB_DONE)
		return row_fail_absent(req, row_id(req));
	if (result != DB_ROW)
		return request_fail_db(req, result);
	resource_row(row_resource(req), st, row);
	return row_answer(req, 200, row);
}
