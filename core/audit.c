/*
 * audit.c - who changed what, from what to what, when
 */
#include "audit.h"

#include "cleanup.h"
#include "db.h"
#include "key.h"
#include "request.h"

static void
bind_who(struct db_stmt *st, unsigned parameter, const struct client *client)
{
	if (client == NULL || client->hd.id == 0) {
		db_bind_null(st, parameter);
		db_bind_null(st, parameter + 1);
		return;
	}
	db_bind_int(st, parameter, client->hd.id);
	if (client->hd.user != 0)
		db_bind_int(st, parameter + 1, client->hd.user);
	else
		db_bind_null(st, parameter + 1);
}

bool
audit_write(struct request *req, const char *action, const char *resource, int64_t id,
    struct text changes)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	enum db_result result;
	struct err e;

	st = db_prepare(req->db, "INSERT INTO core_audit (at, request_id, key_id, user_id, address,"
	    " resource, record, action, changes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", &e);
	if (st == NULL)
		return request_fail_inside(req, "%s", e.message);
	db_bind_text(st, 1, text_of(req->now_text));
	db_bind_text(st, 2, text_of(req->id));
	bind_who(st, 3, req->client);
	db_bind_text(st, 5, req->address);
	db_bind_text(st, 6, text_of(resource));
	db_bind_int(st, 7, id);
	db_bind_text(st, 8, text_of(action));
	db_bind_text(st, 9, changes);
	result = db_step(st);
	return result == DB_DONE || request_fail_db(req, result);
}
