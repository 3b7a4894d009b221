/*
 * audit.c - who changed what, from what to what, when
 */
#include "audit.h"

#include <string.h>

#include "cleanup.h"
#include "db.h"
#include "err.h"
#include "iso8601.h"
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

#define INSERT "INSERT INTO core_audit (at, request_id, key_id, user_id, address, resource," \
    " record, action, changes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"

/* What was done, to what. */
static void
bind_what(struct db_stmt *st, const char *action, const char *resource, int64_t id,
    struct text changes)
{
	db_bind_text(st, 6, text_of(audit_name(resource)));
	db_bind_int(st, 7, id);
	db_bind_text(st, 8, text_of(action));
	db_bind_text(st, 9, changes);
}

const char *
audit_name(const char *table)
{
	static const struct { const char *table, *name; } names[] = {
		{ "core_user", "users" }, { "core_key", "keys" },
	};

	if (strncmp(table, "core_", 5) != 0)
		return table;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].table, table) == 0)
			return names[i].name;
	return table;
}

bool
audit_write(struct request *req, const char *action, const char *resource, int64_t id,
    struct text changes)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	enum db_result result;
	struct err e;

	st = db_prepare(req->db, INSERT, &e);
	if (st == NULL)
		return request_fail_inside(req, "%s", e.message);
	db_bind_text(st, 1, text_of(req->now_text));
	db_bind_text(st, 2, text_of(req->id));
	bind_who(st, 3, req->client);
	db_bind_text(st, 5, req->address);
	bind_what(st, action, resource, id, changes);
	result = db_step(st);
	return result == DB_DONE || request_fail_db(req, result);
}

bool
audit_write_local(struct db *db, const char *action, const char *resource, int64_t id,
    struct text changes, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(db, INSERT, e);
	char now[ISO8601_TIME_SIZE];

	if (st == NULL)
		return false;
	iso8601_format(iso8601_now(), now);
	db_bind_text(st, 1, text_of(now));
	db_bind_null(st, 2);
	bind_who(st, 3, NULL);
	db_bind_text(st, 5, TEXT("local"));
	bind_what(st, action, resource, id, changes);
	return db_step(st) == DB_DONE || err_set(e, "%s", db_message(db));
}
