/*
 * db.h - the database, whichever engine it is
 *
 * Nothing above includes an engine's header.  SQL is the subset that SQLite (STRICT
 * tables) and PostgreSQL share: values by parameter (?1, ?2 ...), RETURNING, ON
 * CONFLICT, no implicit typing.  Identifiers come from our own tables alone.
 *
 * A connection belongs to one thread at a time.
 */
#ifndef DB_H
#define DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

struct db;
struct db_stmt;
struct err;

enum { DB_PAGES = 2000 };	/* KiB of pages that a connection keeps */

/* How a step ended. */
enum db_result {
	DB_ROW,			/* a row is there */
	DB_DONE,		/* no more rows; a change is made */
	DB_NOT_UNIQUE,		/* a value that must be unique is not */
	DB_NO_REFERENCE,	/* a row referred to is not there, or is still referred to */
	DB_OVER_BUDGET,		/* stopped by db_budget */
	DB_BUSY,		/* another process holds the database; nothing is wrong with it */
	DB_FULL,		/* no room on the disk */
	DB_ERROR		/* anything else: db_message tells */
};

enum db_mode {
	DB_READ_ONLY,	/* never writes, never checkpoints */
	DB_WRITER	/* creates the database if there is none; checkpoints */
};

/*
 * Opens a database: for SQLite a file, mode 0600, in WAL with synchronous=FULL,
 * foreign keys on, no memory map of what others may truncate.  A connection for
 * reading of a database that does not exist fails.  The message names the path.
 */
bool db_open(const char *path, enum db_mode, struct db **ret, struct err *);

/* Closes it and everything prepared on it, rolls an open transaction back, and does
 * not checkpoint; NULL is fine. */
void db_close(struct db *);

/*
 * A statement for this SQL, ready to be bound: prepared, or taken from the
 * connection's cache of statements by its text.  NULL with *e set if the SQL is
 * wrong, or is more than one statement.  Give it back with db_release.
 */
struct db_stmt *db_prepare(struct db *, const char *sql, struct err *e);

/* Resets the statement, drops its values, puts it back into the cache; *NULL is fine.
 * Made for CLEANUP. */
void db_release(struct db_stmt **);

/* Parameters are 1, 2 ...  Texts must live until the statement is reset; an absent
 * text is null. */
void db_bind_int(struct db_stmt *, unsigned parameter, int64_t);
void db_bind_text(struct db_stmt *, unsigned parameter, struct text);
void db_bind_null(struct db_stmt *, unsigned parameter);

/* How many values it takes: the highest number of its parameters. */
unsigned db_parameters(const struct db_stmt *);

/* Whether it can change anything. */
bool db_writes(const struct db_stmt *);

/*
 * The next row, or the end.  A result but DB_ROW resets the statement.  On a DB_WRITER
 * a statement that writes is DB_ERROR outside a transaction: it would not be held off
 * other processes.
 */
enum db_result db_step(struct db_stmt *);

/*
 * Runs an INSERT of one row that leaves its key, the column id, to the engine: DB_DONE, with
 * *id the row's, or why not.  Not by RETURNING, for which SQLite makes a table of its own
 * each time, and a savepoint.
 */
enum db_result db_insert(struct db_stmt *, int64_t *id);

/* Columns are 0, 1 ... of the row that db_step came to; texts live until the next
 * step or release and have a NUL behind.  Null is 0, or an absent text. */
bool db_is_null(struct db_stmt *, unsigned column);
bool db_is_text(struct db_stmt *, unsigned column);
int64_t db_int(struct db_stmt *, unsigned column);

/* False: it is null. */
bool db_number(struct db_stmt *, unsigned column, int64_t *ret);
struct text db_text(struct db_stmt *, unsigned column);
unsigned db_columns(struct db_stmt *);

/* Runs statements separated by ';' that return no rows; stops at the first that fails. */
bool db_execute(struct db *, const char *sql, struct err *);

/* Lets a connection keep so many KiB of pages; every one begins with DB_PAGES. */
bool db_keep_pages(struct db *, unsigned kib, struct err *);

/* Gives back memory that it does not need now: statements and pages that it keeps. */
void db_trim(struct db *);

/* What the engine says of the last failure on this connection; for the log only. */
const char *db_message(struct db *);

/* The class of that failure, which db_begin and db_commit do not return; DB_DONE before
 * the first. */
enum db_result db_last_failure(struct db *);

/*
 * Whether this DB_WRITER has met an I/O error.  What the disk holds is then unknown
 * until the database is opened anew: db_begin refuses from now on.
 */
bool db_failed(struct db *);

/* Whether the database has a table of this name. */
bool db_has_table(struct db *, const char *table, bool *ret, struct err *);

/* Rows that the last statement changed. */
int64_t db_changes(struct db *);

/*
 * Transactions.  On a DB_WRITER, db_begin waits (at most 10 s) for other processes
 * and holds them off until db_commit or db_rollback: two connections never write or
 * checkpoint at once.  On a DB_READ_ONLY it opens a snapshot, which is taken by the
 * first statement that reads.  db_commit returns true when the transaction is durable;
 * on false, which it is also for a mark that is left, it is rolled back.
 */
bool db_begin(struct db *, struct err *);
bool db_commit(struct db *, struct err *);
void db_rollback(struct db *);	/* fine without a transaction */

/* False also when the engine has rolled a transaction back by itself (disk full, I/O
 * error, out of memory): nothing of it is left, and nothing may be added to it. */
bool db_in_transaction(struct db *);

/*
 * A mark inside a transaction to which db_undo takes it back.  Marks nest.  Keeping the
 * outermost one fails, with the mark still set, while a deferred reference is open
 * (DB_NO_REFERENCE): otherwise the commit would, for everybody in the transaction.
 */
bool db_mark(struct db *, struct err *);
bool db_keep(struct db *, struct err *);	/* drops the mark, keeps the changes */
bool db_undo(struct db *, struct err *);	/* drops the mark and the changes since */

/*
 * A number that is another one after each change of the database, by whatever process; of no
 * meaning to other connections.  On a DB_READ_ONLY inside db_begin it is that of the snapshot,
 * which is taken if it was not yet.  False with *e set.
 */
bool db_version(struct db *, int64_t *ret, struct err *);

/* Whether no deferred reference is open: a commit will not fail for one. */
bool db_references_met(struct db *);

/* How many rows this connection has written so far, whether or not they were kept: where the
 * number stays, there is nothing to undo. */
int64_t db_written(struct db *);

/*
 * From now on statements of this connection may take this many steps of the engine
 * in all, give or take a thousand; then db_step says DB_OVER_BUDGET.  0: no budget.
 * About 30 million steps are a second.  Only statements that read are stopped: to stop
 * one that writes, SQLite rolls the whole transaction back.
 */
void db_budget(struct db *, unsigned steps);

/* Likewise, as many again as were given last. */
void db_budget_again(struct db *);

/* Moves the WAL into the database and empties it, as far as readers allow; DB_WRITER
 * only, outside a transaction.  Call it before db_close. */
bool db_checkpoint(struct db *, struct err *);

/*
 * Likewise, but only if the WAL has grown enough and no other process is writing.
 * db_commit never does it, so that whoever waits for the commit does not wait for this:
 * call it after the answers are given.  Its failure is not one of the commit;
 * db_failed tells if it was the disk.
 */
void db_checkpoint_if_due(struct db *);

/* Pages (of 4 KiB, in what the server has made) that are in the WAL; DB_WRITER only. */
unsigned db_wal(const struct db *);

/* Moves all of it into the database, so that the next commit starts the WAL over; waits
 * some fifty milliseconds for readers.  False if one of them stays in the way. */
bool db_wal_restart(struct db *);

/*
 * Who may touch what, while set: every table, index, view or trigger that a statement
 * creates, changes, reads or drops is asked for at prepare time (and again when the
 * schema has changed since).  A refusal is the message 'touches table "x"'.  Besides,
 * while it is set, transactions, PRAGMA, ATTACH and temporary tables are refused; the
 * functions here are not.  NULL: no questions.  Cached statements are dropped when it
 * is set.  The new name in ALTER TABLE ... RENAME TO is not asked for.
 */
typedef bool db_permit(void *context, const char *table, bool writes);
void db_set_permit(struct db *, db_permit *, void *context);

/* Where engines differ in words: condition "the column holds the parameter as a part",
 * a printf format for a column's name and a parameter's number. */
#define DB_CONTAINS "instr(t.%s, ?%u) > 0"

#endif
