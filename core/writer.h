/*
 * writer.h - the one writer of a database
 *
 * Changes wait in a queue; those that wait together share one transaction, and so one
 * wait for the disk.  One that fails undoes its own writes alone: each is tried inside a
 * mark, or, since marks cost as much as what is inside, all are run without if all can be
 * run again, and are, with marks, should one fail that has written.  What becomes of a
 * change is said only when it is known for good: after the commit.
 */
#ifndef WRITER_H
#define WRITER_H

#include <stdbool.h>

#include "db.h"
#include "lane.h"

struct change;
struct err;
struct writer;

enum change_end {
	CHANGE_COMMITTED,	/* durable */
	CHANGE_UNDONE,		/* run said false; nothing of it is kept, the others are */
	CHANGE_LOST		/* nothing of it is kept, whatever run said or if it was not run */
};

struct change_kind {
	/* Makes the change, in a transaction that others share: it must neither end it nor
	 * leave a mark or a step at a row behind.  False: undo what was written. */
	bool (*run)(struct change *, struct db *);

	/*
	 * What became of it; called once, on the thread that ran it, as the last thing that
	 * is done with the change: it may be freed here.  For CHANGE_LOST, why is the
	 * database's reason (DB_BUSY, DB_FULL, DB_NO_REFERENCE or DB_ERROR) and message its
	 * words, for the log, until done returns; else DB_DONE and NULL.  After a
	 * CHANGE_LOST run may not have been called.
	 */
	void (*done)(struct change *, enum change_end, enum db_result why, const char *message);
};

/* Embedded in what is to be changed; from writer_push until done it is the writer's. */
struct change {
	struct job job;		/* first */
	const struct change_kind *kind;
	bool again;		/* run may be called a second time, after all that the first
				 * has written was undone; it does not say false by intent */
	enum change_end end;	/* the writer's own */
};

/*
 * Opens the database as DB_WRITER (creating it), and a queue in the lane for at most
 * so many changes.  Without a lane there is no queue, only writer_run.  [startup]
 */
bool writer_open(const char *path, struct lane *, unsigned most_waiting, struct writer **ret,
    struct err *);

/* Moves the WAL into the database and closes it.  After lane_close; NULL is fine. */
void writer_close(struct writer *);

/* The connection: for migrations before the first push, and for commands. */
struct db *writer_db(struct writer *);

/* Puts a change at the end of the queue; false if it is full, or there is none: then
 * nothing was done with the change.  [any thread] */
bool writer_push(struct writer *, struct change *);

/* Changes that wait or are being made; not after lane_close.  [any thread] */
unsigned writer_waiting(struct writer *);

/* Makes a change at once, on this thread, done included; not beside a lane that serves
 * this writer. */
void writer_run(struct writer *, struct change *);

/*
 * Around a read that is long.  The first waits, a second or so at most, while the writer
 * wants a moment in which nobody reads what is in the WAL: without one it would grow for
 * as long as long reads overlap.  Others need not tell.  [any thread]
 */
void writer_read_begin(struct writer *);
void writer_read_end(struct writer *);

/*
 * How many transactions have become durable.  A snapshot from before the present count
 * may lack what a client has been told since.  [any thread]
 */
unsigned long writer_commits(struct writer *);

/*
 * Whether the disk has failed under it.  Every change is then CHANGE_LOST until the
 * database is opened anew: the server should end and be started again.  [any thread]
 */
bool writer_failed(struct writer *);

#endif
