/*
 * list_walk.h - a whole list along the ids of its table
 *
 * Rows are stamped in the order in which they are made, so a list by the time of making, the
 * latest first, is its table from the end on: no index is walked, and no row looked up for
 * each entry of it.  A clock that was set back while the server was down breaks that, or rows
 * that somebody else wrote; so each row is held against the one before it.
 */
#ifndef LIST_WALK_H
#define LIST_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "iso8601.h"

struct list;
struct value;

struct list_walk {
	int column;			/* when a row was made; -1: the list goes along an index */
	bool broken;			/* a row was younger than the one before it, or cannot be
					 * told to be older */
	char before[ISO8601_TIME_SIZE];	/* when that was made; */
	size_t length;			/* 0: there is none yet */
};

/* The walk of a list that has been read; of one that the ids do not serve it goes along an
 * index. */
struct list_walk walk_begin(const struct list *);

/* Whether a row may come next; false from the first on that may not. */
bool walk_step(struct list_walk *, const struct value *row);

/*
 * Throws away what there is of a list whose walk was broken: it is made anew, along an index and
 * with a budget of its own, as all lists of the site are from now on.
 */
void walk_give_up(struct list *);

#endif
