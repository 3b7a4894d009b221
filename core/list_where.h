/*
 * list_where.h - which rows a list has: its filters as a condition
 */
#ifndef LIST_WHERE_H
#define LIST_WHERE_H

#include <stdbool.h>

#include "out.h"
#include "text.h"
#include "type.h"

struct request;

/* The conditions of a list: their SQL, and the values for it.  A lack of memory shows as
 * sql.failed. */
struct where {
	struct out sql;		/* empty, or " WHERE ..." */
	struct value *values;	/* of its parameters, from ?1 on; in the request's arena */
	unsigned count, room;
	struct text term;	/* that is searched for, folded; absent: none */
	unsigned term_parameter;
};

/*
 * Makes the conditions of the request's list from its parameters; false with the request
 * failed.  [request]
 */
bool where_make(struct request *, struct where *);

/* Begins one more condition: " WHERE " or " AND ". */
void where_and(struct where *);

/* Adds a value; the number of its parameter. */
unsigned where_value(struct where *, struct value);

#endif
