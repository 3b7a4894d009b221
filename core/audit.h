/*
 * audit.h - who changed what, from what to what, when
 *
 * One row of core_audit per change, written in the same transaction as the change.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

struct db;
struct err;
struct request;

/*
 * The name under which entries about a table stand: "users" for "core_user", likewise for
 * the core's other tables; that of a module's table is its own.  [any thread]
 */
const char *audit_name(const char *table);

/*
 * Writes an entry: action is "create", "update", "delete" or a module's own word;
 * resource the table; changes a JSON object of [old, new] pairs by field.  Who, from
 * where and under which request id is known from the request.  False with the request
 * failed.
 */
bool audit_write(struct request *, const char *action, const char *resource, int64_t id,
    struct text changes);

/*
 * Likewise for what no request asked for, but somebody on the machine itself: without key,
 * user and request id, from the address "local", inside the caller's transaction.
 */
bool audit_write_local(struct db *, const char *action, const char *resource, int64_t id,
    struct text changes, struct err *);

/* ---- reading ---- */

/* What is asked for; what is zero or absent is not asked. */
struct audit_filter {
	struct text resource;		/* the name, not the table */
	int64_t record;
	int64_t user;
	struct text since, until;	/* as iso8601_format writes; from since on, before until */
	int64_t most;			/* entries; 0: all */
};

struct audit_entry {
	int64_t id;
	struct text at;
	struct text request_id;		/* absent: none; likewise those below */
	int64_t key;			/* 0: none */
	struct text key_name;
	int64_t user;			/* 0: none */
	struct text user_name;
	struct text address, resource;
	int64_t record;
	struct text action;
	struct text changes;		/* JSON */
};

/*
 * Calls each for every entry that is asked for, newest first, until it says false, which
 * is no failure.  Memory does not grow with their number, no statement sorts, and none is
 * open while each runs: it may take its time.  So entries that are written meanwhile do
 * not appear.  The texts last until each returns.
 */
typedef bool audit_each(void *context, const struct audit_entry *);
bool audit_list(struct db *, const struct audit_filter *, audit_each *, void *context,
    struct err *);

#endif
