/*
 * search.h - finding rows by a part of their text
 *
 * The fields of a row that are searched are folded and kept together in the table
 * core_text_TABLE (id, text), with an index of all runs of three characters beside it,
 * core_index_TABLE, so a term of three characters or more is found without reading
 * every row.  The index may be behind with rows that have changed of late, which are in
 * core_pending_TABLE and are read.  All are derived: they can be made anew at any time
 * (derived.c).
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
struct value;

/* The statements that keep and fill a resource's index, for resource.h; in the arena. */
struct search_sql;
const struct search_sql *search_compile(struct arena *, const struct resource *);

/* What the index is made from, in words: it is made anew when they change. */
const char *search_identity(struct arena *, const struct resource *);

/* Whether all tables are there; some alone are of no use. */
bool search_is_there(struct db *, const struct resource *, bool *ret, struct err *);

/* Makes the tables and fills them; inside a transaction. */
bool search_make(struct db *, const struct resource *, struct err *);

/* Takes away what there is of them; inside a transaction. */
bool search_drop(struct db *, const char *table, struct err *);

/* Lets searches find a row that was just made of these values; likewise. */
bool search_add(struct db *, const struct resource *, int64_t id, const struct value *row,
    struct err *);

/* Lets searches find a row that was made or changed as it is now; likewise. */
bool search_put(struct db *, const struct resource *, int64_t id, struct err *);

/* Lets no search find a row any more; likewise. */
bool search_erase(struct db *, const struct resource *, int64_t id, struct err *);

/* Brings the index up to date with some of the rows that it is behind with: some
 * milliseconds of work; likewise.  *more: there are others. */
bool search_catch_up(struct db *, const struct resource *, bool *more, struct err *);

/* Whether the index is behind with any row. */
bool search_is_behind(struct db *, const struct resource *, bool *ret, struct err *);

enum { SEARCH_PARAMETERS = 2 };

/*
 * How common runs of characters are, as far as that has been found out: a search asks its
 * index for the rarest of its term.  Of one connection's; some 50 KiB.  Never NULL.
 */
struct search_weights;
struct search_weights *search_weights_new(void);
void search_weights_free(struct search_weights *);	/* NULL is fine */

/*
 * Appends the condition that a row holds the term (trimmed, not empty).  values are
 * those of its parameters, the first of which has the number given; returns how many
 * they are, or 0 over the arena's limit.  The weights may be NULL: then each is found out.
 */
unsigned search_condition(struct out *, struct db *, struct search_weights *, struct arena *,
    const struct resource *, struct text term, unsigned parameter,
    struct text values[SEARCH_PARAMETERS]);

/*
 * How well a row answers a search: whether its first searched field, if that is text,
 * holds the term, and how often the row does; two expressions for SQL, the greater the
 * better, in the arena (NULL over its limit).  parameter is that of the first value of
 * search_condition.  They need what search_join says.
 */
enum { SEARCH_RANKS = 2 };
void search_rank(struct arena *, const struct resource *, unsigned parameter,
    const char *ranks[SEARCH_RANKS]);

/* Appends " JOIN ...": a row's text, for a statement FROM the resource's table t. */
void search_join(struct out *, const struct resource *);

#endif
