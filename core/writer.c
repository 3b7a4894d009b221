/*
 * writer.c - the one writer of a database
 *
 * It refuses to say that a change is made before the disk has it, to let one change
 * spoil the others of its batch, and to go on without a transaction when the engine has
 * rolled it back under its hands.
 */
#include "writer.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include "err.h"
#include "turnstile.h"

enum {
	BATCH = 128,	/* changes in one transaction: past this the disk is no longer the cost */
	WARY = 64	/* batches with marks, after one that had to be run again */
};

/* To keep the WAL short. */
enum {
	WAL_LONG = 6144,	/* pages (24 MiB) from which on no long read begins, and */
	WAL_LONGER = 8192,	/* from which on the writer waits for those that have begun: */
	WAL_STEP = 16,		/* for each of these a millisecond more */
	PATIENCE = 250,		/* at most, after a batch: others may be waiting for its thread */
	CLOSED = 1000		/* milliseconds after the last batch until they may begin */
};

struct writer {
	struct db *db;
	struct queue *queue;	/* NULL without a lane */
	unsigned wary;		/* batches until marks are left out again */
	struct turnstile turnstile;	/* of long reads */
	unsigned wal_due;	/* pages from which on it is to start over */
	atomic_bool failed;	/* what db_failed says, for other threads */
	atomic_ulong commits;
};

static struct change *
change_of(struct job *job)
{
	return (struct change *)job;	/* its first member */
}

/*
 * One change inside the batch.  False if the transaction is no longer good for anybody.
 * A change that cannot be kept (it refers to what is not there) is lost alone.
 */
static bool
change_try(struct change *c, struct db *db, struct err *e)
{
	if (!db_mark(db, e))
		return false;
	c->end = c->kind->run(c, db) ? CHANGE_COMMITTED : CHANGE_UNDONE;
	if (!db_in_transaction(db))
		return err_set(e, "%s", db_message(db));
	if (c->end == CHANGE_COMMITTED) {
		if (db_keep(db, NULL))
			return true;
		c->end = CHANGE_LOST;
	}
	return db_undo(db, e);
}

static bool
commit_marked(struct db *db, struct job *first, struct err *e)
{
	if (!db_begin(db, e))
		return false;
	for (struct job *job = first; job != NULL; job = job->next) {
		if (!change_try(change_of(job), db, e)) {
			db_rollback(db);
			return false;
		}
	}
	return db_commit(db, e);
}

/* How a batch without marks ends. */
enum plain { PLAIN_COMMITTED, PLAIN_LOST, PLAIN_AGAIN };

/* One change without a mark. */
static enum plain
change_run(struct change *c, struct db *db, struct err *e)
{
	int64_t written = db_written(db);

	c->end = c->kind->run(c, db) ? CHANGE_COMMITTED : CHANGE_UNDONE;
	if (!db_in_transaction(db)) {
		err_set(e, "%s", db_message(db));
		return PLAIN_LOST;
	}
	return c->end == CHANGE_UNDONE && db_written(db) != written ? PLAIN_AGAIN :
	    PLAIN_COMMITTED;
}

static enum plain
commit_plain(struct db *db, struct job *first, struct err *e)
{
	enum plain how = PLAIN_COMMITTED;

	if (!db_begin(db, e))
		return PLAIN_LOST;
	for (struct job *job = first; job != NULL && how == PLAIN_COMMITTED; job = job->next)
		how = change_run(change_of(job), db, e);
	if (how == PLAIN_COMMITTED && !db_references_met(db))
		how = PLAIN_AGAIN;
	if (how == PLAIN_COMMITTED)
		return db_commit(db, e) ? PLAIN_COMMITTED : PLAIN_LOST;
	db_rollback(db);
	return how;
}

static bool
all_again(const struct job *first)
{
	for (; first != NULL; first = first->next)
		if (!((const struct change *)first)->again)
			return false;
	return true;
}

static bool
batch_commit(struct writer *w, struct job *first, struct err *e)
{
	enum plain how;

	if (w->wary > 0) {
		w->wary--;
		return commit_marked(w->db, first, e);
	}
	if (!all_again(first))
		return commit_marked(w->db, first, e);
	how = commit_plain(w->db, first, e);
	if (how != PLAIN_AGAIN)
		return how == PLAIN_COMMITTED;
	w->wary = WARY;
	return commit_marked(w->db, first, e);
}

static void
kept(struct job *first)
{
	for (struct job *job = first, *next; job != NULL; job = next) {
		struct change *c = change_of(job);

		next = job->next;	/* done may free it */
		if (c->end == CHANGE_LOST)
			c->kind->done(c, CHANGE_LOST, DB_NO_REFERENCE,
			    "it refers to a row that is not there");
		else
			c->kind->done(c, c->end, DB_DONE, NULL);
	}
}

/* Also those that were undone: what they failed for may have been one of the others. */
static void
lost(struct job *first, enum db_result why, const char *message)
{
	for (struct job *job = first, *next; job != NULL; job = next) {
		struct change *c = change_of(job);

		next = job->next;
		c->kind->done(c, CHANGE_LOST, why, message);
	}
}

/*
 * ---- the WAL ----
 *
 * It starts over by itself in a moment in which all of it is in the database and nobody
 * reads what is in it.  Long reads that overlap leave no such moment.
 */

static unsigned
patience(unsigned wal)
{
	unsigned ms = wal > WAL_LONGER ? (wal - WAL_LONGER) / WAL_STEP : 0;

	return ms < PATIENCE ? ms : PATIENCE;
}

/* If others than long reads are in the way, there is no use in keeping these out: the next
 * attempt is made when it is as much longer. */
static void
keep_wal_short(struct writer *w)
{
	const unsigned wal = db_wal(w->db);

	if (wal < WAL_LONG)
		w->wal_due = WAL_LONG;
	if (wal < w->wal_due)
		return;
	turnstile_close(&w->turnstile, CLOSED);
	if (!turnstile_wait(&w->turnstile, patience(wal)))
		return;
	if (!db_wal_restart(w->db))
		w->wal_due = wal + WAL_LONG;
	turnstile_close(&w->turnstile, 0);
}

static lane_serve writer_serve;

static void
writer_serve(void *context, unsigned thread, struct job *first)
{
	struct writer *w = context;
	struct err e = { "" };
	bool ok = batch_commit(w, first, &e);

	(void)thread;
	atomic_store(&w->failed, db_failed(w->db));	/* before anybody is told */
	atomic_fetch_add(&w->commits, ok);
	if (ok)
		kept(first);
	else
		lost(first, db_last_failure(w->db), e.message);
	db_checkpoint_if_due(w->db);			/* after they are told */
	keep_wal_short(w);
	atomic_store(&w->failed, db_failed(w->db));
}

bool
writer_open(const char *path, struct lane *lane, unsigned most_waiting, struct writer **ret,
    struct err *e)
{
	struct writer *w = calloc(1, sizeof *w);

	if (w == NULL)
		return err_set(e, "%s: out of memory", path);
	if (!db_open(path, DB_WRITER, &w->db, e)) {
		free(w);
		return false;
	}
	turnstile_init(&w->turnstile);
	w->wal_due = WAL_LONG;
	if (lane != NULL)
		w->queue = queue_open(lane, most_waiting, BATCH, writer_serve, w);
	*ret = w;
	return true;
}

void
writer_close(struct writer *w)
{
	if (w == NULL)
		return;
	if (w->queue != NULL)
		queue_close(w->queue);
	db_checkpoint(w->db, NULL);	/* if it fails, the WAL keeps what it has */
	db_close(w->db);
	turnstile_fini(&w->turnstile);
	free(w);
}

struct db *
writer_db(struct writer *w)
{
	return w->db;
}

bool
writer_push(struct writer *w, struct change *c)
{
	return w->queue != NULL && queue_push(w->queue, &c->job);
}

unsigned
writer_waiting(struct writer *w)
{
	return w->queue == NULL ? 0 : queue_length(w->queue);
}

void
writer_run(struct writer *w, struct change *c)
{
	c->job.next = NULL;
	writer_serve(w, 0, &c->job);
}

bool
writer_failed(struct writer *w)
{
	return atomic_load(&w->failed);
}

void
writer_read_begin(struct writer *w)
{
	turnstile_enter(&w->turnstile);
}

void
writer_read_end(struct writer *w)
{
	turnstile_leave(&w->turnstile);
}

unsigned long
writer_commits(struct writer *w)
{
	return atomic_load(&w->commits);
}
