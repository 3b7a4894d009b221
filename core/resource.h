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

#include "list_parameter.h"
#include "route.h"
#include "text.h"
#include "type.h"

struct arena;
struct db;
struct db_stmt;
struct err;
struct request;
struct search_sql;

enum { RESOURCE_FIELDS = 64 };

/* What can be served of a resource, in the order of its routes. */
enum operation {
	OP_LIST, OP_CREATE, OP_GET, OP_PATCH, OP_PUT, OP_DELETE,
	OP_UPLOAD, OP_DOWNLOAD, OP_DETACH,	/* of attachments */
	OP_RESTORE,				/* of what has versions */
	OPERATIONS
};

/* A field of a resource, and what was made of it. */
struct column {
	const struct hd_field *field;
	const struct type *type;
	struct text member;	/* "\"subject\":", with a comma before all but the first */
	const char *fold;	/* column of the folded copy, "status_fold"; NULL: none */
	int of;			/* HD_USER_NAME: index of the user's field; else -1 */
	bool number;		/* the database has it as a whole number */
};

/* How rows hang at the row of another resource. */
enum tie {
	TIE_NONE,	/* they stand alone */
	TIE_COLUMN,	/* by the column of their HD_PARENT field */
	TIE_RECORD	/* by the table's name and the id, in columns resource and record */
};

struct resource {
	const struct hd_resource *d;
	unsigned operations;	/* bits 1 << enum operation */
	const struct resource *parent;	/* NULL: it stands alone */
	struct resource *children, *next;	/* those that hang at it; the parent's next one */
	enum tie tie;
	unsigned depth;		/* how many parents stand above it */
	const char *key;	/* column by which a path names a row: "id" */
	const char *audited;	/* what the audit trail calls it: "tickets" */
	bool core;		/* the table is the server's own */
	struct column columns[RESOURCE_FIELDS];
	unsigned count;
	bool searched;		/* has an index for d->search */
	const struct search_sql *search;	/* NULL: it has none */
	const char *selected;	/* "SELECT ..." of every column */
	const char *selected_nameless;	/* likewise, with null for names of users */
	const char *select;	/* ... FROM table t */
	const char *select_one;	/* ... WHERE t.id = ?1 */
	const char *select_item;	/* ... WHERE t.KEY = ?1, and of the parent ?2 */
	const char *tied;	/* condition that rows are of the parent ?1; NULL: no parent */
	const char *order;	/* " ORDER BY ..." */
	const char *insert;	/* of every column in order, but the id; for db_insert */
	const char *erase;	/* DELETE ... WHERE id = ?1 */
	struct text one_open;	/* "{\"ticket\":" */
	struct text many_open;	/* "{\"tickets\":[" */
	const struct hd_field *filters;	/* query parameters of the list */
	const struct list_parameter *roles;	/* what each of them does */
	int role_at[LIST_ROLES];	/* the first that does a thing; -1: none */
	const struct hd_field *choice;	/* query parameters of one row */
	const char *required;	/* message when a required member is missing */
};

/* Compiles a resource that stands alone; it lives in the arena.  Likewise checked. */
struct resource *resource_new(struct arena *, const struct hd_resource *);

/*
 * Compiles the resources of a module, with what they have besides (belonging.h), into
 * an array that NULL ends; they live in the arena.  The descriptor has been checked.
 */
const struct resource **resource_compile(struct arena *, const struct hd_resource *);

/*
 * The routes of a resource, below prefix ("/api/v1"), for the router; at most OPERATIONS,
 * their number is returned.  instance, module and scope are left to the caller.
 */
unsigned resource_routes(struct arena *, const struct resource *, const char *prefix,
    struct route *routes);

/* Whether the server keeps the table itself: "core_user". */
bool resource_is_core(const char *table);

/* Whether a column tells something of a row that time and editor do not: what the audit
 * trail and versions keep. */
bool resource_tells(const struct column *);

/* Index of the only field of a type; -1. */
int resource_column_of(const struct resource *, enum hd_type);

/* "title and content are required.": what is said when a required field is missing. */
const char *resource_required(struct arena *, const struct hd_field *);

/* Prepares every statement once, so that a mistake is found at start. */
bool resource_prepare(const struct resource *, struct db *, struct err *);

/* Index of a field by name; -1. */
int resource_column(const struct resource *, const char *name);

/* Reads one column of the row that a statement stands at; a text is the statement's. */
void resource_value(struct db_stmt *, unsigned column, bool is_number, struct value *ret);

/* Reads the row that a statement of ->select stands at; texts are the statement's. */
void resource_row(const struct resource *, struct db_stmt *, struct value *row);

/* Binds what column i of a row holds, or null. */
void resource_bind(struct db_stmt *, unsigned parameter, const struct value *);

#endif
