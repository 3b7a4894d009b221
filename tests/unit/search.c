/*
 * Whether rows are found by a part of their text: all that hold it, and no others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "cleanup.h"
#include "core_schema.h"
#include "db.h"
#include "err.h"
#include "migrate.h"
#include "out.h"
#include "resource.h"
#include "derived.h"
#include "schema.h"
#include "search.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct hd_field fields[] = {
	{ "id", HD_ID },
	{ "title", HD_TEXT, HD_SEARCH },
	{ "secret", HD_TEXT },
	{ "content", HD_TEXT, HD_SEARCH },
	{ "labels", HD_TAGS, HD_SEARCH },
	{ "files", HD_ATTACHMENTS, HD_SEARCH },
	{ 0 },
};
static const struct hd_resource resources[] = {
	{ .path = "/errands", .table = "errand", .one = "errand", .many = "errands",
	  .fields = fields, .search = "q" },
	{ 0 },
};
static const struct hd_migration migrations[] = { { 1, "create", .tables = resources } };

/* A database of its own for each test. */
struct place {
	struct arena arena;
	char folder[64], path[80];
	struct db *db;
	struct resource *r;
	struct search_weights *weights;
	struct err err;
};

static int
settle(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	struct migration m;

	*state = p;
	arena_init(&p->arena, 256 << 20);
	strcpy(p->folder, "/tmp/helpdesk-search-XXXXXX");
	if (mkdtemp(p->folder) == NULL)
		return -1;
	snprintf(p->path, sizeof p->path, "%s/x.db", p->folder);
	p->r = resource_new(&p->arena, resources);
	p->weights = search_weights_new();
	if (core_open(p->path, &p->db, &p->err) &&
	    schema_migration(&p->arena, migrations, &m, &p->err) &&
	    migrate_apply(p->db, "errand", &m, 1, &p->err))
		return 0;
	print_error("%s\n", p->err.message);
	return -1;
}

static int
leave(void **state)
{
	struct place *p = *state;
	char command[128];

	search_weights_free(p->weights);
	db_close(p->db);
	arena_fini(&p->arena);
	snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
	free(p);
	return system(command);
}

static void
begin(struct place *p)
{
	if (!db_begin(p->db, &p->err))
		fail_msg("%s", p->err.message);
}

static void
commit(struct place *p)
{
	if (!db_commit(p->db, &p->err))
		fail_msg("%s", p->err.message);
}

static void
must(struct place *p, const char *sql)
{
	begin(p);
	if (!db_execute(p->db, sql, &p->err))
		fail_msg("%s: %s", sql, p->err.message);
	commit(p);
}

static void
derive(struct place *p)
{
	if (!derived_make(p->db, p->r, &p->err))
		fail_msg("%s", p->err.message);
}

/* ---- rows ---- */

/* Adds a row inside a transaction, not to the index; its id. */
static int64_t
insert(struct place *p, const char *title, const char *content, const char *labels)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(p->db, "INSERT INTO errand"
	    " (title, secret, content, labels) VALUES (?1, 'hidden', ?2, ?3) RETURNING id",
	    &p->err);
	int64_t id;

	assert_non_null(st);
	db_bind_text(st, 1, text_of(title));
	db_bind_text(st, 2, text_of(content));
	db_bind_text(st, 3, text_of(labels));
	assert_int_equal(db_step(st), DB_ROW);
	id = db_int(st, 0);
	assert_int_equal(db_step(st), DB_DONE);
	return id;
}

/* Attaches a file inside a transaction. */
static void
attach_named(struct place *p, int64_t id, const char *filename)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(p->db, "INSERT INTO core_attachment"
	    " (resource, record, filename, filename_fold, size, uploaded_at)"
	    " VALUES ('errand', ?1, ?2, 'x', 1, 'x')", &p->err);

	assert_non_null(st);
	db_bind_int(st, 1, id);
	db_bind_text(st, 2, text_of(filename));
	assert_int_equal(db_step(st), DB_DONE);
}

static void
attach(struct place *p, int64_t id, const char *filename)
{
	begin(p);
	attach_named(p, id, filename);
	commit(p);
}

static void
put(struct place *p, int64_t id)
{
	begin(p);
	if (!search_put(p->db, p->r, id, &p->err))
		fail_msg("%s", p->err.message);
	commit(p);
}

/* Adds a row, and to the index. */
static int64_t
add(struct place *p, const char *title, const char *content, const char *labels)
{
	int64_t id;

	begin(p);
	id = insert(p, title, content, labels);
	commit(p);
	put(p, id);
	return id;
}

/* ---- asking ---- */

/* The ids of the rows that hold the term, as text: "1 3 ". */
static const char *
find_by(struct place *p, struct search_weights *weights, struct text term)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct text values[SEARCH_PARAMETERS];
	struct out sql, ids;
	enum db_result result;
	unsigned n;

	out_init(&sql, &p->arena, SIZE_MAX);
	out_init(&ids, &p->arena, SIZE_MAX);
	out_string(&sql, "SELECT t.id FROM errand t WHERE ");
	n = search_condition(&sql, p->db, weights, &p->arena, p->r, term, 1, values);
	assert_in_range(n, 1, SEARCH_PARAMETERS);
	out_bytes(&sql, " ORDER BY t.id", sizeof " ORDER BY t.id");
	st = db_prepare(p->db, sql.at, &p->err);
	if (st == NULL)
		fail_msg("%.*s: %s", (int)term.len, term.at, p->err.message);
	while (n-- > 0)
		db_bind_text(st, n + 1, values[n]);
	while ((result = db_step(st)) == DB_ROW)
		out_printf(&ids, "%d ", (int)db_int(st, 0));
	if (result != DB_DONE)
		fail_msg("%.*s: %s", (int)term.len, term.at, db_message(p->db));
	out_char(&ids, '\0');
	return ids.at;
}

/* Whatever is remembered of runs, which may be wrong by now. */
static const char *
find_text(struct place *p, struct text term)
{
	const char *found = find_by(p, p->weights, term);

	assert_string_equal(found, find_by(p, NULL, term));
	return found;
}

static void
expect(struct place *p, const char *term, const char *ids)
{
	const char *found = find_text(p, text_of(term));

	if (strcmp(found, ids) != 0)
		fail_msg("'%s' finds '%s' in place of '%s'", term, found, ids);
}

/* A piece of what the index is behind with; whether there is more. */
static bool
catch_up(struct place *p)
{
	bool more;

	begin(p);
	if (!search_catch_up(p->db, p->r, &more, &p->err))
		fail_msg("%s", p->err.message);
	commit(p);
	return more;
}

/* The engine's own opinion of whether index and text agree, once it is not behind. */
static void
expect_sound(struct place *p)
{
	bool behind;

	while (catch_up(p))
		continue;
	assert_true(search_is_behind(p->db, p->r, &behind, &p->err));
	assert_false(behind);
	must(p, "INSERT INTO core_index_errand (core_index_errand, rank)"
	    " VALUES ('integrity-check', 1)");
}

/* ---- an index that is behind ---- */

static void
erase(struct place *p, int64_t id)
{
	begin(p);
	if (!db_execute(p->db, arena_printf(&p->arena, "DELETE FROM errand WHERE id = %d",
	    (int)id), &p->err) || !search_erase(p->db, p->r, id, &p->err))
		fail_msg("%s", p->err.message);
	commit(p);
}

/* Changes a row, or erases it: NULL. */
static void
put_title(struct place *p, int64_t id, const char *title)
{
	if (title == NULL) {
		erase(p, id);
		return;
	}
	must(p, arena_printf(&p->arena, "UPDATE errand SET title = '%s' WHERE id = %d", title,
	    (int)id));
	put(p, id);
}

/* A row may come, change and go before the index has heard of it, or between. */
static void
a_row_is_found_as_it_is_however_far_behind_the_index_is(void **state)
{
	enum { STEPS = 600, ROWS = 12 };
	static const char *const words[] = { "alpha", "alphabet", "betamax", "gammaray" };
	struct place *p = *state;
	const char *titles[ROWS + 1] = { NULL };
	uint32_t random = 1;

	derive(p);
	for (int i = 1; i <= ROWS; i++) {
		titles[i] = words[i % COUNT(words)];
		assert_int_equal(add(p, titles[i], NULL, "[]"), i);
	}
	for (int step = 0; step < STEPS; step++) {
		int id = (int)((random = random * 1103515245 + 12345) >> 8) % ROWS + 1;
		struct out want;

		if (random % 5 == 0)
			catch_up(p);
		else if (titles[id] != NULL) {
			titles[id] = random % 9 == 0 ? NULL : words[random / 64 % COUNT(words)];
			put_title(p, id, titles[id]);
		}
		out_init(&want, &p->arena, SIZE_MAX);
		for (int i = 1; i <= ROWS; i++)
			if (titles[i] != NULL && strstr(titles[i], "alpha") != NULL)
				out_printf(&want, "%d ", i);
		out_char(&want, '\0');
		expect(p, "ALPHA", want.at);
	}
	expect_sound(p);
}

/* The text of a row as searches look into it. */
static const char *
text_of_row(struct place *p, int64_t id)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(p->db,
	    "SELECT text FROM core_text_errand WHERE id = ?1", &p->err);

	assert_non_null(st);
	db_bind_int(st, 1, id);
	return db_step(st) == DB_ROW ? arena_copy(&p->arena, db_text(st, 0).at,
	    db_text(st, 0).len) : NULL;
}

/* The same table, as if nothing could be attached; else the row is read again for its files. */
static void
forget_files(struct place *p)
{
	static const struct hd_field bare[] = {
		{ "id", HD_ID }, { "title", HD_TEXT, HD_SEARCH }, { "secret", HD_TEXT },
		{ "content", HD_TEXT, HD_SEARCH }, { "labels", HD_TAGS, HD_SEARCH }, { 0 },
	};
	static const struct hd_resource r = { .path = "/errands", .table = "errand",
		.one = "errand", .many = "errands", .fields = bare, .search = "q" };

	p->r = resource_new(&p->arena, &r);
}

static void
a_new_row_is_searched_as_if_it_were_read_again(void **state)
{
	static const struct { const char *title, *content, *labels; } rows[] = {
		{ "Reset VPN", "Open the client", "[\"Network\",\"say \\\"when\\\"\"]" },
		{ NULL, NULL, "[]" }, { "", NULL, "[]" }, { NULL, "\xce\x91\xce\x98", "[]" },
	};
	struct place *p = *state;

	forget_files(p);
	derive(p);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct value row[] = { value_int(0), value_text(text_of(rows[i].title)),
		    value_text(TEXT("hidden")), value_text(text_of(rows[i].content)),
		    value_text(text_of(rows[i].labels)) };
		const char *added;
		int64_t id;

		begin(p);
		id = insert(p, rows[i].title, rows[i].content, rows[i].labels);
		if (!search_add(p->db, p->r, id, row, &p->err))
			fail_msg("%s", p->err.message);
		commit(p);
		added = text_of_row(p, id);
		put(p, id);
		assert_string_equal(added, text_of_row(p, id));
	}
	expect(p, "vpn", "1 ");
	expect_sound(p);
	expect(p, "vpn", "1 ");
}

/* Adds a row of the bare table as a change does, and lets the index catch up. */
static int64_t
add_new(struct place *p, const char *title)
{
	struct value row[] = { value_int(0), value_text(text_of(title)), value_null(),
	    value_null(), value_text(TEXT("[]")) };
	int64_t id;

	begin(p);
	id = insert(p, title, NULL, "[]");
	if (!search_add(p->db, p->r, id, row, &p->err))
		fail_msg("%s", p->err.message);
	commit(p);
	return id;
}

/* A module's migration may make its table anew; ids then begin again where texts are left. */
static void
a_new_row_takes_the_place_of_a_text_that_is_left(void **state)
{
	struct place *p = *state;

	forget_files(p);
	derive(p);
	assert_int_equal(add_new(p, "alpha"), 1);
	assert_int_equal(add_new(p, "alphabet"), 2);
	while (catch_up(p))
		continue;
	must(p, "DROP TABLE errand; CREATE TABLE errand (id INTEGER PRIMARY KEY, title TEXT,"
	    " secret TEXT, content TEXT, labels TEXT NOT NULL) STRICT");
	derive(p);
	assert_int_equal(add_new(p, "betamax"), 1);
	expect(p, "betamax", "1 ");
	expect(p, "alpha", "");
	erase(p, 1);
	assert_int_equal(add_new(p, "gammaray"), 1);	/* before the index has heard of it */
	expect(p, "gammaray", "1 ");
	expect_sound(p);
	expect(p, "gammaray", "1 ");
	expect(p, "alpha", "");
}

static void
the_index_catches_up_a_piece_at_a_time(void **state)
{
	enum { ROWS = 2000 };
	struct place *p = *state;
	unsigned pieces = 1;

	derive(p);
	begin(p);
	for (int i = 0; i < ROWS; i++)
		if (!search_put(p->db, p->r, insert(p, "alpha", NULL, "[]"), &p->err))
			fail_msg("%s", p->err.message);
	commit(p);
	while (catch_up(p))
		pieces++;
	assert_in_range(pieces, 2, ROWS / 10);
	assert_false(catch_up(p));
	expect_sound(p);
}

/* ---- what searching costs ---- */

enum {
	PRINTERS = 20000,
	READ_STEPS = 100000	/* what limits.read_steps is unless somebody sets it */
};

/* A reader of rows that all have the same words, and a number of their own. */
static struct db *
read_printers(struct place *p)
{
	struct db *reader;

	derive(p);
	begin(p);
	for (int i = 0; i < PRINTERS; i++) {
		const char *title = arena_printf(&p->arena, "network printer %05d", i);

		if (!search_put(p->db, p->r, insert(p, title, NULL, "[]"), &p->err))
			fail_msg("%s", p->err.message);
	}
	commit(p);
	while (catch_up(p))
		continue;
	assert_true(db_open(p->path, DB_READ_ONLY, &reader, &p->err));
	return reader;
}

/* How a search for one row ends that has a budget, as a request has that others wait for. */
static enum db_result
search_within(struct place *p, struct db *db, unsigned steps, const char *term)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct text values[SEARCH_PARAMETERS];
	enum db_result result;
	struct out sql;
	unsigned n;

	db_budget(db, steps);
	out_init(&sql, &p->arena, SIZE_MAX);
	out_string(&sql, "SELECT t.id FROM errand t WHERE ");
	n = search_condition(&sql, db, p->weights, &p->arena, p->r, text_of(term), 1, values);
	assert_in_range(n, 1, SEARCH_PARAMETERS);
	out_char(&sql, '\0');
	st = db_prepare(db, sql.at, &p->err);
	assert_non_null(st);
	while (n-- > 0)
		db_bind_text(st, n + 1, values[n]);
	result = db_step(st);
	assert_true(result != DB_ROW || db_int(st, 0) == 12346);
	db_budget(db, 0);
	return result;
}

/* A run that a term has several times is looked up once: again it would narrow nothing down. */
static void
no_run_is_looked_up_twice(void **state)
{
	static const struct { const char *term, *runs; } cases[] = {
		{ "aaaaaaaa", "\"aaa\"" },
		{ "abcabc", NULL },
		{ "bababa0000", NULL },
	};
	struct place *p = *state;
	struct text values[SEARCH_PARAMETERS];
	const char *and;
	struct out sql;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		out_init(&sql, &p->arena, SIZE_MAX);
		assert_int_equal(search_condition(&sql, p->db, p->weights, &p->arena, p->r,
		    text_of(cases[i].term), 1, values), 2);
		if (cases[i].runs != NULL)
			assert_true(text_equal(values[1], text_of(cases[i].runs)));
		and = memmem(values[1].at, values[1].len, " AND ", 5);
		if (and != NULL)
			assert_memory_not_equal(values[1].at, and + 5, 5);
	}
}

/* To find out which runs are rare must not use up what the search itself needs. */
static void
a_rare_text_is_found_within_the_budget(void **state)
{
	struct place *p = *state;
	struct db *reader = read_printers(p);

	for (int i = 0; i < 3; i++)
		assert_int_equal(search_within(p, reader, READ_STEPS, "network printer 12345"),
		    DB_ROW);
	db_close(reader);
}

/* What could not be found out in time is not remembered. */
static void
a_search_that_was_stopped_leaves_the_next_one_as_good(void **state)
{
	struct place *p = *state;
	struct db *reader = read_printers(p);

	assert_int_equal(search_within(p, reader, 1000, "network printer 12345"), DB_OVER_BUDGET);
	assert_int_equal(search_within(p, reader, READ_STEPS, "network printer 12345"), DB_ROW);
	db_close(reader);
}

/* ---- what is found ---- */

static void
a_row_is_found_by_every_part_that_is_searched(void **state)
{
	struct place *p = *state;

	derive(p);
	add(p, "Reset VPN", "Open the client", "[\"network\",\"remote access\"]");
	attach(p, 1, "manual.PDF");
	put(p, 1);
	add(p, "other", "other", "[]");
	expect(p, "vpn", "1 ");
	expect(p, "RESET V", "1 ");
	expect(p, "the client", "1 ");
	expect(p, "network", "1 ");
	expect(p, "remote access", "1 ");
	expect(p, "manual.pdf", "1 ");
	expect(p, "other", "2 ");
	expect(p, "hidden", "");	/* not searched */
	expect(p, "e", "1 2 ");
	expect(p, "o", "1 2 ");
	expect(p, "xyz", "");
}

static void
nothing_is_found_across_two_parts(void **state)
{
	static const char *const across[] = {
		"cd", "cde", "bcde", "abcdef", "c d", "c\nd", "fgh", "hi", "ghi", "h,i", "\",\"",
		"gh\",\"ij", "[\"", "]", "jk", "ijkl", "c\xef\xbf\xbd" "d", "bc\xef\xbf\xbd" "de",
		"abc\xef\xbf\xbe" "def",
	};
	struct place *p = *state;

	derive(p);
	add(p, "abc", "def", "[\"gh\",\"ij\"]");
	attach(p, 1, "kl");
	put(p, 1);
	for (size_t i = 0; i < COUNT(across); i++)
		expect(p, across[i], "");
	expect(p, "abc", "1 ");
	expect(p, "ij", "1 ");
}

static void
a_tag_is_searched_as_it_reads_and_not_as_json(void **state)
{
	struct place *p = *state;

	derive(p);
	add(p, NULL, NULL, "[\"say \\\"when\\\"\",\"caf\\u00e9\",\"back\\\\slash\"]");
	expect(p, "say \"when\"", "1 ");
	expect(p, "caf\xc3\xa9", "1 ");
	expect(p, "back\\slash", "1 ");
	expect(p, "\\\"", "");
	expect(p, "u00e9", "");
}

/* Words of SQL and of the index's own language are text like any other. */
static void
no_character_means_anything_but_itself(void **state)
{
	static const char *const words[] = {
		"100%", "a_b", "it's", "\"quoted\"", "\"\"\"", "a*", "*abc", "^abc", "(abc)",
		"a AND b", "a OR b", "NOT a", "NEAR(a b)", "title:abc", "a + b", "-abc", "{abc}",
		"a;b", "--abc", "a\\b", "/*a*/", "?1?", "a'b'c", "'; DROP TABLE errand; --",
		"[abc]", "a.b,c", "a\tb\nc", "\x01\x02\x03", "%%%", "___", "\"", "\"\"", "'", "''",
		"%", "_", "*", "\\",
	};
	struct place *p = *state;

	derive(p);
	add(p, "plain abc a b c", "and or not near", "[]");
	for (size_t i = 0; i < COUNT(words); i++)
		add(p, arena_printf(&p->arena, "<%s>", words[i]), NULL, "[]");
	for (size_t i = 0; i < COUNT(words); i++) {
		struct out want;

		out_init(&want, &p->arena, SIZE_MAX);
		for (size_t k = 0; k < COUNT(words); k++)
			if (strstr(words[k], words[i]) != NULL)
				out_printf(&want, "%d ", (int)k + 2);
		out_char(&want, '\0');
		expect(p, words[i], want.at);
	}
}

static void
a_term_may_be_as_short_as_one_character(void **state)
{
	struct place *p = *state;

	derive(p);
	add(p, "ab", NULL, "[]");
	add(p, "abc", NULL, "[]");
	add(p, "\xce\xb1\xce\xb2", NULL, "[]");		/* αβ */
	add(p, "\xf0\x9f\x98\x80", NULL, "[]");		/* one emoji */
	add(p, "", "", "[]");
	expect(p, "a", "1 2 ");
	expect(p, "ab", "1 2 ");
	expect(p, "abc", "2 ");
	expect(p, "c", "2 ");
	expect(p, "\xce\xb2", "3 ");
	expect(p, "\xce\x91\xce\x92", "3 ");
	expect(p, "\xf0\x9f\x98\x80", "4 ");
	expect(p, "\xf0\x9f\x98\x81", "");
	expect(p, "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80", "");
}

static void
case_means_nothing_in_any_script(void **state)
{
	static const struct {
		const char *text, *term;
	} pairs[] = {
		{ "\xce\x91\xce\x98\xce\x89\xce\x9d\xce\x91", "\xce\xb8\xce\xae\xce\xbd" },
		{ "\xce\xb1\xce\xb8\xce\xae\xce\xbd\xce\xb1", "\xce\x91\xce\x98\xce\x89" },
		{ "\xce\xa3\xce\x9f\xce\xa6\xce\x9f\xce\xa3", "\xcf\x83\xce\xbf\xcf\x86\xce\xbf\xcf\x82" },
		{ "Stra\xc3\x9f" "e", "STRASSE" }, { "STRASSE", "stra\xc3\x9f" "e" },
		{ "\xd0\x9c\xd0\x9e\xd0\xa1\xd0\x9a", "\xd0\xbc\xd0\xbe\xd1\x81\xd0\xba" },
		{ "x\xf0\x90\x90\x80y", "X\xf0\x90\x90\xa8Y" },	/* Deseret */
		{ "\xef\xac\x81le", "FILE" },			/* the ligature fi */
		{ "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e" },
		{ "go \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb go", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb" },
	};
	struct place *p = *state;

	derive(p);
	for (size_t i = 0; i < COUNT(pairs); i++) {
		int64_t id = add(p, pairs[i].text, NULL, "[]");

		expect(p, pairs[i].term, arena_printf(&p->arena, "%d ", (int)id));
		must(p, "DELETE FROM core_text_errand; DELETE FROM errand;"
		    "DROP TABLE core_index_errand;"
		    "DROP TABLE core_text_errand");
		derive(p);
	}
}

static void
a_term_may_be_as_long_as_a_request(void **state)
{
	struct place *p = *state;
	char term[8192 + 1];

	derive(p);
	for (size_t i = 0; i < sizeof term - 1; i++)
		term[i] = "abcdefg\""[i * i % 8];
	term[sizeof term - 1] = '\0';
	add(p, NULL, arena_printf(&p->arena, "x%sy", term), "[]");
	expect(p, term, "1 ");
	term[sizeof term - 2] = 'z';
	expect(p, term, "");
}

/* ---- keeping up ---- */

static void
a_changed_row_is_found_by_what_it_holds_now(void **state)
{
	struct place *p = *state;

	derive(p);
	add(p, "before", "same", "[]");
	must(p, "UPDATE errand SET title = 'after'");
	put(p, 1);
	expect(p, "before", "");
	expect(p, "be", "");
	expect(p, "after", "1 ");
	expect(p, "same", "1 ");
	must(p, "UPDATE errand SET title = NULL, content = NULL");
	put(p, 1);
	expect(p, "after", "");
	expect_sound(p);
}

static void
a_deleted_row_is_not_found(void **state)
{
	struct place *p = *state;

	derive(p);
	add(p, "alpha", NULL, "[]");
	add(p, "alpha too", NULL, "[]");
	begin(p);
	assert_true(search_erase(p->db, p->r, 1, &p->err));
	assert_true(search_erase(p->db, p->r, 1, &p->err));	/* once more does no harm */
	assert_true(search_erase(p->db, p->r, 99, &p->err));
	commit(p);
	must(p, "DELETE FROM errand WHERE id = 1");
	expect(p, "alpha", "2 ");
	expect(p, "al", "2 ");
	put(p, 99);			/* of a row that is not there */
	expect(p, "alpha", "2 ");
	expect_sound(p);
}

/* A module's own SQL may delete a row; the index neither forbids nor finds it. */
static void
a_text_without_its_row_is_not_found(void **state)
{
	struct place *p = *state;

	derive(p);
	add(p, "alpha", NULL, "[]");
	must(p, "DELETE FROM errand");
	expect(p, "alpha", "");
	expect(p, "al", "");
}

static void
a_change_that_is_undone_is_undone_in_the_index(void **state)
{
	struct place *p = *state;

	derive(p);
	add(p, "before", NULL, "[]");
	begin(p);
	assert_true(db_mark(p->db, &p->err));
	assert_true(db_execute(p->db, "UPDATE errand SET title = 'after'", &p->err));
	assert_true(search_put(p->db, p->r, 1, &p->err));
	assert_true(db_undo(p->db, &p->err));
	commit(p);
	expect(p, "before", "1 ");
	expect(p, "after", "");
	expect_sound(p);
}

/* ---- made anew ---- */

static void
rows_that_were_there_first_are_indexed(void **state)
{
	struct place *p = *state;

	begin(p);
	insert(p, "alpha", "beta", "[\"gamma\"]");
	insert(p, "delta", NULL, "[]");
	insert(p, NULL, NULL, "[]");
	commit(p);
	must(p, "DELETE FROM errand WHERE id = 2");	/* a gap */
	attach(p, 3, "epsilon");
	derive(p);
	expect(p, "alpha", "1 ");
	expect(p, "gam", "1 ");
	expect(p, "delta", "");
	expect(p, "epsilon", "3 ");
	expect(p, "ps", "3 ");
	expect_sound(p);
}

static void
an_index_that_was_dropped_or_a_half_of_it_is_made_anew(void **state)
{
	static const char *const losses[] = {
		"DROP TABLE core_index_errand; DROP TABLE core_text_errand",
		"DROP TABLE core_index_errand", "DROP TABLE core_text_errand",
	};
	struct place *p = *state;

	derive(p);
	add(p, "alpha", "beta", "[\"gamma\"]");
	for (size_t i = 0; i < COUNT(losses); i++) {
		must(p, losses[i]);
		derive(p);
		expect(p, "alpha", "1 ");
		expect(p, "be", "1 ");
		expect(p, "gamma", "1 ");
		must(p, "UPDATE errand SET content = 'beta'");
		put(p, 1);
		expect(p, "beta", "1 ");
		expect_sound(p);
	}
}

static void
a_resource_that_is_not_searched_has_no_index(void **state)
{
	static const struct hd_field plain[] = { { "id", HD_ID }, { "title", HD_TEXT }, { 0 } };
	static const struct hd_resource r = { .path = "/errands", .table = "errand",
		.one = "errand", .many = "errands", .fields = plain };
	struct place *p = *state;
	bool there = true;

	assert_true(derived_make(p->db, resource_new(&p->arena, &r), &p->err));
	assert_true(db_has_table(p->db, "core_text_errand", &there, &p->err));
	assert_false(there);
}

/* ---- cost ---- */

/* Asked for as one phrase this took the engine gigabytes, and the machine with them. */
static void
a_long_term_in_a_long_text_is_found(void **state)
{
	enum { LONG = 1000 * 1000, TERM = 8000 };
	struct place *p = *state;
	char *much = arena_alloc(&p->arena, LONG + 1);

	derive(p);
	memset(much, 'a', LONG);
	much[LONG] = '\0';
	add(p, much, NULL, "[]");
	add(p, "aaa", NULL, "[]");
	assert_string_equal(find_text(p, (struct text){ much, TERM }), "1 ");
	much[TERM] = 'b';
	assert_string_equal(find_text(p, (struct text){ much, TERM + 1 }), "");
}

/* ---- other fields ---- */

static const struct hd_field by_content[] = {
	{ "id", HD_ID }, { "title", HD_TEXT }, { "content", HD_TEXT, HD_SEARCH }, { 0 },
};

static void
other_searched_fields_make_the_index_anew(void **state)
{
	static const struct hd_resource r = { .path = "/errands", .table = "errand",
		.one = "errand", .many = "errands", .fields = by_content };
	struct place *p = *state;

	derive(p);
	add(p, "in the title", "in the content", "[]");
	expect(p, "in the title", "1 ");
	p->r = resource_new(&p->arena, &r);
	derive(p);
	expect(p, "in the title", "");
	expect(p, "in the content", "1 ");
}

/* ---- against a naive scan ---- */

enum { ROWS = 150, PARTS = 3, TERMS = 1500 };

/* Characters that are near to each other or to the machinery: folds, marks, quotes. */
static const char *const letters[] = {
	"a", "A", "b", "B", "s", "S", "\xc3\x9f", "\xe1\xba\x9e", " ", "\"", "'", "%", "_", "*",
	"\xcf\x83", "\xcf\x82", "\xce\xa3", "\xce\xb1", "\xce\x91", "\xce\xac", "\xce\x86",
	"i", "I", "\xc4\xb0", "\xc4\xb1", "\xcc\x87", "\xcc\x81", "k", "\xe2\x84\xaa", "f",
	"\xef\xac\x83",
	"\xf0\x9f\x98\x80", "\xf0\x9f\x91\xa9", "\xe2\x80\x8d", "\xe6\x97\xa5", "\xf0\x90\x90\x80",
	"\xf0\x90\x90\xa8", "\xef\xbf\xbd", "\xef\xbf\xbe", "\xef\xbf\xbc", "\xf4\x8f\xbf\xbd",
	"\\",
	"\xf0\x9f\xbf\xbe", "\xed\x9f\xbf", "\xee\x80\x80", "\x01", "\x7f", "\xc2\x80", "-", "+",
};

static uint32_t
chance(uint32_t *seed, uint32_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed % below;
}

static char *
any_text(struct place *p, uint32_t *seed, uint32_t length)
{
	char *s = arena_zero(&p->arena, 4 * length + 1), *at = s;

	for (uint32_t i = 0; i < length; i++)
		at = stpcpy(at, letters[chance(seed, COUNT(letters))]);
	return s;
}

/* A piece of a text, cut between characters. */
static struct text
any_piece(struct text t, uint32_t *seed, uint32_t most)
{
	size_t from = chance(seed, (uint32_t)t.len), to;

	while (from > 0 && (t.at[from] & 0xc0) == 0x80)
		from--;
	for (to = from; to < t.len && most > 0; most--)
		for (to++; to < t.len && (t.at[to] & 0xc0) == 0x80;)
			to++;
	return (struct text){ t.at + from, to - from };
}

static bool
holds(struct place *p, const char *part, struct text term)
{
	struct text a = text_fold(&p->arena, text_of(part)), b = text_fold(&p->arena, term);

	return memmem(a.at, a.len, b.at, b.len) != NULL;
}

static const char *
scan(struct place *p, char *parts[ROWS][PARTS], struct text term)
{
	struct out ids;

	out_init(&ids, &p->arena, SIZE_MAX);
	for (int i = 0; i < ROWS; i++)
		for (int k = 0; k < PARTS; k++)
			if (holds(p, parts[i][k], term)) {
				out_printf(&ids, "%d ", i + 1);
				break;
			}
	out_char(&ids, '\0');
	return ids.at;
}

static void
what_is_found_is_what_a_scan_finds(void **state)
{
	static char *parts[ROWS][PARTS];
	struct place *p = *state;
	uint32_t seed = 20250228, found = 0;

	derive(p);
	for (int i = 0; i < ROWS; i++) {
		for (int k = 0; k < PARTS; k++)
			parts[i][k] = any_text(p, &seed, 1 + chance(&seed, 40));
		begin(p);
		insert(p, parts[i][0], parts[i][1], "[]");
		attach_named(p, i + 1, parts[i][2]);
		assert_true(search_put(p->db, p->r, i + 1, &p->err));
		commit(p);
	}
	for (int i = 0; i < TERMS; i++) {
		char *some = parts[chance(&seed, ROWS)][chance(&seed, PARTS)];
		struct text term = i % 4 == 0 ? text_of(any_text(p, &seed, 1 + chance(&seed, 4))) :
		    any_piece(text_of(some), &seed, 1 + chance(&seed, 8));
		const char *want = scan(p, parts, term), *got = find_text(p, term);

		found += *want != '\0';
		if (strcmp(got, want) != 0)
			fail_msg("'%.*s' finds '%s' in place of '%s'", (int)term.len, term.at,
			    got, want);
	}
	assert_true(found > TERMS / 2);
	expect_sound(p);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, settle, leave)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_row_is_found_as_it_is_however_far_behind_the_index_is),
		TEST(a_new_row_is_searched_as_if_it_were_read_again),
		TEST(a_new_row_takes_the_place_of_a_text_that_is_left),
		TEST(the_index_catches_up_a_piece_at_a_time),
		TEST(no_run_is_looked_up_twice),
		TEST(a_rare_text_is_found_within_the_budget),
		TEST(a_search_that_was_stopped_leaves_the_next_one_as_good),
		TEST(a_row_is_found_by_every_part_that_is_searched),
		TEST(nothing_is_found_across_two_parts),
		TEST(a_tag_is_searched_as_it_reads_and_not_as_json),
		TEST(no_character_means_anything_but_itself),
		TEST(a_term_may_be_as_short_as_one_character),
		TEST(case_means_nothing_in_any_script),
		TEST(a_term_may_be_as_long_as_a_request),
		TEST(a_changed_row_is_found_by_what_it_holds_now),
		TEST(a_deleted_row_is_not_found),
		TEST(a_text_without_its_row_is_not_found),
		TEST(a_change_that_is_undone_is_undone_in_the_index),
		TEST(rows_that_were_there_first_are_indexed),
		TEST(an_index_that_was_dropped_or_a_half_of_it_is_made_anew),
		TEST(a_resource_that_is_not_searched_has_no_index),
		TEST(a_long_term_in_a_long_text_is_found),
		TEST(other_searched_fields_make_the_index_anew),
		TEST(what_is_found_is_what_a_scan_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
