/*
 * derived.h - what can be made anew from a resource's columns
 *
 * Folded copies for filters, indexes, the search index.  The table core_derived keeps
 * what each was made from, so a start makes what is missing or was made from something
 * else, and takes away what no field asks for any more.
 */
#ifndef DERIVED_H
#define DERIVED_H

#include <stdbool.h>

struct db;
struct err;
struct resource;

/* Brings what is derived from a resource's columns up to date.  The columns are there;
 * db is a DB_WRITER outside a transaction. */
bool derived_make(struct db *, const struct resource *, struct err *);

/*
 * Takes away what is derived from an owner's tables, unless the resources ask for just that:
 * before its migrations, which could not drop a column that an index is on.  NULL ends the
 * resources; db is a DB_WRITER outside a transaction.
 */
bool derived_prune(struct db *, const char *owner, const struct resource *const *,
    struct err *);

#endif
