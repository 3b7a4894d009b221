/*
 * Whether the core's own tables are written by what their fields say and what they do not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core_rules.h"
#include "core_schema.h"
#include "db.h"
#include "err.h"
#include "request.h"
#include "type.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct hd_field fields[] = {
	{ "id", HD_ID },
	{ "name", HD_TEXT, HD_REQUIRED | HD_TRIM | HD_FILTER },
	{ "full_name", HD_TEXT },
	{ "email", HD_TEXT },
	{ "active", HD_BOOLEAN, .value = "true" },
	{ "created_at", HD_CREATED },
	{ "updated_at", HD_UPDATED },
	{ 0 },
};
enum { ID, NAME, FULL_NAME, EMAIL, ACTIVE, CREATED, UPDATED, MEMBERS };

static const char now[] = "2025-02-28T09:45:03.104281", before[] = "2001-01-01T00:00:00.000000";

/* A database with the users maria (1) and Αθηνά (2), and a request that writes. */
struct place {
	char folder[64], path[80];
	struct db *db;
	struct request *req;
};

static void
begin_request(struct place *p)
{
	request_free(p->req);
	p->req = request_new(1 << 20);
	p->req->db = p->db;
	strcpy(p->req->now_text, now);
}

static int
settle(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	struct err e = { "" };

	strcpy(p->folder, "/tmp/helpdesk-rules-XXXXXX");
	if (mkdtemp(p->folder) == NULL)
		return -1;
	snprintf(p->path, sizeof p->path, "%s/x.db", p->folder);
	*state = p;
	begin_request(p);
	if (core_open(p->path, &p->db, &e) && db_begin(p->db, &e) && db_execute(p->db,
	    "INSERT INTO core_user (name, name_fold, created_at)"
	    " VALUES ('maria', 'maria', ''), ('\u0391\u03b8\u03b7\u03bd\u03ac',"
	    " '\u03b1\u03b8\u03b7\u03bd\u03ac', '')", &e)) {
		p->req->db = p->db;
		return 0;
	}
	print_error("%s\n", e.message);
	return -1;
}

static int
leave(void **state)
{
	struct place *p = *state;
	char command[128];

	request_free(p->req);
	db_close(p->db);
	snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
	free(p);
	return system(command);
}

static struct value
text(const char *s)
{
	return s != NULL ? value_text(text_of(s)) : value_null();
}

/* A row that was made long ago; NULL is null. */
static void
make_row(struct value row[MEMBERS], int64_t id, const char *name, const char *full_name,
    const char *email)
{
	row[ID] = value_int(id);
	row[NAME] = text(name);
	row[FULL_NAME] = text(full_name);
	row[EMAIL] = text(email);
	row[ACTIVE] = value_int(1);
	row[CREATED] = row[UPDATED] = text(before);
}

static const struct {
	const char *name, *full_name, *email;
	int status;		/* 0: it is taken */
	const char *field, *says;
} cases[] = {
	{ "tom", NULL, NULL, 0, NULL, NULL },
	{ "tom", "Tom", "t@example.com", 0, NULL, NULL },
	{ "42", NULL, NULL, 400, "name", "digits alone are a user's id" },
	{ "a\tb", NULL, NULL, 400, "name", "no control characters" },
	{ "tom", "a\tb", NULL, 400, "full_name", "none of them a control character" },
	{ "tom", NULL, "tom", 400, "email", "must look like name@example.com" },
	{ "tom", NULL, "a@b c", 400, "email", "must look like name@example.com" },
	{ "MARIA", NULL, NULL, 409, "name", "'MARIA' is taken" },
	{ "\u0391\u0398\u0397\u039d\u0386", NULL, NULL, 409, "name", "is taken" },
	{ "maria", NULL, "x", 400, "email", "must look like" },
};

static void
expect_case(struct place *p, size_t i, const struct value *from, struct value *to)
{
	bool taken;

	begin_request(p);
	taken = core_rules_check(p->req, "core_user", fields, from, to);
	if (taken != (cases[i].status == 0) || p->req->status != cases[i].status)
		fail_msg("case %zu: %d, %d", i, taken, p->req->status);
	if (taken)
		return;
	assert_string_equal(p->req->faults->field, cases[i].field);
	if (strstr(p->req->faults->message, cases[i].says) == NULL)
		fail_msg("case %zu: %s", i, p->req->faults->message);
}

static void
what_cannot_be_a_user_is_refused_by_its_field(void **state)
{
	struct value from[MEMBERS], to[MEMBERS];

	make_row(from, 3, "somebody", "Some Body", "some@example.com");
	for (size_t i = 0; i < COUNT(cases); i++) {
		make_row(to, 0, cases[i].name, cases[i].full_name, cases[i].email);
		expect_case(*state, i, NULL, to);
		make_row(to, 3, cases[i].name, cases[i].full_name, cases[i].email);
		expect_case(*state, i, from, to);
	}
}

static void
all_that_is_wrong_is_told_at_once(void **state)
{
	struct place *p = *state;
	struct value to[MEMBERS];

	make_row(to, 0, "42", "a\tb", "x");
	assert_false(core_rules_check(p->req, "core_user", fields, NULL, to));
	assert_int_equal(p->req->fault_count, 3);
}

/* Clients send back the whole row that they got, also one from before the rules. */
static void
what_is_not_new_is_not_refused(void **state)
{
	struct place *p = *state;
	struct value from[MEMBERS], to[MEMBERS];

	make_row(from, 1, "42", "a\tb", "x");
	make_row(to, 1, "42", "a\tb", "x");
	to[ACTIVE] = value_int(0);
	assert_true(core_rules_check(p->req, "core_user", fields, from, to));
}

static void
a_user_may_change_the_case_of_the_name(void **state)
{
	struct place *p = *state;
	struct value from[MEMBERS], to[MEMBERS];

	make_row(from, 1, "maria", NULL, NULL);
	make_row(to, 1, "Maria", NULL, NULL);
	assert_true(core_rules_check(p->req, "core_user", fields, from, to));
}

static void
an_empty_text_becomes_null(void **state)
{
	struct place *p = *state;
	struct value to[MEMBERS];

	make_row(to, 0, "tom", "", "");
	assert_true(core_rules_check(p->req, "core_user", fields, NULL, to));
	assert_int_equal(to[FULL_NAME].kind, VALUE_NULL);
	assert_int_equal(to[EMAIL].kind, VALUE_NULL);
}

static void
expect_times(const struct value *row, const char *created, const char *updated)
{
	assert_true(text_equal(row[CREATED].text, text_of(created)));
	assert_true(text_equal(row[UPDATED].text, text_of(updated)));
}

static void
a_row_is_stamped_when_it_really_changes(void **state)
{
	struct place *p = *state;
	struct value from[MEMBERS], to[MEMBERS];

	make_row(to, 0, "tom", NULL, NULL);
	to[CREATED] = to[UPDATED] = value_null();
	assert_true(core_rules_check(p->req, "core_user", fields, NULL, to));
	expect_times(to, now, now);
	make_row(from, 1, "maria", NULL, NULL);
	make_row(to, 1, "maria", "", NULL);
	to[CREATED] = to[UPDATED] = text(now);
	assert_true(core_rules_check(p->req, "core_user", fields, from, to));
	expect_times(to, before, before);
	to[ACTIVE] = value_int(0);
	assert_true(core_rules_check(p->req, "core_user", fields, from, to));
	expect_times(to, before, now);
}

static void
other_tables_have_no_rules(void **state)
{
	struct place *p = *state;
	struct value to[MEMBERS];

	make_row(to, 0, "42", "", "x");
	assert_true(core_rules_check(p->req, "core_audit", fields, NULL, to));
	assert_true(core_rules_check(p->req, "tickets", fields, NULL, to));
	assert_int_equal(to[FULL_NAME].kind, VALUE_TEXT);
	expect_times(to, before, before);
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, settle, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(what_cannot_be_a_user_is_refused_by_its_field),
		WITH_PLACE(all_that_is_wrong_is_told_at_once),
		WITH_PLACE(what_is_not_new_is_not_refused),
		WITH_PLACE(a_user_may_change_the_case_of_the_name),
		WITH_PLACE(an_empty_text_becomes_null),
		WITH_PLACE(a_row_is_stamped_when_it_really_changes),
		WITH_PLACE(other_tables_have_no_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
