/*
 * store.h - the folder of one site's attached files, named by their SHA-256
 *
 *	FOLDER/ab/cdef...		a file: two digits of its digest, and the other 62
 *	FOLDER/pending/DIGEST-RANDOM	rows or file of this digest are about to change
 *	FOLDER/pending/upload-RANDOM	a file that is coming in
 *	FOLDER/lock			held by each process that has the store open
 *
 * Which files are wanted, rows of the database say, and a crash may come between the two.
 * So whatever changes is pending first, durably; then the database decides; then it is
 * settled: a file to which no row refers goes, and the pending entry after it.  What a
 * crash has left pending is settled at the next start, by the same rule.
 *
 * An upload may be written on any thread.  Files are put in their place and taken away on
 * the thread of the database's writer alone, so no upload meets a delete of the same bytes.
 * No path comes from a client: a name is 64 digits that were counted here or checked here.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct store;
struct store_upload;

enum {
	STORE_DIGEST = 64,			/* hex digits, in lower case */
	STORE_RANDOM = 16,
	STORE_ENTRY = STORE_DIGEST + 1 + STORE_RANDOM
};

/* A pending entry; begins with the digest that it is about. */
struct store_entry {
	char name[STORE_ENTRY + 1];
};

/* Whether a row refers to the digest; false with *e set if that cannot be told. */
typedef bool store_refers(void *context, const char *digest, bool *ret, struct err *e);

/*
 * Opens the folder, making it (mode 0700) in a folder that is there.  Close it with
 * store_close, which takes NULL.  [startup]
 */
bool store_open(const char *folder, struct store **ret, struct err *);
void store_close(struct store *);

/*
 * Settles what a crash has left, and removes uploads that were not finished; its cost is
 * that of the leftovers.  To be called before the first upload of this process.  Does
 * nothing while another process has the store open: what is pending may be alive.
 * [startup; writer]
 */
bool store_mend(struct store *, store_refers *, void *context, struct err *);

/* ---- a file that comes in: on any one thread, at constant memory ---- */

/* Where these fail, errno tells whether the disk is full (ENOSPC, EDQUOT). */
bool store_begin(struct store *, struct store_upload **ret, struct err *);
bool store_write(struct store_upload *, const char *bytes, size_t n, struct err *);

/* Bytes written so far. */
uint64_t store_size(const struct store_upload *);

/*
 * Makes the file durable under its pending name.  Ends the upload, also when it fails;
 * the entry is then to be settled, or given up.
 */
bool store_finish(struct store_upload *, struct store_entry *ret, struct err *);

/* Forgets a file that was not finished; NULL is fine. */
void store_drop(struct store_upload *);

/* Forgets one that was finished and never given to store_keep. */
void store_give_up(struct store *, const struct store_entry *);

/* Opens a finished file before it is kept: a descriptor of the caller's, or -1. */
int store_open_entry(struct store *, const struct store_entry *, struct err *);

/* ---- the writer's part ---- */

/* Puts a finished file in its place, durably; in the transaction, before its row is made. */
bool store_keep(struct store *, const struct store_entry *, struct err *);

/*
 * Notes that a row of the digest goes; in the transaction that removes it.  What was
 * marked is durable after store_sync, which is to come before the transaction ends.
 */
bool store_sync(struct store *, struct err *);
bool store_mark(struct store *, const char *digest, struct store_entry *ret, struct err *);

/*
 * To be called for each entry once the transaction has ended, however it has: if no row
 * refers to the digest its file is removed, then the entry.  On false the entry stays
 * for the next start.
 */
bool store_settle(struct store *, const struct store_entry *, store_refers *, void *context,
    struct err *);

/* ---- reading ---- */

/*
 * Opens a file for reading: a descriptor of the caller's, or -1 also for what is no
 * digest.  [any thread]
 */
int store_open_file(struct store *, const char *digest, struct err *);

/* ---- looking at all of it ---- */

enum store_fault {
	STORE_NO_ROW,		/* a file to which no row refers */
	STORE_NO_FILE,		/* rows whose file is not there, or cannot be opened */
	STORE_WRONG_SIZE,	/* a file that is not as long as its rows say */
	STORE_WRONG_BYTES,	/* one whose SHA-256 is not its name */
	STORE_NOT_OURS,		/* something else in the folder */
	STORE_LEFT_OVER		/* what a crash has left pending */
};

/* What rows say of a digest. */
struct store_row {
	char digest[STORE_DIGEST + 1];	/* empty: there is no further one */
	uint64_t least, most;		/* sizes in its rows; they ought to be equal */
};

/* What store_check asks of whoever knows the database. */
struct store_check {
	void *context;

	/* The first digest of any row above this one in the order of bytes. */
	bool (*after)(void *context, const char *digest, struct store_row *ret, struct err *);
	store_refers *refers;

	/* Holds all writers off, of other processes too, until release. */
	bool (*hold)(void *context, struct err *);
	void (*release)(void *context);

	/*
	 * Says a fault; the sentence has neither a full stop nor a newline.  digest is NULL
	 * where the fault is about none.
	 */
	void (*say)(void *context, enum store_fault, const char *digest, const char *sentence);
	bool fix;		/* files without row are removed, and said so */
};

/*
 * Compares all files with all rows, reading every byte; a server may be running.  Rows are
 * never touched: a file that is lost can be brought back from a backup as long as its row
 * tells which it was.  False if it could not be done; faults are said, not failures.
 */
bool store_check(struct store *, const struct store_check *, struct err *);

#endif
