/*
 * attachment.c - the files that belong to a row: the rows of core_attachment
 *
 * And what of the store is pending for a request, from when it came to when it is settled.
 */
#include "attachment.h"

#include <errno.h>

#include "arena.h"
#include "cleanup.h"
#include "conf.h"
#include "db.h"
#include "err.h"
#include "json.h"
#include "log.h"
#include "out.h"
#include "request.h"
#include "row.h"
#include "text.h"

/* ---- rows ---- */

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

/* Marks each digest before its row goes: from then on the files are pending. */
static bool
mark_all(struct request *req, const char *table, int64_t record)
{
	CLEANUP(db_release) struct db_stmt *st = row_prepare(req, "SELECT DISTINCT digest"
	    " FROM core_attachment WHERE resource = ?1 AND record = ?2");
	enum db_result result;

	if (st == NULL)
		return false;
	db_bind_text(st, 1, text_of(table));
	db_bind_int(st, 2, record);
	while ((result = db_step(st)) == DB_ROW)
		if (!attachment_mark(req, db_text(st, 0)))
			return false;
	if (result != DB_DONE)
		return request_fail_db(req, result);
	return req->attachments == NULL || attachment_marked(req);
}

bool
attachment_erase(struct request *req, const char *table, int64_t record)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	enum db_result result;

	if (!mark_all(req, table, record))
		return false;
	st = row_prepare(req, "DELETE FROM core_attachment WHERE resource = ?1 AND record = ?2");
	if (st == NULL)
		return false;
	db_bind_text(st, 1, text_of(table));
	db_bind_int(st, 2, record);
	result = db_step(st);
	return result == DB_DONE || request_fail_db(req, result);
}

/* ---- what is pending ---- */

struct attachment *
attachment_add(struct request *req, const struct store_entry *entry)
{
	struct attachment *a = arena_zero(&req->arena, sizeof(*a)), **end = &req->attachments;

	if (a == NULL) {
		request_fail_memory(req);
		return NULL;
	}
	a->entry = *entry;
	while (*end != NULL)
		end = &(*end)->next;
	*end = a;
	return a;
}

bool
attachment_fail(struct request *req, int why, const struct err *e)
{
	if (why == EMFILE || why == ENFILE)
		return request_fail(req, 503, "busy", NULL,
		    "Too many files are open; try again.");
	if (why != ENOSPC && why != EDQUOT)
		return request_fail_inside(req, "attached files: %s", e->message);
	log_error("%s: attached files: %s", req->id, e->message);
	return request_fail_db(req, DB_FULL);
}

bool
attachment_marked(struct request *req)
{
	struct err e;

	errno = 0;
	return store_sync(req->files->store, &e) || attachment_fail(req, errno, &e);
}

/* Rows that are older than the store have no digest, and no file. */
bool
attachment_mark(struct request *req, struct text digest)
{
	struct store_entry entry;
	struct err e;

	if (digest.len == 0)
		return true;
	errno = 0;
	if (!store_mark(req->files->store, digest.at, &entry, &e))
		return attachment_fail(req, errno, &e);
	if (attachment_add(req, &entry) != NULL)
		return true;
	store_give_up(req->files->store, &entry);
	return false;
}

/* The transaction that holds the writers of other processes off changes nothing. */
void
attachment_settle(struct request *req, struct db *db)
{
	struct attachment *a = req->attachments;
	struct err e;

	req->attachments = NULL;
	if (a == NULL)
		return;
	if (!db_begin(db, &e)) {
		log_warning("%s: attached files stay pending: %s", req->id, e.message);
		return;
	}
	for (; a != NULL; a = a->next)
		if (!store_settle(req->files->store, &a->entry, attachment_refers, db, &e))
			log_warning("%s: an attached file stays pending: %s", req->id, e.message);
	db_rollback(db);
}

void
attachment_give_up(struct request *req)
{
	for (struct attachment *a = req->attachments; a != NULL; a = a->next)
		store_give_up(req->files->store, &a->entry);
	req->attachments = NULL;
}

bool
attachment_refers(void *context, const char *digest, bool *ret, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct db *db = context;
	enum db_result result;

	st = db_prepare(db, "SELECT 1 FROM core_attachment WHERE digest = ?1 LIMIT 1", e);
	if (st == NULL)
		return false;
	db_bind_text(st, 1, text_of(digest));
	result = db_step(st);
	*ret = result == DB_ROW;
	return result == DB_ROW || result == DB_DONE || err_set(e, "%s", db_message(db));
}

const char *
attachment_folder(struct arena *a, const struct conf_site *site)
{
	return site->files != NULL ? site->files : arena_printf(a, "%s.files", site->path);
}
