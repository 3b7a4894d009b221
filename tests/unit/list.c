/*
 * Whether a list can be read page by page in any order without losing a row or telling
 * one twice, and whether what is promised to have an index has one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../fixture/hall.h"
#include "arena.h"
#include "cleanup.h"
#include "core_schema.h"
#include "cursor.h"
#include "db.h"
#include "derived.h"
#include "err.h"
#include "json.h"
#include "list.h"
#include "migrate.h"
#include "query.h"
#include "request.h"
#include "resource.h"
#include "resource_serve.h"
#include "schema.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct hd_field fields[] = {
	{ "id", HD_ID },
	{ "title", HD_TEXT, HD_FILTER | HD_SORT, .max = 80 },
	{ "state", HD_TEXT, HD_FILTER, .max = 80, .value = "\"new\"" },
	{ "kind", HD_TEXT, HD_EXACT | HD_SORT, .max = 80, .filter = "sort_of" },
	{ "rank", HD_INTEGER, HD_EXACT | HD_SORT | HD_REQUIRED },	/* by now; see add_row */
	{ "flag", HD_BOOLEAN, HD_EXACT, .value = "false" },
	{ "note", HD_TEXT, HD_CONTAINS },
	{ "owner", HD_USER, HD_FILTER },
	{ "due", HD_DATE, HD_SORT },
	{ "day", HD_TIME, HD_SORT | HD_SPAN },
	{ "made", HD_CREATED },
	{ "changed", HD_UPDATED },
	{ 0 },
};
static const struct hd_resource errands[] = {
	{ .path = "/errands", .table = "errand", .one = "errand", .many = "errands",
	  .fields = fields, .order = "made" },
	{ 0 },
};
static const struct hd_migration migrations[] = { { 1, "create", .tables = errands } };

/* A database of its own for each test, with one resource. */
struct desktop {
	struct arena arena;
	char folder[64], path[80];
	struct db *db;
	struct resource *r;
	struct route route;
	atomic_bool shuffled;	/* rows were found out of the order of their ids */
	unsigned unindexed;
	struct err err;
};

static bool
open_all(struct desktop *p)
{
	struct migration m;

	return core_open(p->path, &p->db, &p->err) &&
	    schema_migration(&p->arena, migrations, &m, &p->err) &&
	    migrate_apply(p->db, "errand", &m, 1, &p->err) &&
	    derived_make(p->db, p->r, &p->err);
}

static int
settle(void **state)
{
	struct desktop *p = calloc(1, sizeof *p);

	*state = p;
	arena_init(&p->arena, 256 << 20);
	strcpy(p->folder, "/tmp/helpdesk-list-XXXXXX");
	if (mkdtemp(p->folder) == NULL)
		return -1;
	snprintf(p->path, sizeof p->path, "%s/x.db", p->folder);
	p->unindexed = 100000;
	p->r = resource_new(&p->arena, errands);
	p->route = (struct route){ .method = "GET", .path = "/errands", .resource = p->r,
	    .query = p->r->filters, .serve = resource_list };
	if (open_all(p))
		return 0;
	print_error("%s\n", p->err.message);
	return -1;
}

static int
leave(void **state)
{
	struct desktop *p = *state;
	char command[128];

	db_close(p->db);
	arena_fini(&p->arena);
	snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
	free(p);
	return system(command);
}

static void
must(struct desktop *p, const char *sql)
{
	if (sql == NULL || !db_begin(p->db, &p->err) || !db_execute(p->db, sql, &p->err) ||
	    !db_commit(p->db, &p->err))
		fail_msg("%s: %s", sql, p->err.message);
}

/* ---- rows ---- */

static const char *const titles[] = { "'b'", "'B'", "'a'", "NULL", "''", "'\xce\xb1'", "'a'" };
static const char *const folds[] = { "'b'", "'b'", "'a'", "NULL", "''", "'\xce\xb1'", "'a'" };
static const char *const kinds[] = { "NULL", "'x'", "'X'" };
static const char *const ranks[] = { "1", "NULL", "-5", "1", "9223372036854775807" };
static const char *const days[] = { "'2025-01-01'", "NULL", "'2024-02-29'", "NULL" };

#define PICK(list, i) list[(i) % COUNT(list)]

/* A row whose values are shared with some others, in cycles of different lengths.  It may be
 * older than the rule that there must be a rank. */
static void
add_row(struct desktop *p, unsigned i)
{
	must(p, arena_printf(&p->arena, "INSERT INTO errand (title, title_fold, state, state_fold,"
	    " kind, rank, due, day, made, changed) VALUES (%s, %s, '%s', '%s', %s, %s, %s,"
	    " '2025-01-%02uT00:00:00', '2025-01-01T00:00:%02u.000000',"
	    " '2025-01-01T00:00:%02u.000000')",
	    PICK(titles, i), PICK(folds, i), i % 2 ? "Open" : "Done", i % 2 ? "open" : "done",
	    PICK(kinds, i), PICK(ranks, i), PICK(days, i), i % 28 + 1, i / 4 % 60, i * 7 % 60));
}

static void
fill(struct desktop *p, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		add_row(p, i);
}

/* ---- asking ---- */

static struct request *
ask(struct desktop *p, const char *query)
{
	struct request *req = request_new(64 << 20);

	req->path = TEXT("/api/v1/errands");
	req->query = text_of(arena_printf(&p->arena, "%s", query));
	req->route = &p->route;
	req->db = p->db;
	req->shuffled = &p->shuffled;
	req->unindexed = p->unindexed;
	out_init(&req->answer.body, &req->arena, SIZE_MAX);
	return req;
}

static bool
serve(struct request *req)
{
	return query_read(req) && resource_list(req) && !req->answer.body.failed;
}

enum { IDS = 512 };

struct page {
	int64_t ids[IDS];
	unsigned count;
	const char *next;	/* cursor; NULL: there is none */
};

static struct text
header(const struct request *req, const char *name)
{
	for (unsigned i = 0; i < req->answer.header_count; i++)
		if (text_equal(req->answer.headers[i].name, text_of(name)))
			return req->answer.headers[i].value;
	return (struct text){ NULL, 0 };
}

static const char *
next_cursor(struct desktop *p, const struct request *req)
{
	const char *link = arena_copy(&p->arena, header(req, "link").at, header(req, "link").len);
	const char *end = strstr(link, ">; rel=\"next\""), *at;

	if (end == NULL)
		return NULL;
	at = memmem(link, (size_t)(end - link), "cursor=", 7);
	assert_non_null(at);
	return arena_copy(&p->arena, at + 7, (size_t)(end - at - 7));
}

static struct page
get(struct desktop *p, const char *query)
{
	struct request *req = ask(p, query);
	struct page page = { .count = 0 };
	const struct json *body;

	if (!serve(req))
		fail_msg("%s: %d %s", query, req->status,
		    req->faults != NULL ? req->faults->message : "");
	if (!json_parse(&p->arena, (struct text){ req->answer.body.at, req->answer.body.len },
	    &body, &p->err))
		fail_msg("%s", p->err.message);
	for (const struct json *j = body->first->first; j != NULL; j = j->next)
		assert_true(page.count < IDS && json_to_int(j->first, &page.ids[page.count++]));
	if (header(req, "link").at != NULL)
		page.next = next_cursor(p, req);
	request_free(req);
	return page;
}

/* All pages of a list, one behind the other; between runs after each. */
static struct page
get_all(struct desktop *p, const char *query, unsigned limit,
    void (*between)(struct desktop *, unsigned page))
{
	struct page all = { .count = 0 }, one = { .next = NULL };
	unsigned n = 0;

	do {
		one = get(p, arena_printf(&p->arena, "%s&fields=id&limit=%u%s%s", query, limit,
		    one.next != NULL ? "&cursor=" : "", one.next != NULL ? one.next : ""));
		assert_true(one.count <= limit && (one.next == NULL || one.count == limit));
		assert_true(all.count + one.count <= IDS);
		memcpy(all.ids + all.count, one.ids, one.count * sizeof one.ids[0]);
		all.count += one.count;
		if (between != NULL && one.next != NULL)
			between(p, n);
		assert_true(++n < IDS);
	} while (one.next != NULL);
	return all;
}

/* What the database says in words of its own. */
static struct page
expected(struct desktop *p, const char *sql)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(p->db, sql, &p->err);
	struct page page = { .count = 0 };

	if (st == NULL)
		fail_msg("%s", p->err.message);
	while (db_step(st) == DB_ROW)
		page.ids[page.count++] = db_int(st, 0);
	return page;
}

static void
assert_same(const struct page *got, const struct page *want, const char *what)
{
	if (got->count != want->count)
		fail_msg("%s: %u rows in place of %u", what, got->count, want->count);
	for (unsigned i = 0; i < got->count; i++)
		if (got->ids[i] != want->ids[i])
			fail_msg("%s: at %u row %lld in place of %lld", what, i,
			    (long long)got->ids[i], (long long)want->ids[i]);
}

/* ---- pages ---- */

static const struct { const char *query, *sql; } orders[] = {
	{ "", "ORDER BY made DESC, id DESC" },
	{ "sort=id", "ORDER BY id" },
	{ "sort=-id", "ORDER BY id DESC" },
	{ "sort=-made", "ORDER BY made DESC, id DESC" },
	{ "sort=changed", "ORDER BY changed, id" },
	{ "sort=title", "ORDER BY title_fold IS NULL, title_fold, id" },
	{ "sort=-title", "ORDER BY title_fold IS NULL, title_fold DESC, id DESC" },
	{ "sort=kind", "ORDER BY kind IS NULL, kind, id" },
	{ "sort=-rank", "ORDER BY rank IS NULL, rank DESC, id DESC" },
	{ "sort=rank,-id", "ORDER BY rank IS NULL, rank, id DESC" },
	{ "sort=due,-rank,title,kind", "ORDER BY due IS NULL, due, rank IS NULL, rank DESC,"
	  " title_fold IS NULL, title_fold, kind IS NULL, kind, id" },
	{ "sort=-kind,due", "ORDER BY kind IS NULL, kind DESC, due IS NULL, due, id" },
	{ "sort=id,title", "ORDER BY id" },
	{ "sort=%20-rank%20,%20,rank,", "ORDER BY rank IS NULL, rank DESC, id DESC" },
	{ "sort=", "ORDER BY made DESC, id DESC" },
	{ "state=OPEN&sort=due", "WHERE state = 'Open' ORDER BY due IS NULL, due, id" },
	{ "state=open&rank=1,-5&sort_of=x", "WHERE state = 'Open' AND rank IN (1, -5) AND kind = 'x'"
	  " ORDER BY made DESC, id DESC" },
	{ "since=2025-01-05&until=2025-01-08&sort=-day", "WHERE day >= '2025-01-05' AND"
	  " day < '2025-01-08' ORDER BY day DESC, id DESC" },
	{ "updated_since=2025-01-01T00:00:30", "WHERE changed >= '2025-01-01T00:00:30'"
	  " ORDER BY made DESC, id DESC" },
	{ "state=nothing&sort=title", "WHERE state = 'nothing'" },
};

static void
pages_together_are_the_list_in_every_order(void **state)
{
	static const unsigned limits[] = { 1, 2, 3, 7, 64, 1000 };
	struct desktop *p = *state;
	struct page want, got;

	fill(p, 64);
	for (size_t i = 0; i < COUNT(orders); i++) {
		want = expected(p, arena_printf(&p->arena, "SELECT id FROM errand %s",
		    orders[i].sql));
		got = get(p, orders[i].query);
		assert_same(&got, &want, orders[i].query);
		for (size_t k = 0; k < COUNT(limits); k++) {
			got = get_all(p, orders[i].query, limits[k], NULL);
			assert_same(&got, &want, orders[i].query);
		}
	}
}

/* ---- along the ids ---- */

static void
set_made(struct desktop *p, int64_t id, const char *made)
{
	must(p, arena_printf(&p->arena, "UPDATE errand SET made = '%s' WHERE id = %lld", made,
	    (long long)id));
}

static const struct { int64_t id; const char *made; bool in_order; } times[] = {
	{ 64, "2025-01-01T00:00:15.000001", true },	/* the others end with 15.000000 */
	{ 64, "2025-01-01T00:00:14.999999", false },
	{ 63, "2025-01-01T00:00:15.000001", false },
	{ 32, "2025-01-01T00:00:07.000000", true },
	{ 32, "2025-01-01T00:00:08.000000", true },
	{ 32, "2025-01-01T00:00:08.000001", false },
	{ 1, "2024-12-31T00:00:00.000000", true },
	{ 1, "2026-01-01T00:00:00.000000", false },
	{ 5, "2025-01-01T00:00:01.0000001", false },	/* longer than those beside it, */
	{ 5, "2025-01-01T00:00:01.00000", true },	/* shorter, */
	{ 5, "2025-01-01T00:00:00.000000, and much more than a time has room for", false },
	{ 5, "", false },
};

/* Whoever wrote the rows, and with whatever times. */
static void
a_list_along_the_ids_is_in_order_or_made_anew(void **state)
{
	static const char *const queries[] = { "", "sort=-made", "fields=id", "sort=-made,-id" };
	struct desktop *p = *state;
	struct page want, got;

	fill(p, 64);
	for (size_t i = 0; i < COUNT(times); i++) {
		set_made(p, times[i].id, times[i].made);
		want = expected(p, "SELECT id FROM errand ORDER BY made DESC, id DESC");
		for (size_t k = 0; k < COUNT(queries); k++) {
			p->shuffled = false;
			for (int again = 0; again < 2; again++) {
				got = get(p, queries[k]);
				assert_same(&got, &want, times[i].made);
				assert_int_equal(p->shuffled, !times[i].in_order);
			}
		}
		must(p, "UPDATE errand SET made = changed");
		must(p, "UPDATE errand SET made = printf('2025-01-01T00:00:%02d.000000',"
		    " (id - 1) / 4)");
	}
}

static void
expect_walk(struct desktop *p, const char *query, bool along_ids)
{
	struct request *req = ask(p, query);
	struct list list;

	if (!query_read(req) || !list_read(req, &list))
		fail_msg("%s: %s", query, req->faults->message);
	if ((list.walk.column >= 0) != along_ids)
		fail_msg("%s goes %s the ids", query, along_ids ? "not along" : "along");
	request_free(req);
}

/* What the ids do not serve, or no more, goes along an index. */
static void
only_a_whole_list_goes_along_the_ids(void **state)
{
	static const char *const others[] = { "limit=5", "state=open", "sort=made", "sort=-changed",
		"sort=-made,id", "updated_since=2025-01-01" };
	struct desktop *p = *state;

	fill(p, 8);
	expect_walk(p, "", true);
	expect_walk(p, "sort=-made&fields=title", true);
	for (size_t i = 0; i < COUNT(others); i++)
		expect_walk(p, others[i], false);
	set_made(p, 1, "2026-01-01T00:00:00.000000");
	get(p, "");
	expect_walk(p, "", false);
}

struct csv {
	const char *body, *tag;
};

static struct csv
get_csv(struct desktop *p)
{
	const struct header accept = { TEXT("accept"), TEXT("text/csv") };
	struct request *req = ask(p, "fields=id,made");
	struct csv got;

	req->headers = &accept;
	req->header_count = 1;
	assert_true(serve(req));
	got.body = arena_copy(&p->arena, req->answer.body.at, req->answer.body.len);
	got.tag = arena_copy(&p->arena, header(req, "etag").at, header(req, "etag").len);
	request_free(req);
	return got;
}

/* Nothing of the first attempt is left: no row, no heading, no part of its tag. */
static void
what_was_made_in_vain_leaves_no_trace(void **state)
{
	struct desktop *p = *state;
	struct csv first, second;

	fill(p, 3);
	set_made(p, 1, "2026-01-01T00:00:00.000000");
	first = get_csv(p);
	assert_true(p->shuffled);
	second = get_csv(p);
	assert_string_equal(first.body, "id,made\r\n1,2026-01-01T00:00:00.000000\r\n"
	    "3,2025-01-01T00:00:00.000000\r\n2,2025-01-01T00:00:00.000000\r\n");
	assert_string_equal(first.body, second.body);
	assert_string_equal(first.tag, second.tag);
}

static char *
list_tag(struct desktop *p)
{
	struct request *req = ask(p, "");
	char *tag;

	assert_true(serve(req));
	tag = arena_copy(&p->arena, header(req, "etag").at, header(req, "etag").len);
	request_free(req);
	return tag;
}

/* Whichever way a list was made: what has not changed has the same tag. */
static void
the_tag_is_that_of_the_rows_in_their_order(void **state)
{
	struct desktop *p = *state;
	char *tag;

	fill(p, 20);
	tag = list_tag(p);
	assert_false(p->shuffled);
	p->shuffled = true;
	assert_string_equal(list_tag(p), tag);
	p->shuffled = false;
	set_made(p, 1, "2026-01-01T00:00:00.000000");
	assert_string_not_equal(list_tag(p), tag);
	assert_true(p->shuffled);
}

/* The first attempt goes nearly to the end, in vain; the second has what it needs. */
static void
what_was_made_in_vain_counts_for_no_limit(void **state)
{
	enum { ROWS = 3000, STEPS = 70000 };
	struct desktop *p = *state;
	struct request *req;
	size_t length;

	must(p, arena_printf(&p->arena, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1"
	    " FROM n WHERE i < %d) INSERT INTO errand (rank, made, changed) SELECT 1,"
	    " printf('2025-01-01T00:00:00.%%06d', i), '' FROM n", ROWS));
	set_made(p, 1, "2026-01-01T00:00:00.000000");
	p->shuffled = true;
	req = ask(p, "");
	db_budget(p->db, STEPS);
	assert_true(serve(req));
	length = req->answer.body.len;
	request_free(req);
	p->shuffled = false;
	req = ask(p, "");
	out_init(&req->answer.body, &req->arena, length);
	db_budget(p->db, STEPS);
	assert_true(serve(req));
	assert_true(p->shuffled);
	assert_int_equal(req->answer.body.len, length);
	request_free(req);
	db_budget(p->db, 0);
}

/* Takes away rows on both sides of the reader, and adds others there. */
static void
disturb(struct desktop *p, unsigned page)
{
	must(p, arena_printf(&p->arena, "DELETE FROM errand WHERE id %% 5 = 3 AND id IN"
	    " (SELECT id FROM errand WHERE id %% 5 = 3 ORDER BY (id * 31 + %u) %% 17 LIMIT 2)",
	    page));
	add_row(p, page * 3);
	add_row(p, page * 5 + 1);
}

static unsigned
count_of(const struct page *page, int64_t id)
{
	unsigned n = 0;

	for (unsigned i = 0; i < page->count; i++)
		n += page->ids[i] == id;
	return n;
}

/* Every row that was there from the first page to the last is told once; none twice. */
static void
rows_that_come_and_go_disturb_no_other(void **state)
{
	struct desktop *p = *state;

	for (size_t i = 0; i < 12; i++) {
		struct page got;

		must(p, "DELETE FROM errand; DELETE FROM sqlite_sequence WHERE name = 'errand'");
		fill(p, 60);
		got = get_all(p, orders[i].query, 7, disturb);
		for (int64_t id = 1; id <= 200; id++) {
			if (id <= 60 && id % 5 != 3 && count_of(&got, id) != 1)
				fail_msg("%s: row %lld is told %u times", orders[i].query,
				    (long long)id, count_of(&got, id));
			if (count_of(&got, id) > 1)
				fail_msg("%s: row %lld is told twice", orders[i].query,
				    (long long)id);
		}
	}
}

/* The row that a page ended with may be gone when the next one is asked for. */
static void
a_cursor_outlives_its_row(void **state)
{
	struct desktop *p = *state;
	struct page page, rest;

	fill(p, 10);
	page = get(p, "sort=id&limit=4");
	must(p, "DELETE FROM errand WHERE id <= 5");
	rest = get(p, arena_printf(&p->arena, "sort=id&limit=4&cursor=%s", page.next));
	assert_int_equal(rest.count, 4);
	assert_int_equal(rest.ids[0], 6);
}

/* Without a limit the rest comes at once. */
static void
a_cursor_without_a_limit_goes_to_the_end(void **state)
{
	struct desktop *p = *state;
	struct page page, rest;

	fill(p, 10);
	page = get(p, "sort=due&limit=3");
	rest = get(p, arena_printf(&p->arena, "sort=due&cursor=%s", page.next));
	assert_int_equal(rest.count, 7);
	assert_null(rest.next);
}

static void
refuse(struct desktop *p, const char *query, const char *field, const char *code,
    const char *message)
{
	struct request *req = ask(p, query);

	if (serve(req))
		fail_msg("%s is answered", query);
	assert_int_equal(req->status, 400);
	assert_non_null(req->faults);
	assert_string_equal(req->faults->field, field);
	assert_string_equal(req->faults->code, code);
	if (message != NULL)
		assert_string_equal(req->faults->message, message);
	request_free(req);
}

static void
a_cursor_belongs_to_its_order_and_filters(void **state)
{
	static const struct { const char *of, *with; bool fits; } cases[] = {
		{ "sort=title", "sort=title", true },
		{ "sort=title", "sort=title,id", true },
		{ "sort=title", "sort=-title", false },
		{ "sort=title", "sort=kind", false },
		{ "sort=title", "", false },
		{ "", "sort=-made", true },
		{ "state=open", "state=open", true },
		{ "state=open", "state=done", false },
		{ "state=open", "", false },
		{ "state=open", "title=open", false },
		{ "", "state=open", false },
		{ "state=open,done", "state=open&state=done", false },
		{ "state=open&state=done", "state=done&state=open", true },
		{ "since=2025-01-01", "since=2025-01-02", false },
		{ "since=2025-01-01", "until=2025-01-01", false },
		{ "", "count=1", true },
		{ "", "fields=id,title", true },
	};
	struct desktop *p = *state;
	struct page page;
	const char *query;

	fill(p, 20);
	for (size_t i = 0; i < COUNT(cases); i++) {
		page = get(p, arena_printf(&p->arena, "%s&limit=2", cases[i].of));
		query = arena_printf(&p->arena, "%s&limit=3&cursor=%s", cases[i].with, page.next);
		if (cases[i].fits)
			get(p, query);
		else
			refuse(p, query, "cursor", "cursor", "belongs to another list");
	}
	refuse(p, "cursor=x", "cursor", "cursor", "is none of this server");
	refuse(p, "limit=2&cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "cursor", "cursor",
	    "is none of this server");
}

/* ---- plans ---- */

/* What the engine does for a statement, a line for each step. */
static const char *
plan(struct desktop *p, const char *sql)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct out out;

	st = db_prepare(p->db, arena_printf(&p->arena, "EXPLAIN QUERY PLAN %s", sql), &p->err);
	if (st == NULL)
		fail_msg("%s: %s", sql, p->err.message);
	out_init(&out, &p->arena, SIZE_MAX);
	while (db_step(st) == DB_ROW)
		out_printf(&out, "%s\n", db_text(st, 3).at);
	out_char(&out, '\0');
	return out.at;
}

/* The statements of a list sort nothing, and begin with one of these steps. */
static void
assert_planned(struct desktop *p, const char *query, const char *begin, const char *or_begin)
{
	struct request *req = ask(p, query);
	unsigned parameters, planned = 0;
	const char *sql, *steps;
	struct list list;
	bool needed;

	if (!query_read(req) || !list_read(req, &list))
		fail_msg("%s: %s", query, req->faults->message);
	for (unsigned i = 0; i < list_statements(&list); i++) {
		sql = list_statement(&list, i, &needed, &parameters);
		if (!needed)
			continue;
		planned++;
		steps = plan(p, sql);
		if (strstr(steps, "TEMP B-TREE") != NULL ||
		    (strncmp(steps, begin, strlen(begin)) != 0 &&
		    strncmp(steps, or_begin, strlen(or_begin)) != 0))
			fail_msg("%s: %s\n%s", query, sql, steps);
	}
	assert_true(planned > 0);
	request_free(req);
}

/* The query, with a cursor behind a row with no value where there may be none, or with
 * values everywhere. */
static const char *
resumed(struct desktop *p, const char *query, bool null)
{
	struct request *req = ask(p, query);
	struct value values[SORT_KEYS];
	struct text cursor;
	struct list list;

	if (!query_read(req) || !list_read(req, &list))
		fail_msg("%s: %s", query, req->faults->message);
	for (unsigned i = 0; i < list.sort.count; i++) {
		values[i] = value_text(TEXT("2025"));
		if (list.sort.keys[i].number)
			values[i] = value_int(7);
		if (null && list.sort.keys[i].nullable)
			values[i] = value_null();
	}
	cursor = cursor_write(&p->arena, list.check, values, list.sort.count);
	request_free(req);
	return arena_printf(&p->arena, "%s&cursor=%.*s", query, (int)cursor.len, cursor.at);
}

/* The table is the index: by id, and the whole by when a row was made. */
static bool
goes_along_ids(const char *query)
{
	static const char *const along[] = { "sort=id", "sort=-id", "sort=id&limit=9",
		"sort=-id&limit=9", "sort=-made" };

	for (size_t i = 0; i < COUNT(along); i++)
		if (strcmp(query, along[i]) == 0)
			return true;
	return false;
}

static void
every_order_has_an_index(void **state)
{
	static const char *const sorts[] = { "id", "title", "kind", "rank", "due", "day", "made",
		"changed" };
	struct desktop *p = *state;
	const char *query;

	for (size_t i = 0; i < COUNT(sorts); i++)
		for (int down = 0; down < 2; down++)
			for (int limit = 0; limit < 2; limit++) {
				query = arena_printf(&p->arena, "sort=%s%s%s", down ? "-" : "",
				    sorts[i], limit ? "&limit=9" : "");
				assert_planned(p, query, goes_along_ids(query) ? "SCAN t\n" :
				    "SCAN t USING INDEX core_errand_",
				    "SCAN t USING INDEX core_errand_");
				assert_planned(p, resumed(p, query, false), "SEARCH t USING ",
				    "SEARCH t USING ");
				assert_planned(p, resumed(p, query, true), "SEARCH t USING ",
				    "SEARCH t USING ");
			}
}

static void
every_filter_has_an_index_in_the_order_of_the_list(void **state)
{
	static const char *const queries[] = {
		"state=open", "title=a", "owner=1", "sort_of=x", "rank=5", "flag=true",
		"state=open&sort=made", "rank=1&sort=-made",
		"since=2025-01-01&sort=day", "since=2025-01-01&until=2025-02-01&sort=-day",
		"updated_since=2025-01-01&sort=-changed", "updated_since=2025-01-01&sort=changed",
		"state=open&title=a", "state=open&owner=1&rank=5",
		"state=open&updated_since=2025-01-01", "rank=5&since=2025-01-01",
	};
	struct desktop *p = *state;
	const char *query;

	must(p, "INSERT INTO core_user (name, name_fold, created_at)"
	    " VALUES ('maria', 'maria', 'x')");
	for (size_t i = 0; i < COUNT(queries); i++) {
		assert_planned(p, queries[i], "SEARCH t USING ", "SEARCH t USING ");
		query = arena_printf(&p->arena, "%s&limit=9", queries[i]);
		assert_planned(p, query, "SEARCH t USING ", "SEARCH t USING ");
		assert_planned(p, resumed(p, query, false), "SEARCH t USING ", "SEARCH t USING ");
	}
	assert_planned(p, "limit=9", "SCAN t USING INDEX core_errand_by_made",
	    "SCAN t USING INDEX core_errand_by_made");
}

/* The trail is the core's, and so are its indexes. */
static void
the_trail_of_a_resource_has_an_index(void **state)
{
	static const char *const trail[] = { "resource = ?1", "resource = ?1 AND record = ?2" };
	struct desktop *p = *state;
	const char *steps;

	for (size_t i = 0; i < COUNT(trail); i++) {
		steps = plan(p, arena_printf(&p->arena, "SELECT changes FROM core_audit t WHERE %s"
		    " ORDER BY t.id DESC LIMIT 5", trail[i]));
		if (strncmp(steps, "SEARCH t USING INDEX core_audit_re", 34) != 0 ||
		    strstr(steps, "TEMP B-TREE") != NULL)
			fail_msg("%s: %s", trail[i], steps);
	}
}

static void
what_has_no_index_is_refused_when_the_table_is_large(void **state)
{
	static const struct { const char *query; bool refused; } cases[] = {
		{ "", false },
		{ "sort=title", false },
		{ "sort=-rank,-id", false },
		{ "sort=rank,-id", true },
		{ "sort=rank,due", true },
		{ "sort=rank,due&limit=1", true },
		{ "state=open", false },
		{ "state=open,done", false },
		{ "state=open&sort=made", false },
		{ "state=open&sort=-made", false },
		{ "state=open,done&sort=-made", false },	/* the list's own order */
		{ "state=open,done&sort=made", true },
		{ "state=open&sort=due", true },
		{ "rank=5&sort=id", true },
		{ "flag=true&sort=due", true },
		{ "note=x&sort=due", false },			/* is looked for row by row anyway */
		{ "since=2025-01-01&sort=day", false },
		{ "since=2025-01-01&sort=due", true },
		{ "since=2025-01-01", true },
		{ "updated_since=2025-01-01", true },
		{ "state=open,done&updated_since=2025-01-01&limit=5", true },
		{ "limit=5", false },
		{ "state=open&limit=5", false },
		{ "note=x&limit=5", false },
		{ "state=open&sort=-made&limit=5", false },
		{ "state=open,done&limit=5", true },
		{ "state=open&state=done&limit=5", true },
		{ "state=open,done&sort=-made&limit=5", true },
		{ "since=2025-01-01&limit=5", true },
		{ "until=2025-01-01&limit=5", true },
		{ "since=2025-01-01&sort=-day&limit=5", false },
		{ "updated_since=2025-01-01&limit=5", true },
		{ "state=open&updated_since=2025-01-01&limit=5", false },
		{ "state=open&since=2025-01-01&limit=5", false },
		{ "note=x&since=2025-01-01&limit=5", true },
		{ "updated_since=2025-01-01&sort=-changed&limit=5", false },
		{ "updated_since=2025-01-01&sort=-changed", false },
		{ "updated_since=2025-01-01&sort=id", true },
	};
	struct desktop *p = *state;

	fill(p, 20);
	for (size_t i = 0; i < COUNT(cases); i++) {
		p->unindexed = 20;
		get(p, cases[i].query);
		p->unindexed = 19;
		if (cases[i].refused)
			refuse(p, cases[i].query, "sort", "unindexed", NULL);
		else
			get(p, cases[i].query);
	}
	/* Ids alone do not make a table large. */
	must(p, "DELETE FROM errand WHERE id BETWEEN 2 AND 19");
	get(p, "sort=rank,due");
}

static void
a_refusal_says_what_and_what_would_do(void **state)
{
	struct desktop *p = *state;

	fill(p, 3);
	p->unindexed = 2;
	refuse(p, "sort=rank,due", "sort", "unindexed", "no index has this order, and there are "
	    "more than 2 rows; sort by one of id, title, kind, rank, due, day, made, changed, with "
	    "nothing behind it, or search");
	refuse(p, "sort=due&sort_of=x", "sort", "unindexed", "no index has the order due together "
	    "with the filter sort_of, and there are more than 2 rows; sort by made, with one "
	    "value of each filter, or leave out the filter");
	refuse(p, "updated_since=2025-01-01&limit=1", "sort", "unindexed", "no index has the order "
	    "made together with the filter updated_since, and there are more than 2 rows; sort by "
	    "it, with sort=-changed and no other filter, or leave out the filter");
	refuse(p, "state=a,b&limit=1", "sort", "unindexed", "no index has the order made together "
	    "with the filter state, and there are more than 2 rows; sort by made, with one value "
	    "of each filter, or leave out the filter");
	refuse(p, "sort=colour", "sort", "unknown", "no list is sorted by 'colour', but by id, "
	    "title, kind, rank, due, day, made, changed");
	refuse(p, "sort=note", "sort", "unknown", NULL);
	refuse(p, "sort=title,kind,rank,due,day", "sort", "too_many", "takes at most 4 names");
	refuse(p, "sort=relevance", "sort", "unknown", NULL);
}

/* Whether there is an index for lists that are sorted by a field. */
static bool
has_sort_index(struct desktop *p, const char *field)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(p->db, arena_printf(&p->arena,
	    "SELECT 1 FROM sqlite_schema WHERE name = 'core_errand_sort_%s'", field), &p->err);

	assert_non_null(st);
	return db_step(st) == DB_ROW;
}

static void
an_index_goes_with_the_wish_for_it(void **state)
{
	struct hd_field less[COUNT(fields)];
	struct hd_resource d = errands[0];
	struct desktop *p = *state;

	memcpy(less, fields, sizeof less);
	d.fields = less;
	for (size_t i = 0; i < COUNT(less); i++)
		less[i].flags &= ~(unsigned)(HD_SORT | HD_SPAN);
	assert_true(has_sort_index(p, "due") && has_sort_index(p, "changed"));
	assert_false(has_sort_index(p, "made"));	/* the order of the list has one already */
	assert_true(derived_make(p->db, resource_new(&p->arena, &d), &p->err));
	assert_false(has_sort_index(p, "due"));
	assert_false(has_sort_index(p, "day"));
	assert_true(has_sort_index(p, "changed"));
	d.verbs = HD_GET | HD_CREATE;
	assert_true(derived_make(p->db, resource_new(&p->arena, &d), &p->err));
	assert_false(has_sort_index(p, "changed"));
	assert_true(derived_make(p->db, p->r, &p->err));
	assert_true(has_sort_index(p, "due") && has_sort_index(p, "changed"));
}

/* ---- filters ---- */

static void
assert_count(struct desktop *p, const char *query, unsigned n)
{
	struct page page = get(p, query);

	if (page.count != n)
		fail_msg("%s: %u rows in place of %u", query, page.count, n);
}

static void
exact_filters_take_the_value_as_it_stands(void **state)
{
	struct desktop *p = *state;

	fill(p, 30);
	must(p, "UPDATE errand SET flag = id <= 4; UPDATE errand SET kind = 'a,b'"
	    " WHERE id = 30");
	assert_count(p, "sort_of=x", 10);
	assert_count(p, "sort_of=X", 9);
	assert_count(p, "sort_of=x&sort_of=X", 19);
	assert_count(p, "sort_of=x,X", 19);
	assert_count(p, "sort_of=x%2CX", 0);
	assert_count(p, "sort_of=a%2Cb", 1);
	assert_count(p, "sort_of=a,b", 1);	/* the whole value is one of the alternatives */
	assert_count(p, "kind=x", 30);		/* .filter has given it another name */
	assert_count(p, "rank=1", 12);
	assert_count(p, "rank=-5", 6);
	assert_count(p, "rank=1,-5", 18);
	assert_count(p, "rank=one", 0);
	assert_count(p, "rank=one,1", 12);
	assert_count(p, "flag=true", 4);
	assert_count(p, "flag=false", 26);
	assert_count(p, "flag=true,false", 30);
	assert_count(p, "flag=yes", 0);
	assert_count(p, "flag=", 30);
}

/* Who does not encode commas finds at least what he found. */
static void
a_user_whose_name_has_a_comma_is_one(void **state)
{
	struct desktop *p = *state;

	fill(p, 6);
	must(p, "INSERT INTO core_user (name, name_fold, created_at) VALUES ('a,b', 'a,b', 'x'),"
	    " ('maria', 'maria', 'x'), ('nikos', 'nikos', 'x');"
	    "UPDATE errand SET owner = 1 WHERE id = 1;"
	    "UPDATE errand SET owner = 2 WHERE id IN (2, 3);"
	    "UPDATE errand SET owner = 3 WHERE id = 4");
	assert_count(p, "owner=a,b", 1);
	assert_count(p, "owner=A%2CB", 1);
	assert_count(p, "owner=maria,nikos", 3);
	assert_count(p, "owner=2&owner=3&owner=a,b", 4);
	assert_count(p, "owner=&owner", 6);
}

static void
a_filter_takes_fifty_values_and_no_more(void **state)
{
	struct desktop *p = *state;
	struct out one, split;

	fill(p, 2);
	out_init(&one, &p->arena, SIZE_MAX);
	out_init(&split, &p->arena, SIZE_MAX);
	out_string(&split, "state=x");
	for (unsigned i = 0; i < 50; i++) {
		out_printf(&one, "&state=x%u", i);
		out_string(&split, i < 49 ? ",x" : "");
	}
	assert_count(p, arena_printf(&p->arena, "%.*s", (int)one.len, one.at), 0);
	assert_count(p, arena_printf(&p->arena, "%.*s", (int)split.len, split.at), 0);
	refuse(p, arena_printf(&p->arena, "%.*s&state=y", (int)one.len, one.at), "state",
	    "too_many", "takes at most 50 values");
	refuse(p, arena_printf(&p->arena, "%.*s,y&state=z&state=z", (int)split.len, split.at),
	    "state", "too_many", "takes at most 50 values");
}

/* A condition of more parts than the engine takes is no fault of its own. */
static void
values_that_come_to_nothing_count_too(void **state)
{
	struct desktop *p = *state;
	struct out out;

	fill(p, 2);
	out_init(&out, &p->arena, SIZE_MAX);
	for (unsigned i = 0; i < 100; i++)
		out_string(&out, "note=,&");
	assert_count(p, arena_printf(&p->arena, "%.*s", (int)out.len, out.at), 0);
	out_string(&out, "note=,&");
	refuse(p, arena_printf(&p->arena, "%.*s", (int)out.len, out.at), "note", "too_many",
	    "takes at most 50 values");
}

/* ---- names that a module has ---- */

static void
a_filter_counts_before_a_parameter_of_every_list(void **state)
{
	static const struct hd_field own[] = {
		{ "id", HD_ID },
		{ "count", HD_TEXT, HD_FILTER },
		{ "name", HD_TEXT, HD_FILTER, .filter = "cursor" },
		{ 0 },
	};
	static const struct hd_resource d = { .path = "/errands", .table = "errand",
	    .one = "errand", .many = "errands", .fields = own };
	static const char *const names[] = { "count", "cursor", "limit", "sort", "fields" };
	struct desktop *p = *state;
	const struct resource *r = resource_new(&p->arena, &d);

	for (size_t i = 0; i < COUNT(names); i++)
		assert_string_equal(r->filters[i].name, names[i]);
	assert_null(r->filters[COUNT(names)].name);
	assert_int_equal(r->roles[0].role, LIST_FILTER);
	assert_int_equal(r->roles[1].role, LIST_FILTER);
	assert_int_equal(r->role_at[LIST_COUNT], -1);
	assert_int_equal(r->role_at[LIST_CURSOR], -1);
}

/* ---- links ---- */

static const char *
link_of(struct desktop *p, const char *query)
{
	struct request *req = ask(p, query);
	const char *link;

	assert_true(serve(req));
	link = arena_printf(&p->arena, "%.*s", (int)header(req, "link").len,
	    header(req, "link").at);
	request_free(req);
	return link;
}

static void
links_repeat_the_query_and_get_out_of_no_bracket(void **state)
{
	struct desktop *p = *state;

	fill(p, 2);
	assert_string_equal(link_of(p, "limit=2&state=a%20b&x=%3E&&=&state"),
	    "</api/v1/errands?limit=2&state=a%20b&x=%3E&state=>; rel=\"first\"");
	assert_string_equal(link_of(p, "limit=2&x=>; rel=\"next\",<\r\n\xce\xb1"),
	    "</api/v1/errands?limit=2&x=%3E;%20rel=%22next%22,%3C%0D%0A%CE%B1>; rel=\"first\"");
	assert_string_equal(link_of(p, "limit=2&cursor=&%63ursor=&x=1"),
	    "</api/v1/errands?limit=2&x=1>; rel=\"first\"");
	assert_memory_equal(link_of(p, "limit=1"), "</api/v1/errands?limit=1&cursor=", 32);
	assert_non_null(strstr(link_of(p, "limit=1"),
	    ">; rel=\"next\", </api/v1/errands?limit=1>; rel=\"first\""));
}

/* ---- long work ---- */

static const char site[] =
    "sites:\n"
    "  - name: main\n"
    "    database: { path: @/main.db }\n"
    "    modules: { knowledge: }\n";

/* Text is folded for its snippet; much of it is not folded on an event loop. */
static void
snippets_of_much_text_come_from_the_slow_lane(void **state)
{
	struct place *p = *state;
	struct out body;
	struct got got;

	hall_make_key(p, "main.db", "maria");
	hall_enter(p, HOUSE_SERVING, site);
	out_init(&body, &p->arena, SIZE_MAX);
	out_string(&body, "{\"title\":\"T\",\"created_by\":\"maria\",\"content\":\"");
	for (unsigned i = 0; i < 50000; i++)
		out_string(&body, "\xce\x91\xce\x98\xce\x89\xce\x9d\xce\x91 ");
	out_string(&body, "Needle\"}");
	out_char(&body, '\0');
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(hall_send(p, "POST", "/api/v1/knowledge", body.at).status, 201);
	got = hall_get(p, "/api/v1/knowledge?q=needle&fields=id&limit=1&snippet=1");
	assert_int_equal(got.status, 200);
	assert_false(got.later);
	got = hall_get(p, "/api/v1/knowledge?q=needle&fields=id&snippet=1");
	assert_int_equal(got.status, 200);
	assert_true(got.later);
	assert_int_equal(hall_count(got.body.at, "Needle\"}"), 3);
	assert_int_equal(got.answers, 1);
}

/* One that is too long to be shown is null; the rows are told all the same. */
static void
a_snippet_that_cannot_be_made_is_null(void **state)
{
	struct place *p = *state;
	struct out term;
	struct got got;

	hall_make_key(p, "main.db", "maria");
	hall_enter(p, HOUSE_SERVING, site);
	out_init(&term, &p->arena, SIZE_MAX);
	for (unsigned i = 0; i < 80000; i++)
		out_char(&term, 'x');
	out_char(&term, '\0');
	assert_int_equal(hall_send(p, "POST", "/api/v1/knowledge", arena_printf(&p->arena,
	    "{\"title\":\"T\",\"created_by\":\"maria\",\"content\":\"%s\"}", term.at)).status, 201);
	got = hall_get(p, arena_printf(&p->arena, "/api/v1/knowledge?fields=id&snippet=1&q=%s",
	    term.at));
	assert_int_equal(got.status, 200);
	assert_string_equal(got.body.at, "{\"results\":[{\"id\":1,\"snippet\":null}]}");
}

#define OF_DESKTOP(test) cmocka_unit_test_setup_teardown(test, settle, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OF_DESKTOP(pages_together_are_the_list_in_every_order),
		OF_DESKTOP(a_list_along_the_ids_is_in_order_or_made_anew),
		OF_DESKTOP(only_a_whole_list_goes_along_the_ids),
		OF_DESKTOP(what_was_made_in_vain_leaves_no_trace),
		OF_DESKTOP(the_tag_is_that_of_the_rows_in_their_order),
		OF_DESKTOP(what_was_made_in_vain_counts_for_no_limit),
		OF_DESKTOP(rows_that_come_and_go_disturb_no_other),
		OF_DESKTOP(a_cursor_outlives_its_row),
		OF_DESKTOP(a_cursor_without_a_limit_goes_to_the_end),
		OF_DESKTOP(a_cursor_belongs_to_its_order_and_filters),
		OF_DESKTOP(every_order_has_an_index),
		OF_DESKTOP(every_filter_has_an_index_in_the_order_of_the_list),
		OF_DESKTOP(the_trail_of_a_resource_has_an_index),
		OF_DESKTOP(what_has_no_index_is_refused_when_the_table_is_large),
		OF_DESKTOP(a_refusal_says_what_and_what_would_do),
		OF_DESKTOP(an_index_goes_with_the_wish_for_it),
		OF_DESKTOP(exact_filters_take_the_value_as_it_stands),
		OF_DESKTOP(a_user_whose_name_has_a_comma_is_one),
		OF_DESKTOP(a_filter_takes_fifty_values_and_no_more),
		OF_DESKTOP(values_that_come_to_nothing_count_too),
		OF_DESKTOP(a_filter_counts_before_a_parameter_of_every_list),
		OF_DESKTOP(links_repeat_the_query_and_get_out_of_no_bracket),
		cmocka_unit_test_setup_teardown(a_snippet_that_cannot_be_made_is_null,
		    hall_settle, hall_leave),
		cmocka_unit_test_setup_teardown(snippets_of_much_text_come_from_the_slow_lane,
		    hall_settle, hall_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
