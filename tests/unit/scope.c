/*
 * Whether scopes mean what they say: what is one, what a set allows, what is within it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"
#include "scope.h"

static struct text
must_read(struct arena *a, const char *list)
{
	struct text set = { 0 };
	struct err e = { "" };

	if (!scope_read(a, text_of(list), &set, &e))
		fail_msg("%s: %s", list, e.message);
	return set;
}

static void
a_list_becomes_the_one_set_of_its_scopes(void **state)
{
	static const struct { const char *list, *set; } cases[] = {
		{ "*", "[\"*\"]" },
		{ "tickets:read", "[\"tickets:read\"]" },
		{ " tickets:write ,tickets:read,, ", "[\"tickets:read\",\"tickets:write\"]" },
		{ "tickets:read,hardware:*", "[\"hardware:*\",\"tickets:read\"]" },
		{ "tickets:read,tickets:read,tickets:read", "[\"tickets:read\"]" },
		{ "tickets:read,tickets:*,tickets:write", "[\"tickets:*\"]" },
		{ "tickets:*,sla:read,*", "[\"*\"]" },
		{ "a1_b:write", "[\"a1_b:write\"]" },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(must_read(&a, cases[i].list).at, cases[i].set);
	arena_fini(&a);
}

static void
what_is_no_scope_is_refused_with_a_sentence(void **state)
{
	static const struct { const char *list, *why; } cases[] = {
		{ "tickets", "'tickets' is no scope" },
		{ "tickets:read,tickets:delete", "'tickets:delete' is no scope" },
		{ "tickets:", "'tickets:' is no scope" },
		{ ":read", "':read' is no scope" },
		{ "*:read", "'*:read' is no scope" },
		{ "**", "'**' is no scope" },
		{ "Tickets:read", "'Tickets:read' is no scope" },
		{ "1tickets:read", "'1tickets:read' is no scope" },
		{ "tick-ets:read", "'tick-ets:read' is no scope" },
		{ "tickets:read:write", "'tickets:read:write' is no scope" },
		{ "tickets :read", "'tickets :read' is no scope" },
		{ "\"]", "'\"]' is no scope" },
		{ "", "at least one scope" },
		{ " , ", "at least one scope" },
	};
	struct text set = { 0 };
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = { "" };

		assert_false(scope_read(&a, text_of(cases[i].list), &set, &e));
		if (strstr(e.message, cases[i].why) == NULL)
			fail_msg("%s: %s", cases[i].list, e.message);
	}
	assert_null(set.at);
	arena_fini(&a);
}

/* More would be work for whoever has to look into them, at each request. */
static void
a_list_has_a_hundred_scopes_at_most(void **state)
{
	char list[101 * 14 + 1] = "";
	struct text set;
	struct err e = { "" };
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (int i = 0; i < 101; i++)
		strcat(list, i == 0 ? "tickets:read" : ",tickets:read");
	assert_false(scope_read(&a, text_of(list), &set, &e));
	assert_string_equal(e.message, "there are more than 100");
	list[strlen(list) - strlen(",tickets:read")] = '\0';
	assert_string_equal(must_read(&a, list).at, "[\"tickets:read\"]");
	arena_fini(&a);
}

static void
a_set_allows_what_it_names_and_nothing_else(void **state)
{
	static const struct { const char *set, *need; bool allowed; } cases[] = {
		{ "[\"*\"]", "tickets:write", true },
		{ "[\"tickets:*\"]", "tickets:write", true },
		{ "[\"tickets:*\"]", "tickets_more:read", false },
		{ "[\"tickets:*\"]", "ticket:read", false },
		{ "[\"tickets:read\"]", "tickets:read", true },
		{ "[\"tickets:read\"]", "tickets:write", false },
		{ "[\"tickets:write\"]", "tickets:read", false },
		{ "[\"hardware:read\",\"tickets:read\"]", "tickets:read", true },
		{ "[\"hardware:read\",\"tickets:read\"]", "software:read", false },
		/* What no set looks like allows nothing. */
		{ "[]", "tickets:read", false },
		{ "", "tickets:read", false },
		{ "*", "tickets:read", false },
		{ "[\"*", "tickets:read", false },
		{ "[\"", "tickets:read", false },
		{ "[*]", "tickets:read", false },
		{ "{\"*\":\"*\"}", "tickets:read", false },
		{ NULL, "tickets:read", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (scope_allows(text_of(cases[i].set), text_of(cases[i].need)) != cases[i].allowed)
			fail_msg("%s and %s", cases[i].set, cases[i].need);
}

static void
a_set_is_within_one_that_allows_as_much(void **state)
{
	static const struct { const char *inner, *outer, *beyond; } cases[] = {
		{ "*", "*", NULL },
		{ "tickets:read", "*", NULL },
		{ "tickets:read", "tickets:*", NULL },
		{ "tickets:read,tickets:write", "tickets:*", NULL },
		{ "tickets:read", "tickets:read,software:write", NULL },
		{ "*", "tickets:*", "*" },
		{ "tickets:*", "tickets:read", "tickets:*" },
		{ "tickets:write", "tickets:read", "tickets:write" },
		{ "software:read,tickets:read", "software:read", "tickets:read" },
		{ "software:read,tickets:read", "tickets:read", "software:read" },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct text beyond = { 0 };
		bool in = scope_within(must_read(&a, cases[i].inner), must_read(&a, cases[i].outer),
		    &beyond);

		if (in != (cases[i].beyond == NULL) ||
		    (!in && !text_equal(beyond, text_of(cases[i].beyond))))
			fail_msg("%s in %s: %.*s", cases[i].inner, cases[i].outer, (int)beyond.len,
			    beyond.at);
	}
	arena_fini(&a);
}

static void
a_route_needs_a_verb_of_a_module(void **state)
{
	(void)state;
	assert_true(scope_is_need(TEXT("tickets:read")));
	assert_true(scope_is_need(TEXT("a_1:write")));
	assert_false(scope_is_need(TEXT("tickets:*")));
	assert_false(scope_is_need(TEXT("*")));
	assert_false(scope_is_need(TEXT("tickets")));
	assert_false(scope_is_need(TEXT("")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_becomes_the_one_set_of_its_scopes),
		cmocka_unit_test(what_is_no_scope_is_refused_with_a_sentence),
		cmocka_unit_test(a_list_has_a_hundred_scopes_at_most),
		cmocka_unit_test(a_set_allows_what_it_names_and_nothing_else),
		cmocka_unit_test(a_set_is_within_one_that_allows_as_much),
		cmocka_unit_test(a_route_needs_a_verb_of_a_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
