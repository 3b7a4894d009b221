/*
 * ceiling_store.h - the statements of the ceiling, prepared once, on a database that the
 * server made: same tables, same indexes
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceiling_json.h"

struct sqlite3_stmt;

struct store_options {
	const char *path;
	long mmap_mib, cache_kib;
	int checkpoint;		/* frames in the WAL until they are moved to the database */
	bool search;		/* writes keep the full-text index, as the server does */
};

struct store;

/* Bytes that grow. */
struct bytes {
	char *at;
	size_t len, size;
};

/* At least room bytes behind the end. */
void bytes_need(struct bytes *, size_t room);

/* These end the program with a message when the database does not do as it is told. */
struct store *store_open(const struct store_options *, bool writer);

/* One read transaction for all that is read until store_leave. */
void store_enter(struct store *);
void store_leave(struct store *);

/* Appends {"ticket":{...}}; false if there is none. */
bool store_point(struct store *, int64_t id, struct bytes *);

/*
 * A scan of all tickets, newest first: store_scan_step appends up to target bytes of
 * {"tickets":[...]} and returns false behind the last.
 */
void store_scan_begin(struct store *, struct bytes *);
bool store_scan_step(struct store *, size_t target, struct bytes *);

/* A group of changes is what stands between these two. */
void store_begin(struct store *);
void store_commit(struct store *);

/* Each makes the two rows of a change and appends the answer.  They return its status. */
int store_insert(struct store *, const char *body, size_t len, struct bytes *);
int store_update(struct store *, int64_t id, const char *body, size_t len, struct bytes *);

/* Moves what is in the WAL into the database, if it has become much. */
void store_checkpoint_if_due(struct store *);
