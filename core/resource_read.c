/*
 * resource_read.c - what the route of one row does that changes nothing; lists are list.c
 *
 * One set of functions for every resource; what is peculiar to one is in its table.
 */
#include "resource_serve.h"

#include <string.h>

#include "choice.h"
#include "cleanup.h"
#include "db.h"
#include "reader.h"
#include "request.h"
#include "resource.h"
#include "row.h"
#include "tag_cache.h"
#include "type.h"

/* Whether the client has the row already, as far as is known without reading it. */
static bool
answer_unread(struct request *req, struct tagged *of)
{
	const char *tag;

	if (request_header(req, "if-none-match").at == NULL)
		return false;
	*of = (struct tagged){ row_resource(req), row_parent_id(req), row_id(req), 0 };
	tag = reader_find_tag(req->reader, of);
	if (tag == NULL ||
	    !request_lists_tag(req, "if-none-match", text_of(tag), ETAG_WEAKLY))
		return false;
	tag = arena_copy(&req->arena, tag, strlen(tag));
	if (tag == NULL)
		return false;
	answer_header(req, "etag", text_of(tag));
	answer_complete(req, 200);
	return true;
}

static bool
answer_read(struct request *req)
{
	CLEANUP(db_release) struct db_stmt *st = row_select(req);
	struct value row[RESOURCE_FIELDS];
	enum db_result result;

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

bool
resource_get(struct request *req)
{
	struct tagged of = { NULL };
	struct text tag;

	if (req->arguments != NULL && !choice_read(req, &req->arguments[0]))
		return false;
	if (answer_unread(req, &of))
		return true;
	if (!answer_read(req))
		return false;
	tag = answer_header_value(req, "etag");
	if (of.resource != NULL && tag.at != NULL)
		reader_keep_tag(req->reader, &of, tag);
	return true;
}
