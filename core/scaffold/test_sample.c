/*
 * test_sample - whether the code of sample does what it should, without a server
 */
#include <helpdesk/testing.h>

#include "sample.c"

/* A request to finish entry 7. */
static void
ask(struct hd_test *t, const char *note)
{
	hd_test_request(t, "POST", "/sample/{id}/finish");
	hd_test_give(t, HD_TEST_PARAM, "id", "7");
	hd_test_give(t, HD_TEST_BODY, "note", note);
}

static void
an_open_entry_is_finished(struct hd_test *t)
{
	ask(t, "Moved");
	hd_test_row(t, FIND, NULL);
	hd_test_check(t, hd_test_run(t));
	hd_test_check(t, t->status == 201);
	hd_test_check(t, strcmp(t->json, "{\"id\":7,\"note\":\"Moved\","
	    "\"finished_at\":\"2025-02-28T09:45:03.104281\"}") == 0);
	hd_test_check(t, hd_test_ran(t, FINISH) == 1 && t->run[1].value[0].integer == 7);
	hd_test_check(t, t->audit_count == 1 && t->audit[0].id == 7);
}

static void
an_entry_that_is_not_there_is_a_404(struct hd_test *t)
{
	ask(t, "Moved");
	hd_test_check(t, !hd_test_run(t) && t->status == 404);
	hd_test_check(t, hd_test_ran(t, FINISH) == 0);
}

static void
a_finished_entry_is_not_finished_again(struct hd_test *t)
{
	ask(t, "Moved");
	hd_test_row(t, FIND, "2025-01-01T00:00:00.000000");
	hd_test_check(t, !hd_test_run(t) && t->status == 409);
	hd_test_check(t, hd_test_ran(t, FINISH) == 0);
}

static void
the_option_says_how_long_a_note_must_be(struct hd_test *t)
{
	ask(t, "no");
	hd_test_check(t, !hd_test_run(t) && t->status == 400 && strcmp(t->field, "note") == 0);

	hd_test_give(t, HD_TEST_OPTION, "least_note", "2");
	ask(t, "no");
	hd_test_row(t, FIND, NULL);
	hd_test_check(t, hd_test_run(t));
}

int
main(void)
{
	static struct hd_test t;

	hd_test_start(&t, HD_TEST_MODULE);
	an_open_entry_is_finished(&t);
	an_entry_that_is_not_there_is_a_404(&t);
	a_finished_entry_is_not_finished_again(&t);
	the_option_says_how_long_a_note_must_be(&t);
	return hd_test_end(&t);
}
