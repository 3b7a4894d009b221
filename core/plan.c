/*
 * plan.c - what of a module looks through a whole table
 *
 * Asks the database for its plan (SQLite: EXPLAIN QUERY PLAN) of each statement, and of
 * each list under each of its filters.  A list without any is not asked: it is meant to be
 * all.  Nothing here is a fault: a table may be small for ever.
 */
#include "plan.h"

#include <string.h>

#include "arena.h"
#include "cleanup.h"
#include "db.h"
#include "err.h"
#include "list.h"
#include "module.h"
#include "query.h"
#include "request.h"
#include "resource.h"
#include "resource_serve.h"
#include "site.h"
#include "user.h"

enum { LIST_MEMORY = 1 << 20 };

/* A module that is being looked at. */
struct look {
	struct db *db;
	struct arena *arena;
	const struct instance *instance;
	plan_say *say;
	void *context;
};

/* ---- plans ---- */

/* Steps that begin like a scan of a table and are none, or are meant to be: what a search index
 * is behind with is not all rows. */
static const char *const no_scans[] = { "(", "CONSTANT ROW", " VIRTUAL TABLE ", "core_pending_",
					" USING " };
enum { BUT_BY_INDEX = sizeof(no_scans) / sizeof(no_scans[0]), ALL = BUT_BY_INDEX - 1 };

/*
 * The table that a step of a plan goes through whole, as the statement calls it; or NULL.
 * A scan along an index is one too, of all rows unless there is a limit.
 */
static const char *
scanned(struct arena *arena, struct text step, unsigned which)
{
	static const char scan[] = "SCAN ";
	const char *table = step.at + sizeof(scan) - 1;

	if (step.len < sizeof(scan) || strncmp(step.at, scan, sizeof(scan) - 1) != 0)
		return NULL;
	for (unsigned i = 0; i < which; i++)
		if (strstr(table, no_scans[i]) != NULL)
			return NULL;
	return arena_copy(arena, table, strcspn(table, " "));
}

/* Says "WHAT looks through all rows", and whose, of the tables that the SQL goes through
 * whole; once of each, but for one that others stand between. */
static bool
look_at_sql(const struct look *l, const char *sql, unsigned which, const char *what,
    struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	const char *explain = arena_printf(l->arena, "EXPLAIN QUERY PLAN %s", sql);
	const char *table, *last = "", *sentence;

	if (explain == NULL)
		return err_set(e, "no memory");
	st = db_prepare(l->db, explain, e);
	while (st != NULL && db_step(st) == DB_ROW) {
		table = scanned(l->arena, db_text(st, 3), which);
		if (table == NULL || strcmp(table, last) == 0)
			continue;
		last = table;
		sentence = arena_printf(l->arena, "%s looks through all rows%s%s", what,
		    which == ALL ? "" : " of ", which == ALL ? "" : table);
		if (sentence != NULL)
			l->say(l->context, sentence);
	}
	return st != NULL;
}

static bool
look_at_statements(const struct look *l, struct err *e)
{
	for (unsigned i = 0; i < l->instance->statement_count; i++) {
		const char *sql = l->instance->statements[i];

		if (!look_at_sql(l, sql, BUT_BY_INDEX, arena_printf(l->arena,
		    "statement %u (%s)", i, sql), e))
			return false;
	}
	return true;
}

/* ---- lists ---- */

/* The user that is there. */
static const char somebody[] = "abc";

/* Something that a parameter can be; a text, and who is meant, else.  What can have several
 * values is declared as a text, so a filter is asked for its column. */
static const char *
example(const struct resource *r, unsigned filter)
{
	const struct list_parameter *p = &r->roles[filter];

	switch (p->role == LIST_FILTER ? r->columns[p->column].field->type :
	    r->filters[filter].type) {
	case HD_INTEGER:
		return "1";
	case HD_BOOLEAN:
		return "true";
	case HD_TIME:
	case HD_DATE:
		return "2025-01-01";
	default:
		return somebody;
	}
}

/* Looks at the statements of a list whose query has been given. */
static bool
look_at_request(const struct look *l, struct request *req, const char *what, struct err *e)
{
	struct list list;
	const char *sql;
	unsigned i, parameters;
	bool needed;

	if (!query_read(req) || !list_read(req, &list))
		return err_set(e, "%s: %s", what, req->faults != NULL ? req->faults->message :
		    req->err.message);
	for (i = 0; i < list_statements(&list); i++) {
		needed = true;
		sql = list_statement(&list, i, &needed, &parameters);
		if (sql != NULL && !look_at_sql(l, sql, ALL, what, e))
			return false;
	}
	return true;
}

static bool
look_at_filter(const struct look *l, const struct route *route, unsigned number, struct err *e)
{
	struct request *req = request_new(LIST_MEMORY);
	const struct hd_field *filter = &route->query[number];
	const struct hd_resource *d = route->resource->d;
	bool searches = d->search != NULL && (d->flags & HD_SEARCH_OPTIONAL) == 0 &&
	    strcmp(d->search, filter->name) != 0;
	const char *query = arena_printf(l->arena, "%s=%s%s%s%s", filter->name,
	    example(route->resource, number), searches ? "&" : "", searches ? d->search : "",
	    searches ? "=abc" : "");
	const char *what = arena_printf(l->arena, "GET %s?%s=", route->path, filter->name);
	bool good;

	req->path = text_of(route->path);
	req->query = text_of(query);
	req->route = route;
	req->db = l->db;
	for (unsigned i = 0; i < ROUTE_PARAMS; i++)
		req->params[i] = TEXT("1");
	good = query != NULL && what != NULL ? look_at_request(l, req, what, e) :
	    err_set(e, "no memory");
	request_free(req);
	return good;
}

/* Whether a parameter says which rows there are. */
static bool
narrows(enum list_role role)
{
	return role == LIST_FILTER || role == LIST_SINCE || role == LIST_UNTIL ||
	    role == LIST_SEARCH;
}

static bool
look_at_list(const struct look *l, const struct resource *r, struct err *e)
{
	const struct route route = { .method = "GET", .path = r->d->path, .resource = r,
		.query = r->filters, .serve = resource_list };

	for (unsigned i = 0; r->filters[i].name != NULL; i++)
		if (narrows(r->roles[i].role) && !look_at_filter(l, &route, i, e))
			return false;
	return true;
}

/* Those below a row are looked up by that row first, so they are not asked. */
static bool
look_at_lists(const struct look *l, struct err *e)
{
	const struct resource *const *r = l->instance->resources;

	for (; *r != NULL; r++)
		if (!(*r)->core && (*r)->tied == NULL && ((*r)->operations & 1U << OP_LIST) != 0 &&
		    !look_at_list(l, *r, e))
			return false;
	return true;
}

/* Lists can be filtered by a user only if there is one. */
static bool
add_user(const struct look *l, struct err *e)
{
	const struct user user = { .name = text_of(somebody) };
	int64_t id;

	return db_begin(l->db, e) && user_add(l->db, l->arena, &user, &id, e) &&
	    db_commit(l->db, e);
}

bool
plan_look(struct db *db, struct arena *arena, const struct instance *instance, plan_say *say,
    void *context, struct err *e)
{
	const struct look l = { db, arena, instance, say, context };

	return look_at_statements(&l, e) && add_user(&l, e) && look_at_lists(&l, e);
}
