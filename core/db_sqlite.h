/*
 * db_sqlite.h - what the files of the SQLite engine share, and nobody else includes
 *
 * db_sqlite.c: transactions, checkpoints, failures.  db_sqlite_open.c: the connection.
 * db_sqlite_stmt.c: statements.  db_sqlite_permit.c: who may touch what.
 */
#ifndef DB_SQLITE_H
#define DB_SQLITE_H

#include <stdbool.h>

#include <sqlite3.h>
#include <sys/queue.h>

#include "db.h"
#include "db_cache.h"

struct err;

/* Our own statements, prepared once. */
enum own { BEGIN, COMMIT, ROLLBACK, MARK, KEEP, BACK_TO_MARK, OWN };

enum {
	PATIENCE = 10000,		/* ms to wait for another process */
	BUDGET_GRAIN = 1000,		/* steps between two looks at the budget */
	WAL_DUE = 1000,			/* frames until a checkpoint */
};

struct db {
	sqlite3 *h;
	enum db_mode mode;
	int lock;			/* DB_WRITER: see db_lock.h; else -1 */
	bool failed;
	unsigned marks;
	sqlite3_stmt *own[OWN];
	bool at_own;			/* one of these is running: the authorizer lets it */

	struct db_cache idle;
	LIST_HEAD(used, db_stmt) lent;
	unsigned generation;		/* of statements; see db_set_permit */

	bool budgeted, stoppable;	/* stoppable: what is running only reads */
	unsigned thousands, given;	/* of steps: that are left; that there were at first */

	int frames, due;		/* in the WAL; how many until a checkpoint */

	db_permit *permit;
	void *permit_context;
	char refusal[200];		/* by the authorizer, if not empty */

	enum db_result last;
	char message[512];
};

/* Takes down what SQLite says happened, before anything else on the connection wipes it
 * out; returns its class. */
enum db_result db_note(struct db *, int rc);

/* A failure that is not SQLite's.  Always false. */
bool db_refuse(struct db *, enum db_result why, const char *message, struct err *);

/* Likewise false, with what SQLite says. */
bool db_fail(struct db *, int rc, struct err *);

/* Ends all statements, also those that were not given back. */
void db_free_statements(struct db *);

/* Ends those that wait in the cache; those that are out will not come back to it. */
void db_forget_statements(struct db *);

/* For sqlite3_progress_handler; the context is the struct db. */
int db_look_at_budget(void *db);

#endif
