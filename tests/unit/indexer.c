/*
 * Whether the search index catches up by itself, and what is found meanwhile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "db.h"
#include "err.h"

#include "../fixture/hall.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

#define SITE "sites: [ { name: main, database: { path: @/x.db }, modules: { tickets: } } ]\n"
#define TWO "sites: [ { name: main, database: { path: @/x.db }," \
	" modules: { tickets: , software: } } ]\n"

enum { ROWS = 40, PATIENCE = 30 * 10 };	/* PATIENCE: in tenths of a second */

static void
post(struct place *p)
{
	struct got got = hall_send(p, "POST", "/api/v1/tickets",
	    "{\"subject\":\"Printer jam\",\"description\":\"Third floor\",\"created_by\":1}");

	assert_int_equal(got.status, 201);
}

static void
expect_found(struct place *p, const char *count)
{
	struct got got = hall_get(p, "/api/v1/tickets?q=PRINTER&count=true");

	assert_int_equal(got.status, 200);
	assert_string_equal(hall_header(&got, "x-total-count"), count);
}

static const char *
pending_in(struct place *p, const char *table)
{
	return hall_sql(p, "x.db", arena_printf(&p->arena, "SELECT count(*) FROM core_pending_%s",
	    table));
}

static const char *
pending(struct place *p)
{
	return pending_in(p, "tickets");
}

static void
wait_for_index(struct place *p)
{
	for (int i = 0; i < PATIENCE && strcmp(pending(p), "0") != 0; i++)
		usleep(100 * 1000);
	assert_string_equal(pending(p), "0");
}

/* Without lanes nobody indexes: what is written waits for a server. */
static void
write_without_a_server(struct place *p)
{
	hall_enter(p, HOUSE_AT_ONCE, SITE);
	hall_make_key(p, "x.db", "maria");
	for (int i = 0; i < ROWS; i++)
		post(p);
	expect_found(p, "40");
	hall_close(p);
	assert_string_equal(pending(p), "40");
}

static void
what_an_earlier_run_has_left_is_indexed(void **state)
{
	struct place *p = *state;

	write_without_a_server(p);
	hall_enter(p, HOUSE_SERVING, SITE);
	expect_found(p, "40");
	wait_for_index(p);
	expect_found(p, "40");
}

static void
what_is_written_is_found_at_once_and_indexed_soon(void **state)
{
	struct place *p = *state;

	write_without_a_server(p);
	hall_enter(p, HOUSE_SERVING, SITE);
	wait_for_index(p);
	for (int i = 0; i < ROWS; i++)
		post(p);
	expect_found(p, "80");
	wait_for_index(p);
	expect_found(p, "80");
}

/* Makes the search index of tickets one that SQLite refuses. */
static void
damage(struct place *p)
{
	hall_change(p, "x.db", "DROP TABLE core_index_tickets;"
	    "CREATE TABLE core_index_tickets (other)");
}

static void
an_index_that_is_broken_holds_up_no_other(void **state)
{
	struct place *p = *state;

	hall_enter(p, HOUSE_AT_ONCE, TWO);
	hall_make_key(p, "x.db", "maria");
	post(p);
	assert_int_equal(hall_send(p, "POST", "/api/v1/inventory/software",
	    "{\"name\":\"Writer\"}").status, 201);
	hall_close(p);
	damage(p);
	hall_enter(p, HOUSE_SERVING, TWO);
	for (int i = 0; i < PATIENCE && strcmp(pending_in(p, "software"), "0") != 0; i++)
		usleep(100 * 1000);
	assert_string_equal(pending_in(p, "software"), "0");
	assert_string_equal(pending(p), "1");
	assert_int_equal(hall_get(p, "/api/v1/inventory/software?q=writer").status, 200);
	hall_close(p);
	assert_non_null(strstr(hall_log(p), "main: the search index of tickets: "));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_an_earlier_run_has_left_is_indexed,
		    hall_settle, hall_leave),
		cmocka_unit_test_setup_teardown(what_is_written_is_found_at_once_and_indexed_soon,
		    hall_settle, hall_leave),
		cmocka_unit_test_setup_teardown(an_index_that_is_broken_holds_up_no_other,
		    hall_settle, hall_leave),
	};

	return cmocka_run_group_tests_name("indexer", tests, NULL, NULL);
}
