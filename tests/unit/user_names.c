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

#include "arena.h"
#include "core_schema.h"
#include "db.h"
#include "err.h"
#include "user_names.h"

enum { USERS = 300 };

struct place {
	char folder[64];
	struct db *db;
	struct arena arena;
};

static int
settle(void **state)
{
	static struct place p;
	char path[80];
	struct err e = { "" };

	p = (struct place){ .folder = "/tmp/helpdesk-names-XXXXXX" };
	arena_init(&p.arena, 8 << 20);
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
	arena_fini(&p->arena);
	snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
	return system(command);
}

static struct text
name_of(struct place *p, struct user_names *n, int64_t id)
{
	struct text name = TEXT("?");
	struct err e = { "" };

	if (!user_names_get(n, p->db, &p->arena, id, &name, &e))
		fail_msg("%s", e.message);
	return name;
}

static void
each_user_has_the_name_of_his_own(void **state)
{
	struct place *p = *state;
	struct user_names n = { NULL };
	char want[20];

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
	struct place *p = *state;
	struct user_names n = { NULL };
	struct err e = { "" };

	assert_true(text_equal(name_of(p, &n, 3), TEXT("user 1")));
	assert_true(db_begin(p->db, &e) && db_execute(p->db,
	    "UPDATE core_user SET name = 'other' WHERE id = 3;", &e));
	assert_true(text_equal(name_of(p, &n, 3), TEXT("user 1")));
	n = (struct user_names){ NULL };
	assert_true(text_equal(name_of(p, &n, 3), TEXT("other")));
	db_rollback(p->db);
}

/* Without memory for the table, names are still right. */
static void
a_full_arena_is_no_wrong_name(void **state)
{
	struct place *p = *state;
	struct user_names n = { NULL };
	struct arena small;
	struct text name;
	struct err e;

	arena_init(&small, 1024);
	assert_true(user_names_get(&n, p->db, &small, 6, &name, &e));
	assert_true(text_equal(name, TEXT("user 2")));
	assert_int_equal(n.count, 0);
	arena_fini(&small);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_user_has_the_name_of_his_own, settle, leave),
		cmocka_unit_test_setup_teardown(a_name_is_looked_up_once, settle, leave),
		cmocka_unit_test_setup_teardown(a_full_arena_is_no_wrong_name, settle, leave),
	};

	return cmocka_run_group_tests_name("user_names", tests, NULL, NULL);
}
