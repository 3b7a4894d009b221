/*
 * test_sla - whether the code of sla does what it should, without a server
 */
#include <helpdesk/testing.h>

#include "sla.c"

/* It is 2025-02-28T09:45:03.104281. */
static const char now[] = "2025-02-28T09:45:03.104281", before[] = "2025-02-28T08:00:00.000000",
    later[] = "2025-02-28T13:45:03.104281";

/* ---- options ---- */

/* Whether the module refuses an option, and names it. */
static bool
refuses(struct hd_test *t, const char *option, const char *value)
{
	hd_test_give(t, HD_TEST_OPTION, option, value);
	return !hd_test_init(t) && strstr(t->message, option) != NULL &&
	    strstr(t->message, " is no ") != NULL;
}

static void
what_is_no_list_of_times_is_refused(struct hd_test *t)
{
	static const char *const bad[] = {
		"", "Urgent", "=4h", "Urgent=", "Urgent=four", "Urgent=0h", "Urgent=4", "Urgent=4y",
		"Urgent=4h,", "Urgent=99999d", "Urgent=4 h",
		"a word of more than fifty bytes is no priority of ours=1h",
	};
	static const char *const good[] = { "Urgent=4h", " very urgent = 90s ,High=8h " };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		hd_test_check(t, refuses(t, "times", bad[i]));
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		hd_test_give(t, HD_TEST_OPTION, "times", good[i]);
		hd_test_check(t, hd_test_init(t));
	}
	hd_test_check(t, refuses(t, "done", "Closed=1h"));
	hd_test_give(t, HD_TEST_OPTION, "done", "Resolved, Closed");
	hd_test_check(t, refuses(t, "otherwise", "soon"));
	hd_test_give(t, HD_TEST_OPTION, "otherwise", "2d");
	hd_test_give(t, HD_TEST_OPTION, "times", "Urgent=240m, High=8h");
	hd_test_check(t, hd_test_init(t));
}

/* ---- the hook ---- */

/* Ticket 7 comes, or is no longer what it was. */
static void
ticket(struct hd_test *t, unsigned verb, const char *priority, const char *status)
{
	hd_test_hook(t, "tickets", verb, 7);
	hd_test_give(t, HD_TEST_NEW, "created_at", now);
	hd_test_give(t, HD_TEST_NEW, "priority", priority);
	hd_test_give(t, HD_TEST_NEW, "status", status);
}

static void
was(struct hd_test *t, const char *priority, const char *status)
{
	hd_test_give(t, HD_TEST_OLD, "priority", priority);
	hd_test_give(t, HD_TEST_OLD, "status", status);
}

/* Whether the statement that came last has written this of ticket 7. */
static bool
wrote(const struct hd_test *t, unsigned statement, const char *due_at, const char *met_at)
{
	const struct hd_test_statement *r = &t->run[t->run_count - 1];

	if (t->run_count == 0 || r->statement != statement || r->value[0].integer != 7 ||
	    strcmp(r->value[1].text, due_at) != 0)
		return false;
	return met_at == NULL ? r->value[2].text == NULL :
	    r->value[2].text != NULL && strcmp(r->value[2].text, met_at) == 0;
}

static void
the_priority_says_when_a_ticket_is_due(struct hd_test *t)
{
	static const struct { const char *priority, *due_at; } cases[] = {
		{ "Urgent", "2025-02-28T13:45:03.104281" },
		{ "high", "2025-02-28T17:45:03.104281" },
		{ "Whenever", "2025-03-02T09:45:03.104281" },
		{ NULL, "2025-03-02T09:45:03.104281" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ticket(t, HD_CREATE, cases[i].priority, "Open");
		hd_test_check(t, hd_test_run(t) && wrote(t, KEEP, cases[i].due_at, NULL));
	}
}

static void
what_does_not_matter_is_not_written(struct hd_test *t)
{
	ticket(t, HD_CHANGE, "Urgent", "Open");
	was(t, "Urgent", "Open");
	hd_test_check(t, hd_test_run(t) && t->run_count == 0);
}

static void
another_priority_is_another_time(struct hd_test *t)
{
	ticket(t, HD_CHANGE, "Urgent", "Open");
	was(t, "High", "Open");
	hd_test_check(t, hd_test_run(t) && wrote(t, KEEP, later, NULL));
}

static void
a_ticket_is_done_with_and_opened_again(struct hd_test *t)
{
	ticket(t, HD_CHANGE, "Urgent", "resolved");
	was(t, "Urgent", "Open");
	hd_test_check(t, hd_test_run(t) && wrote(t, KEEP, later, now));

	ticket(t, HD_CHANGE, "Urgent", "Closed");
	was(t, "Urgent", "Resolved");
	hd_test_row(t, FIND, "7", later, before);
	hd_test_check(t, hd_test_run(t) && wrote(t, KEEP, later, before));

	ticket(t, HD_CHANGE, "Urgent", "Closed");	/* the job has not seen it yet */
	was(t, "Urgent", "Resolved");
	hd_test_check(t, hd_test_run(t) && wrote(t, KEEP, later, now));

	ticket(t, HD_CHANGE, "Urgent", "Open");
	was(t, "Urgent", "Closed");
	hd_test_check(t, hd_test_run(t) && wrote(t, KEEP, later, NULL));
}

static void
what_is_deleted_is_forgotten(struct hd_test *t)
{
	hd_test_hook(t, "tickets", HD_DELETE, 7);
	hd_test_check(t, hd_test_run(t) && hd_test_ran(t, FORGET) == 1);
	hd_test_check(t, t->run[0].value[0].integer == 7);
}

/* ---- routes and the service ---- */

static void
the_state_says_how_it_stands(struct hd_test *t)
{
	static const struct { const char *due_at, *met_at, *state; } cases[] = {
		{ later, NULL, "running" }, { now, NULL, "running" }, { before, NULL, "breached" },
		{ later, now, "met" }, { now, now, "met" }, { before, now, "met_late" },
	};
	struct sla_due due = { .ticket = 7 };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		hd_test_service(t, SLA_DUE, &due);
		hd_test_row(t, FIND, "7", cases[i].due_at, cases[i].met_at);
		hd_test_check(t, hd_test_run(t) && strcmp(due.state, cases[i].state) == 0);
		hd_test_check(t, strcmp(due.due_at, cases[i].due_at) == 0);
	}
	hd_test_service(t, SLA_DUE, &due);
	hd_test_check(t, !hd_test_run(t) && t->status == 404);
}

static void
a_ticket_is_asked_for_its_time(struct hd_test *t)
{
	hd_test_request(t, "GET", "/tickets/{id}/sla");
	hd_test_give(t, HD_TEST_PARAM, "id", "7");
	hd_test_row(t, FIND, "7", later, NULL);
	hd_test_check(t, hd_test_run(t) && t->status == 200);
	hd_test_check(t, strcmp(t->json, "{\"sla\":{\"ticket_id\":7,"
	    "\"due_at\":\"2025-02-28T13:45:03.104281\",\"met_at\":null,"
	    "\"state\":\"running\"}}") == 0);
}

static void
what_is_breached_is_listed(struct hd_test *t)
{
	hd_test_request(t, "GET", "/sla/breached");
	hd_test_check(t, hd_test_run(t) && strcmp(t->json, "{\"breached\":[]}") == 0);
	hd_test_check(t, t->run[0].value[1].integer == 100);

	hd_test_request(t, "GET", "/sla/breached");
	hd_test_give(t, HD_TEST_QUERY, "limit", "2");
	hd_test_row(t, BREACHED, "7", before, NULL);
	hd_test_row(t, BREACHED, "9", before, NULL);
	hd_test_check(t, hd_test_run(t) && t->run[0].value[1].integer == 2);
	hd_test_check(t, strstr(t->json, "{\"breached\":[{\"ticket_id\":7,") == t->json);
	hd_test_check(t, strstr(t->json, "{\"ticket_id\":9,") != NULL);
}

/* ---- the job ---- */

static void
tickets_that_were_there_before_are_adopted(struct hd_test *t)
{
	hd_test_job(t, "adopt");
	hd_test_row(t, UNSEEN, "6", now, "High", "Open", before);
	hd_test_row(t, UNSEEN, "7", now, "Urgent", "Closed", before);
	hd_test_check(t, hd_test_run(t) && hd_test_ran(t, ADOPT) == 2);
	hd_test_check(t, wrote(t, ADOPT, later, before));
	hd_test_check(t, t->run[1].value[0].integer == 6 && t->run[1].value[2].text == NULL);

	hd_test_job(t, "adopt");
	hd_test_check(t, hd_test_run(t) && hd_test_ran(t, ADOPT) == 0);
}

int
main(void)
{
	static struct hd_test t;

	hd_test_start(&t, HD_TEST_MODULE);
	what_is_no_list_of_times_is_refused(&t);
	the_priority_says_when_a_ticket_is_due(&t);
	what_does_not_matter_is_not_written(&t);
	another_priority_is_another_time(&t);
	a_ticket_is_done_with_and_opened_again(&t);
	what_is_deleted_is_forgotten(&t);
	the_state_says_how_it_stands(&t);
	a_ticket_is_asked_for_its_time(&t);
	what_is_breached_is_listed(&t);
	tickets_that_were_there_before_are_adopted(&t);
	return hd_test_end(&t);
}
