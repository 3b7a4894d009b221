/*
 * Whether the people of a site can be added, changed and found again.
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
#include "user.h"

/* A database of its own for each test. */
struct place {
	char folder[64], path[80];
	struct db *db;
	struct arena arena;
};

static int
settle(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	struct err e = { "" };

	strcpy(p->folder, "/tmp/helpdesk-user-XXXXXX");
	if (mkdtemp(p->folder) == NULL)
		return -1;
	snprintf(p->path, sizeof p->path, "%s/x.db", p->folder);
	arena_init(&p->arena, 1 << 20);
	*state = p;
	if (core_open(p->path, &p->db, &e) && db_begin(p->db, &e))
		return 0;
	print_error("%s\n", e.message);
	return -1;
}

static int
leave(void **state)
{
	struct place *p = *state;
	static const char *const behind[] = { "", "-wal", "-shm", "-lock", ".lock" };
	char path[100];

	db_close(p->db);
	arena_fini(&p->arena);
	for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
		snprintf(path, sizeof path, "%s%s", p->path, behind[i]);
		unlink(path);
	}
	rmdir(p->folder);
	free(p);
	return 0;
}

static int64_t
add(struct place *p, const char *name)
{
	struct user user = { .name = text_of(name), .email = TEXT("x@example.com") };
	struct err e = { "" };
	int64_t id = 0;

	if (!user_add(p->db, &p->arena, &user, &id, &e))
		fail_msg("%s: %s", name, e.message);
	return id;
}

/* The id of who is meant; 0: nobody. */
static int64_t
find(struct place *p, const char *reference)
{
	struct user user = { 0 };
	struct err e = { "" };
	enum user_found found = user_find(p->db, &p->arena, text_of(reference), &user, &e);

	assert_int_not_equal(found, USER_FAULT);
	return found == USER_FOUND ? user.id : 0;
}

static struct user
get(struct place *p, int64_t id)
{
	char digits[32];
	struct user user = { 0 };
	struct err e = { "" };

	snprintf(digits, sizeof digits, "%lld", (long long)id);
	assert_int_equal(user_find(p->db, &p->arena, text_of(digits), &user, &e), USER_FOUND);
	return user;
}

static struct user
change(struct place *p, const struct user *from, const struct user *to)
{
	struct user now = { 0 };
	struct err e = { "" };

	if (!user_change(p->db, &p->arena, from, to, &now, &e))
		fail_msg("%s", e.message);
	return now;
}

static void
names_are_kept_as_given_and_found_without_case_in_all_of_unicode(void **state)
{
	struct place *p = *state;
	int64_t maria = add(p, "Maria"), alpha = add(p, "ΑΘΗΝΆ"), sharp = add(p, "Straße");
	struct user user;
	struct err e;

	assert_int_equal(find(p, "mARIA"), maria);
	assert_int_equal(find(p, "αθηνά"), alpha);
	assert_int_equal(find(p, "STRASSE"), sharp);
	assert_int_equal(find(p, "mari"), 0);
	assert_int_equal(find(p, "m_ria"), 0);
	assert_int_equal(user_find(p->db, &p->arena, TEXT("maria"), &user, &e), USER_FOUND);
	assert_true(text_equal(user.name, TEXT("Maria")));
	assert_true(text_equal(user.email, TEXT("x@example.com")));
	assert_null(user.full_name.at);
}

static void
digits_are_an_id(void **state)
{
	struct place *p = *state;
	int64_t id = add(p, "maria");
	char digits[32];

	snprintf(digits, sizeof digits, "%lld", (long long)id);
	assert_int_equal(find(p, digits), id);
	assert_int_equal(find(p, "0"), 0);
	assert_int_equal(find(p, "99"), 0);
	assert_int_equal(find(p, "-1"), 0);
	assert_int_equal(find(p, "99999999999999999999999999"), 0);
	assert_int_equal(find(p, ""), 0);
	assert_int_equal(find(p, "\xff"), 0);
	assert_int_equal(find(p, "maria' OR '1'='1"), 0);
}

#define A40 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct { const char *name, *email, *full_name, *why; } wrong[] = {
	{ "", NULL, NULL, "'' is no user name: a name has 1 to 80 characters" },
	{ A40 A40 "a", NULL, NULL, "a name has 1 to 80 characters" },
	{ " a", NULL, NULL, "no white space at its ends" },
	{ "a\u00a0", NULL, NULL, "no white space at its ends" },
	{ "a\nb", NULL, NULL, "no control characters" },
	{ "a\xc2\x85" "b", NULL, NULL, "no control characters" },
	{ "42", NULL, NULL, "'42' is no user name: digits alone are a user's id" },
	{ "a\xff", NULL, NULL, "the user name is not UTF-8" },
	{ "MARIA", NULL, NULL, "there is a user 'MARIA' already" },
	{ "\u03b1\u03b8\u03b7\u03bd\u03ac", NULL, NULL, "there is a user" },
	{ "a", "b", NULL, "the email address must look like name@example.com" },
	{ "a", "@b", NULL, "the email address must look like" },
	{ "a", "a@", NULL, "the email address must look like" },
	{ "a", "@", NULL, "the email address must look like" },
	{ "a", "a@b@c", NULL, "the email address must look like" },
	{ "a", "a @b", NULL, "the email address must look like" },
	{ "a", " a@b", NULL, "the email address must look like" },
	{ "a", "a@b ", NULL, "the email address must look like" },
	{ "a", "a@b\u2003c", NULL, "the email address must look like" },
	{ "a", "a@b\r\nBcc: c@d", NULL, "the email address must look like" },
	{ "a", "a@b\x7f", NULL, "the email address must look like" },
	{ "a", "a@b\xff", NULL, "the email address must look like" },
	{ "a", A40 A40 A40 A40 A40 A40 "@aaaaaaaaaaaaaa", NULL, "has at most 254 bytes" },
	{ "a", NULL, A40 A40 A40 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "at most 150 characters" },
	{ "a", NULL, "a\tb", "none of them a control character" },
	{ "a", NULL, "a\xff", "the full name is not UTF-8" },
};

static void
what_cannot_be_a_user_is_refused_with_a_sentence(void **state)
{
	struct place *p = *state;

	add(p, "maria");
	add(p, "\u0391\u0398\u0397\u039d\u0386");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct user user = { .name = text_of(wrong[i].name),
			.email = text_of(wrong[i].email),
			.full_name = text_of(wrong[i].full_name) };
		struct err e = { "" };
		int64_t id;

		if (user_add(p->db, &p->arena, &user, &id, &e))
			fail_msg("case %zu is taken", i);
		if (strstr(e.message, wrong[i].why) == NULL)
			fail_msg("case %zu: %s", i, e.message);
	}
}

static void
nobody_becomes_what_cannot_be_a_user(void **state)
{
	struct place *p = *state;
	struct user from;

	add(p, "maria");
	add(p, "\u0391\u0398\u0397\u039d\u0386");
	from = get(p, add(p, "tom"));
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct user to = from, now;
		struct err e = { "" };

		to.name = wrong[i].name[0] == 'a' && wrong[i].name[1] == '\0' ? from.name :
		    text_of(wrong[i].name);
		to.email = text_of(wrong[i].email);
		to.full_name = text_of(wrong[i].full_name);
		if (user_change(p->db, &p->arena, &from, &to, &now, &e))
			fail_msg("case %zu is taken", i);
		if (strstr(e.message, wrong[i].why) == NULL)
			fail_msg("case %zu: %s", i, e.message);
	}
}

static void
what_is_at_the_limits_is_taken(void **state)
{
	static const struct { const char *name, *email, *full_name; } cases[] = {
		{ "a", "a@b", "" },
		{ "b", A40 A40 A40 A40 A40 A40 "@aaaaaaaaaaaaa", NULL },
		{ "c", "\u03b1\u03b8@\u03b5\u03bb", A40 A40 A40 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\u03b1" },
		{ "4 2", "a.b+c'd@[::1]", "O'Hara, \"Bob\"" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct user user = { .name = text_of(cases[i].name),
			.email = text_of(cases[i].email),
			.full_name = text_of(cases[i].full_name) };
		struct err e = { "" };
		int64_t id;

		if (!user_add(p->db, &p->arena, &user, &id, &e))
			fail_msg("case %zu: %s", i, e.message);
	}
}

static void
a_name_may_have_80_characters_of_any_script(void **state)
{
	struct place *p = *state;
	char name[161] = "";

	for (int i = 0; i < 80; i++)
		strcat(name, "Ω");
	assert_int_not_equal(add(p, name), 0);
	assert_int_not_equal(add(p, "user 7"), 0);
}

static void
a_new_user_is_active_and_has_its_times(void **state)
{
	struct place *p = *state;
	struct user user = get(p, add(p, "maria"));

	assert_true(user.active);
	assert_int_equal(user.created_at.len, strlen("2025-02-28T09:45:03.104281"));
	assert_true(text_equal(user.created_at, user.updated_at));
}

static void
an_empty_email_or_full_name_is_none(void **state)
{
	struct place *p = *state;
	struct user from = get(p, add(p, "maria")), to = from, now;

	to.email = TEXT("");
	to.full_name = TEXT("");
	now = change(p, &from, &to);
	assert_null(now.email.at);
	assert_null(now.full_name.at);
	assert_null(get(p, from.id).email.at);
	assert_null(get(p, from.id).full_name.at);
}

static void
a_renamed_user_keeps_the_id_and_frees_the_name(void **state)
{
	struct place *p = *state;
	struct user from = get(p, add(p, "\u039c\u03b1\u03c1\u03af\u03b1")), to = from;

	to.name = TEXT("Straße");
	change(p, &from, &to);
	assert_int_equal(find(p, "STRASSE"), from.id);
	assert_int_equal(find(p, "\u039c\u03b1\u03c1\u03af\u03b1"), 0);
	assert_true(add(p, "\u039c\u0391\u03a1\u038a\u0391") > from.id);
}

static void
a_name_may_change_its_case(void **state)
{
	struct place *p = *state;
	struct user from = get(p, add(p, "maria")), to = from;

	to.name = TEXT("Maria");
	change(p, &from, &to);
	assert_true(text_equal(get(p, from.id).name, TEXT("Maria")));
}

static void
a_deactivated_user_is_found_and_listed_as_before(void **state)
{
	struct place *p = *state;
	struct user from = get(p, add(p, "maria")), to = from;

	to.active = false;
	assert_false(change(p, &from, &to).active);
	assert_int_equal(find(p, "MARIA"), from.id);
	assert_false(get(p, from.id).active);
	assert_true(text_equal(get(p, from.id).email, from.email));
	to.active = true;
	from.active = false;
	assert_true(change(p, &from, &to).active);
	assert_true(get(p, from.id).active);
}

static void
what_changes_nothing_leaves_the_time_and_what_changes_moves_it(void **state)
{
	struct place *p = *state;
	struct user from = get(p, add(p, "maria")), to, now;
	struct err e;

	assert_true(db_execute(p->db, "UPDATE core_user SET updated_at ="
	    " '2001-01-01T00:00:00.000000', created_at = '2001-01-01T00:00:00.000000'", &e));
	from = to = get(p, from.id);
	change(p, &from, &to);
	assert_true(text_equal(get(p, from.id).updated_at, TEXT("2001-01-01T00:00:00.000000")));
	to.full_name = TEXT("Maria A.");
	now = change(p, &from, &to);
	assert_true(memcmp(now.updated_at.at, "2001", 4) > 0);
	assert_true(text_equal(get(p, from.id).updated_at, now.updated_at));
	assert_true(text_equal(get(p, from.id).created_at, TEXT("2001-01-01T00:00:00.000000")));
}

/* A full name of 255 characters was fine once. */
static void
what_was_there_before_the_rules_stays(void **state)
{
	struct place *p = *state;
	struct user from = get(p, add(p, "maria")), to;
	struct err e;

	assert_true(db_execute(p->db, "UPDATE core_user SET full_name = hex(zeroblob(100))", &e));
	from = to = get(p, from.id);
	to.email = TEXT("m@example.com");
	change(p, &from, &to);
	assert_true(text_equal(get(p, from.id).email, TEXT("m@example.com")));
	assert_int_equal(get(p, from.id).full_name.len, 200);
}

struct seen {
	size_t n, most;
	int64_t last;
};

static bool
see(void *context, const struct user *user)
{
	struct seen *seen = context;

	assert_true(user->id > seen->last);
	seen->last = user->id;
	return ++seen->n < seen->most;
}

static void
the_list_is_in_order_of_id_and_can_be_broken_off(void **state)
{
	struct place *p = *state;
	struct seen all = { .most = 10 }, two = { .most = 2 };
	struct err e;

	add(p, "zoe");
	add(p, "adam");
	add(p, "maria");
	assert_true(user_list(p->db, see, &all, &e));
	assert_int_equal(all.n, 3);
	assert_true(user_list(p->db, see, &two, &e));
	assert_int_equal(two.n, 2);
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, settle, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(names_are_kept_as_given_and_found_without_case_in_all_of_unicode),
		WITH_PLACE(digits_are_an_id),
		WITH_PLACE(what_cannot_be_a_user_is_refused_with_a_sentence),
		WITH_PLACE(nobody_becomes_what_cannot_be_a_user),
		WITH_PLACE(what_is_at_the_limits_is_taken),
		WITH_PLACE(a_new_user_is_active_and_has_its_times),
		WITH_PLACE(an_empty_email_or_full_name_is_none),
		WITH_PLACE(a_renamed_user_keeps_the_id_and_frees_the_name),
		WITH_PLACE(a_name_may_change_its_case),
		WITH_PLACE(a_deactivated_user_is_found_and_listed_as_before),
		WITH_PLACE(what_changes_nothing_leaves_the_time_and_what_changes_moves_it),
		WITH_PLACE(what_was_there_before_the_rules_stays),
		WITH_PLACE(a_name_may_have_80_characters_of_any_script),
		WITH_PLACE(the_list_is_in_order_of_id_and_can_be_broken_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
