/*
 * list_sort.h - in which order a list comes, and where in it a page begins
 *
 * What follows a row in an order of several keys is not one range but a few: rows equal
 * in all keys but the last and beyond it there, rows equal in all but the last two, and
 * so on.  Each of these segments is a statement of its own, which an index of the keys
 * serves as it stands, however far into the list it is.
 */
#ifndef LIST_SORT_H
#define LIST_SORT_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"
#include "type.h"

struct out;
struct request;
struct where;

enum { SORT_NAMES = 4, SORT_KEYS = SORT_NAMES + 1 };

struct sort_key {
	const char *sql;	/* of the value: "t.created_at" */
	const char *name;	/* of the field */
	bool descending;
	bool nullable;		/* what has no value comes last, either way */
	bool number;		/* its values are numbers, not texts */
};

struct sort {
	struct sort_key keys[SORT_KEYS];	/* the last is the id */
	unsigned count;
	bool own;		/* it is the list's own order */
	bool ranked;		/* by relevance: search_join is needed */
};

/*
 * The order of the request's list: what its parameter sort says, or its own.  False with
 * the request failed.  [request]
 */
bool sort_read(struct request *, const struct where *, struct sort *ret);

/*
 * Fails the request with 400 if its table is large and no index serves the order together
 * with the filters; paged: a part of the list is asked for.  A list without limit, sort and
 * a span of time never fails.  [request]
 */
bool sort_check_index(struct request *, const struct where *, const struct sort *, bool paged);

/* A check value of the order. */
uint64_t sort_check(const struct sort *, uint64_t check);

/* ---- segments ---- */

/* After a row there are up to so many segments, numbered from 0 on. */
static inline unsigned
sort_segments(const struct sort *s)
{
	return 2 * s->count;
}

/* Whether there can be rows in a segment after a row with these values. */
bool sort_has_segment(const struct sort *, const struct value *last, unsigned segment);

/*
 * Appends a segment's conditions to a statement that has those of where; last are
 * the parameters after where's.  Returns how many of them are used, from the first on;
 * those that are null have no parameter.
 */
unsigned sort_write_segment(struct out *, const struct sort *, const struct where *,
    const struct value *last, unsigned segment);

/* Appends " ORDER BY ..."; of a segment, by all keys, or by the last alone, the id: the first
 * segment's order. */
enum { SORT_WHOLE = -1, SORT_BY_ID = 0 };
void sort_write_order(struct out *, const struct sort *, int segment);

#endif
