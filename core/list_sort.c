/*
 * list_sort.c - in which order a list comes, and where in it a page begins
 *
 * Names that a client sends are looked up in the table; what goes into SQL is the table's.
 */
#include "list_sort.h"

#include <string.h>

#include "arena.h"
#include "cleanup.h"
#include "cursor.h"
#include "db.h"
#include "list_parameter.h"
#include "list_where.h"
#include "out.h"
#include "request.h"
#include "resource.h"
#include "row.h"
#include "search.h"

/* ---- keys ---- */

static struct sort_key
key_of(struct arena *a, const struct column *c, bool descending)
{
	const char *name = c->fold != NULL ? c->fold : c->field->name;

	return (struct sort_key){ .sql = arena_printf(a, "t.%s", name), .name = c->field->name,
	    .descending = descending, .number = c->type->column[0] == 'I',
	    .nullable = type_nullable(c->field->type) };
}

static void
add_key(struct arena *a, struct sort *s, const struct column *c, bool descending)
{
	s->keys[s->count++] = key_of(a, c, descending);
}

static bool
has_key(const struct sort *s, const char *name)
{
	unsigned i;

	for (i = 0; i < s->count; i++)
		if (strcmp(s->keys[i].name, name) == 0)
			return true;
	return false;
}

/* The first column of a resource is its id. */
static void
end_with_id(struct arena *a, const struct resource *r, struct sort *s)
{
	if (!has_key(s, r->columns[0].field->name))
		add_key(a, s, &r->columns[0], s->keys[s->count - 1].descending);
}

static void
add_own_order(struct arena *a, const struct resource *r, struct sort *s)
{
	if (r->d->order != NULL)
		add_key(a, s, &r->columns[resource_column(r, r->d->order)], true);
	add_key(a, s, &r->columns[0], true);
}

static void
add_relevance(struct request *req, const struct where *w, struct sort *s)
{
	static const char *const names[SEARCH_RANKS] = { "in the title", "how often" };
	const char *ranks[SEARCH_RANKS];
	unsigned i;

	search_rank(&req->arena, row_resource(req), w->term_parameter, ranks);
	for (i = 0; i < SEARCH_RANKS; i++)
		s->keys[s->count++] = (struct sort_key){ .sql = ranks[i], .name = names[i],
		    .descending = true, .number = true };
	s->ranked = true;
	add_own_order(&req->arena, row_resource(req), s);
}

/* ---- what the client says ---- */

static const struct column *
sortable_column(const struct resource *r, struct text name)
{
	unsigned i;

	for (i = 0; i < r->count; i++)
		if (text_equal(text_of(r->columns[i].field->name), name) &&
		    list_can_sort(r->columns[i].field))
			return &r->columns[i];
	return NULL;
}

static bool
fail_name(struct request *req, struct text name)
{
	const struct resource *r = row_resource(req);

	return request_fail(req, 400, "unknown", "sort", "no list is sorted by '%.*s', but by %s%s",
	    TEXT_SHOWN(name), list_sortable(&req->arena, r),
	    r->d->search != NULL ? ", or by relevance alone" : "");
}

static bool
take_name(struct request *req, struct sort *s, struct text name)
{
	bool descending = name.at[0] == '-';
	const struct column *c;

	name.at += descending;
	name.len -= descending;
	c = sortable_column(row_resource(req), name);
	if (c == NULL)
		return fail_name(req, name);
	if (has_key(s, c->field->name))
		return true;
	if (s->count == SORT_NAMES)
		return request_fail(req, 400, "too_many", "sort", "takes at most %d names",
		    SORT_NAMES);
	add_key(&req->arena, s, c, descending);
	return true;
}

static bool
take_names(struct request *req, struct sort *s, struct text names)
{
	const char *end = names.at + names.len, *at = names.at, *comma;
	struct text name;

	for (; at < end; at = comma + 1) {
		comma = memchr(at, ',', (size_t)(end - at));
		if (comma == NULL)
			comma = end;
		name = text_trim((struct text){ at, (size_t)(comma - at) });
		if (name.len > 0 && !take_name(req, s, name))
			return false;
	}
	return true;
}

static bool
is_relevance(const struct resource *r, struct text sort)
{
	return r->d->search != NULL && sortable_column(r, sort) == NULL &&
	    text_equal(text_trim(sort), TEXT("relevance"));
}

static bool
same_order(const struct sort *a, const struct sort *b)
{
	unsigned i;

	for (i = 0; i < a->count; i++)
		if (i >= b->count || a->keys[i].descending != b->keys[i].descending ||
		    strcmp(a->keys[i].sql, b->keys[i].sql) != 0)
			return false;
	return a->count == b->count;
}

static bool
read_names(struct request *req, const struct where *w, struct text names, struct sort *s)
{
	const struct resource *r = row_resource(req);

	if (is_relevance(r, names)) {
		if (w->term_parameter == 0)
			return request_fail(req, 400, "required", "sort",
			    "relevance is that of a search; give %s", r->d->search);
		add_relevance(req, w, s);
		return true;
	}
	if (!take_names(req, s, names))
		return false;
	if (s->count > 0)
		end_with_id(&req->arena, r, s);
	return true;
}

static bool
has_memory(const struct sort *s)
{
	unsigned i;

	for (i = 0; i < s->count; i++)
		if (s->keys[i].sql == NULL)
			return false;
	return true;
}

bool
sort_read(struct request *req, const struct where *w, struct sort *ret)
{
	const struct resource *r = row_resource(req);
	struct sort own = { .own = true };
	int at = r->role_at[LIST_SORT];

	*ret = (struct sort){ .count = 0 };
	add_own_order(&req->arena, r, &own);
	if (at >= 0 && req->arguments[at].kind == VALUE_TEXT &&
	    !read_names(req, w, req->arguments[at].text, ret))
		return false;
	if (!has_memory(ret) || !has_memory(&own))
		return request_fail_memory(req);
	if (ret->count == 0 || same_order(ret, &own))
		*ret = own;
	return true;
}

uint64_t
sort_check(const struct sort *s, uint64_t check)
{
	unsigned i;

	for (i = 0; i < s->count; i++) {
		check = cursor_check(check, text_of(s->keys[i].sql));
		check = cursor_check(check, s->keys[i].descending ? TEXT("desc") : TEXT("asc"));
	}
	return check;
}

/* ---- whether an index serves it ---- */

/* One field, or one and the id the same way: what there are indexes for. */
static bool
is_simple(const struct sort *s)
{
	return s->count == 1 ||
	    (s->count == 2 && s->keys[0].descending == s->keys[1].descending);
}

/* Whether an index of the list's own order serves it, which has the filters in front. */
static bool
is_own_key(const struct resource *r, const struct sort *s)
{
	return strcmp(s->keys[0].name, r->d->order != NULL ? r->d->order :
	    r->columns[0].field->name) == 0;
}

/* Whether what a filter finds comes from its index as it is told.  Of several values it is
 * sorted: in the list's own order the whole of it may be, but not for a page each time. */
static bool
has_filter_index(const struct request *req, const struct sort *s, bool paged, unsigned i)
{
	return is_own_key(row_resource(req), s) &&
	    (req->alternatives[i]->next == NULL || (s->own && !paged));
}

/* The filter that no index serves together with the order; -1: there is none.  What is
 * found by a part of it has no index in any order.  Filters come first; where the index of
 * one serves, times are only looked at in the rows that it finds, as other filters are. */
static int
hindrance(const struct request *req, const struct sort *s, bool paged)
{
	const struct resource *r = row_resource(req);
	const struct hd_field *f;
	bool found = false;
	unsigned i;

	for (i = 0; r->filters[i].name != NULL; i++) {
		f = r->columns[r->roles[i].column].field;
		switch (r->roles[i].role) {
		case LIST_FILTER:
			if (req->alternatives[i] == NULL || (f->flags & HD_CONTAINS) != 0)
				break;
			if (!has_filter_index(req, s, paged, i))
				return (int)i;
			found = true;
			break;
		case LIST_SINCE:
		case LIST_UNTIL:
			if (!found && req->arguments[i].kind != VALUE_ABSENT &&
			    strcmp(f->name, s->keys[0].name) != 0)
				return (int)i;
			break;
		default:
			break;
		}
	}
	return -1;
}

/* Whether a table has more rows than may be sorted without an index.  Ids tell it of most
 * tables at once. */
static bool
is_large(struct request *req, bool *ret)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	const char *table = row_resource(req)->d->table;
	enum db_result result;

	st = row_prepare(req, arena_printf(&req->arena, "SELECT 1 WHERE"
	    " (SELECT max(id) FROM %1$s) - (SELECT min(id) FROM %1$s) >= ?1"
	    " AND (SELECT 1 FROM %1$s LIMIT 1 OFFSET ?1) = 1", table));
	if (st == NULL)
		return false;
	db_bind_int(st, 1, req->unindexed);
	result = db_step(st);
	*ret = result == DB_ROW;
	return result == DB_ROW || result == DB_DONE || request_fail_db(req, result);
}

/* What would do besides leaving out a filter.  Times have an index of their own alone. */
static const char *
advice(struct request *req, int filter)
{
	const struct resource *r = row_resource(req);
	const struct hd_field *f = r->columns[r->roles[filter].column].field;
	const char *said = "";

	if (r->roles[filter].role == LIST_FILTER)
		said = arena_printf(&req->arena, "sort by %s, with one value of each filter, or ",
		    r->d->order != NULL ? r->d->order : "id");
	else if (list_can_sort(f))
		said = arena_printf(&req->arena, "sort by it, with sort=-%s and no other filter, "
		    "or ", f->name);
	return said != NULL ? said : "";
}

static bool
fail_unindexed(struct request *req, const struct sort *s, int filter)
{
	const struct resource *r = row_resource(req);

	if (!is_simple(s))
		return request_fail(req, 400, "unindexed", "sort",
		    "no index has this order, and there are more than %u rows; sort by one of "
		    "%s, with nothing behind it, or search", req->unindexed,
		    list_sortable(&req->arena, r));
	return request_fail(req, 400, "unindexed", "sort",
	    "no index has the order %s together with the filter %s, and there are more than %u "
	    "rows; %sleave out the filter", s->keys[0].name, r->filters[filter].name,
	    req->unindexed, advice(req, filter));
}

bool
sort_check_index(struct request *req, const struct where *w, const struct sort *s,
    bool paged)
{
	int filter;
	bool large;

	/* What a search finds is sorted in any case; the rows of one parent are few. */
	if (w->term_parameter != 0 || row_resource(req)->parent != NULL)
		return true;
	filter = hindrance(req, s, paged);
	if (is_simple(s) && filter < 0)
		return true;
	if (!is_large(req, &large))
		return false;
	return !large || fail_unindexed(req, s, filter);
}

/* ---- segments ---- */

/* The key that a segment goes beyond: the last of all first. */
static unsigned
key_beyond(const struct sort *s, unsigned segment)
{
	return s->count - 1 - segment / 2;
}

/* Every other segment is what has no value there. */
static bool
is_of_nulls(unsigned segment)
{
	return segment % 2 == 1;
}

bool
sort_has_segment(const struct sort *s, const struct value *last, unsigned segment)
{
	unsigned k = key_beyond(s, segment);

	if (last[k].kind == VALUE_NULL)
		return false;
	return !is_of_nulls(segment) || s->keys[k].nullable;
}

static void
begin_condition(struct out *out, const struct where *w, bool *first)
{
	out_string(out, *first && w->sql.len == 0 ? " WHERE " : " AND ");
	*first = false;
}

unsigned
sort_write_segment(struct out *out, const struct sort *s, const struct where *w,
    const struct value *last, unsigned segment)
{
	unsigned i, k = key_beyond(s, segment);
	bool first = true;

	for (i = 0; i < k; i++) {
		begin_condition(out, w, &first);
		if (last[i].kind == VALUE_NULL)
			out_printf(out, "%s IS NULL", s->keys[i].sql);
		else
			out_printf(out, "%s = ?%u", s->keys[i].sql, w->count + 1 + i);
	}
	begin_condition(out, w, &first);
	if (is_of_nulls(segment)) {
		out_printf(out, "%s IS NULL", s->keys[k].sql);
		return k;
	}
	out_printf(out, "%s %s ?%u", s->keys[k].sql, s->keys[k].descending ? "<" : ">",
	    w->count + 1 + k);
	return k + 1;
}

void
sort_write_order(struct out *out, const struct sort *s, int segment)
{
	unsigned i = 0;
	bool first = true;

	if (segment != SORT_WHOLE)
		i = key_beyond(s, (unsigned)segment) + is_of_nulls((unsigned)segment);
	for (; i < s->count; i++) {
		out_printf(out, "%s%s%s%s", first ? " ORDER BY " : ", ", s->keys[i].sql,
		    s->keys[i].descending ? " DESC" : "", s->keys[i].nullable ? " NULLS LAST" : "");
		first = false;
	}
}
