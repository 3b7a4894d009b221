/*
 * Whether migrations are applied once, in order, whole, and by their owner.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#include <cmocka.h>

#include "cleanup.h"
#include "db.h"
#include "err.h"
#include "migrate.h"

struct place {
	char folder[200], path[256];
	struct db *db;
};

#define COUNT(array) (sizeof (array) / sizeof (array)[0])

static const char create_users[] =
    "CREATE TABLE core_user (id INTEGER PRIMARY KEY, name TEXT) STRICT";

static const struct migration core_steps[] = {
	{ 1, "create", create_users },
};

static const char create_notices[] =
    "CREATE TABLE notices (\n\tid INTEGER PRIMARY KEY, -- the number\n\ttext TEXT /* it */,"
    "\n\tby INTEGER REFERENCES core_user (id)\n) STRICT;\n"
    "CREATE INDEX notices_by ON notices (by)";

static const struct migration steps[] = {
	{ 1, "create", create_notices },
	{ 2, "first", "INSERT INTO notices (text) VALUES ('  two -- blanks')" },
	{ 3, "add_until", "ALTER TABLE notices ADD COLUMN until TEXT" },
};

static int
setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct place *p = calloc(1, sizeof *p);

	snprintf(p->folder, sizeof p->folder, "%s/helpdesk-migrate-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->path, sizeof p->path, "%s/a.db", p->folder);
	assert_true(db_open(p->path, DB_WRITER, &p->db, NULL));
	assert_true(migrate_apply(p->db, "core", core_steps, COUNT(core_steps), NULL));
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;
	char command[256];

	db_close(p->db);
	snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
	assert_int_equal(system(command), 0);
	free(p);
	return 0;
}

static void
apply(struct place *p, const struct migration *m, size_t n)
{
	struct err e = { "" };

	if (!migrate_apply(p->db, "notices", m, n, &e))
		fail_msg("%s", e.message);
}

static int64_t
ask(struct db *db, const char *sql)
{
	struct err e = { "" };
	CLEANUP(db_release) struct db_stmt *s = db_prepare(db, sql, &e);

	if (s == NULL)
		fail_msg("%s: %s", sql, e.message);
	assert_int_equal(db_step(s), DB_ROW);
	return db_int(s, 0);
}

static void
steps_are_applied_once_and_in_order(void **state)
{
	struct place *p = *state;

	assert_int_equal(migrate_level(p->db, "notices", NULL), 0);
	apply(p, steps, 1);
	assert_int_equal(migrate_level(p->db, "notices", NULL), 1);
	assert_int_equal(ask(p->db, "SELECT count(*) FROM notices"), 0);
	apply(p, steps, 3);
	apply(p, steps, 3);
	assert_int_equal(migrate_level(p->db, "notices", NULL), 3);
	assert_int_equal(ask(p->db, "SELECT count(*) FROM notices WHERE until IS NULL"), 1);
	assert_int_equal(migrate_level(p->db, "core", NULL), 1);
	assert_int_equal(migrate_level(p->db, "nobody", NULL), 0);
}

static void
an_owner_without_steps_is_fine(void **state)
{
	struct place *p = *state;

	apply(p, NULL, 0);
	assert_true(migrate_check(p->db, "notices", NULL, 0, NULL));
}

static void
the_history_says_what_was_done(void **state)
{
	struct place *p = *state;

	apply(p, steps, 3);
	assert_int_equal(ask(p->db, "SELECT count(*) FROM core_migration WHERE owner = 'notices' "
	    "AND name = 'add_until' AND number = 3 AND length(checksum) = 64 AND "
	    "checksum NOT GLOB '*[^0-9a-f]*' AND applied_at GLOB '2[0-9][0-9][0-9]-*T*:*'"), 1);
}

static void
a_database_without_history_is_at_nothing(void **state)
{
	struct place *p = *state;
	char path[300];
	struct db *db;

	snprintf(path, sizeof path, "%s/new.db", p->folder);
	assert_true(db_open(path, DB_WRITER, &db, NULL));
	assert_int_equal(migrate_level(db, "core", NULL), 0);
	assert_true(migrate_check(db, "core", core_steps, 1, NULL));
	assert_int_equal(ask(db, "SELECT count(*) FROM sqlite_schema"), 0);
	db_close(db);
}

/* The same first step in other words, or not the same. */
static void
the_checksum_sees_meaning_and_not_form(void **state)
{
	static const struct { const char *sql; bool same; } cases[] = {
		{ "SELECT a, 'it''s  -- so' FROM t WHERE x = [y  z]", true },
		{ "SELECT a,'it''s  -- so'\n\tFROM t -- comment\nWHERE x=[y  z]", true },
		{ "/* it's */ SELECT/**/a , 'it''s  -- so' FROM t WHERE x = [y  z] -- it's", true },
		{ "SELECT a, 'it''s -- so' FROM t WHERE x = [y  z]", false },
		{ "SELECT a, 'it''s  -- so' FROM t WHERE x = [y z]", false },
		{ "SELECT a, 'it''s  ' FROM t WHERE x = [y  z]", false },
		{ "SELECTa, 'it''s  -- so' FROM t WHERE x = [y  z]", false },
		{ "SELECT a, 'it' 's  -- so' FROM t WHERE x = [y  z]", false },
		{ "SELECT A, 'it''s  -- so' FROM t WHERE x = [y  z]", false },
	};
	struct place *p = *state;
	struct migration m = { 1, "create", "CREATE TABLE notices (id INTEGER)" };

	m.identity = cases[0].sql;
	apply(p, &m, 1);
	for (size_t i = 0; i < COUNT(cases); i++) {
		m.identity = cases[i].sql;
		if (migrate_check(p->db, "notices", &m, 1, NULL) != cases[i].same)
			fail_msg("%s", cases[i].sql);
	}
}

static void
unfinished_quotes_and_comments_have_a_checksum(void **state)
{
	static const char *const cases[] = { "", "'", "/*", "/* *", "--", "a'b", "[", "a /", "-" };
	struct place *p = *state;
	struct migration m = { 1, "create", "CREATE TABLE notices (id INTEGER)" };

	apply(p, &m, 1);
	for (size_t i = 0; i < COUNT(cases); i++) {
		m.identity = cases[i];
		assert_false(migrate_check(p->db, "notices", &m, 1, NULL));
	}
}

static void
generated_sql_may_get_better_if_its_identity_stays(void **state)
{
	struct migration m = { 1, "create", "CREATE TABLE notices (id INTEGER)", "id:int" };
	struct place *p = *state;

	apply(p, &m, 1);
	m.sql = "CREATE TABLE notices (id INTEGER PRIMARY KEY)";
	apply(p, &m, 1);
}

static void
what_does_not_fit_the_history_is_refused(void **state)
{
	static const struct migration other[] = {
		{ 1, "create", create_notices },
		{ 2, "first", "INSERT INTO notices (text) VALUES ('two -- blanks')" },
		{ 3, "add_until", "ALTER TABLE notices ADD COLUMN until TEXT" },
	}, gap[] = {
		{ 1, "create", create_notices },
		{ 3, "add_until", "ALTER TABLE notices ADD COLUMN until TEXT" },
	}, twice[] = {
		{ 1, "create", create_notices },
		{ 1, "create", create_notices },
	};
	static const struct {
		const struct migration *steps;
		size_t n;
		const char *says, *also;
	} cases[] = {
		{ other, 3, "migration 2 (first) was applied on 2",
		  " with other SQL; add a new migration instead" },
		{ steps, 2, "the database is at migration 3, this module knows only 2", "" },
		{ gap, 2,   "migrations must be numbered 1, 2, 3 ...: 2 is missing", "" },
		{ twice, 2, "migrations must be numbered 1, 2, 3 ...: 2 is missing", "" },
		{ steps + 1, 2, "migrations must be numbered 1, 2, 3 ...: 1 is missing", "" },
	};
	struct place *p = *state;

	apply(p, steps, 3);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err e = { "" }, c = { "" };

		assert_false(migrate_apply(p->db, "notices", cases[i].steps, cases[i].n, &e));
		assert_false(migrate_check(p->db, "notices", cases[i].steps, cases[i].n, &c));
		assert_string_equal(e.message, c.message);
		if (strncmp(e.message, cases[i].says, strlen(cases[i].says)) != 0 ||
		    strstr(e.message, cases[i].also) == NULL)
			fail_msg("%s", e.message);
		assert_false(db_in_transaction(p->db));
	}
	assert_int_equal(migrate_level(p->db, "notices", NULL), 3);
}

static void
a_gap_in_the_history_is_refused(void **state)
{
	struct place *p = *state;
	struct err e = { "" };

	apply(p, steps, 3);
	assert_true(db_begin(p->db, NULL));
	assert_true(db_execute(p->db, "DELETE FROM core_migration WHERE number = 2", NULL));
	assert_true(db_commit(p->db, NULL));
	assert_false(migrate_apply(p->db, "notices", steps, 3, &e));
	assert_string_equal(e.message,
	    "the table \"core_migration\" has no number 2 of notices, but number 3");
}

static void
a_step_that_is_not_allowed_or_fails_leaves_nothing(void **state)
{
#define OWNS "; module notices owns only \"notices\" and \"notices_*\""
	static const struct { const char *sql, *says; } cases[] = {
		{ "CREATE TABLE tickets (id INTEGER)",
		  "migration 1 (create) touches table \"tickets\"" OWNS },
		{ "DROP TABLE core_user", "migration 1 (create) touches table \"core_user\"" OWNS },
		{ "INSERT INTO core_migration VALUES ('notices', 1, 'x', 'y', 'z')",
		  "migration 1 (create) touches table \"core_migration\"" OWNS },
		{ "CREATE INDEX by_id ON notices (id)",
		  "migration 1 (create) touches index \"by_id\"" OWNS },
		{ "COMMIT; DROP TABLE core_user",
		  "migration 1 (create): BEGIN, COMMIT or ROLLBACK is not allowed here" },
		{ "PRAGMA writable_schema = 1",
		  "migration 1 (create): PRAGMA is not allowed here" },
		{ "ATTACH 'x' AS y", "migration 1 (create): ATTACH is not allowed here" },
		{ "CREATE TABEL x (id)", "migration 1 (create): near \"TABEL\": syntax error" },
		{ "INSERT INTO notices VALUES (1), (1)",
		  "migration 1 (create): UNIQUE constraint failed: notices.id" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		char sql[200];
		struct migration m = { 1, "create", sql };
		struct err e = { "" };

		snprintf(sql, sizeof sql, "CREATE TABLE notices (id INTEGER PRIMARY KEY); %s",
		    cases[i].sql);
		assert_false(migrate_apply(p->db, "notices", &m, 1, &e));
		assert_string_equal(e.message, cases[i].says);
		assert_int_equal(migrate_level(p->db, "notices", NULL), 0);
		assert_int_equal(ask(p->db, "SELECT count(*) FROM sqlite_schema "
		    "WHERE name = 'notices'"), 0);
		assert_int_equal(ask(p->db, "SELECT count(*) FROM core_user"), 0);
	}
}

static void
the_steps_before_one_that_fails_stay(void **state)
{
	static const struct migration bad[] = {
		{ 1, "create", create_notices },
		{ 2, "bad", "DELETE FROM nowhere" },
	};
	struct place *p = *state;
	struct err e = { "" };

	assert_false(migrate_apply(p->db, "notices", bad, 2, &e));
	assert_string_equal(e.message, "migration 2 (bad): no such table: nowhere");
	assert_int_equal(migrate_level(p->db, "notices", NULL), 1);
}

static void
core_may_touch_everything_but_not_the_transaction(void **state)
{
	static const struct migration more[] = {
		{ 1, "create", create_users },
		{ 2, "others", "CREATE TABLE key (id INTEGER PRIMARY KEY) STRICT; DROP TABLE key" },
		{ 3, "bad", "ROLLBACK" },
	};
	struct place *p = *state;
	struct err e = { "" };

	assert_true(migrate_apply(p->db, "core", more, 2, &e));
	assert_false(migrate_apply(p->db, "core", more, 3, &e));
	assert_string_equal(e.message,
	    "migration 3 (bad): BEGIN, COMMIT or ROLLBACK is not allowed here");
	assert_false(migrate_apply(p->db, "core", more, 1, &e));
	assert_string_equal(e.message, "the database is at migration 2, this server knows only 1");
}

static void
a_check_reads_only(void **state)
{
	struct place *p = *state;
	struct db *reader;

	assert_true(db_open(p->path, DB_READ_ONLY, &reader, NULL));
	assert_true(migrate_check(reader, "notices", steps, 3, NULL));
	assert_int_equal(migrate_level(reader, "notices", NULL), 0);
	apply(p, steps, 3);
	assert_false(migrate_check(reader, "notices", steps, 2, NULL));
	assert_int_equal(migrate_level(reader, "notices", NULL), 3);
	db_close(reader);
}

static void
processes_that_start_at_once_apply_each_step_once(void **state)
{
	struct place *p = *state;
	pid_t pids[4];

	db_close(p->db);
	p->db = NULL;
	for (size_t i = 0; i < COUNT(pids); i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0) {
			struct db *db = NULL;
			bool ok = db_open(p->path, DB_WRITER, &db, NULL) &&
			    migrate_apply(db, "notices", steps, 3, NULL);

			db_close(db);
			_exit(ok ? 0 : 1);
		}
	}
	for (size_t i = 0; i < COUNT(pids); i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_true(db_open(p->path, DB_WRITER, &p->db, NULL));
	assert_int_equal(ask(p->db, "SELECT count(*) FROM notices"), 1);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(steps_are_applied_once_and_in_order),
		ROW(an_owner_without_steps_is_fine),
		ROW(the_history_says_what_was_done),
		ROW(a_database_without_history_is_at_nothing),
		ROW(the_checksum_sees_meaning_and_not_form),
		ROW(unfinished_quotes_and_comments_have_a_checksum),
		ROW(generated_sql_may_get_better_if_its_identity_stays),
		ROW(what_does_not_fit_the_history_is_refused),
		ROW(a_gap_in_the_history_is_refused),
		ROW(a_step_that_is_not_allowed_or_fails_leaves_nothing),
		ROW(the_steps_before_one_that_fails_stay),
		ROW(core_may_touch_everything_but_not_the_transaction),
		ROW(a_check_reads_only),
		ROW(processes_that_start_at_once_apply_each_step_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
