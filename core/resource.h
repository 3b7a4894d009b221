/*
 * resource.h - a field table at work: list, create, read, change, delete
 *
 * Compiled once per process from a module's descriptor: names, SQL and JSON that are
 * the same for every request are made here, at start.
 */
#ifndef RESOURCE_H
#define RESOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include <helpdesk/plugin.h>

#include "route.h"
#include "text.h"
#include "type.h"

struct arena;
struct db;
struct db_stmt;
struct err;
struct request;

enum { RESOURCE_FIELDS = 64, RESOURCE_ROUTES = 6 };

/* A field of a resource, and what was made of it. */
struct column {
	const struct hd_field *field;
	const struct type *type;
	struct text member;	/* "\"subject\":", with a comma before all but the first */
	const char *fold;	/* column of the folded copy, "status_fold"; NULL: none */
	int of;			/* HD_USER_NAME: index of the user's field; else -1 */
};

struct resource {
	const struct hd_resource *d;
	struct column columns[RESOURCE_FIELDS];
	unsigned count;
	bool searched;		/* has an index for d->search */
	const char *select;	/* "SELECT ... FROM table t" */
	const char *select_one;	/* ... WHERE t.id = ?1 */
	const char *order;	/* " ORDER BY ..." */
	const char *insert;	/* of every column in order, RETURNING id */
	const char *erase;	/* DELETE ... WHERE id = ?1 */
	struct text one_open;	/* "{\"ticket\":" */
	struct text many_open;	/* "{\"tickets\":[" */
	const struct hd_field *filters;	/* query parameters of the list, as text */
	int filtered[RESOURCE_FIELDS];	/* the column that each is about; -1: d->search */
	const char *required;	/* message when a required member is missing */
};

/* Compiles a resource; it lives in the arena. The descriptor has been checked. */
struct resource *resource_new(struct arena *, const struct hd_resource *);

/*
 * The routes of a resource, below prefix ("/api/v1"), for the router: list, create,
 * get, patch, put, delete.  instance and module are left to the caller.
 */
void resource_routes(struct arena *, const struct resource *, const char *prefix,
    struct route routes[RESOURCE_ROUTES]);

/* "title and content are required.": what is said when a required field is missing. */
const char *resource_required(struct arena *, const struct hd_field *);

/* Prepares every statement once, so that a mistake is found at start. */
bool resource_prepare(const struct resource *, struct db *, struct err *);

/* Index of a field by name; -1. */
int resource_column(const struct resource *, const char *name);

/* Reads the row that a statement of ->select stands at; texts are the statement's. */
void resource_row(const struct resource *, struct db_stmt *, struct value *row);

/* Binds what column i of a row holds, or null. */
void resource_bind(struct db_stmt *, unsigned parameter, const struct value *);

#endif
