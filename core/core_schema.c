/*
 * core_schema.c - the tables that every site has: users, keys, audit trail, attachments,
 * and the registers of what is derived and of the modules
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
	{ 2, "belongings",
	  "ALTER TABLE core_user ADD COLUMN active INTEGER NOT NULL DEFAULT 1;"
	  "ALTER TABLE core_user ADD COLUMN updated_at TEXT NOT NULL DEFAULT '';"
	  "UPDATE core_user SET updated_at = created_at;"
	  "ALTER TABLE core_key RENAME COLUMN user_id TO default_user;"
	  /* scopes and networks are JSON arrays of text; old_*: the secret before a rotation. */
	  "ALTER TABLE core_key ADD COLUMN scopes TEXT NOT NULL DEFAULT '[\"*\"]';"
	  "ALTER TABLE core_key ADD COLUMN networks TEXT NOT NULL DEFAULT '[]';"
	  "ALTER TABLE core_key ADD COLUMN old_prefix TEXT;"
	  "ALTER TABLE core_key ADD COLUMN old_digest TEXT;"
	  "ALTER TABLE core_key ADD COLUMN old_until TEXT;"
	  "CREATE UNIQUE INDEX core_key_old ON core_key (old_prefix)"
	  " WHERE old_prefix IS NOT NULL;"
	  "CREATE INDEX core_audit_at ON core_audit (at);"
	  "CREATE INDEX core_audit_user ON core_audit (user_id);"
	  /* Entries of one resource as they come: that by record has them in another order. */
	  "CREATE INDEX core_audit_resource ON core_audit (resource);"
	  /* digest: SHA-256 of the file, in hex; text: what a search finds in it. */
	  "ALTER TABLE core_attachment ADD COLUMN digest TEXT NOT NULL DEFAULT '';"
	  "ALTER TABLE core_attachment ADD COLUMN media_type TEXT NOT NULL"
	  " DEFAULT 'application/octet-stream';"
	  "ALTER TABLE core_attachment ADD COLUMN uploaded_by INTEGER"
	  " REFERENCES core_user (id);"
	  "ALTER TABLE core_attachment ADD COLUMN text TEXT;"
	  "CREATE INDEX core_attachment_digest ON core_attachment (digest);"
	  /* content: the fields of the row as they were, a JSON object. */
	  "CREATE TABLE core_version ("
	  " id INTEGER PRIMARY KEY,"
	  " resource TEXT NOT NULL,"
	  " record INTEGER NOT NULL,"
	  " number INTEGER NOT NULL,"
	  " created_at TEXT NOT NULL,"
	  " created_by INTEGER REFERENCES core_user (id),"
	  " content TEXT NOT NULL"
	  ") STRICT;"
	  "CREATE UNIQUE INDEX core_version_number ON core_version (resource, record, number);"
	  /* fingerprint: of what was asked; body: NULL if it is not to be kept. */
	  "CREATE TABLE core_idempotency ("
	  " key_id INTEGER NOT NULL,"
	  " name TEXT NOT NULL,"
	  " fingerprint TEXT NOT NULL,"
	  " at TEXT NOT NULL,"
	  " status INTEGER NOT NULL,"
	  " headers TEXT,"
	  " body TEXT,"
	  " PRIMARY KEY (key_id, name)"
	  ") STRICT;"
	  "CREATE INDEX core_idempotency_at ON core_idempotency (at);" },
	{ 3, "modules",
	  /* Of the last start.  version: '' if the file was not loaded; refused: why. */
	  "CREATE TABLE core_module ("
	  " name TEXT PRIMARY KEY,"
	  " version TEXT NOT NULL,"
	  " routes INTEGER NOT NULL,"
	  " refused TEXT"
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
