/*
 * Whether the database keeps what db.h promises, with real files and real processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "cleanup.h"
#include "db.h"
#include "db_lock.h"
#include "err.h"
#include "text.h"

/* A folder of its own for each test, with a database in it. */
struct place {
	char folder[200], path[256];
	struct db *db;
};

static void
execute(struct db *db, const char *sql)
{
	struct err e = { "" };

	if (!db_execute(db, sql, &e))
		fail_msg("%s: %s", sql, e.message);
}

/* In a transaction of its own. */
static void
change(struct db *db, const char *sql)
{
	struct err e = { "" };

	if (!db_begin(db, &e))
		fail_msg("%s: %s", sql, e.message);
	execute(db, sql);
	if (!db_commit(db, &e))
		fail_msg("%s: %s", sql, e.message);
}

/* The first column of the first row. */
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

static enum db_result
step_once(struct db *db, const char *sql)
{
	struct err e = { "" };
	CLEANUP(db_release) struct db_stmt *s = db_prepare(db, sql, &e);

	if (s == NULL)
		fail_msg("%s: %s", sql, e.message);
	return db_step(s);
}

static struct db *
open_or_fail(const char *path, enum db_mode mode)
{
	struct err e = { "" };
	struct db *db = NULL;

	if (!db_open(path, mode, &db, &e))
		fail_msg("%s", e.message);
	return db;
}

static int
setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct place *p = calloc(1, sizeof *p);

	snprintf(p->folder, sizeof p->folder, "%s/helpdesk-db-XXXXXX", tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->path, sizeof p->path, "%s/a.db", p->folder);
	p->db = open_or_fail(p->path, DB_WRITER);
	change(p->db,
	    "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT UNIQUE) STRICT;"
	    "CREATE TABLE pet (id INTEGER PRIMARY KEY, size INTEGER CHECK (size > 0),"
	    " owner INTEGER REFERENCES person (id) ON DELETE RESTRICT,"
	    " later INTEGER REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED) STRICT;"
	    "INSERT INTO person VALUES (1, 'Ada'); INSERT INTO pet VALUES (1, 1, 1, 1)");
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

/* Runs what in another process; its result is whether it may exit 0. */
static pid_t
elsewhere(bool (*what)(struct place *), struct place *p)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(what(p) ? 0 : 1);
	return pid;
}

static void
went_well(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
all_files_of_a_database_are_for_us_alone(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	struct place *p = *state;

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		char path[300];
		struct stat st;

		snprintf(path, sizeof path, "%s%s", p->path, ends[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

static void
a_connection_is_set_up_for_safety(void **state)
{
	static const struct { const char *sql; int value; } cases[] = {
		{ "PRAGMA synchronous", 2 },
		{ "PRAGMA foreign_keys", 1 },
		{ "PRAGMA trusted_schema", 0 },
		{ "PRAGMA cell_size_check", 1 },
		{ "PRAGMA temp_store", 2 },
		{ "PRAGMA mmap_size", 0 },
		{ "SELECT journal_mode = 'wal' FROM pragma_journal_mode", 1 },
	};
	struct place *p = *state;
	struct db *reader = open_or_fail(p->path, DB_READ_ONLY);

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(ask(p->db, cases[i].sql), cases[i].value);
		assert_int_equal(ask(reader, cases[i].sql), cases[i].value);
	}
	assert_int_equal(ask(reader, "PRAGMA query_only"), 1);
	db_close(reader);
}

static void
file_of(const struct place *p, const char *name, const char *bytes, size_t n)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", p->folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

static void
what_cannot_be_opened_is_named(void **state)
{
	static const struct { const char *name; enum db_mode mode; const char *says; } cases[] = {
		{ "missing.db",    DB_READ_ONLY, "missing.db: No such file" },
		{ "folder",        DB_WRITER,    "folder: is a folder, not a database" },
		{ "folder",        DB_READ_ONLY, "folder: is a folder, not a database" },
		{ "pipe",          DB_WRITER,    "pipe: is no regular file, not a database" },
		{ "none/a.db",     DB_WRITER,    "/none: No such file" },
		{ "text.txt",      DB_WRITER,    "text.txt: file is not a database" },
		{ "text.txt",      DB_READ_ONLY, "text.txt: file is not a database" },
		{ "empty",         DB_READ_ONLY, "empty: is not in WAL mode" },
		{ "a.db/b.db",     DB_WRITER,    "Not a directory" },
	};
	struct place *p = *state;
	char path[300], garbage[5000];

	memset(garbage, 'x', sizeof garbage);
	file_of(p, "text.txt", garbage, sizeof garbage);
	file_of(p, "empty", "", 0);
	snprintf(path, sizeof path, "%s/folder", p->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/pipe", p->folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = { "" };
		struct db *db = NULL;

		snprintf(path, sizeof path, "%s/%s", p->folder, cases[i].name);
		assert_false(db_open(path, cases[i].mode, &db, &e));
		assert_null(db);
		if (strstr(e.message, cases[i].says) == NULL || strstr(e.message, path) == NULL)
			fail_msg("%s: %s", cases[i].name, e.message);
	}
}

static void
a_damaged_page_is_an_error_and_no_crash(void **state)
{
	struct place *p = *state;
	char noise[4096];
	int fd;
	enum db_result result;

	change(p->db, "WITH RECURSIVE n(i) AS (VALUES(2) UNION ALL SELECT i + 1 FROM n "
	    "WHERE i < 5000) INSERT INTO person SELECT i, 'somebody ' || i FROM n");
	assert_true(db_checkpoint(p->db, NULL));
	db_close(p->db);
	p->db = NULL;
	memset(noise, 0xa5, sizeof noise);
	fd = open(p->path, O_WRONLY);
	for (int page = 3; page < 30; page++)
		assert_int_equal(pwrite(fd, noise, sizeof noise, page * 4096), sizeof noise);
	close(fd);

	p->db = open_or_fail(p->path, DB_WRITER);
	result = step_once(p->db, "SELECT sum(length(name)) FROM person");
	assert_int_equal(result, DB_ERROR);
	assert_string_equal(db_message(p->db), "database disk image is malformed");
}

static void
the_result_of_a_step_tells_what_was_wrong(void **state)
{
	static const struct { const char *sql; enum db_result result; } cases[] = {
		{ "SELECT 1",                                     DB_ROW },
		{ "SELECT 1 WHERE 0",                             DB_DONE },
		{ "INSERT INTO person VALUES (2, 'Bob')",         DB_DONE },
		{ "INSERT INTO person VALUES (1, 'Eve')",         DB_NOT_UNIQUE },
		{ "INSERT INTO person VALUES (3, 'Ada')",         DB_NOT_UNIQUE },
		{ "INSERT INTO pet VALUES (2, 1, 99, NULL)",      DB_NO_REFERENCE },
		{ "DELETE FROM person WHERE id = 1",              DB_NO_REFERENCE },
		{ "INSERT INTO pet VALUES (2, 0, 1, NULL)",       DB_ERROR },
		{ "INSERT INTO pet VALUES (2, 'big', 1, NULL)",   DB_ERROR },
	};
	struct place *p = *state;

	assert_true(db_begin(p->db, NULL));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		enum db_result result = step_once(p->db, cases[i].sql);

		if (result != cases[i].result)
			fail_msg("%s: %d, %s", cases[i].sql, result, db_message(p->db));
	}
	assert_true(db_commit(p->db, NULL));
	assert_int_equal(ask(p->db, "SELECT count(*) FROM person"), 2);
}

static void
wrong_sql_is_named(void **state)
{
	static const struct { const char *sql, *says; } cases[] = {
		{ "SELECT 1 ; -- fine\n /* too */ ;", NULL },
		{ "SELECT size FROM person",          "no such column: size" },
		{ "SELECT \"size\" FROM person",      "no such column: size" },
		{ "SELECT 1 FROM nowhere",            "no such table: nowhere" },
		{ "SELCT 1",                          "near \"SELCT\": syntax error" },
		{ "SELECT 1; SELECT 2",      "there is more than one statement in the SQL" },
		{ "SELECT 1; tail",          "there is more than one statement in the SQL" },
		{ "",                                 "there is no statement in the SQL" },
		{ "-- nothing",                       "there is no statement in the SQL" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = { "" };
		CLEANUP(db_release) struct db_stmt *s = db_prepare(p->db, cases[i].sql, &e);

		if (cases[i].says == NULL)
			assert_non_null(s);
		else {
			assert_null(s);
			assert_string_equal(e.message, cases[i].says);
		}
	}
}

static void
values_come_back_as_they_were_bound(void **state)
{
	struct place *p = *state;
	struct db_stmt *s = db_prepare(p->db, "SELECT ?1, ?2, ?3, ?4, ?5", NULL);
	struct text nul = { "a\0b", 3 };

	db_bind_int(s, 1, INT64_MIN);
	db_bind_text(s, 2, nul);
	db_bind_null(s, 3);
	db_bind_text(s, 4, (struct text){ 0 });
	db_bind_text(s, 5, TEXT(""));
	assert_int_equal(db_step(s), DB_ROW);
	assert_int_equal(db_columns(s), 5);
	assert_int_equal(db_int(s, 0), INT64_MIN);
	assert_int_equal(db_text(s, 1).len, 3);
	assert_memory_equal(db_text(s, 1).at, "a\0b", 4);
	assert_true(db_is_null(s, 2));
	assert_null(db_text(s, 2).at);
	assert_int_equal(db_int(s, 2), 0);
	assert_true(db_is_null(s, 3));
	assert_false(db_is_null(s, 4));
	assert_int_equal(db_text(s, 4).len, 0);
	assert_non_null(db_text(s, 4).at);
	db_release(&s);
	assert_null(s);
	db_release(&s);
}

static void
a_parameter_that_is_not_there_is_told_by_the_step(void **state)
{
	struct place *p = *state;
	struct db_stmt *s = db_prepare(p->db, "SELECT ?1", NULL), *again = s;

	db_bind_int(s, 2, 1);
	assert_int_equal(db_step(s), DB_ERROR);
	assert_non_null(strstr(db_message(p->db), "parameter"));
	db_release(&s);
	s = db_prepare(p->db, "SELECT ?1", NULL);
	assert_ptr_equal(s, again);
	assert_int_equal(db_step(s), DB_ROW);
	assert_true(db_is_null(s, 0));
	db_release(&s);
}

static void
a_statement_is_used_again_unless_it_is_in_use(void **state)
{
	struct place *p = *state;
	char copy[] = "SELECT name FROM person WHERE id = ?1";
	struct db_stmt *a = db_prepare(p->db, "SELECT name FROM person WHERE id = ?1", NULL);
	struct db_stmt *first = a, *b;

	db_bind_int(a, 1, 1);
	assert_int_equal(db_step(a), DB_ROW);
	b = db_prepare(p->db, copy, NULL);
	assert_ptr_not_equal(a, b);
	db_bind_int(b, 1, 7);
	assert_int_equal(db_step(b), DB_DONE);
	assert_string_equal(db_text(a, 0).at, "Ada");
	db_release(&b);
	db_release(&a);
	a = db_prepare(p->db, copy, NULL);
	b = db_prepare(p->db, copy, NULL);
	assert_true(a == first || b == first);
	assert_int_equal(db_step(a), DB_DONE);		/* its values were dropped */
	db_release(&a);
	db_release(&b);
}

static void
the_cache_of_statements_is_bounded(void **state)
{
	struct place *p = *state;
	struct db_stmt *lent[300];

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 300; i++) {
			char sql[64];

			snprintf(sql, sizeof sql, "SELECT %d", i);
			lent[i] = db_prepare(p->db, sql, NULL);
			assert_int_equal(db_step(lent[i]), DB_ROW);
			assert_int_equal(db_int(lent[i], 0), i);
		}
		for (int i = 0; i < 300; i++)
			db_release(&lent[i]);
		assert_true(ask(p->db, "SELECT count(*) FROM sqlite_stmt") < 120);
	}
}

static void
a_statement_survives_a_change_of_the_schema(void **state)
{
	struct place *p = *state;

	assert_int_equal(ask(p->db, "SELECT count(*) FROM person"), 1);
	change(p->db, "ALTER TABLE person ADD COLUMN age INTEGER");
	assert_int_equal(ask(p->db, "SELECT count(*) FROM person"), 1);
}

static void
a_query_over_its_budget_is_stopped_and_others_are_not(void **state)
{
	static const char endless[] = "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL "
	    "SELECT i + 1 FROM n) SELECT count(*) FROM n";
	struct place *p = *state;

	db_budget(p->db, 100000);
	assert_int_equal(ask(p->db, "SELECT count(*) FROM person"), 1);
	assert_int_equal(step_once(p->db, endless), DB_OVER_BUDGET);
	assert_int_equal(step_once(p->db, endless), DB_OVER_BUDGET);
	db_budget(p->db, 100000);
	assert_int_equal(ask(p->db, "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 "
	    "FROM n WHERE i < 1000) SELECT count(*) FROM n"), 1000);
	db_budget(p->db, 0);
	assert_int_equal(ask(p->db, "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 "
	    "FROM n WHERE i < 100000) SELECT count(*) FROM n"), 100000);
}

static void
a_budget_covers_all_rows_of_a_query(void **state)
{
	struct place *p = *state;
	struct db_stmt *s = db_prepare(p->db, "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL "
	    "SELECT i + 1 FROM n) SELECT i FROM n", NULL);
	enum db_result result;

	db_budget(p->db, 50000);
	while ((result = db_step(s)) == DB_ROW)
		assert_true(db_int(s, 0) < 50000);
	assert_int_equal(result, DB_OVER_BUDGET);
	db_release(&s);
}

static void
a_budget_spoils_no_transaction(void **state)
{
	struct place *p = *state;

	assert_true(db_begin(p->db, NULL));
	execute(p->db, "INSERT INTO person VALUES (2, 'Bob')");
	db_budget(p->db, 1);
	execute(p->db, "WITH RECURSIVE n(i) AS (VALUES(10) UNION ALL SELECT i + 1 FROM n "
	    "WHERE i < 10000) INSERT INTO person SELECT i, 'p' || i FROM n");
	assert_int_equal(step_once(p->db, "SELECT count(*) FROM person a, person b"),
	    DB_OVER_BUDGET);
	assert_true(db_in_transaction(p->db));
	assert_true(db_commit(p->db, NULL));
	db_budget(p->db, 0);
	assert_int_equal(ask(p->db, "SELECT count(*) FROM person"), 9993);
}

static void
nothing_is_written_outside_a_transaction(void **state)
{
	struct place *p = *state;
	struct err e = { "" };

	assert_int_equal(step_once(p->db, "DELETE FROM pet"), DB_ERROR);
	assert_false(db_execute(p->db, "DELETE FROM pet", &e));
	assert_string_equal(e.message, "nothing is written outside a transaction");
	assert_int_equal(ask(p->db, "SELECT count(*) FROM pet"), 1);
}

static void
a_reader_never_writes_and_sees_one_state(void **state)
{
	struct place *p = *state;
	struct db *reader = open_or_fail(p->path, DB_READ_ONLY);

	assert_int_equal(step_once(reader, "DELETE FROM pet"), DB_ERROR);
	assert_true(db_begin(reader, NULL));
	assert_int_equal(ask(reader, "SELECT count(*) FROM person"), 1);
	change(p->db, "INSERT INTO person VALUES (2, 'Bob')");
	assert_int_equal(ask(reader, "SELECT count(*) FROM person"), 1);
	assert_true(db_commit(reader, NULL));
	assert_int_equal(ask(reader, "SELECT count(*) FROM person"), 2);
	db_close(reader);
}

static void
a_mark_takes_back_what_came_after_it(void **state)
{
	struct place *p = *state;

	assert_true(db_begin(p->db, NULL));
	execute(p->db, "INSERT INTO person VALUES (2, 'kept')");
	assert_true(db_mark(p->db, NULL));
	execute(p->db, "INSERT INTO person VALUES (3, 'kept too')");
	assert_true(db_mark(p->db, NULL));
	execute(p->db, "INSERT INTO person VALUES (4, 'undone')");
	assert_true(db_undo(p->db, NULL));
	assert_true(db_keep(p->db, NULL));
	assert_true(db_mark(p->db, NULL));
	execute(p->db, "DELETE FROM pet");
	assert_true(db_undo(p->db, NULL));
	assert_true(db_commit(p->db, NULL));
	assert_int_equal(ask(p->db, "SELECT sum(id) FROM person"), 6);
	assert_int_equal(ask(p->db, "SELECT count(*) FROM pet"), 1);
}

static void
transactions_and_marks_out_of_order_are_refused(void **state)
{
	struct place *p = *state;
	struct err e = { "" };

	assert_false(db_mark(p->db, &e));
	assert_false(db_commit(p->db, &e));
	assert_true(db_begin(p->db, NULL));
	assert_false(db_begin(p->db, &e));
	assert_true(db_in_transaction(p->db));
	assert_false(db_checkpoint(p->db, &e));
	execute(p->db, "DELETE FROM pet");
	assert_true(db_mark(p->db, NULL));
	assert_false(db_commit(p->db, &e));
	assert_string_equal(e.message, "a mark was neither kept nor undone");
	assert_false(db_in_transaction(p->db));
	assert_int_equal(ask(p->db, "SELECT count(*) FROM pet"), 1);
	db_rollback(p->db);
	change(p->db, "DELETE FROM pet");
}

static void
an_open_reference_is_found_before_the_commit(void **state)
{
	struct place *p = *state;

	assert_true(db_begin(p->db, NULL));
	assert_true(db_mark(p->db, NULL));
	execute(p->db, "INSERT INTO pet VALUES (2, 1, 1, 50)");
	assert_false(db_keep(p->db, NULL));
	assert_int_equal(db_last_failure(p->db), DB_NO_REFERENCE);
	assert_true(db_undo(p->db, NULL));
	assert_true(db_mark(p->db, NULL));
	execute(p->db, "INSERT INTO pet VALUES (3, 1, 1, 50); INSERT INTO person VALUES (50, 'Z')");
	assert_true(db_keep(p->db, NULL));
	assert_true(db_commit(p->db, NULL));
	assert_int_equal(ask(p->db, "SELECT sum(id) FROM pet"), 4);
}

static void
closing_with_everything_open_loses_only_what_was_not_committed(void **state)
{
	struct place *p = *state;
	struct db_stmt *s = db_prepare(p->db, "SELECT id FROM person", NULL);

	assert_int_equal(db_step(s), DB_ROW);
	assert_true(db_begin(p->db, NULL));
	execute(p->db, "DELETE FROM pet");
	db_close(p->db);
	p->db = open_or_fail(p->path, DB_WRITER);
	assert_int_equal(ask(p->db, "SELECT count(*) FROM pet"), 1);
	db_close(NULL);
}

/* Module notices, that may read user. */
static bool
notices_only(void *context, const char *table, bool writes)
{
	(void)context;
	return strcmp(table, "notices") == 0 || strncmp(table, "notices_", 8) == 0 ||
	    (!writes && strcmp(table, "user") == 0);
}

static void
a_permit_keeps_sql_to_its_own_tables(void **state)
{
	static const struct { const char *sql, *says; } cases[] = {
		{ "CREATE TABLE notices (id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT UNIQUE, "
		  "u INTEGER REFERENCES user (id)) STRICT", NULL },
		{ "CREATE INDEX notices_by_t ON notices (t)", NULL },
		{ "INSERT INTO notices (t, u) VALUES ('a', 1)", NULL },
		{ "UPDATE notices SET t = (SELECT name FROM user)", NULL },
		{ "ALTER TABLE notices ADD COLUMN x TEXT", NULL },
		{ "CREATE VIEW notices_v AS SELECT t FROM notices", NULL },
		{ "CREATE TABLE notices_gone (id INTEGER PRIMARY KEY) STRICT", NULL },
		{ "CREATE VIRTUAL TABLE notices_search USING fts5 "
		  "(t, tokenize = 'trigram case_sensitive 1')", NULL },
		{ "CREATE TRIGGER notices_ai AFTER INSERT ON notices BEGIN "
		  "INSERT INTO notices_gone (id) VALUES (new.id); END", NULL },
		{ "INSERT INTO notices (t, u) VALUES ('Hello World', 1)", NULL },
		{ "INSERT INTO notices_search (rowid, t) SELECT id, t FROM notices "
		  "WHERE id = 2", NULL },
		{ "INSERT INTO notices_search (notices_search) VALUES ('optimize')", NULL },
		{ "DROP TRIGGER notices_ai", NULL },
		{ "DROP TABLE notices_gone", NULL },
		{ "ANALYZE notices", NULL },
		{ "CREATE TABLE tickets (id INTEGER)",         "touches table \"tickets\"" },
		{ "CREATE TABLE notice (id INTEGER)",          "touches table \"notice\"" },
		{ "CREATE VIRTUAL TABLE f USING fts5 (t)",     "touches table \"f\"" },
		{ "CREATE INDEX notices_p ON person (name)",   "touches table \"person\"" },
		{ "CREATE INDEX by_t ON notices (t)",          "touches index \"by_t\"" },
		{ "CREATE TRIGGER notices_t AFTER INSERT ON person BEGIN SELECT 1; END",
		  "touches table \"person\"" },
		{ "CREATE VIEW v AS SELECT 1",                 "touches view \"v\"" },
		{ "INSERT INTO notices (t) SELECT name FROM person", "touches table \"person\"" },
		{ "INSERT INTO person VALUES (9, 'x')",        "touches table \"person\"" },
		{ "UPDATE person SET name = ''",               "touches table \"person\"" },
		{ "DELETE FROM person",                        "touches table \"person\"" },
		{ "DELETE FROM user",                          "touches table \"user\"" },
		{ "ALTER TABLE person ADD COLUMN x TEXT",      "touches table \"person\"" },
		{ "ALTER TABLE person RENAME TO notices_p",    "touches table \"person\"" },
		{ "DROP TABLE person",                         "touches table \"person\"" },
		{ "PRAGMA user_version = 7",                   "PRAGMA is not allowed here" },
		{ "ATTACH ':memory:' AS other",                "ATTACH is not allowed here" },
		{ "COMMIT",                     "BEGIN, COMMIT or ROLLBACK is not allowed here" },
		{ "ROLLBACK",                   "BEGIN, COMMIT or ROLLBACK is not allowed here" },
		{ "SAVEPOINT x",                               "SAVEPOINT is not allowed here" },
		{ "RELEASE m",                                 "SAVEPOINT is not allowed here" },
		{ "CREATE TEMP TABLE notices_t (id INTEGER)",
		  "a temporary table is not allowed here" },
		{ "INSERT INTO notices (t) VALUES (load_extension('x'))",
		  "load_extension is not allowed here" },
	};
	struct place *p = *state;

	change(p->db, "CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT) STRICT;"
	    "INSERT INTO user VALUES (1, 'Ada')");
	assert_true(db_begin(p->db, NULL));
	db_set_permit(p->db, notices_only, NULL);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = { "" };
		bool ok = db_execute(p->db, cases[i].sql, &e);

		if (ok != (cases[i].says == NULL) ||
		    strcmp(e.message, ok ? "" : cases[i].says) != 0)
			fail_msg("%s: %s", cases[i].sql, e.message);
	}
	assert_true(db_mark(p->db, NULL));		/* ours are not refused */
	assert_true(db_undo(p->db, NULL));
	db_set_permit(p->db, NULL, NULL);
	assert_true(db_commit(p->db, NULL));
	assert_int_equal(ask(p->db, "SELECT rowid FROM notices_search WHERE "
	    "notices_search MATCH '\"lo Wo\"'"), 2);
	assert_int_equal(step_once(p->db, "SELECT rowid FROM notices_search WHERE "
	    "notices_search MATCH '\"lo wo\"'"), DB_DONE);
}

static void
a_cached_statement_does_not_slip_past_a_permit(void **state)
{
	struct place *p = *state;
	struct db_stmt *held = db_prepare(p->db, "SELECT id FROM pet", NULL);
	struct err e = { "" };

	assert_int_equal(ask(p->db, "SELECT count(*) FROM person"), 1);
	db_set_permit(p->db, notices_only, NULL);
	assert_null(db_prepare(p->db, "SELECT count(*) FROM person", &e));
	assert_string_equal(e.message, "touches table \"person\"");
	db_release(&held);
	assert_null(db_prepare(p->db, "SELECT id FROM pet", &e));
	db_set_permit(p->db, NULL, NULL);
	assert_int_equal(ask(p->db, "SELECT count(*) FROM person"), 1);
}

static void
execute_stops_at_the_first_fault(void **state)
{
	static const struct { const char *sql, *says; } cases[] = {
		{ "DELETE FROM pet; SELECT 1; DELETE FROM person", "a statement returned rows" },
		{ "DELETE FROM pet; DELETE FROM gone; DELETE FROM person", "no such table: gone" },
		{ "INSERT INTO person VALUES (1, 'x')", "UNIQUE constraint failed: person.id" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = { "" };

		assert_true(db_begin(p->db, NULL));
		assert_false(db_execute(p->db, cases[i].sql, &e));
		assert_string_equal(e.message, cases[i].says);
		assert_int_equal(ask(p->db, "SELECT count(*) FROM person"), 1);
		db_rollback(p->db);
	}
}

static void
a_table_is_there_or_not(void **state)
{
	struct place *p = *state;
	bool there;

	assert_true(db_has_table(p->db, "person", &there, NULL));
	assert_true(there);
	assert_true(db_has_table(p->db, "nobody", &there, NULL));
	assert_false(there);
}

enum { TIMES = 300 };

static bool
add_one_many_times(struct place *p)
{
	struct err e = { "" };
	struct db *db = NULL;
	bool ok = db_open(p->path, DB_WRITER, &db, &e);

	for (int i = 0; ok && i < TIMES; i++) {
		ok = db_begin(db, &e) &&
		    db_execute(db, "UPDATE counter SET n = n + 1; "
		    "INSERT INTO log (n) SELECT n FROM counter", &e) &&
		    db_commit(db, &e) && (i % 10 != 0 || db_checkpoint(db, &e));
	}
	if (!ok)
		fprintf(stderr, "%s\n", e.message);
	db_close(db);
	return ok;
}

static void
two_processes_that_write_at_once_lose_nothing(void **state)
{
	struct place *p = *state;
	pid_t first, second;

	change(p->db, "CREATE TABLE counter (n INTEGER); INSERT INTO counter VALUES (0);"
	    "CREATE TABLE log (n INTEGER UNIQUE)");
	db_close(p->db);
	p->db = NULL;
	first = elsewhere(add_one_many_times, p);
	second = elsewhere(add_one_many_times, p);
	went_well(first);
	went_well(second);
	p->db = open_or_fail(p->path, DB_WRITER);
	assert_int_equal(ask(p->db, "SELECT n FROM counter"), 2 * TIMES);
	assert_int_equal(ask(p->db, "SELECT count(*) FROM log"), 2 * TIMES);
	assert_int_equal(ask(p->db, "SELECT quick_check = 'ok' FROM pragma_quick_check"), 1);
}

static void
a_transaction_keeps_the_lock_until_it_ends(void **state)
{
	struct place *p = *state;
	int lock;

	assert_true(db_lock_open(p->path, &lock, NULL));
	assert_true(db_begin(p->db, NULL));
	assert_false(db_lock_take(lock, 20));
	assert_true(db_commit(p->db, NULL));
	assert_true(db_lock_take(lock, 20));
	db_lock_drop(lock);
	assert_true(db_begin(p->db, NULL));
	assert_false(db_begin(p->db, NULL));
	assert_false(db_lock_take(lock, 20));
	db_rollback(p->db);
	assert_true(db_lock_take(lock, 20));
	close(lock);
}

static void
two_names_of_a_database_have_one_lock(void **state)
{
	struct place *p = *state;
	char other[300];
	int lock;

	snprintf(other, sizeof other, "%s/other.db", p->folder);
	assert_int_equal(symlink("a.db", other), 0);
	assert_true(db_lock_open(other, &lock, NULL));
	assert_true(db_begin(p->db, NULL));
	assert_false(db_lock_take(lock, 20));
	db_rollback(p->db);
	close(lock);
}

/* In 3.40.1 FTS5 does not call itself harmless, and trusted_schema is off. */
static void
a_trigger_cannot_write_to_a_search_index(void **state)
{
	struct place *p = *state;
	struct err e = { "" };

	assert_true(db_begin(p->db, NULL));
	execute(p->db, "CREATE VIRTUAL TABLE search USING fts5 (t); CREATE TRIGGER person_ai "
	    "AFTER INSERT ON person BEGIN INSERT INTO search (t) VALUES (new.name); END");
	assert_false(db_execute(p->db, "INSERT INTO person VALUES (2, 'Bob')", &e));
	assert_string_equal(e.message, "unsafe use of virtual table \"search\"");
	db_rollback(p->db);
}

/* The engine's last id would be that of another row. */
static void
a_row_that_a_trigger_ignores_has_no_id(void **state)
{
	struct place *p = *state;
	struct db_stmt *s;
	struct err e = { "" };
	int64_t id = 0;

	assert_true(db_begin(p->db, NULL));
	execute(p->db, "CREATE TABLE errand (id INTEGER PRIMARY KEY, what TEXT);"
	    "CREATE TRIGGER errand_bi BEFORE INSERT ON errand WHEN new.what = 'nothing' "
	    "BEGIN SELECT raise(IGNORE); END");
	s = db_prepare(p->db, "INSERT INTO errand (what) VALUES (?1)", &e);
	assert_non_null(s);
	db_bind_text(s, 1, TEXT("something"));
	assert_int_equal(db_insert(s, &id), DB_DONE);
	assert_int_equal(id, 1);
	db_bind_text(s, 1, TEXT("nothing"));
	assert_int_equal(db_insert(s, &id), DB_ERROR);
	assert_string_equal(db_message(p->db), "a trigger has had the row ignored");
	db_release(&s);
	db_rollback(p->db);
}

static void
a_full_disk_is_told_apart_and_is_survived(void **state)
{
	struct place *p = *state;
	struct err e = { "" };
	enum db_result result;

	assert_true(db_begin(p->db, NULL));
	assert_int_equal(step_once(p->db, "PRAGMA max_page_count = 20"), DB_ROW);
	result = step_once(p->db, "WITH RECURSIVE n(i) AS (VALUES(10) UNION ALL SELECT i + 1 "
	    "FROM n WHERE i < 100000) INSERT INTO person SELECT i, 'person' || i FROM n");
	assert_int_equal(result, DB_FULL);
	db_rollback(p->db);
	assert_int_equal(db_last_failure(p->db), DB_FULL);
	assert_false(db_failed(p->db));
	assert_true(db_begin(p->db, &e));
	execute(p->db, "INSERT INTO person VALUES (2, 'Bob')");
	assert_true(db_commit(p->db, &e));
}

/* A limit on the size of files stands for a disk that fails. */
static bool
write_past_the_limit(struct place *p)
{
	const struct rlimit small = { 65536, 65536 };
	struct err e = { "" };
	struct db *db = NULL;

	signal(SIGXFSZ, SIG_IGN);
	if (!db_open(p->path, DB_WRITER, &db, &e) || setrlimit(RLIMIT_FSIZE, &small) != 0)
		return false;
	if (!db_begin(db, &e))
		return false;
	if (db_execute(db, "WITH RECURSIVE n(i) AS (VALUES(10) UNION ALL SELECT i + 1 FROM n "
	    "WHERE i < 10000) INSERT INTO person SELECT i, 'person' || i FROM n", &e) &&
	    db_commit(db, &e))
		return false;
	db_rollback(db);
	return db_last_failure(db) == DB_ERROR && db_failed(db) &&
	    strstr(db_message(db), "disk I/O error (SQLite code 778") != NULL &&
	    !db_begin(db, &e) && strstr(e.message, "the disk has failed") != NULL;
}

static void
after_an_io_error_nothing_more_is_written(void **state)
{
	struct place *p = *state;

	db_close(p->db);
	p->db = NULL;
	went_well(elsewhere(write_past_the_limit, p));
	p->db = open_or_fail(p->path, DB_WRITER);
	assert_int_equal(ask(p->db, "SELECT count(*) FROM person"), 1);
	change(p->db, "INSERT INTO person VALUES (2, 'Bob')");
}

static off_t
size_of_wal(const struct place *p)
{
	char path[300];
	struct stat st;

	snprintf(path, sizeof path, "%s-wal", p->path);
	return stat(path, &st) == 0 ? st.st_size : -1;
}

static void
write_much(struct db *db, int rounds, bool checkpoints)
{
	for (int i = 0; i < rounds; i++) {
		change(db, "DELETE FROM bulk; WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL "
		    "SELECT i + 1 FROM n WHERE i < 200) INSERT INTO bulk SELECT randomblob(4000) "
		    "FROM n");
		if (checkpoints)
			db_checkpoint_if_due(db);
	}
}

static void
the_wal_stays_short_if_checkpoints_are_asked_for(void **state)
{
	struct place *p = *state;

	change(p->db, "CREATE TABLE bulk (b BLOB)");
	write_much(p->db, 40, true);
	assert_true(size_of_wal(p) < 8 << 20);
	write_much(p->db, 40, false);
	assert_true(size_of_wal(p) > 16 << 20);
	assert_true(db_checkpoint(p->db, NULL));
	assert_int_equal(size_of_wal(p), 0);
}

static void
a_reader_who_stays_stops_neither_writer_nor_checkpoints(void **state)
{
	struct place *p = *state;
	struct db *reader = open_or_fail(p->path, DB_READ_ONLY);

	change(p->db, "CREATE TABLE bulk (b BLOB)");
	assert_true(db_begin(reader, NULL));
	assert_int_equal(ask(reader, "SELECT count(*) FROM bulk"), 0);
	write_much(p->db, 60, true);
	assert_true(db_checkpoint(p->db, NULL));
	assert_int_equal(ask(reader, "SELECT count(*) FROM bulk"), 0);
	assert_true(db_commit(reader, NULL));
	db_close(reader);
	write_much(p->db, 8, true);
	assert_true(db_checkpoint(p->db, NULL));
	assert_int_equal(size_of_wal(p), 0);
}

static void
the_wal_starts_over_when_no_reader_is_in_the_way(void **state)
{
	struct place *p = *state;
	struct db *reader = open_or_fail(p->path, DB_READ_ONLY);
	unsigned wal;

	change(p->db, "CREATE TABLE bulk (b BLOB)");
	assert_true(db_begin(reader, NULL));
	assert_int_equal(ask(reader, "SELECT count(*) FROM bulk"), 0);
	write_much(p->db, 2, false);
	wal = db_wal(p->db);
	assert_true(wal >= 2 * 200 * 4000 / 4096);
	assert_false(db_wal_restart(p->db));
	assert_int_equal(db_wal(p->db), wal);
	assert_true(db_commit(reader, NULL));
	db_close(reader);
	assert_true(db_wal_restart(p->db));
	change(p->db, "DELETE FROM bulk");
	assert_in_range(db_wal(p->db), 1, wal / 2);
}

/* As instr of SQLite says it. */
static void
a_text_contains_its_parts(void **state)
{
	static const char *const pairs[] = {
		"'printer', 'print'", "'printer', 'rin'", "'printer', 'er'", "'printer', 'printer'",
		"'printer', 'printers'", "'printer', 'Print'", "'printer', ''", "'', ''", "'', 'a'",
		"NULL, 'a'", "'a', NULL", "'Drucker stößt', 'öß'", "'ö', 'o'", "12345, 34",
		"'a' || char(0) || 'b', 'b'", "'aaaaaaaab', 'aab'",
	};
	struct place *p = *state;
	char sql[300];

	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		snprintf(sql, sizeof sql, "SELECT core_contains(%1$s) IS (instr(%1$s) > 0)",
		    pairs[i]);
		if (ask(p->db, sql) != 1)
			fail_msg("%s", sql);
	}
}

static void
closing_does_not_checkpoint(void **state)
{
	struct place *p = *state;
	off_t before = size_of_wal(p);

	assert_true(before > 0);
	db_close(p->db);
	p->db = NULL;
	assert_int_equal(size_of_wal(p), before);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(all_files_of_a_database_are_for_us_alone),
		ROW(a_connection_is_set_up_for_safety),
		ROW(what_cannot_be_opened_is_named),
		ROW(a_damaged_page_is_an_error_and_no_crash),
		ROW(the_result_of_a_step_tells_what_was_wrong),
		ROW(wrong_sql_is_named),
		ROW(values_come_back_as_they_were_bound),
		ROW(a_parameter_that_is_not_there_is_told_by_the_step),
		ROW(a_statement_is_used_again_unless_it_is_in_use),
		ROW(the_cache_of_statements_is_bounded),
		ROW(a_statement_survives_a_change_of_the_schema),
		ROW(a_query_over_its_budget_is_stopped_and_others_are_not),
		ROW(a_budget_covers_all_rows_of_a_query),
		ROW(a_budget_spoils_no_transaction),
		ROW(nothing_is_written_outside_a_transaction),
		ROW(a_reader_never_writes_and_sees_one_state),
		ROW(a_mark_takes_back_what_came_after_it),
		ROW(transactions_and_marks_out_of_order_are_refused),
		ROW(an_open_reference_is_found_before_the_commit),
		ROW(closing_with_everything_open_loses_only_what_was_not_committed),
		ROW(a_permit_keeps_sql_to_its_own_tables),
		ROW(a_cached_statement_does_not_slip_past_a_permit),
		ROW(execute_stops_at_the_first_fault),
		ROW(a_table_is_there_or_not),
		ROW(two_processes_that_write_at_once_lose_nothing),
		ROW(a_transaction_keeps_the_lock_until_it_ends),
		ROW(two_names_of_a_database_have_one_lock),
		ROW(a_trigger_cannot_write_to_a_search_index),
		ROW(a_row_that_a_trigger_ignores_has_no_id),
		ROW(a_full_disk_is_told_apart_and_is_survived),
		ROW(after_an_io_error_nothing_more_is_written),
		ROW(the_wal_stays_short_if_checkpoints_are_asked_for),
		ROW(a_reader_who_stays_stops_neither_writer_nor_checkpoints),
		ROW(the_wal_starts_over_when_no_reader_is_in_the_way),
		ROW(a_text_contains_its_parts),
		ROW(closing_does_not_checkpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
