/*
 * reader.h - what one thread has of one site: its read connection and key cache
 *
 * Opened when it is first needed and closed when it was long idle, so that hundreds
 * of quiet sites cost nothing.  Requests of one turn of an event loop share a snapshot.
 */
#ifndef READER_H
#define READER_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

struct db;
struct err;
struct key_cache;
struct search_weights;
struct tag_cache;
struct tagged;

struct reader {
	const char *path;	/* of the database */
	unsigned pages;		/* KiB of them that it keeps; 0: DB_PAGES */
	struct db *db;		/* NULL: not open */
	struct key_cache *keys;
	bool in_snapshot;
	unsigned long seen;	/* commits (writer.h) that the snapshot is sure to hold */
	bool versioned;		/* version is that of the snapshot */
	int64_t version;
	struct tag_cache *tags;	/* NULL: nobody has asked for one yet */
	struct search_weights *weights;	/* likewise */
	unsigned long weighed;	/* commits when they were begun */
	int64_t used_at;	/* microseconds since 1970 */
	bool listed;		/* among those that were in one since the desk rested; */
	struct reader *next;	/* the desk's */
};

/*
 * Opens it unless it is, and its snapshot unless there is one that holds all of so many
 * commits: what a client has been told of a change, it finds.  No statement is in use.
 */
bool reader_begin(struct reader *, int64_t now, unsigned long commits, struct err *);

/* Ends the snapshot, if there is one. */
void reader_rest(struct reader *);

/* Closes what is open. */
void reader_close(struct reader *);

/*
 * The entity tag of a row as the snapshot has it, if it was kept since anything changed; NULL:
 * it is not known.  of->version is set here.  Lives until the next reader_keep_tag.
 */
const char *reader_find_tag(struct reader *, struct tagged *of);

/* Keeps the tag of a row that reader_find_tag did not know. */
void reader_keep_tag(struct reader *, const struct tagged *of, struct text tag);

/* What its connection has found out for searches; NULL for no reader. */
struct search_weights *reader_weights(struct reader *);

/* Its connection, inside the snapshot; after reader_begin. */
struct db *reader_db(const struct reader *);

#endif
