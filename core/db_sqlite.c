/*
 * db_sqlite.c - SQLite's transactions and checkpoints, and what went wrong
 *
 * It refuses to write beside another writer: every transaction and every checkpoint of
 * a DB_WRITER is under the lock of db_lock.h.  It refuses to go on after an I/O error:
 * after a failed fsync nobody knows what the disk holds.
 */
#include "db_sqlite.h"

#include <stdio.h>
#include <string.h>

#include "db_lock.h"
#include "err.h"

enum { CHECKPOINT_PATIENCE = 50 };	/* ms to wait for readers, by the one who is writing */

/*
 * Failures
 */

/* A code below 256 stands for its extended ones too. */
static const struct {
	int code;
	enum db_result result;
} results[] = {
	{ SQLITE_CONSTRAINT_UNIQUE,     DB_NOT_UNIQUE },
	{ SQLITE_CONSTRAINT_PRIMARYKEY, DB_NOT_UNIQUE },
	{ SQLITE_CONSTRAINT_ROWID,      DB_NOT_UNIQUE },
	{ SQLITE_CONSTRAINT_FOREIGNKEY, DB_NO_REFERENCE },
	{ SQLITE_FULL,                  DB_FULL },
	{ SQLITE_IOERR_SHMSIZE,         DB_FULL },	/* no room for the index of the WAL */
	{ SQLITE_BUSY,                  DB_BUSY },
	{ SQLITE_LOCKED,                DB_BUSY },
	{ SQLITE_INTERRUPT,             DB_OVER_BUDGET },
};

static enum db_result
classify(const struct db *db, int rc)
{
	/* ON DELETE RESTRICT is a trigger inside; only its words tell it from others. */
	if (rc == SQLITE_CONSTRAINT_TRIGGER &&
	    strcmp(sqlite3_errmsg(db->h), "FOREIGN KEY constraint failed") == 0)
		return DB_NO_REFERENCE;
	for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
		if (results[i].code == rc || results[i].code == (rc & 0xff))
			return results[i].result;
	return DB_ERROR;
}

enum db_result
db_note(struct db *db, int rc)
{
	const int primary = rc & 0xff, system = sqlite3_system_errno(db->h);

	db->last = classify(db, rc);
	if (primary == SQLITE_IOERR && db->last == DB_ERROR && db->mode == DB_WRITER)
		db->failed = true;
	if (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)
		snprintf(db->message, sizeof db->message, "%s (SQLite code %d%s%s)",
		    sqlite3_errmsg(db->h), rc, system != 0 ? ", " : "",
		    system != 0 ? strerror(system) : "");
	else
		snprintf(db->message, sizeof db->message, "%s",
		    db->refusal[0] != '\0' ? db->refusal : sqlite3_errmsg(db->h));
	return db->last;
}

bool
db_refuse(struct db *db, enum db_result why, const char *message, struct err *e)
{
	db->last = why;
	snprintf(db->message, sizeof db->message, "%s", message);
	return err_set(e, "%s", message);
}

bool
db_fail(struct db *db, int rc, struct err *e)
{
	db_note(db, rc);
	return err_set(e, "%s", db->message);
}

const char *
db_message(struct db *db)
{
	return db->message;
}

enum db_result
db_last_failure(struct db *db)
{
	return db->last;
}

bool
db_failed(struct db *db)
{
	return db->failed;
}

/*
 * Transactions
 */

static bool
run(struct db *db, enum own which, struct err *e)
{
	int rc;

	db->stoppable = false;
	db->at_own = true;
	db->refusal[0] = '\0';
	rc = sqlite3_step(db->own[which]);
	db->at_own = false;
	if (rc != SQLITE_DONE)
		db_fail(db, rc, e);
	sqlite3_reset(db->own[which]);
	return rc == SQLITE_DONE;
}

bool
db_in_transaction(struct db *db)
{
	return !sqlite3_get_autocommit(db->h);
}

static bool
hold(struct db *db, struct err *e)
{
	if (db->failed)
		return db_refuse(db, DB_ERROR,
		    "the disk has failed; nothing more is written until a restart", e);
	if (db_lock_take(db->lock, PATIENCE))
		return true;
	return db_refuse(db, DB_BUSY, "another process keeps the database to itself", e);
}

static void
let_go(struct db *db)
{
	if (db->mode == DB_WRITER)
		db_lock_drop(db->lock);
}

bool
db_begin(struct db *db, struct err *e)
{
	if (db_in_transaction(db))
		return db_refuse(db, DB_ERROR, "there is a transaction already", e);
	if (db->mode == DB_WRITER && !hold(db, e))
		return false;
	db->marks = 0;
	if (run(db, BEGIN, e))
		return true;
	let_go(db);
	return false;
}

bool
db_commit(struct db *db, struct err *e)
{
	bool ok = db->marks == 0 ? run(db, COMMIT, e) :
	    db_refuse(db, DB_ERROR, "a mark was neither kept nor undone", e);

	if (ok)
		let_go(db);
	else
		db_rollback(db);
	return ok;
}

void
db_rollback(struct db *db)
{
	enum db_result last = db->last;

	if (db_in_transaction(db))
		run(db, ROLLBACK, NULL);
	db->last = last;		/* what led here is what counts */
	db->marks = 0;
	let_go(db);
}

bool
db_mark(struct db *db, struct err *e)
{
	if (!db_in_transaction(db))
		return db_refuse(db, DB_ERROR, "a mark needs a transaction", e);
	if (!run(db, MARK, e))
		return false;
	db->marks++;
	return true;
}

bool
db_references_met(struct db *db)
{
	int open = 0, most;

	sqlite3_db_status(db->h, SQLITE_DBSTATUS_DEFERRED_FKS, &open, &most, 0);
	return open == 0;
}

int64_t
db_written(struct db *db)
{
	return sqlite3_total_changes64(db->h);
}

bool
db_keep(struct db *db, struct err *e)
{
	if (db->marks == 1 && !db_references_met(db))
		return db_refuse(db, DB_NO_REFERENCE, "FOREIGN KEY constraint failed", e);
	if (!run(db, KEEP, e))
		return false;
	db->marks--;
	return true;
}

bool
db_undo(struct db *db, struct err *e)
{
	if (!run(db, BACK_TO_MARK, e) || !run(db, KEEP, e))
		return false;
	db->marks--;
	return true;
}

/*
 * Checkpoints
 */

/* Under the lock.  Readers in the way are no failure: *whole is false, and the rest follows
 * another time. */
static bool
checkpoint(struct db *db, int how, bool *whole, struct err *e)
{
	int rc, frames = 0, moved = 0;

	sqlite3_busy_timeout(db->h, CHECKPOINT_PATIENCE);
	rc = sqlite3_wal_checkpoint_v2(db->h, "main", how, &frames, &moved);
	sqlite3_busy_timeout(db->h, PATIENCE);
	*whole = rc == SQLITE_OK;
	return *whole || rc == SQLITE_BUSY || db_fail(db, rc, e);
}

bool
db_checkpoint(struct db *db, struct err *e)
{
	bool ok, whole;

	if (db->mode != DB_WRITER || db_in_transaction(db))
		return db_refuse(db, DB_ERROR, "no checkpoint here", e);
	if (!hold(db, e))
		return false;
	ok = checkpoint(db, SQLITE_CHECKPOINT_TRUNCATE, &whole, e);
	let_go(db);
	return ok;
}

/* Without waiting for another process, and not where the disk has failed; whether all of the
 * WAL is in the database. */
static bool
checkpoint_now(struct db *db, int how)
{
	bool whole;

	if (db->mode != DB_WRITER || db->failed || db_in_transaction(db) ||
	    !db_lock_take(db->lock, 0))
		return false;
	checkpoint(db, how, &whole, NULL);
	let_go(db);
	return whole;
}

/* The threshold moves on, so that a reader who stays does not make us try each time. */
void
db_checkpoint_if_due(struct db *db)
{
	if (db->frames < db->due)
		return;
	checkpoint_now(db, SQLITE_CHECKPOINT_PASSIVE);
	db->due = db->frames + WAL_DUE;
}

unsigned
db_wal(const struct db *db)
{
	return (unsigned)db->frames;
}

bool
db_wal_restart(struct db *db)
{
	if (!checkpoint_now(db, SQLITE_CHECKPOINT_RESTART))
		return false;
	db->frames = 0;
	db->due = WAL_DUE;
	return true;
}

