/*
 * core_schema.c - the tables that every site has: users, keys, audit trail, attachments,
 * and the register of what is derived
 *
 * All are named core_*; a module may refer to core_user and to no other.  An applied
 * step never changes: add a new one.
 */
#include "core_schema.h"

#include "db.h"
#include "err.h"
#include "migrate.h"

/* AUTOINCREMENT: what an audit entry or a ticket refers to is never somebody else. */
static const struct migration steps[] = {
	{ 1, "create",
	  "CREATE TABLE core_user ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " name TEXT NOT NULL,"
	  " name_fold TEXT NOT NULL UNIQUE,"
	  " email TEXT,"
	  " full_name TEXT,"
	  " created_at TEXT NOT NULL"
	  ") STRICT;"
	  "CREATE TABLE core_key ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " name TEXT NOT NULL,"
	  " prefix TEXT NOT NULL UNIQUE,"
	  " digest TEXT NOT NULL,"
	  " user_id INTEGER REFERENCES core_user (id),"
	  " created_at TEXT NOT NULL,"
	  " expires_at TEXT,"
	  " revoked_at TEXT,"
	  " last_used_at TEXT"
	  ") STRICT;"
	  "CREATE UNIQUE INDEX core_key_name ON core_key (name) WHERE revoked_at IS NULL;"
	  "CREATE TABLE core_audit ("
	  " id INTEGER PRIMARY KEY,"
	  " at TEXT NOT NULL,"
	  " request_id TEXT,"
	  " key_id INTEGER,"
	  " user_id INTEGER,"
	  " address TEXT,"
	  " resource TEXT NOT NULL,"
	  " record INTEGER NOT NULL,"
	  " action TEXT NOT NULL,"
	  " changes TEXT"
	  ") STRICT;"
	  "CREATE INDEX core_audit_record ON core_audit (resource, record);"
	  "CREATE TABLE core_attachment ("
	  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
	  " resource TEXT NOT NULL,"
	  " record INTEGER NOT NULL,"
	  " filename TEXT NOT NULL,"
	  " filename_fold TEXT NOT NULL,"
	  " size INTEGER NOT NULL,"
	  " uploaded_at TEXT NOT NULL"
	  ") STRICT;"
	  "CREATE INDEX core_attachment_record ON core_attachment (resource, record);"
	  "CREATE TABLE core_derived ("
	  " resource TEXT NOT NULL,"
	  " kind TEXT NOT NULL,"
	  " field TEXT NOT NULL,"
	  " identity TEXT NOT NULL,"
	  " PRIMARY KEY (resource, kind, field)"
	  ") STRICT;" },
};

const struct migration *
core_migrations(size_t *n)
{
	*n = sizeof steps / sizeof steps[0];
	return steps;
}

bool
core_open(const char *path, struct db **ret, struct err *e)
{
	struct db *db;
	size_t n;
	const struct migration *m = core_migrations(&n);

	if (!db_open(path, DB_WRITER, &db, e))
		return false;
	if (!migrate_apply(db, "core", m, n, e)) {
		db_close(db);
		return err_prefix(e, "%s: ", path);
	}
	*ret = db;
	return true;
}
