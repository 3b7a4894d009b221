/*
 * migrate.h - bringing a database from whatever it is to what the program needs
 *
 * Steps belong to an owner ("core" or a module), are numbered 1, 2, 3 ... without
 * gaps, and are applied once each, in order, each in a transaction of its own, with
 * a row in the table "core_migration" (owner, number, name, checksum, applied_at).  The
 * checksum (SHA-256 of the SQL without comments, and without white space except for a
 * single one between two words; quotes are left alone) tells a step that was changed
 * after it was applied.
 */
#ifndef MIGRATE_H
#define MIGRATE_H

#include <stdbool.h>
#include <stddef.h>

struct db;
struct err;

struct migration {
	unsigned number;
	const char *name;
	const char *sql;	/* what is run */
	const char *identity;	/* what the checksum is of; NULL: sql.  Generated steps give
				 * what they were generated from, so better SQL is no change */
	const char *former;	/* an identity that it had before, which becomes the one above
				 * when the steps are applied; or NULL */
};

/*
 * Checks the owner's steps against what is applied, and applies what is missing.
 * An owner but "core" may touch tables and indexes only that are named owner or
 * owner_*, and read (for references) the core's table "core_user".
 * The message is the one of design: "migration 3 (add_until) was applied on
 * 2026-01-02 with other SQL; add a new migration instead", "the database is at
 * migration 4, this module knows only 3", "migrations must be numbered 1, 2, 3 ...:
 * 2 is missing", "migration 1 (create) touches table "tickets"; module notices owns
 * only "notices" and "notices_*"".
 * A step that fails leaves nothing of itself; those before it stay.  A step may not
 * contain BEGIN, COMMIT, SAVEPOINT, PRAGMA, ATTACH or statements that return rows.
 * db is a DB_WRITER, no transaction open.
 */
bool migrate_apply(struct db *, const char *owner, const struct migration *, size_t n,
    struct err *);

/* As migrate_apply, but only compares the steps with what is applied, and changes
 * nothing: whether the missing ones would succeed it does not say.  Also for a
 * DB_READ_ONLY. */
bool migrate_check(struct db *, const char *owner, const struct migration *, size_t n,
    struct err *);

/* Steps of the owner that are applied; -1 on a fault. */
int migrate_level(struct db *, const char *owner, struct err *);

#endif
