/*
 * Whether a request finds its site by the host that it names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "hosts.h"
#include "site.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { SITES = 4, CROWD = 500 };

/* Sites by the names of their hosts, the configuration's form of them: lower case. */
struct town {
	struct arena arena;
	struct conf_site confs[SITES];
	struct site sites[SITES];
	struct hosts *hosts;
};

static const char *athens[] = { "helpdesk.athens.example.com", "athens", "[::1]", "127.0.0.1" };
static const char *patras[] = { "helpdesk.patras.example.com", "a", "athens.gr", "10.0.0.1" };
static const char *volos[] = { "athen", "athenss", "helpdesk.athens.example.co", "[fe80::1234]" };

static void
settle(struct town *t, size_t n)
{
	static const struct {
		const char **hosts;
		size_t count;
	} all[] = { { athens, COUNT(athens) }, { patras, COUNT(patras) }, { volos, COUNT(volos) } };

	arena_init(&t->arena, 1 << 20);
	for (size_t i = 0; i < n; i++) {
		t->confs[i] = (struct conf_site){ 0 };
		if (i < COUNT(all)) {
			t->confs[i].hosts = all[i].hosts;
			t->confs[i].host_count = all[i].count;
		}
		t->sites[i] = (struct site){ .conf = &t->confs[i], .index = (unsigned)i };
	}
	t->hosts = hosts_new(&t->arena, t->sites, n);
}

/* The index of the site; -1: none. */
static int
find(struct town *t, const char *authority)
{
	struct site *s = hosts_find(t->hosts, &t->arena, text_of(authority));

	return s == NULL ? -1 : (int)s->index;
}

static const struct {
	const char *authority;
	int site;		/* -1: nobody's */
} cases[] = {
	{ "helpdesk.athens.example.com", 0 }, { "helpdesk.patras.example.com", 1 },
	{ "athen", 2 }, { "athens", 0 }, { "athenss", 2 }, { "a", 1 },
	/* in any case, with a port, with the dot of a full name */
	{ "HelpDesk.ATHENS.example.COM", 0 }, { "helpdesk.athens.example.com:443", 0 },
	{ "helpdesk.athens.example.com.", 0 }, { "HELPDESK.athens.example.com.:8080", 0 },
	{ "athens:", 0 }, { "athens:0", 0 }, { "athens:65535", 0 }, { "A:1", 1 },
	/* addresses */
	{ "127.0.0.1", 0 }, { "127.0.0.1:8080", 0 }, { "10.0.0.1:80", 1 }, { "127.0.0.2", -1 },
	{ "[::1]", 0 }, { "[::1]:443", 0 }, { "[::2]:443", -1 }, { "[fe80::1234]", 2 },
	{ "[FE80::1234]:1", 2 }, { "[fe80::12]", -1 },
	/* others */
	{ "", -1 }, { NULL, -1 }, { ".", -1 }, { ":", -1 }, { ":443", -1 }, { "443", -1 },
	{ "athens.example.com", -1 }, { "x.athens", -1 }, { "athens.g", -1 }, { "athens..", -1 },
	{ "athens:80:80", -1 }, { "athens:http", -1 }, { " athens", -1 }, { "athens ", -1 },
	{ "user@athens", -1 }, { "athens/", -1 }, { "helpdesk.athens.example.comm", -1 },
	{ "\xce\xb1", -1 }, { "b", -1 }, { "zzz", -1 },
};

static void
a_host_leads_to_its_site_and_to_no_other(void **state)
{
	struct town t;

	(void)state;
	settle(&t, 3);
	for (size_t i = 0; i < COUNT(cases); i++)
		if (find(&t, cases[i].authority) != cases[i].site)
			fail_msg("%s: site %d", cases[i].authority, find(&t, cases[i].authority));
	arena_fini(&t.arena);
}

static void
a_site_without_hosts_has_all_that_are_nobodys(void **state)
{
	struct town t;
	int want;

	(void)state;
	settle(&t, 4);
	for (size_t i = 0; i < COUNT(cases); i++) {
		want = cases[i].site < 0 ? 3 : cases[i].site;
		if (find(&t, cases[i].authority) != want)
			fail_msg("%s: site %d", cases[i].authority, find(&t, cases[i].authority));
	}
	arena_fini(&t.arena);
}

static void
a_lone_site_without_hosts_has_them_all(void **state)
{
	struct arena arena;
	struct conf_site conf = { 0 };
	struct site site = { .conf = &conf };
	struct hosts *hosts;

	(void)state;
	arena_init(&arena, 1 << 16);
	hosts = hosts_new(&arena, &site, 1);
	assert_ptr_equal(hosts_find(hosts, &arena, TEXT("athens")), &site);
	assert_ptr_equal(hosts_find(hosts, &arena, TEXT("")), &site);
	assert_ptr_equal(hosts_find(hosts, &arena, (struct text){ 0 }), &site);
	arena_fini(&arena);
}

static void
a_host_with_a_nul_inside_is_not_the_host_before_it(void **state)
{
	struct town t;

	(void)state;
	settle(&t, 3);
	assert_null(hosts_find(t.hosts, &t.arena, (struct text){ "athens\0", 7 }));
	assert_non_null(hosts_find(t.hosts, &t.arena, (struct text){ "athens\0", 6 }));
	arena_fini(&t.arena);
}

static void
a_request_out_of_memory_leads_nowhere(void **state)
{
	struct town t;
	struct arena full;

	(void)state;
	settle(&t, 4);
	arena_init(&full, 0);
	assert_null(hosts_find(t.hosts, &full, TEXT("athens")));
	arena_fini(&full);
	arena_fini(&t.arena);
}

/* Every one of a crowd finds its own: the table is sorted rightly. */
static void
a_provider_has_hundreds_of_sites(void **state)
{
	static struct conf_site confs[CROWD];
	static struct site sites[CROWD];
	static const char *names[CROWD][1];
	struct arena arena;
	struct hosts *hosts;

	(void)state;
	arena_init(&arena, 1 << 20);
	for (int i = 0; i < CROWD; i++) {
		names[i][0] = arena_printf(&arena, "s%d.example.%s", i * 7919 % CROWD,
		    i % 2 == 0 ? "com" : "gr");
		confs[i] = (struct conf_site){ .hosts = names[i], .host_count = 1 };
		sites[i] = (struct site){ .conf = &confs[i] };
	}
	hosts = hosts_new(&arena, sites, CROWD);
	for (int i = 0; i < CROWD; i++)
		assert_ptr_equal(hosts_find(hosts, &arena, text_of(names[i][0])), &sites[i]);
	assert_null(hosts_find(hosts, &arena, TEXT("s500.example.com")));
	arena_fini(&arena);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_leads_to_its_site_and_to_no_other),
		cmocka_unit_test(a_site_without_hosts_has_all_that_are_nobodys),
		cmocka_unit_test(a_lone_site_without_hosts_has_them_all),
		cmocka_unit_test(a_host_with_a_nul_inside_is_not_the_host_before_it),
		cmocka_unit_test(a_request_out_of_memory_leads_nowhere),
		cmocka_unit_test(a_provider_has_hundreds_of_sites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
