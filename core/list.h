/*
 * list.h - a list of rows: what was asked for, found out once, and what comes of it
 */
#ifndef LIST_H
#define LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "list_sort.h"
#include "list_walk.h"
#include "list_where.h"
#include "type.h"

struct request;
struct resource;
struct list_form;
struct user_names;

struct list {
	struct request *req;
	const struct resource *r;
	struct where where;
	struct sort sort;
	const struct list_form *form;	/* JSON or CSV */
	int64_t limit;			/* 0: none */
	struct list_walk walk;		/* how it goes through its table */
	bool counts, snippets;
	size_t looked;			/* bytes that were looked through for snippets */
	bool resumed;			/* behind a cursor, whose row has these values: */
	struct value last[SORT_KEYS];
	uint64_t check;			/* that its cursors have */
	int64_t rows;			/* that were answered */
	struct text next;		/* cursor of the row that the limit came at */
	bool more;			/* there is a row behind it */
	struct user_names *names;	/* that its rows have had so far; NULL: none is made */
};

/*
 * Reads what the request's parameters say of its list; false with the request failed.
 * Nothing of an earlier run of the request is taken over.  [request]
 */
bool list_read(struct request *, struct list *ret);

/* The statements that a list is made of: the whole, or (resumed) its segments. */
unsigned list_statements(const struct list *);

/*
 * The SQL of the i-th, in the request's arena; NULL over its limit, or with *needed false
 * if there can be no rows in it.  *parameters says how many of ->last it has.  [request]
 */
const char *list_statement(const struct list *, unsigned i, bool *needed,
    unsigned *parameters);

#endif
