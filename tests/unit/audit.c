/*
 * Whether the audit trail is written as it should be, and read newest first, all that is
 * asked for and nothing else, without going through the rest of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "audit.h"
#include "core_schema.h"
#include "db.h"
#include "err.h"
#include "text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A database of its own for each test. */
struct place {
	char folder[64], path[80];
	struct db *db;
};

static int
settle(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	struct err e = { "" };

	strcpy(p->folder, "/tmp/helpdesk-audit-XXXXXX");
	if (mkdtemp(p->folder) == NULL)
		return -1;
	snprintf(p->path, sizeof p->path, "%s/x.db", p->folder);
	*state = p;
	if (core_open(p->path, &p->db, &e))
		return 0;
	print_error("%s\n", e.message);
	return -1;
}

static int
leave(void **state)
{
	struct place *p = *state;
	char command[128];

	db_close(p->db);
	snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
	free(p);
	return system(command);
}

static void
execute(struct place *p, const char *sql)
{
	struct err e = { "" };

	if (!db_begin(p->db, &e) || !db_execute(p->db, sql, &e) || !db_commit(p->db, &e))
		fail_msg("%s: %s", sql, e.message);
}

/* The ids that came, as text: "3 2 1 ". */
struct came {
	char ids[4000];
	size_t n, most;
	struct place *meanwhile;	/* NULL, or where another entry is written each time */
};

static bool
see(void *context, const struct audit_entry *entry)
{
	struct came *came = context;
	size_t at = strlen(came->ids);

	if (at + 24 < sizeof came->ids)
		snprintf(came->ids + at, 24, "%lld ", (long long)entry->id);
	if (came->meanwhile != NULL)
		execute(came->meanwhile, "INSERT INTO core_audit (at, resource, record, action)"
		    " VALUES ('2025-01-01T00:00:00.000000', 'tickets', 1, 'update')");
	return ++came->n != came->most;
}

static struct came
list(struct place *p, const struct audit_filter *filter)
{
	struct came came = { .n = 0 };
	struct err e = { "" };

	if (!audit_list(p->db, filter, see, &came, &e))
		fail_msg("%s", e.message);
	return came;
}

static void
entries_without_a_request_are_local(void **state)
{
	struct place *p = *state;
	struct err e = { "" };

	execute(p, "INSERT INTO core_user (name, name_fold, created_at) VALUES ('a', 'a', '')");
	assert_true(db_begin(p->db, &e));
	assert_true(audit_write_local(p->db, "update", "core_user", 7, TEXT("{\"a\":[1,2]}"), &e));
	assert_true(audit_write_local(p->db, "revoke", "core_key", 8, TEXT("{}"), &e));
	assert_true(audit_write_local(p->db, "lend", "loans", 9, TEXT("{}"), &e));
	assert_true(db_commit(p->db, &e));
	execute(p, "DELETE FROM core_audit WHERE NOT (request_id IS NULL AND key_id IS NULL AND"
	    " user_id IS NULL AND address = 'local' AND length(at) = 26)");
	execute(p, "DELETE FROM core_audit WHERE (action, resource, record, changes) NOT IN"
	    " (VALUES ('update', 'users', 7, '{\"a\":[1,2]}'), ('revoke', 'keys', 8, '{}'),"
	    " ('lend', 'loans', 9, '{}'))");
	assert_string_equal(list(p, &(struct audit_filter){ .most = 0 }).ids, "3 2 1 ");
}

static void
tables_of_modules_go_by_their_own_names(void **state)
{
	static const char *const tables[] = { "tickets", "corex", "core", "users", "core_other" };

	(void)state;
	assert_string_equal(audit_name("core_user"), "users");
	assert_string_equal(audit_name("core_key"), "keys");
	for (size_t i = 0; i < COUNT(tables); i++)
		assert_string_equal(audit_name(tables[i]), tables[i]);
}

/* Times 10:00, 11:00 ... by id, but that of 4, when the clock was put back. */
static void
fill(struct place *p)
{
	execute(p, "INSERT INTO core_audit (id, at, user_id, resource, record, action) VALUES"
	    " (1, '2025-01-01T10:00:00.000000', 5, 'tickets', 1, 'create'),"
	    " (2, '2025-01-01T11:00:00.000000', 5, 'tickets', 2, 'create'),"
	    " (3, '2025-01-01T12:00:00.000000', 6, 'tickets', 1, 'update'),"
	    " (4, '2025-01-01T10:30:00.000000', 5, 'users', 1, 'create'),"
	    " (5, '2025-01-01T13:00:00.000000', NULL, 'tickets', 1, 'delete'),"
	    " (6, '2025-01-01T13:00:00.000000', 6, 'users', 2, 'create')");
}

static void
what_is_asked_for_comes_newest_first(void **state)
{
	static const struct { const char *resource; int record, user; const char *since, *until;
		int most; const char *ids; } cases[] = {
		{ NULL, 0, 0, NULL, NULL, 0, "6 5 4 3 2 1 " },
		{ NULL, 0, 0, NULL, NULL, 2, "6 5 " },
		{ "tickets", 0, 0, NULL, NULL, 0, "5 3 2 1 " },
		{ "tickets", 1, 0, NULL, NULL, 0, "5 3 1 " },
		{ "tickets", 1, 0, NULL, NULL, 2, "5 3 " },
		{ "tickets", 3, 0, NULL, NULL, 0, "" },
		{ NULL, 1, 0, NULL, NULL, 0, "5 4 3 1 " },
		{ NULL, 0, 5, NULL, NULL, 0, "4 2 1 " },
		{ "users", 0, 5, NULL, NULL, 0, "4 " },
		{ "tickets", 1, 6, NULL, NULL, 0, "3 " },
		{ NULL, 0, 0, "2025-01-01T11:00:00.000000", NULL, 0, "6 5 3 2 " },
		{ NULL, 0, 0, NULL, "2025-01-01T11:00:00.000000", 0, "4 1 " },
		{ NULL, 0, 0, NULL, "2025-01-01T13:00:00.000000", 0, "3 2 4 1 " },
		{ NULL, 0, 0, NULL, "2025-01-01T13:00:00.000000", 3, "3 2 4 " },
		{ NULL, 0, 0, "2025-01-01T10:30:00.000000", "2025-01-01T12:00:00.000000", 0, "2 4 " },
		{ "tickets", 0, 5, "2025-01-01T10:30:00.000000", NULL, 0, "2 " },
		{ "tickets", 1, 0, "2025-01-01T11:00:00.000000", "2025-01-01T13:00:00.000000", 0, "3 " },
		{ "tickets", 1, 0, "2025-01-01T12:00:00.000001", NULL, 0, "5 " },
		{ NULL, 0, 0, "2025-01-02T00:00:00.000000", NULL, 0, "" },
	};
	struct place *p = *state;

	fill(p);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct audit_filter filter = { .resource = text_of(cases[i].resource),
			.record = cases[i].record, .user = cases[i].user,
			.since = text_of(cases[i].since), .until = text_of(cases[i].until),
			.most = cases[i].most };
		struct came came = list(p, &filter);

		if (strcmp(came.ids, cases[i].ids) != 0)
			fail_msg("case %zu: %s", i, came.ids);
	}
}

static bool
see_names(void *context, const struct audit_entry *entry)
{
	char *names = context;

	snprintf(names + strlen(names), 100, "%lld/%s/%lld/%s/%s;", (long long)entry->user,
	    entry->user_name.at != NULL ? entry->user_name.at : "-", (long long)entry->key,
	    entry->key_name.at != NULL ? entry->key_name.at : "-",
	    entry->request_id.at != NULL ? entry->request_id.at : "-");
	return true;
}

static void
an_entry_tells_who_also_when_a_key_is_no_more(void **state)
{
	struct place *p = *state;
	const struct audit_filter all = { .most = 0 };
	char names[500] = "";
	struct err e;

	execute(p, "INSERT INTO core_user (id, name, name_fold, created_at, active)"
	    " VALUES (3, 'Maria', 'maria', '', 0);"
	    "INSERT INTO core_key (id, name, prefix, digest, created_at)"
	    " VALUES (2, 'Phone', '0', '0', '');"
	    "INSERT INTO core_audit (at, resource, record, action, user_id, key_id, request_id)"
	    " VALUES ('', 'a', 1, 'x', 3, 2, 'r-1'), ('', 'a', 1, 'x', NULL, 2, NULL),"
	    " ('', 'a', 1, 'x', NULL, 9, NULL), ('', 'a', 1, 'x', NULL, NULL, NULL)");
	assert_true(audit_list(p->db, &all, see_names, names, &e));
	assert_string_equal(names, "0/-/0/-/-;0/-/9/-/-;0/-/2/Phone/-;3/Maria/2/Phone/r-1;");
}

static void
a_list_can_be_broken_off(void **state)
{
	struct place *p = *state;
	const struct audit_filter all = { .most = 0 };
	struct came came = { .most = 2 };
	struct err e;

	fill(p);
	assert_true(audit_list(p->db, &all, see, &came, &e));
	assert_string_equal(came.ids, "6 5 ");
}

/* More than a page, with as many entries at the same moment, and pages of one entry. */
static void
no_entry_is_lost_or_doubled_between_pages(void **state)
{
	static const struct audit_filter filters[] = {
		{ .most = 0 },
		{ .resource = TEXT("tickets"), .record = 1 },
		{ .since = TEXT("2025-01-01T00:00:00.000000") },
		{ .until = TEXT("2025-01-01T00:00:00.000001"), .resource = TEXT("tickets") },
		{ .user = 1 },
	};
	struct place *p = *state;
	char ids[4000] = "";

	for (int id = 350; id > 0; id--)
		snprintf(ids + strlen(ids), 16, "%d ", id);

	execute(p, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 350)"
	    "INSERT INTO core_audit (at, user_id, resource, record, action, changes)"
	    " SELECT '2025-01-01T00:00:00.000000', 1, 'tickets', 1, 'update',"
	    " CASE WHEN i < 4 THEN hex(zeroblob(1 << 20)) END FROM n");
	for (size_t i = 0; i < COUNT(filters); i++) {
		struct came came = list(p, &filters[i]);

		assert_string_equal(came.ids, ids);
	}
}

/* Nobody waits for who reads slowly; what comes meanwhile does not appear. */
static void
the_trail_can_be_written_while_it_is_read(void **state)
{
	struct place *p = *state;
	const struct audit_filter all = { .most = 0 };
	struct came came = { .meanwhile = p };
	struct err e = { "" };

	fill(p);
	if (!audit_list(p->db, &all, see, &came, &e))
		fail_msg("%s", e.message);
	assert_string_equal(came.ids, "6 5 4 3 2 1 ");
	assert_int_equal(list(p, &all).n, 12);
}

/* An engine's step is about a column of a row: what looks at all 20000 rows takes more. */
static void
a_few_entries_are_found_without_reading_all(void **state)
{
	static const struct { struct audit_filter filter; size_t n; } cases[] = {
		{ { .most = 10 }, 10 },
		{ { .resource = TEXT("tickets"), .most = 10 }, 10 },
		{ { .resource = TEXT("tickets"), .record = 10000 }, 1 },
		{ { .resource = TEXT("tickets"), .record = 10000, .user = 1,
		    .since = TEXT("1900-01-01T00:00:00.000000") }, 1 },
		{ { .since = TEXT("2025-19995"), .resource = TEXT("tickets"), .user = 1 }, 5 },
		{ { .until = TEXT("2025-00006"), .resource = TEXT("tickets"), .user = 1 }, 5 },
		{ { .since = TEXT("2025-10000"), .until = TEXT("2025-10007") }, 7 },
		{ { .user = 1, .most = 10 }, 10 },
		{ { .user = 1, .resource = TEXT("tickets"), .most = 10 }, 10 },
		{ { .user = 2 }, 0 },
	};
	enum { STEPS = 8000 };
	struct place *p = *state;

	execute(p, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 19999)"
	    "INSERT INTO core_audit (id, at, user_id, resource, record, action)"
	    " SELECT i, printf('2025-%05d', i), 1, 'tickets', i, 'update' FROM n");
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct came came = { .n = 0 };
		struct err e = { "" };

		db_budget(p->db, STEPS);
		if (!audit_list(p->db, &cases[i].filter, see, &came, &e))
			fail_msg("case %zu: %s", i, e.message);
		if (came.n != cases[i].n)
			fail_msg("case %zu: %zu entries", i, came.n);
	}
	db_budget(p->db, 0);
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, settle, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(entries_without_a_request_are_local),
		cmocka_unit_test(tables_of_modules_go_by_their_own_names),
		WITH_PLACE(what_is_asked_for_comes_newest_first),
		WITH_PLACE(an_entry_tells_who_also_when_a_key_is_no_more),
		WITH_PLACE(a_list_can_be_broken_off),
		WITH_PLACE(no_entry_is_lost_or_doubled_between_pages),
		WITH_PLACE(the_trail_can_be_written_while_it_is_read),
		WITH_PLACE(a_few_entries_are_found_without_reading_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
