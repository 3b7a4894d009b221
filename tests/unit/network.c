/*
 * Whether networks hold the addresses that are in them, and no others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"
#include "network.h"

static struct text
must_read(struct arena *a, const char *list)
{
	struct text set = { 0 };
	struct err e = { "" };

	if (!network_read(a, text_of(list), &set, &e))
		fail_msg("%s: %s", list, e.message);
	return set;
}

static void
a_network_is_written_in_one_way(void **state)
{
	static const struct { const char *list, *set; } cases[] = {
		{ "", "[]" },
		{ "10.0.0.0/8", "[\"10.0.0.0/8\"]" },
		{ "192.0.2.7", "[\"192.0.2.7\"]" },
		{ "192.0.2.7/32", "[\"192.0.2.7\"]" },
		{ "0.0.0.0/0", "[\"0.0.0.0/0\"]" },
		{ "2001:DB8:0:0::/32", "[\"2001:db8::/32\"]" },
		{ "2001:db8::1/128", "[\"2001:db8::1\"]" },
		{ "::/0", "[\"::/0\"]" },
		{ "::ffff:10.0.0.0/104", "[\"10.0.0.0/8\"]" },
		{ "::ffff:c000:207", "[\"192.0.2.7\"]" },
		{ "192.0.2.0/24, 10.0.0.0/8", "[\"10.0.0.0/8\",\"192.0.2.0/24\"]" },
		{ "10.1.0.0/16,10.0.0.0/8,10.0.0.0/8", "[\"10.0.0.0/8\"]" },
		{ "0.0.0.0/0,::/0", "[\"0.0.0.0/0\",\"::/0\"]" },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(must_read(&a, cases[i].list).at, cases[i].set);
	arena_fini(&a);
}

static void
what_is_no_network_is_refused_with_a_sentence(void **state)
{
	static const struct { const char *list, *why; } cases[] = {
		{ "10.0.0", "'10.0.0' is no network" },
		{ "10.0.0.0/", "'10.0.0.0/' is no network" },
		{ "10.0.0.0/33", "'10.0.0.0/33' is no network" },
		{ "10.0.0.0/-1", "'10.0.0.0/-1' is no network" },
		{ "10.0.0.0/8/8", "is no network" },
		{ "10.0.0.0/255.0.0.0", "is no network" },
		{ "10.0.0.0 /8", "is no network" },
		{ "/8", "is no network" },
		{ "2001:db8::/129", "is no network" },
		{ "fe80::1%eth0", "is no network" },
		{ "example.com", "is no network" },
		{ "192.0.2.1,office", "'office' is no network" },
		{ "10.1.2.3/8", "'10.1.2.3/8' has bits beyond its prefix; is 10.0.0.0/8 meant?" },
		{ "2001:db8::1/32", "is 2001:db8::/32 meant?" },
		{ "10.0.0.128/24", "is 10.0.0.0/24 meant?" },
		{ "10.0.0.1/31", "is 10.0.0.0/31 meant?" },
	};
	struct text set = { 0 };
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = { "" };

		assert_false(network_read(&a, text_of(cases[i].list), &set, &e));
		if (strstr(e.message, cases[i].why) == NULL)
			fail_msg("%s: %s", cases[i].list, e.message);
	}
	assert_null(set.at);
	arena_fini(&a);
}

static void
a_set_holds_the_addresses_of_its_networks(void **state)
{
	static const struct { const char *list, *address; bool in; } cases[] = {
		{ "", "192.0.2.1", true },
		{ "", "unknown", true },
		{ "10.0.0.0/8", "10.255.255.255", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "10.0.0.0/8", "9.255.255.255", false },
		{ "10.0.0.0/8", "::ffff:10.1.2.3", true },
		{ "10.0.0.0/8", "::ffff:a01:203", true },
		{ "10.0.0.0/8", "::10.1.2.3", false },
		{ "192.0.2.128/25", "192.0.2.128", true },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.6", false },
		{ "0.0.0.0/0", "203.0.113.9", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "fe80::/10", "fe80::1%eth0", true },
		{ "::/0", "2001:db8::1", true },
		{ "::/0", "192.0.2.1", false },
		{ "::/0", "::ffff:192.0.2.1", false },
		{ "10.0.0.0/8,2001:db8::/32", "2001:db8::1", true },
		{ "10.0.0.0/8", "unknown", false },
		{ "10.0.0.0/8", "", false },
		{ "10.0.0.0/8", "10.0.0.1x", false },
		{ "10.0.0.0/8", "10.0.0.1.10.0.0.1.10.0.0.1.10.0.0.1.10.0.0.1.10.0.0.1.10", false },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (network_match(must_read(&a, cases[i].list), text_of(cases[i].address)) !=
		    cases[i].in)
			fail_msg("%s and %s", cases[i].list, cases[i].address);
	arena_fini(&a);
}

static void
what_is_no_set_holds_no_address(void **state)
{
	static const char *const sets[] = { NULL, "", "[", "[\"\"]", "null", "10.0.0.0/8", "[ ]" };

	(void)state;
	for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
		assert_false(network_match(text_of(sets[i]), TEXT("10.0.0.1")));
}

static void
a_set_is_within_one_that_holds_all_of_it(void **state)
{
	static const struct { const char *inner, *outer, *beyond; bool in; } cases[] = {
		{ "", "", NULL, true },
		{ "10.0.0.0/8", "", NULL, true },
		{ "10.1.0.0/16,192.0.2.1", "10.0.0.0/8,192.0.2.0/24", NULL, true },
		{ "10.0.0.0/8", "10.0.0.0/8", NULL, true },
		{ "", "10.0.0.0/8", NULL, false },
		{ "", "0.0.0.0/0,::/0", NULL, false },
		{ "10.0.0.0/7", "10.0.0.0/8", "10.0.0.0/7", false },
		{ "10.0.0.1,11.0.0.1", "10.0.0.0/8", "11.0.0.1", false },
		{ "0.0.0.0/0", "::/0", "0.0.0.0/0", false },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct text beyond = { 0 };
		bool in = network_within(must_read(&a, cases[i].inner),
		    must_read(&a, cases[i].outer), &beyond);

		if (in != cases[i].in || !text_equal(beyond, text_of(cases[i].beyond)))
			fail_msg("%s in %s: %.*s", cases[i].inner, cases[i].outer, (int)beyond.len,
			    beyond.at);
	}
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_network_is_written_in_one_way),
		cmocka_unit_test(what_is_no_network_is_refused_with_a_sentence),
		cmocka_unit_test(a_set_holds_the_addresses_of_its_networks),
		cmocka_unit_test(what_is_no_set_holds_no_address),
		cmocka_unit_test(a_set_is_within_one_that_holds_all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
