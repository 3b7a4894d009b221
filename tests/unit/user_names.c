/*
 * Whether each user has his own name, however many there are.
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

#include "cleanup.h"
#include "core_schema.h"
#include "db.h"
#include "err.h"
#include "user_names.h"

enum { USERS = 300 };

struct place {
	char folder[64];
	struct db *db;
};

static int
settle(void **state)
{
	static struct place p;
	char path[80];
	struct err e = { "" };

	p = (struct place){ .folder = "/tmp/helpdesk-names-XXXXXX" };
	if (mkdtemp(p.folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/x.db", p.folder);
	*state = &p;
	if (core_open(path, &p.db, &e) && db_begin(p.db, &e) && db_execute(p.db,
	    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
	    " INSERT INTO core_user (id, name, name_fold, created_at)"
	    " SELECT i * 3, 'user ' || i, 'user ' || i, '' FROM n;", &e) && db_commit(p.db, &e))
		return 0;
	print_error("%s\n", e.message);
	return -1;
}

static int
leave(void **state)
{
	struct place *p = *state;
	char command[100];

	db_close(p->db);
	snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
	return system(command);
}

static struct text
name_of(struct place *p, struct user_names *n, int64_t id)
{
	struct text name = TEXT("?");
	enum db_result result = user_names_get(n, p->db, id, &name);

	assert_int_equal(result, name.at != NULL ? DB_ROW : DB_DONE);
	return name;
}

static void
each_user_has_the_name_of_his_own(void **state)
{
	CLEANUP(user_names_fini) struct user_names n;
	struct place *p = *state;
	char want[20];

	user_names_init(&n);
	for (int round = 0; round < 3; round++) {
		for (int i = 1; i <= USERS; i++) {
			snprintf(want, sizeof want, "user %d", i);
			assert_true(text_equal(name_of(p, &n, i * 3), text_of(want)));
			assert_null(name_of(p, &n, i * 3 + 1).at);	/* there is none */
		}
	}
}

/* A list is of one snapshot, so what was asked once need not be asked again. */
static void
a_name_is_looked_up_once(void **state)
{
	CLEANUP(user_names_fini) struct user_names n, others;
	struct place *p = *state;
	struct err e = { "" };

	user_names_init(&n);
	user_names_init(&others);
	assert_true(text_equal(name_of(p, &n, 3), TEXT("user 1")));
	assert_true(db_begin(p->db, &e) && db_execute(p->db,
	    "UPDATE core_user SET name = 'other' WHERE id = 3;", &e));
	assert_true(text_equal(name_of(p, &n, 3), TEXT("user 1")));
	assert_true(text_equal(name_of(p, &others, 3), TEXT("other")));
	db_rollback(p->db);
}

/* However many users a list has, it takes no more memory than a few thousand. */
static void
many_users_are_forgotten_between_rows(void **state)
{
	enum { ROWS = 50000, MOST = 8192 + 3 };
	CLEANUP(user_names_fini) struct user_names n;
	struct place *p = *state;

	user_names_init(&n);
	for (int i = 1; i <= ROWS; i++) {
		user_names_next_row(&n);
		assert_true(text_equal(name_of(p, &n, 3), TEXT("user 1")));
		name_of(p, &n, 6);
		name_of(p, &n, 9 + i);
		assert_true(text_equal(name_of(p, &n, 6), TEXT("user 2")));
		assert_in_range(n.count, 3, MOST);
	}
}

/* A list that is over its budget goes to the slow lane: that is no fault. */
static void
a_budget_that_is_used_up_is_told_as_such(void **state)
{
	CLEANUP(user_names_fini) struct user_names n;
	struct place *p = *state;
	enum db_result result = DB_ROW;
	struct text name;
	int id;

	user_names_init(&n);
	db_budget(p->db, 1000);
	for (id = 1; id < 100000 && (result == DB_ROW || result == DB_DONE); id++)
		result = user_names_get(&n, p->db, id, &name);
	assert_int_equal(result, DB_OVER_BUDGET);
	db_budget(p->db, 0);
	assert_int_equal(user_names_get(&n, p->db, id, &name), id % 3 == 0 && id <= 900 ?
	    DB_ROW : DB_DONE);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_user_has_the_name_of_his_own, settle, leave),
		cmocka_unit_test_setup_teardown(a_name_is_looked_up_once, settle, leave),
		cmocka_unit_test_setup_teardown(many_users_are_forgotten_between_rows,
		    settle, leave),
		cmocka_unit_test_setup_teardown(a_budget_that_is_used_up_is_told_as_such,
		    settle, leave),
	};

	return cmocka_run_group_tests_name("user_names", tests, NULL, NULL);
}
