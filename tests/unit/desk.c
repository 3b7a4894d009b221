/*
 * What one thread keeps of a site.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "core_schema.h"
#include "db.h"
#include "desk.h"
#include "err.h"
#include "iso8601.h"
#include "reader.h"

struct place {
	char folder[64], path[80];
};

static int
settle(void **state)
{
	static struct place p;
	struct err e = { "" };
	struct db *db;

	p = (struct place){ .folder = "/tmp/helpdesk-desk-XXXXXX" };
	*state = &p;
	if (mkdtemp(p.folder) == NULL)
		return -1;
	snprintf(p.path, sizeof p.path, "%s/x.db", p.folder);
	if (!core_open(p.path, &db, &e)) {
		print_error("%s\n", e.message);
		return -1;
	}
	db_close(db);
	return 0;
}

static int
leave(void **state)
{
	struct place *p = *state;
	char command[100];

	snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
	return system(command);
}

/* KiB of pages that the reader of a desk keeps which may keep so many. */
static int64_t
kept(const struct place *p, unsigned pages)
{
	const char *path = p->path;
	struct desk *desk = desk_new(&path, 1, pages);
	struct err e = { "" };
	struct reader *r = desk_reader(desk, 0, iso8601_now(), 0, &e);
	struct db_stmt *st;
	int64_t kib;

	if (r == NULL)
		fail_msg("%s", e.message);
	st = db_prepare(reader_db(r), "PRAGMA cache_size", &e);
	assert_non_null(st);
	assert_int_equal(db_step(st), DB_ROW);
	kib = -db_int(st, 0);
	db_release(&st);
	desk_close(desk);
	return kib;
}

static void
a_reader_keeps_its_share_of_pages_and_what_every_one_has_at_least(void **state)
{
	assert_int_equal(kept(*state, 30000), 30000);
	assert_int_equal(kept(*state, DB_PAGES - 1), DB_PAGES);
	assert_int_equal(kept(*state, 0), DB_PAGES);
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, settle, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(a_reader_keeps_its_share_of_pages_and_what_every_one_has_at_least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
