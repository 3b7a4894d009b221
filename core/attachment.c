/*
 * attachment.c - the files that belong to a row: the rows of core_attachment
 */
#include "attachment.h"

#include "cleanup.h"
#include "db.h"
#include "json.h"
#include "out.h"
#include "request.h"
#include "text.h"

static void
emit_one(struct out *out, struct db_stmt *st, bool first)
{
	out_string(out, first ? "{\"id\":" : ",{\"id\":");
	out_int(out, db_int(st, 0));
	out_string(out, ",\"filename\":");
	json_text(out, db_text(st, 1));
	out_string(out, ",\"uploaded_at\":");
	json_text(out, db_text(st, 2));
	out_string(out, ",\"size\":");
	out_int(out, db_int(st, 3));
	out_char(out, '}');
}

void
attachment_emit(struct request *req, struct out *out, const char *table, int64_t record)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	enum db_result result;
	bool first = true;
	struct err e;

	st = db_prepare(req->db, "SELECT id, filename, uploaded_at, size FROM core_attachment"
	    " WHERE resource = ?1 AND record = ?2 ORDER BY id DESC", &e);
	if (st == NULL) {
		request_fail_inside(req, "%s", e.message);
		return;
	}
	db_bind_text(st, 1, text_of(table));
	db_bind_int(st, 2, record);
	out_char(out, '[');
	while ((result = db_step(st)) == DB_ROW) {
		emit_one(out, st, first);
		first = false;
	}
	out_char(out, ']');
	if (result != DB_DONE)
		request_fail_db(req, result);
}

bool
attachment_names(struct request *req, const char *table, int64_t record, attachment_each *each,
    void *context)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	enum db_result result;
	struct err e;

	st = db_prepare(req->db, "SELECT filename FROM core_attachment"
	    " WHERE resource = ?1 AND record = ?2 ORDER BY id DESC", &e);
	if (st == NULL)
		return request_fail_inside(req, "%s", e.message);
	db_bind_text(st, 1, text_of(table));
	db_bind_int(st, 2, record);
	while ((result = db_step(st)) == DB_ROW)
		each(context, db_text(st, 0));
	return result == DB_DONE || request_fail_db(req, result);
}

bool
attachment_erase(struct db *db, const char *table, int64_t record, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;

	st = db_prepare(db, "DELETE FROM core_attachment WHERE resource = ?1 AND record = ?2", e);
	if (st == NULL)
		return false;
	db_bind_text(st, 1, text_of(table));
	db_bind_int(st, 2, record);
	if (db_step(st) != DB_DONE)
		return err_set(e, "%s", db_message(db));
	return true;
}
