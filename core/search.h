/*
 * search.h - finding rows by a part of their text
 *
 * The fields of a row that are searched are folded and kept together in the table
 * TABLE_text (id, text), with an index of all runs of three characters beside it, so a
 * term of three characters or more is found without reading every row.  The table is
 * derived: it can be made anew at any time.
 */
#ifndef SEARCH_H
#define SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

struct arena;
struct db;
struct err;
struct out;
struct resource;

/* Makes what is missing of the index, and fills it; inside a transaction. */
bool search_derive(struct db *, const struct resource *, struct err *);

/* Brings the index up to date with a row that was made or changed; likewise. */
bool search_put(struct db *, struct arena *, const struct resource *, int64_t id, struct err *);

/* Takes a row out of the index; likewise. */
bool search_erase(struct db *, const struct resource *, int64_t id, struct err *);

/*
 * Appends the condition that a row holds the term (trimmed, not empty), and returns
 * the value for its parameter; absent over the arena's limit.
 */
struct text search_condition(struct out *, struct arena *, const struct resource *,
    struct text term, unsigned parameter);

#endif
