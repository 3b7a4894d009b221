/*
 * test_loans - whether the code of loans does what it should, without a server
 */
#include <helpdesk/testing.h>

#include "loans.c"

/* It is the 28th of February 2025; maria is user 1. */

/* ---- lending ---- */

/* A request to lend asset 21 to user 1. */
static void
ask_to_lend(struct hd_test *t, const char *due_on)
{
	hd_test_request(t, "POST", "/inventory/hardware/{id}/lend");
	hd_test_give(t, HD_TEST_PARAM, "id", "21");
	hd_test_give(t, HD_TEST_BODY, "borrower", "1");
	hd_test_give(t, HD_TEST_BODY, "note", "With charger");
	hd_test_give(t, HD_TEST_BODY, "due_on", due_on);
}

static void
an_asset_is_lent_and_assigned(struct hd_test *t)
{
	ask_to_lend(t, "2025-03-07");
	hd_test_row(t, FIND_ASSET, "DL-5");
	t->next_id = 3;
	hd_test_check(t, hd_test_run(t) && t->status == 201);
	hd_test_check(t, strcmp(t->json, "{\"loan\":{\"id\":3}}") == 0);
	hd_test_check(t, strcmp(hd_test_answered(t, "location"), "/api/v1/loans/3") == 0);
	hd_test_check(t, t->change_count == 2);

	hd_test_check(t, t->change[0].verb == HD_CREATE);
	hd_test_check(t, strcmp(t->change[0].table, "loans") == 0);
	hd_test_check(t, hd_test_gave(t, 0, "hardware_id", "21"));
	hd_test_check(t, hd_test_gave(t, 0, "borrower", "1"));
	hd_test_check(t, hd_test_gave(t, 0, "due_on", "2025-03-07"));
	hd_test_check(t, hd_test_gave(t, 0, "note", "With charger"));

	hd_test_check(t, t->change[1].verb == HD_CHANGE && t->change[1].id == 21);
	hd_test_check(t, strcmp(t->change[1].table, "hardware") == 0);
	hd_test_check(t, hd_test_gave(t, 1, "assigned_to", "1"));
	hd_test_check(t, hd_test_gave(t, 1, "assigned_on", "2025-02-28"));
}

static void
the_option_says_for_how_long(struct hd_test *t)
{
	ask_to_lend(t, NULL);
	hd_test_row(t, FIND_ASSET, NULL);
	hd_test_check(t, hd_test_run(t) && hd_test_gave(t, 0, "due_on", "2025-03-14"));

	hd_test_give(t, HD_TEST_OPTION, "days", "1");
	ask_to_lend(t, NULL);
	hd_test_row(t, FIND_ASSET, NULL);
	hd_test_check(t, hd_test_run(t) && hd_test_gave(t, 0, "due_on", "2025-03-01"));
}

static void
nothing_is_lent_until_yesterday(struct hd_test *t)
{
	ask_to_lend(t, "2025-02-27");
	hd_test_row(t, FIND_ASSET, NULL);
	hd_test_check(t, !hd_test_run(t) && t->status == 400 && t->change_count == 0);
	hd_test_check(t, strcmp(t->field, "due_on") == 0);

	ask_to_lend(t, "2025-02-28");
	hd_test_row(t, FIND_ASSET, NULL);
	hd_test_check(t, hd_test_run(t));
}

static void
what_is_not_there_or_lent_is_not_lent(struct hd_test *t)
{
	ask_to_lend(t, NULL);
	hd_test_check(t, !hd_test_run(t) && t->status == 404 && t->change_count == 0);

	ask_to_lend(t, NULL);
	hd_test_row(t, FIND_ASSET, NULL);
	hd_test_row(t, FIND_OPEN, "3", "maria", "2025-03-14");
	hd_test_check(t, !hd_test_run(t) && t->status == 409 && t->change_count == 0);
	hd_test_check(t, strcmp(t->message, "It cannot be lent: hardware 21 is lent to maria until"
	    " 2025-03-14. POST /api/v1/loans/3/return takes it back.") == 0);
}

static void
what_hardware_refuses_is_not_lent(struct hd_test *t)
{
	ask_to_lend(t, NULL);
	hd_test_row(t, FIND_ASSET, NULL);
	hd_test_deny_rows(t, "hardware", HD_CHANGE, 409);
	hd_test_check(t, !hd_test_run(t) && t->status == 409);
}

/* ---- taking back ---- */

static void
ask_to_return(struct hd_test *t)
{
	hd_test_request(t, "POST", "/loans/{id}/return");
	hd_test_give(t, HD_TEST_PARAM, "id", "3");
}

static void
a_loan_is_returned(struct hd_test *t)
{
	ask_to_return(t);
	hd_test_row(t, FIND_LOAN, "21", NULL);
	hd_test_check(t, hd_test_run(t) && t->status == 200);
	hd_test_check(t, strcmp(t->json, "{\"loan\":{\"id\":3}}") == 0);
	hd_test_check(t, t->change_count == 2);
	hd_test_check(t, t->change[0].id == 3 && hd_test_gave(t, 0, "is_open", "false"));
	hd_test_check(t, hd_test_gave(t, 0, "overdue", "false"));
	hd_test_check(t, hd_test_gave(t, 0, "returned_at", t->now));
	hd_test_check(t, t->change[1].id == 21 && hd_test_gave(t, 1, "assigned_to", NULL));
	hd_test_check(t, hd_test_gave(t, 1, "assigned_on", NULL));
}

static void
a_loan_is_returned_once_and_as_it_was_read(struct hd_test *t)
{
	ask_to_return(t);
	hd_test_check(t, !hd_test_run(t) && t->status == 404);

	ask_to_return(t);
	hd_test_row(t, FIND_LOAN, "21", "2025-02-01T00:00:00");
	hd_test_check(t, !hd_test_run(t) && t->status == 409 && t->change_count == 0);

	ask_to_return(t);
	hd_test_row(t, FIND_LOAN, "21", NULL);
	hd_test_deny_rows(t, "loans", HD_GET, 412);
	hd_test_check(t, !hd_test_run(t) && t->status == 412 && t->change_count == 0);
}

/* ---- hooks ---- */

static void
what_is_lent_is_not_deleted(struct hd_test *t)
{
	hd_test_hook(t, "hardware", HD_DELETE, 21);
	hd_test_check(t, hd_test_run(t));

	hd_test_hook(t, "hardware", HD_DELETE, 21);
	hd_test_row(t, FIND_OPEN, "3", "maria", "2025-03-14");
	hd_test_check(t, !hd_test_run(t) && t->status == 409);
	hd_test_check(t, strstr(t->message, "It cannot be deleted: hardware 21 is lent") != NULL);
}

/* Loan 3 gets another day. */
static void
change_day(struct hd_test *t, const char *was_open, const char *due_on)
{
	hd_test_hook(t, "loans", HD_CHANGE, 3);
	hd_test_give(t, HD_TEST_OLD, "is_open", was_open);
	hd_test_give(t, HD_TEST_OLD, "due_on", "2025-02-20");
	hd_test_give(t, HD_TEST_NEW, "due_on", due_on);
	hd_test_give(t, HD_TEST_NEW, "overdue", "true");
}

static void
more_days_are_granted_to_open_loans(struct hd_test *t)
{
	change_day(t, "true", "2025-03-01");
	hd_test_check(t, hd_test_run(t) && t->change_count == 1);
	hd_test_check(t, t->change[0].id == 3 && hd_test_gave(t, 0, "overdue", "false"));

	change_day(t, "true", "2025-02-20");	/* what the job does */
	hd_test_check(t, hd_test_run(t) && t->change_count == 0);

	change_day(t, "true", "2025-02-27");
	hd_test_check(t, !hd_test_run(t) && t->status == 400);

	change_day(t, "false", "2025-03-01");
	hd_test_check(t, !hd_test_run(t) && t->status == 409);
}

/* ---- the job ---- */

static void
the_job_marks_what_is_late(struct hd_test *t)
{
	hd_test_job(t, "overdue");
	hd_test_row(t, FIND_LATE, "3");
	hd_test_row(t, FIND_LATE, "5");
	hd_test_check(t, hd_test_run(t) && t->change_count == 2);
	hd_test_check(t, strcmp(t->run[0].value[0].text, "2025-02-28") == 0);
	hd_test_check(t, t->change[0].id == 3 && hd_test_gave(t, 0, "overdue", "true"));
	hd_test_check(t, t->change[1].id == 5 && hd_test_gave(t, 1, "overdue", "true"));

	hd_test_job(t, "overdue");
	hd_test_row(t, FIND_LATE, "3");
	hd_test_deny_rows(t, "loans", HD_CHANGE, 503);
	hd_test_check(t, !hd_test_run(t) && t->status == 503);
}

int
main(void)
{
	static struct hd_test t;

	hd_test_start(&t, HD_TEST_MODULE);
	an_asset_is_lent_and_assigned(&t);
	the_option_says_for_how_long(&t);
	nothing_is_lent_until_yesterday(&t);
	what_is_not_there_or_lent_is_not_lent(&t);
	what_hardware_refuses_is_not_lent(&t);
	a_loan_is_returned(&t);
	a_loan_is_returned_once_and_as_it_was_read(&t);
	what_is_lent_is_not_deleted(&t);
	more_days_are_granted_to_open_loans(&t);
	the_job_marks_what_is_late(&t);
	return hd_test_end(&t);
}
