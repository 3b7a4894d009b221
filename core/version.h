/*
 * version.h - how a row was: rows of core_version
 *
 * Each state of a row whose resource has HD_WITH_VERSIONS is kept under a number, 1, 2,
 * 3 ..., the present one too.
 */
#ifndef VERSION_H
#define VERSION_H

#include <stdbool.h>
#include <stdint.h>

struct db;
struct err;
struct request;
struct resource;
struct value;

/*
 * Keeps what a row became, if its resource has versions; from: what it was, or NULL if it
 * is new.  A row that is older than its versions gets its former state as number 1.  In
 * the caller's transaction; false with the request failed.
 */
bool version_keep(struct request *, const struct resource *, const struct value *from,
    const struct value *to);

/* Removes the versions of a row, in the caller's transaction; resource: as in audits. */
bool version_erase(struct db *, const char *resource, int64_t record, struct err *);

/*
 * Serves POST .../versions/{version}/restore: the row becomes what it was then, as a
 * change like any other, and so gets a new number.
 */
bool version_restore(struct request *);

#endif
