/*
 * Whether the tables in the database are those that the field tables ask for.
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
#include "module.h"
#include "resource.h"
#include "derived.h"
#include "schema.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A database of its own for each test. */
struct place {
	struct arena arena;
	char folder[64], path[80];
	struct db *db;
	struct err err;
};

static int
settle(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	*state = p;
	arena_init(&p->arena, 64 << 20);
	strcpy(p->folder, "/tmp/helpdesk-schema-XXXXXX");
	if (mkdtemp(p->folder) == NULL)
		return -1;
	snprintf(p->path, sizeof p->path, "%s/x.db", p->folder);
	if (core_open(p->path, &p->db, &p->err))
		return 0;
	print_error("%s\n", p->err.message);
	return -1;
}

static int
leave(void **state)
{
	struct place *p = *state;
	char command[128];

	db_close(p->db);
	arena_fini(&p->arena);
	snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
	free(p);
	return system(command);
}

/* ---- asking the database ---- */

/* The first column of the first row as text; "null" for null, NULL without a row. */
static const char *
ask(struct place *p, const char *sql)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(p->db, sql, &p->err);
	enum db_result result;
	struct text t;

	if (st == NULL)
		fail_msg("%s: %s", sql, p->err.message);
	result = db_step(st);
	if (result == DB_DONE)
		return NULL;
	if (result != DB_ROW)
		fail_msg("%s: %s", sql, db_message(p->db));
	t = db_text(st, 0);
	return t.at == NULL ? "null" : arena_copy(&p->arena, t.at, t.len);
}

static void
expect(struct place *p, const char *sql, const char *want)
{
	const char *got = ask(p, sql);

	if ((got == NULL) != (want == NULL) || (got != NULL && strcmp(got, want) != 0))
		fail_msg("%s: \"%s\" in place of \"%s\"", sql, got, want);
}

/* Runs SQL in a transaction of its own; whether it could be. */
static bool
run(struct place *p, const char *sql)
{
	assert_true(db_begin(p->db, &p->err));
	if (db_execute(p->db, sql, &p->err))
		return db_commit(p->db, &p->err);
	db_rollback(p->db);
	return false;
}

static void
must(struct place *p, const char *sql)
{
	if (!run(p, sql))
		fail_msg("%s: %s", sql, p->err.message);
}

/* ---- applying ---- */

static struct migration *
steps(struct place *p, const struct hd_migration *m, size_t n)
{
	struct migration *all = arena_zero(&p->arena, n * sizeof *all);

	for (size_t i = 0; i < n; i++)
		assert_true(schema_migration(&p->arena, &m[i], &all[i], &p->err));
	return all;
}

/* Brings the module "errand" to the step whose number is n. */
static void
apply(struct place *p, const struct hd_migration *m, size_t n)
{
	if (!migrate_apply(p->db, "errand", steps(p, m, n), n, &p->err))
		fail_msg("%s", p->err.message);
}

static bool
derive(struct place *p, const struct hd_resource *d)
{
	return derived_make(p->db, resource_new(&p->arena, d), &p->err);
}

/* Brings a table to life that has one step. */
static void
make(struct place *p, const struct hd_resource *resources)
{
	const struct hd_migration m[] = { { 1, "create", .tables = resources } };

	apply(p, m, 1);
	if (!derive(p, resources))
		fail_msg("%s", p->err.message);
}

/* ---- what a table is made of ---- */

static const struct hd_field every[] = {
	{ "id", HD_ID },
	{ "must", HD_TEXT, HD_REQUIRED | HD_TRIM, .max = 80 },
	{ "may", HD_TEXT, .max = 80 },
	{ "status", HD_TEXT, HD_FILTER, .value = "\"Open\"" },
	{ "vendor", HD_TEXT, HD_CONTAINS },
	{ "tag", HD_TEXT, HD_UNIQUE },
	{ "seats", HD_INTEGER, .least = 0, .most = 9 },
	{ "floors", HD_INTEGER, HD_REQUIRED },
	{ "is_on", HD_BOOLEAN },
	{ "is_off", HD_BOOLEAN, .value = "false" },
	{ "bought", HD_DATE },
	{ "closed_at", HD_TIME },
	{ "keeper", HD_USER, HD_FILTER },
	{ "maker", HD_USER, HD_CREATE_ONLY | HD_CALLER },
	{ "keeper_name", HD_USER_NAME, .of = "keeper" },
	{ "labels", HD_TAGS },
	{ "created_at", HD_CREATED },
	{ "updated_at", HD_UPDATED },
	{ "updated_by", HD_EDITOR },
	{ "files", HD_ATTACHMENTS },
	{ 0 },
};
static const struct hd_resource everything[] = {
	{ .path = "/errands", .table = "errand", .one = "errand", .many = "errands",
	  .fields = every, .order = "created_at" },
	{ 0 },
};

/* A row of all that must be given. */
static const char insert[] =
    "INSERT INTO errand (must, status, floors, is_off, maker, labels, created_at, updated_at)"
    " VALUES ('x', 'Open', 1, 0, 1, '[]', '2025-01-01', '2025-01-01')";

static void
add_user(struct place *p)
{
	must(p, "INSERT INTO core_user (name, name_fold, created_at) VALUES ('Ada', 'ada', 'x')");
}

static void
every_column_is_of_its_type_and_null_where_it_may_be(void **state)
{
	static const struct {
		const char *name, *type, *not_null;	/* type NULL: there is none */
	} columns[] = {
		{ "must", "TEXT", "0" }, { "may", "TEXT", "0" }, { "status", "TEXT", "0" },
		{ "vendor", "TEXT", "0" }, { "tag", "TEXT", "0" }, { "seats", "INTEGER", "0" },
		{ "floors", "INTEGER", "0" }, { "is_on", "INTEGER", "0" },
		{ "is_off", "INTEGER", "0" }, { "bought", "TEXT", "0" },
		{ "closed_at", "TEXT", "0" }, { "keeper", "INTEGER", "0" },
		{ "maker", "INTEGER", "0" }, { "keeper_name", NULL, NULL },
		{ "labels", "TEXT", "1" }, { "created_at", "TEXT", "1" },
		{ "updated_at", "TEXT", "1" }, { "updated_by", "INTEGER", "0" },
		{ "files", NULL, NULL },
	};
	struct place *p = *state;

	make(p, everything);
	for (size_t i = 0; i < COUNT(columns); i++) {
		const char *where = arena_printf(&p->arena,
		    "FROM pragma_table_info('errand') WHERE name = '%s'", columns[i].name);

		expect(p, arena_printf(&p->arena, "SELECT type %s", where), columns[i].type);
		expect(p, arena_printf(&p->arena, "SELECT \"notnull\" %s", where),
		    columns[i].not_null);
	}
	expect(p, "SELECT strict FROM pragma_table_list WHERE name = 'errand'", "1");
	expect(p, "SELECT count(*) FROM pragma_table_info('errand')", "20");	/* 18 and 2 folds */
}

static void
the_database_refuses_what_does_not_fit(void **state)
{
	static const char *const bad[] = {
		"UPDATE errand SET floors = 'many'", "UPDATE errand SET seats = 1.5",
		"UPDATE errand SET keeper = 99", "UPDATE errand SET maker = 99",
		"UPDATE errand SET updated_by = 99",
		"UPDATE errand SET labels = NULL", "UPDATE errand SET created_at = NULL",
		"DELETE FROM core_user",
	};
	struct place *p = *state;

	make(p, everything);
	add_user(p);
	must(p, insert);
	must(p, "UPDATE errand SET keeper = 1, updated_by = 1, seats = NULL, tag = NULL");
	/* What must be given is the server's to ask for: a module may ask otherwise later. */
	must(p, "UPDATE errand SET must = NULL, floors = NULL, status = NULL");
	for (size_t i = 0; i < COUNT(bad); i++)
		if (run(p, bad[i]))
			fail_msg("taken: %s", bad[i]);
}

static void
a_unique_value_is_taken_once_and_null_as_often_as_one_likes(void **state)
{
	struct place *p = *state;

	make(p, everything);
	add_user(p);
	must(p, insert);
	must(p, insert);
	must(p, "UPDATE errand SET tag = 'A' WHERE id = 1");
	must(p, "UPDATE errand SET tag = 'a' WHERE id = 2");
	assert_false(run(p, "UPDATE errand SET tag = 'A' WHERE id = 2"));
	must(p, "UPDATE errand SET tag = NULL");
}

static void
an_id_is_never_given_twice(void **state)
{
	struct place *p = *state;

	make(p, everything);
	add_user(p);
	must(p, insert);
	must(p, insert);
	must(p, "DELETE FROM errand");
	must(p, insert);
	expect(p, "SELECT id FROM errand", "3");
}

/* ---- steps ---- */

static const struct hd_field first_fields[] = {
	{ "id", HD_ID },
	{ "name", HD_TEXT, HD_REQUIRED },
	{ 0 },
};
static const struct hd_field second_fields[] = {
	{ "id", HD_ID },
	{ "name", HD_TEXT, HD_REQUIRED },
	{ "colour", HD_TEXT, .value = "\"it's red\"", .since = 2 },
	{ "seats", HD_INTEGER, .value = "-3", .since = 2 },
	{ "open", HD_BOOLEAN, .value = "true", .since = 2 },
	{ "day", HD_DATE, .value = "\"2025-02-28\"", .since = 2 },
	{ "note", HD_TEXT, HD_FILTER, .since = 2 },
	{ "labels", HD_TAGS, .since = 2 },
	{ "keeper", HD_USER, .since = 2 },
	{ "tag", HD_TEXT, HD_UNIQUE, .since = 2 },
	{ 0 },
};
static const struct hd_field other_fields[] = {
	{ "id", HD_ID, .since = 2 },
	{ "weight", HD_INTEGER, HD_REQUIRED },
	{ "height", HD_INTEGER, .since = 2 },
	{ "depth", HD_INTEGER, .value = "5", .since = 3 },
	{ 0 },
};

#define ERRAND(f) { .path = "/errands", .table = "errand", .one = "errand", .many = "errands", \
	.fields = f }
#define PARCEL(f) { .path = "/parcels", .table = "errand_parcel", .one = "parcel", \
	.many = "parcels", .fields = f }

static const struct hd_resource first[] = { ERRAND(first_fields), { 0 } };
static const struct hd_resource second[] = { ERRAND(second_fields), PARCEL(other_fields), { 0 } };
static const struct hd_migration first_step[] = { { 1, "create", .tables = first } };
static const struct hd_migration all_steps[] = {
	{ 1, "create", .tables = second },
	{ 2, "add_much", .tables = second },
	{ 3, "add_depth", .tables = second },
};

static void
a_later_step_adds_its_columns_to_rows_that_are_there(void **state)
{
	struct place *p = *state;

	apply(p, first_step, 1);
	must(p, "INSERT INTO errand (name) VALUES ('old')");
	apply(p, all_steps, 3);
	expect(p, "SELECT name FROM errand WHERE id = 1", "old");
	expect(p, "SELECT colour FROM errand WHERE id = 1", "it's red");
	expect(p, "SELECT seats FROM errand WHERE id = 1", "-3");
	expect(p, "SELECT open FROM errand WHERE id = 1", "1");
	expect(p, "SELECT day FROM errand WHERE id = 1", "2025-02-28");
	expect(p, "SELECT note FROM errand WHERE id = 1", "null");
	expect(p, "SELECT labels FROM errand WHERE id = 1", "[]");
	expect(p, "SELECT keeper FROM errand WHERE id = 1", "null");
	expect(p, "SELECT tag FROM errand WHERE id = 1", "null");
	assert_false(run(p, "UPDATE errand SET keeper = 99"));
	assert_true(derive(p, &second[0]));
	must(p, "UPDATE errand SET tag = 'A'");
	assert_false(run(p, "INSERT INTO errand (name, tag) VALUES ('new', 'A')"));
}

static void
all_steps_at_once_make_what_they_make_one_by_one(void **state)
{
	static const char columns[] = "SELECT group_concat(name || type || \"notnull\") FROM"
	    " pragma_table_info('errand')";
	struct place *p = *state;
	const char *at_once;

	apply(p, all_steps, 3);
	at_once = ask(p, columns);
	must(p, "DROP TABLE errand");
	must(p, "DROP TABLE errand_parcel");
	must(p, "DELETE FROM core_migration WHERE owner = 'errand'");
	apply(p, first_step, 1);
	apply(p, all_steps, 2);
	apply(p, all_steps, 3);
	expect(p, columns, at_once);
	assert_non_null(strstr(at_once, "seatsINTEGER0"));
}

/* Its id says which step makes a table; what is older than that comes with it. */
static void
a_table_that_a_later_step_makes_has_all_its_columns(void **state)
{
	struct place *p = *state;

	apply(p, all_steps, 1);
	expect(p, "SELECT count(*) FROM pragma_table_info('errand_parcel')", "0");
	apply(p, all_steps, 2);
	expect(p, "SELECT group_concat(name, ' ') FROM pragma_table_info('errand_parcel')",
	    "id weight height");
	must(p, "INSERT INTO errand_parcel (weight) VALUES (2)");
	apply(p, all_steps, 3);
	expect(p, "SELECT depth FROM errand_parcel", "5");
}

static void
a_written_out_step_is_taken_as_it_is(void **state)
{
	static const struct hd_migration m[] = {
		{ 1, "create", .sql = "CREATE TABLE errand (id INTEGER PRIMARY KEY) STRICT;" },
		{ 2, "more", .sqlite = "CREATE TABLE errand_more (x TEXT) STRICT;",
		  .postgresql = "no SQL at all" },
	};
	struct place *p = *state;
	struct migration *all = steps(p, m, 2);

	assert_string_equal(all[0].sql, m[0].sql);
	assert_null(all[0].identity);
	assert_string_equal(all[1].sql, m[1].sqlite);
	apply(p, m, 2);
	expect(p, "SELECT count(*) FROM errand_more", "0");
}

/* ---- what is refused before it comes to a database ---- */

static bool
is_sound(const struct hd_field *f, struct err *e)
{
	const struct hd_resource r[] = { ERRAND(f), { 0 } };
	const struct hd_migration m[] = { { 1, "create", .tables = r }, { 2, "more", .tables = r },
		{ 0 } };

	return module_check_descriptor(&(struct hd_module){ .name = "errand", .version = "1.0.0",
	    .resources = r, .migrations = m }, e);
}

static void
a_later_field_has_something_for_rows_that_are_there(void **state)
{
	static const struct {
		struct hd_field field;
		bool sound;
	} cases[] = {
		{ { "a", HD_TEXT, .since = 2 }, true },
		{ { "a", HD_TEXT, HD_REQUIRED }, true },
		{ { "a", HD_TEXT, HD_REQUIRED, .since = 1 }, true },
		{ { "a", HD_TEXT, HD_REQUIRED, .since = 2 }, false },
		{ { "a", HD_TEXT, HD_REQUIRED, .value = "\"x\"", .since = 2 }, true },
		{ { "a", HD_USER, HD_CALLER, .since = 2 }, false },
		{ { "a", HD_CREATED, .since = 2 }, false }, { { "a", HD_UPDATED, .since = 2 }, false },
		{ { "a", HD_EDITOR, .since = 2 }, true }, { { "a", HD_TAGS, .since = 2 }, true },
		{ { "a", HD_ATTACHMENTS, .since = 2 }, true },
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct hd_field f[] = { { "id", HD_ID }, cases[i].field, { 0 } };

		if (is_sound(f, &p->err) != cases[i].sound)
			fail_msg("case %zu: %s", i, p->err.message);
	}
}

static void
a_default_stands_there_as_it_is_meant(void **state)
{
	const struct hd_field escaped[] = { { "id", HD_ID }, { "a", HD_TEXT, .value = "\"\\n\"" },
		{ 0 } };
	const struct hd_field quoted[] = { { "id", HD_ID }, { "a", HD_TEXT, .value = "\"'\"" },
		{ 0 } };
	struct place *p = *state;

	assert_false(is_sound(escaped, &p->err));
	assert_non_null(strstr(p->err.message, "has a .value with an escape"));
	assert_true(is_sound(quoted, &p->err));
}

static void
a_table_has_no_more_fields_than_there_is_room_for(void **state)
{
	struct hd_field many[RESOURCE_FIELDS + 2] = { { "id", HD_ID } };
	struct place *p = *state;
	struct resource *r;

	for (int i = 1; i < RESOURCE_FIELDS; i++)
		many[i] = (struct hd_field){ arena_printf(&p->arena, "f%d", i), HD_TEXT,
		    HD_FILTER | HD_UNIQUE };
	assert_true(is_sound(many, &p->err));
	r = resource_new(&p->arena, &(struct hd_resource)ERRAND(many));
	assert_int_equal(r->count, RESOURCE_FIELDS);
	assert_string_equal(r->filters[RESOURCE_FIELDS - 2].name, many[RESOURCE_FIELDS - 1].name);
	many[RESOURCE_FIELDS] = (struct hd_field){ "one_more", HD_TEXT };
	assert_false(is_sound(many, &p->err));
	assert_non_null(strstr(p->err.message, "has more than 64 fields"));
}

/* ---- what makes a step another one ---- */

static const struct {
	const char *what;
	struct hd_field name;
	bool same;
} changes[] = {
	{ "nothing", { "name", HD_TEXT, HD_REQUIRED }, true },
	{ "its words", { "name", HD_TEXT, HD_REQUIRED, .doc = "Who", .example = "\"Bo\"" }, true },
	{ "its limit", { "name", HD_TEXT, HD_REQUIRED, .max = 12 }, true },
	{ "its trimming", { "name", HD_TEXT, HD_REQUIRED | HD_TRIM }, true },
	{ "its filter", { "name", HD_TEXT, HD_REQUIRED | HD_FILTER }, true },
	{ "its search", { "name", HD_TEXT, HD_REQUIRED | HD_SEARCH }, true },
	{ "its being unique", { "name", HD_TEXT, HD_REQUIRED | HD_UNIQUE }, true },
	{ "its default", { "name", HD_TEXT, HD_REQUIRED, .value = "\"Bo\"" }, true },
	{ "its type", { "name", HD_INTEGER, HD_REQUIRED }, false },
	{ "its type, in a column of the same kind", { "name", HD_DATE, HD_REQUIRED }, false },
	{ "its being null", { "name", HD_TEXT }, true },
	{ "its name", { "title", HD_TEXT, HD_REQUIRED }, false },
	{ "its step", { "name", HD_TEXT, HD_REQUIRED, .since = 2 }, false },
};

static void
a_step_stays_itself_while_its_columns_do(void **state)
{
	struct place *p = *state;

	apply(p, first_step, 1);
	for (size_t i = 0; i < COUNT(changes); i++) {
		struct hd_field fields[] = { { "id", HD_ID }, changes[i].name, { 0 } };
		struct hd_resource r[] = { ERRAND(fields), { 0 } };
		struct hd_migration m[] = { { 1, "create", .tables = r } };

		p->err.message[0] = '\0';
		if (migrate_check(p->db, "errand", steps(p, m, 1), 1, &p->err) != changes[i].same)
			fail_msg("%s: %s", changes[i].what, p->err.message);
		if (!changes[i].same)
			assert_non_null(strstr(p->err.message, "add a new migration instead, or "
			    "give the new field .since"));
	}
}

static void
a_column_that_went_makes_another_step(void **state)
{
	static const struct hd_field fields[] = { { "id", HD_ID }, { 0 } };
	static const struct hd_resource r[] = { ERRAND(fields), { 0 } };
	static const struct hd_migration m[] = { { 1, "create", .tables = r } };
	struct place *p = *state;

	apply(p, first_step, 1);
	assert_false(migrate_check(p->db, "errand", steps(p, m, 1), 1, &p->err));
}

#define ERRAND_Z(f) { .path = "/z", .table = "errand_z", .one = "z", .many = "zs", .fields = f }

static void
a_step_stays_itself_while_its_tables_change_places(void **state)
{
	static const struct hd_resource there[] = { ERRAND(first_fields), ERRAND_Z(first_fields),
	    { 0 } };
	static const struct hd_resource back[] = { ERRAND_Z(first_fields), ERRAND(first_fields),
	    { 0 } };
	static const struct hd_migration m[] = { { 1, "create", .tables = there } };
	static const struct hd_migration n[] = { { 1, "create", .tables = back } };
	struct place *p = *state;

	apply(p, m, 1);
	if (!migrate_check(p->db, "errand", steps(p, n, 1), 1, &p->err))
		fail_msg("%s", p->err.message);
}

/* Before ABI 1.0 the identity of a step told what may be null, and tables in their order. */
static void
a_database_of_before_is_taken_and_is_then_one_of_today(void **state)
{
	static const struct migration before[] = { { 1, "create",
	    "CREATE TABLE errand_z (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL)"
	    " STRICT; CREATE TABLE errand (id INTEGER PRIMARY KEY AUTOINCREMENT,"
	    " name TEXT NOT NULL) STRICT;",
	    "errand_z.id type 1 not null;errand_z.name type 2 not null;"
	    "errand.id type 1 not null;errand.name type 2 not null;" } };
	static const struct hd_field loose[] = { { "id", HD_ID }, { "name", HD_TEXT }, { 0 } };
	static const struct hd_resource as_it_was[] = { ERRAND_Z(first_fields),
	    ERRAND(first_fields), { 0 } };
	static const struct hd_resource otherwise[] = { ERRAND(loose), ERRAND_Z(first_fields),
	    { 0 } };
	static const struct hd_migration m[] = { { 1, "create", .tables = as_it_was } };
	static const struct hd_migration n[] = { { 1, "create", .tables = otherwise } };
	struct place *p = *state;

	assert_true(migrate_apply(p->db, "errand", before, 1, &p->err));
	if (!migrate_check(p->db, "errand", steps(p, m, 1), 1, &p->err))
		fail_msg("%s", p->err.message);
	/* What may be null cannot be told from it until it is today's. */
	assert_false(migrate_check(p->db, "errand", steps(p, n, 1), 1, &p->err));
	apply(p, m, 1);
	if (!migrate_check(p->db, "errand", steps(p, n, 1), 1, &p->err))
		fail_msg("%s", p->err.message);
}

/* ---- what is derived ---- */

static const char *const indexes[] = {
	"core_errand_by_status", "core_errand_by_tag", "core_errand_by_keeper",
	"core_errand_by_created_at",
};

static void
expect_indexes(struct place *p, const char *count)
{
	for (size_t i = 0; i < COUNT(indexes); i++)
		expect(p, arena_printf(&p->arena, "SELECT count(*) FROM sqlite_schema WHERE type ="
		    " 'index' AND tbl_name = 'errand' AND name = '%s'", indexes[i]), count);
}

static void
drop_derived(struct place *p)
{
	for (size_t i = 0; i < COUNT(indexes); i++)
		must(p, arena_printf(&p->arena, "DROP INDEX IF EXISTS %s", indexes[i]));
	must(p, "ALTER TABLE errand DROP COLUMN status_fold");
	must(p, "ALTER TABLE errand DROP COLUMN vendor_fold");
}

static void
what_was_dropped_is_made_anew_from_the_rows(void **state)
{
	struct place *p = *state;

	make(p, everything);
	add_user(p);
	must(p, insert);
	must(p, insert);
	must(p, insert);
	/* ΑΘΉΝΑ, Straße */
	must(p, "UPDATE errand SET status = '\xce\x91\xce\x98\xce\x89\xce\x9d\xce\x91',"
	    " vendor = 'Stra\xc3\x9f" "e', tag = 'A' WHERE id = 1");
	must(p, "UPDATE errand SET status = '', vendor = NULL WHERE id = 3");
	expect_indexes(p, "1");
	drop_derived(p);
	expect_indexes(p, "0");
	if (!derive(p, everything))
		fail_msg("%s", p->err.message);
	expect_indexes(p, "1");
	expect(p, "SELECT status_fold FROM errand WHERE id = 1",
	    "\xce\xb1\xce\xb8\xce\xae\xce\xbd\xce\xb1");
	expect(p, "SELECT vendor_fold FROM errand WHERE id = 1", "strasse");
	expect(p, "SELECT status_fold FROM errand WHERE id = 2", "open");
	expect(p, "SELECT status_fold FROM errand WHERE id = 3", "");
	expect(p, "SELECT vendor_fold FROM errand WHERE id = 3", "null");
	assert_false(run(p, "UPDATE errand SET tag = 'A' WHERE id = 2"));
}

static void
to_derive_once_more_changes_nothing(void **state)
{
	struct place *p = *state;
	const char *before;

	make(p, everything);
	before = ask(p, "SELECT group_concat(sql) FROM sqlite_schema");
	assert_true(derive(p, everything));
	expect(p, "SELECT group_concat(sql) FROM sqlite_schema", before);
}

/* A module that learns to filter by a field that it has had all along. */
static void
a_new_filter_finds_old_rows(void **state)
{
	static const struct hd_field fields[] = {
		{ "id", HD_ID }, { "name", HD_TEXT, HD_REQUIRED | HD_FILTER }, { 0 },
	};
	static const struct hd_resource r[] = { ERRAND(fields), { 0 } };
	struct place *p = *state;

	apply(p, first_step, 1);
	must(p, "INSERT INTO errand (name) VALUES ('OLD')");
	assert_true(derive(p, r));
	expect(p, "SELECT name_fold FROM errand", "old");
}

/* What cannot be derived leaves nothing half-made. */
static void
rows_that_are_not_unique_stop_the_index_and_all_with_it(void **state)
{
	struct place *p = *state;

	make(p, everything);
	add_user(p);
	must(p, insert);
	must(p, insert);
	drop_derived(p);
	must(p, "UPDATE errand SET tag = 'A'");
	assert_false(derive(p, everything));
	assert_false(db_in_transaction(p->db));
	expect_indexes(p, "0");
	expect(p, "SELECT count(*) FROM pragma_table_info('errand') WHERE name = 'status_fold'",
	    "0");
	must(p, "UPDATE errand SET tag = NULL WHERE id = 2");
	assert_true(derive(p, everything));
	expect_indexes(p, "1");
}

/* A filtered list in the order of the resource needs no sorting. */
static void
a_filtered_list_is_read_off_its_index(void **state)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct place *p = *state;

	make(p, everything);
	st = db_prepare(p->db, "EXPLAIN QUERY PLAN SELECT id FROM errand t WHERE t.status_fold ="
	    " 'open' ORDER BY t.created_at DESC, t.id DESC", &p->err);
	assert_non_null(st);
	assert_int_equal(db_step(st), DB_ROW);
	assert_non_null(strstr(db_text(st, 3).at, "core_errand_by_status"));
	assert_int_equal(db_step(st), DB_DONE);		/* no second row: "USE TEMP B-TREE" */
}

static void
the_statements_of_a_resource_fit_its_table(void **state)
{
	struct place *p = *state;
	struct resource *r = resource_new(&p->arena, everything);

	assert_false(resource_prepare(r, p->db, &p->err));
	assert_non_null(strstr(p->err.message, "table errand: "));
	make(p, everything);
	if (!resource_prepare(r, p->db, &p->err))
		fail_msg("%s", p->err.message);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, settle, leave)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(every_column_is_of_its_type_and_null_where_it_may_be),
		TEST(the_database_refuses_what_does_not_fit),
		TEST(a_unique_value_is_taken_once_and_null_as_often_as_one_likes),
		TEST(an_id_is_never_given_twice),
		TEST(a_later_step_adds_its_columns_to_rows_that_are_there),
		TEST(all_steps_at_once_make_what_they_make_one_by_one),
		TEST(a_table_that_a_later_step_makes_has_all_its_columns),
		TEST(a_written_out_step_is_taken_as_it_is),
		TEST(a_later_field_has_something_for_rows_that_are_there),
		TEST(a_default_stands_there_as_it_is_meant),
		TEST(a_table_has_no_more_fields_than_there_is_room_for),
		TEST(a_step_stays_itself_while_its_columns_do),
		TEST(a_column_that_went_makes_another_step),
		TEST(a_step_stays_itself_while_its_tables_change_places),
		TEST(a_database_of_before_is_taken_and_is_then_one_of_today),
		TEST(what_was_dropped_is_made_anew_from_the_rows),
		TEST(to_derive_once_more_changes_nothing),
		TEST(a_new_filter_finds_old_rows),
		TEST(rows_that_are_not_unique_stop_the_index_and_all_with_it),
		TEST(a_filtered_list_is_read_off_its_index),
		TEST(the_statements_of_a_resource_fit_its_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
