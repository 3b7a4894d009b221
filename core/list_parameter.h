/*
 * list_parameter.h - the query parameters of a list, from its field table
 */
#ifndef LIST_PARAMETER_H
#define LIST_PARAMETER_H

#include <helpdesk/plugin.h>

struct arena;
struct resource;

/* What a parameter does. */
enum list_role {
	LIST_FILTER,		/* its column is one of the values */
	LIST_SINCE, LIST_UNTIL,	/* its column is not before, is before the value */
	LIST_SEARCH,
	LIST_LIMIT, LIST_CURSOR, LIST_SORT, LIST_FIELDS, LIST_COUNT, LIST_SNIPPET,
	LIST_ROLES
};

struct list_parameter {
	enum list_role role;
	unsigned column;	/* LIST_FILTER, LIST_SINCE, LIST_UNTIL */
};

/*
 * Makes a resource's ->filters, ->roles, ->role_at and ->choice; its columns are made.
 * What its table declares comes first, so its names count before the list's own.
 * All is in the arena, which has no limit. [startup]
 */
void list_parameters(struct arena *, struct resource *);

/* Whether lists can be sorted by a field. */
bool list_can_sort(const struct hd_field *);

/* "id, status, created_at": what a list can be sorted by. */
const char *list_sortable(struct arena *, const struct resource *);

#endif
