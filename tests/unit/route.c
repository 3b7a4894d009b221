/*
 * Which route a method and a path lead to.
 */
#include "route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const struct route routes[] = {
	{ "GET",    "/", .flags = HD_ROOT, .module = "meta 1.0.0" },
	{ "GET",    "/healthz", .flags = HD_ROOT, .module = "meta 1.0.0" },
	{ "GET",    "/api/v1/openapi.json", .module = "meta 1.0.0" },
	{ "POST",   "/api/v1/tickets", .module = "tickets 1.0.0" },
	{ "GET",    "/api/v1/tickets", .module = "tickets 1.0.0" },
	{ "GET",    "/api/v1/tickets/{id}", .module = "tickets 1.0.0" },
	{ "PATCH",  "/api/v1/tickets/{id}", .module = "tickets 1.0.0" },
	{ "PUT",    "/api/v1/tickets/{id}", .module = "tickets 1.0.0" },
	{ "DELETE", "/api/v1/tickets/{id}", .module = "tickets 1.0.0" },
	{ "GET",    "/api/v1/tickets/{id}/sla", .module = "sla 0.3.0" },
	{ "POST",   "/api/v1/tickets/latest", .module = "sla 0.3.0" },
	{ "GET",    "/api/v1/tickets/{name:text}/by-name", .module = "names 1.0.0" },
	{ "GET",    "/api/v1/tickets/latest/sla", .module = "sla 0.3.0" },
	{ "GET",    "/api/v1/files/{folder:text}/{number}/{name:text}", .module = "files 1.0.0" },
	{ "DELETE", "/api/v1/files/{folder:text}", .module = "files 1.0.0" },
	{ "GET",    "/{other:text}/v1/wild/{name:text}", .flags = HD_ROOT, .module = "wild 1.0.0" },
	{ "GET",    "/api/{other:text}/tickets", .flags = HD_ROOT, .module = "wild 1.0.0" },
	{ "GET",    "/api/v10", .flags = HD_ROOT, .module = "wild 1.0.0" },
};

struct house {
	struct arena arena;
	struct router *router;
};

static int
build(void **state)
{
	struct house *h = calloc(1, sizeof(*h));
	struct err e;

	*state = h;
	if (h == NULL)
		return -1;
	arena_init(&h->arena, 1 << 20);
	h->router = router_new(&h->arena);
	for (size_t i = 0; i < COUNT(routes); i++)
		if (!router_add(h->router, &routes[i], &e))
			return -1;
	return 0;
}

static int
tear_down(void **state)
{
	struct house *h = *state;

	arena_fini(&h->arena);
	free(h);
	return 0;
}

/* Looks a path up in a copy without terminator, so that a read too far is seen. */
static enum route_found
find(void **state, const char *method, const char *path, const struct route **ret,
    char params[3][32], char allowed[64])
{
	const struct house *h = *state;
	struct text pieces[ROUTE_PARAMS] = { 0 }, allow = TEXT("untouched");
	size_t n = strlen(path);
	char *copy = malloc(n + (n == 0));
	enum route_found found;

	assert_non_null(copy);
	memcpy(copy, path, n);
	*ret = NULL;
	found = router_find(h->router, text_of(method), (struct text){ copy, n }, ret, pieces,
	    &allow);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(pieces[i].len < 32);
		memcpy(params[i], pieces[i].len > 0 ? pieces[i].at : "", pieces[i].len);
		params[i][pieces[i].len] = '\0';
	}
	memcpy(allowed, allow.len > 0 ? allow.at : "", allow.len);
	allowed[allow.len] = '\0';
	free(copy);
	return found;
}

static void
a_path_leads_to_its_route(void **state)
{
	static const struct {
		const char *method, *path, *template;
		const char *params[3];
	} cases[] = {
		{ "GET", "/", "/" },
		{ "GET", "/healthz", "/healthz" },
		{ "GET", "/api/v1/openapi.json", "/api/v1/openapi.json" },
		{ "POST", "/api/v1/tickets", "/api/v1/tickets" },
		{ "DELETE", "/api/v1/tickets/1", "/api/v1/tickets/{id}", { "1" } },
		{ "PUT", "/api/v1/tickets/9223372036854775807", "/api/v1/tickets/{id}",
		    { "9223372036854775807" } },
		{ "GET", "/api/v1/tickets/999999999999999999", "/api/v1/tickets/{id}",
		    { "999999999999999999" } },
		{ "GET", "/api/v1/tickets/77/sla", "/api/v1/tickets/{id}/sla", { "77" } },
		/* a literal before a parameter, but only if what follows fits */
		{ "GET", "/api/v1/tickets/latest/sla", "/api/v1/tickets/latest/sla" },
		{ "GET", "/api/v1/tickets/latest/by-name", "/api/v1/tickets/{name:text}/by-name",
		    { "latest" } },
		{ "GET", "/api/v1/tickets/5/by-name", "/api/v1/tickets/{name:text}/by-name",
		    { "5" } },
		/* params in the order of the template, as sent */
		{ "GET", "/api/v1/files/a%2Fb/12/c%20d.txt",
		    "/api/v1/files/{folder:text}/{number}/{name:text}", { "a%2Fb", "12",
		    "c%20d.txt" } },
		{ "DELETE", "/api/v1/files/...", "/api/v1/files/{folder:text}", { "..." } },
		{ "DELETE", "/api/v1/files/.x", "/api/v1/files/{folder:text}", { ".x" } },
		{ "DELETE", "/api/v1/files/{folder:text}", "/api/v1/files/{folder:text}",
		    { "{folder:text}" } },
		/* an escape of what needs none means the same */
		{ "GET", "/api/v1/%74ickets", "/api/v1/tickets" },
		{ "GET", "/%61%70i/v1/openapi%2Ejson", "/api/v1/openapi.json" },
		/* what begins like most, and is none of them */
		{ "GET", "/api/v1/wild/x", "/{other:text}/v1/wild/{name:text}", { "api", "x" } },
		{ "GET", "/other/v1/wild/y", "/{other:text}/v1/wild/{name:text}", { "other", "y" } },
		{ "GET", "/api/v2/tickets", "/api/{other:text}/tickets", { "v2" } },
		{ "GET", "/api/v10", "/api/v10" },
		{ "HEAD", "/api/v1/tickets/3", "/api/v1/tickets/{id}", { "3" } },
	};
	char params[3][32], allowed[64];
	const struct route *route;

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(find(state, cases[i].method, cases[i].path, &route, params,
		    allowed), ROUTE_FOUND);
		assert_string_equal(route->path, cases[i].template);
		assert_string_equal(route->method,
		    strcmp(cases[i].method, "HEAD") == 0 ? "GET" : cases[i].method);
		for (unsigned j = 0; j < 3; j++)
			if (cases[i].params[j] != NULL)
				assert_string_equal(params[j], cases[i].params[j]);
	}
}

static void
a_path_that_nobody_serves_is_not_found(void **state)
{
	static const char *const paths[] = {
		"", "*", "healthz", "/healthz/", "//healthz", "/healthz/x", "/Healthz", "/h",
		"/api", "/api/v1", "/api/v1/", "/api/v1/ticket", "/api/v1/ticketss",
		"/api/v1/tickets/", "/api/v1//tickets", "/api/v1/./tickets",
		"/api/v1/../v1/tickets", "/api/v1/x/../tickets", "/api%2Fv1/tickets",
		"/api/v1/tickets%00", "/api/v1/tickets%", "/api/v1/tickets%7", "/api/v1/%7xickets",
		/* no positive 64-bit integer, or not in the one way to write it */
		"/api/v1/tickets/0", "/api/v1/tickets/007", "/api/v1/tickets/+5",
		"/api/v1/tickets/-5", "/api/v1/tickets/5x", "/api/v1/tickets/x5",
		"/api/v1/tickets/1.0", "/api/v1/tickets/1e3", "/api/v1/tickets/%31",
		"/api/v1/tickets/9223372036854775808", "/api/v1/tickets/9999999999999999999",
		"/api/v1/tickets/10000000000000000000", "/api/v1/tickets/18446744073709551617",
		"/api/v1/tickets/1/", "/api/v1/tickets/1/sla/", "/api/v1/tickets//sla",
		"/api/v1/tickets/1//sla", "/api/v1/tickets/x/sla", "/api/v1/tickets/1/sla/2",
		/* what {name:text} does not take */
		"/api/v1/files/", "/api/v1/files/.", "/api/v1/files/..", "/api/v1/files/%2e",
		"/api/v1/files/.%2E", "/api/v1/files/%2E%2e", "/api/v1/files/a%00b",
		"/api/v1/files/a%", "/api/v1/files/a%2", "/api/v1/files/a%2g", "/api/v1/files/%%41",
		"/api/v1/files/a/0/b", "/api/v1/files/a/1/", "/api/v1/files/a/b/c",
	};
	char params[3][32], allowed[64];
	const struct route *route;

	for (size_t i = 0; i < COUNT(paths); i++) {
		if (find(state, "GET", paths[i], &route, params, allowed) != ROUTE_NO_PATH)
			fail_msg("%s is found", paths[i]);
		assert_null(route);
		assert_string_equal(allowed, "");
	}
}

static void
a_path_says_which_methods_it_takes(void **state)
{
	static const struct {
		const char *method, *path;
		enum route_found found;
		const char *allowed;
	} cases[] = {
		{ "GET", "/api/v1/tickets", ROUTE_FOUND, "GET, HEAD, OPTIONS, POST" },
		{ "DELETE", "/api/v1/tickets", ROUTE_NO_METHOD, "GET, HEAD, OPTIONS, POST" },
		{ "OPTIONS", "/api/v1/tickets/1", ROUTE_NO_METHOD,
		    "DELETE, GET, HEAD, OPTIONS, PATCH, PUT" },
		{ "get", "/healthz", ROUTE_NO_METHOD, "GET, HEAD, OPTIONS" },
		{ "GETS", "/healthz", ROUTE_NO_METHOD, "GET, HEAD, OPTIONS" },
		{ "", "/healthz", ROUTE_NO_METHOD, "GET, HEAD, OPTIONS" },
		{ "HEAD", "/api/v1/files/x", ROUTE_NO_METHOD, "DELETE, OPTIONS" },
		/* the literal path counts even where only the parameter has the method */
		{ "DELETE", "/api/v1/tickets/latest", ROUTE_NO_METHOD, "OPTIONS, POST" },
	};
	char params[3][32], allowed[64];
	const struct route *route;

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(find(state, cases[i].method, cases[i].path, &route, params,
		    allowed), cases[i].found);
		assert_string_equal(allowed, cases[i].allowed);
		assert_int_equal(route != NULL, cases[i].found == ROUTE_FOUND);
	}
}

static void
a_route_in_the_way_of_another_is_refused(void **state)
{
	static const struct {
		struct route route;
		const char *why;
	} cases[] = {
		{ { "GET", "/api/v1/tickets/{t}/sla", .module = "x 1.0.0" },
		    "GET /tickets/{t}/sla is already served by module sla 0.3.0 as "
		    "/tickets/{id}/sla" },
		{ { "GET", "/api/v1/tickets/{id}/sla", .module = "sla 0.3.0" },
		    "GET /tickets/{id}/sla is already served by module sla 0.3.0 as "
		    "/tickets/{id}/sla" },
		{ { "POST", "/api/v1/tickets/{id}/sla", .module = "x 1.0.0" },
		    "POST /tickets/{id}/sla has a path that belongs to module sla 0.3.0 as "
		    "/tickets/{id}/sla" },
		{ { "POST", "/api/v1/tickets/{t}/sla", .module = "sla 0.3.0" },
		    "POST /tickets/{t}/sla names its parameters otherwise than module sla 0.3.0 as "
		    "/tickets/{id}/sla" },
		{ { "GET", "/api/v1/tickets", .flags = HD_ROOT, .module = "x 1.0.0" },
		    "GET /api/v1/tickets is already served by module tickets 1.0.0 as /tickets" },
		{ { "GET", "/", .flags = HD_ROOT, .module = "x 1.0.0" },
		    "GET / is already served by module meta 1.0.0 as /" },
		{ { "HEAD", "/x", .module = "x 1.0.0" }, "HEAD /x: no such method" },
		{ { "get", "/api/v1/x", .module = "x 1.0.0" }, "get /x: no such method" },
		{ { "GET", "/x//y", .module = "x 1.0.0" }, "the path /x//y has an empty segment" },
	};
	const struct house *h = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err e = { "" };

		assert_false(router_add(h->router, &cases[i].route, &e));
		assert_string_equal(e.message, cases[i].why);
	}
}

static void
parameters_of_another_type_make_another_path(void **state)
{
	static const struct route text = { "GET", "/api/v1/tickets/{id:text}/sla",
		.module = "x 1.0.0" };
	const struct house *h = *state;
	char params[3][32], allowed[64];
	const struct route *route;
	struct err e;

	assert_true(router_add(h->router, &text, &e));
	assert_int_equal(find(state, "GET", "/api/v1/tickets/7/sla", &route, params, allowed),
	    ROUTE_FOUND);
	assert_string_equal(route->module, "sla 0.3.0");
	assert_int_equal(find(state, "GET", "/api/v1/tickets/07/sla", &route, params, allowed),
	    ROUTE_FOUND);
	assert_string_equal(route->module, "x 1.0.0");
}

static void
a_template_must_be_well_formed(void **state)
{
	static const struct {
		const char *path, *why;
	} cases[] = {
		{ "/", NULL },
		{ "/a/B9-._~/{x}/{y:text}", NULL },
		{ "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}", NULL },
		{ "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}", "has too many parameters" },
		{ "", "does not begin with '/'" },
		{ "a", "does not begin with '/'" },
		{ "/a/", "has an empty segment" },
		{ "//", "has an empty segment" },
		{ "/a//b", "has an empty segment" },
		{ "/a/../b", "has a segment \".\" or \"..\"" },
		{ "/.", "has a segment \".\" or \"..\"" },
		{ "/{a:number}", "has a parameter that is neither {name} nor {name:text}" },
		{ "/{a:text", "has a parameter that is neither {name} nor {name:text}" },
		{ "/x{a}", "has a parameter that is neither {name} nor {name:text}" },
		{ "/{a}x", "has a parameter that is neither {name} nor {name:text}" },
		{ "/a}", "has a parameter that is neither {name} nor {name:text}" },
		{ "/{}", "has a parameter whose name is not of a-z, 0-9 and '_'" },
		{ "/{:text}", "has a parameter whose name is not of a-z, 0-9 and '_'" },
		{ "/{Id}", "has a parameter whose name is not of a-z, 0-9 and '_'" },
		{ "/{9}", "has a parameter whose name is not of a-z, 0-9 and '_'" },
		{ "/{a}/b/{a:text}", "has two parameters of one name" },
		{ "/a b", "has a character other than letters, digits, '-', '.', '_' and '~'" },
		{ "/a%20b", "has a character other than letters, digits, '-', '.', '_' and '~'" },
		{ "/\xc3\xa4",
		    "has a character other than letters, digits, '-', '.', '_' and '~'" },
		{ "/a?b", "has a character other than letters, digits, '-', '.', '_' and '~'" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err e = { "" };
		char want[sizeof(e.message)];

		assert_int_equal(route_check_path(cases[i].path, &e), cases[i].why == NULL);
		snprintf(want, sizeof(want), "the path %s %s", cases[i].path, cases[i].why);
		assert_string_equal(e.message, cases[i].why == NULL ? "" : want);
	}
}

static void
parameters_have_the_names_of_their_template(void **state)
{
	static const struct route route = { "GET", "/a/{folder:text}/b/{number}" };
	static const struct route root = { "GET", "/" };

	(void)state;
	assert_true(text_equal(route_param_name(&route, 0), TEXT("folder")));
	assert_true(text_equal(route_param_name(&route, 1), TEXT("number")));
	assert_null(route_param_name(&route, 2).at);
	assert_null(route_param_name(&root, 0).at);
}

struct walk {
	const char *path, *method;
	unsigned count, most;
};

static bool
step(void *context, const struct route *r)
{
	struct walk *w = context;
	int order = strcmp(w->path, r->path);

	assert_true(order < 0 || (order == 0 && strcmp(w->method, r->method) < 0));
	w->path = r->path;
	w->method = r->method;
	return ++w->count < w->most;
}

static void
a_walk_visits_every_route_once_in_order(void **state)
{
	const struct house *h = *state;
	struct walk all = { "", "", 0, COUNT(routes) + 1 }, some = { "", "", 0, 2 };

	assert_true(router_walk(h->router, step, &all));
	assert_int_equal(all.count, COUNT(routes));
	assert_false(router_walk(h->router, step, &some));
	assert_int_equal(some.count, 2);
}

/* The routes that fit into so much memory; the message of the first that does not. */
static size_t
routes_that_fit(size_t memory, struct err *e)
{
	struct arena arena;
	struct router *r;
	size_t n = 0;

	arena_init(&arena, memory);
	r = router_new(&arena);
	while (r != NULL && n < COUNT(routes) && router_add(r, &routes[n], e))
		n++;
	arena_fini(&arena);
	return n;
}

static void
memory_that_runs_out_is_a_failure_and_no_crash(void **state)
{
	size_t memory = 0, failures = 0;
	struct err e = { "" };

	(void)state;
	for (; routes_that_fit(memory, &e) < COUNT(routes); memory += 16)
		if (e.message[0] != '\0') {
			assert_non_null(strstr(e.message, "no memory left for /"));
			e.message[0] = '\0';
			failures++;
		}
	assert_true(failures > COUNT(routes));
	assert_string_equal(e.message, "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define ROUTED(f) cmocka_unit_test_setup_teardown(f, build, tear_down)
		ROUTED(a_path_leads_to_its_route),
		ROUTED(a_path_that_nobody_serves_is_not_found),
		ROUTED(a_path_says_which_methods_it_takes),
		ROUTED(a_route_in_the_way_of_another_is_refused),
		ROUTED(parameters_of_another_type_make_another_path),
		ROUTED(a_walk_visits_every_route_once_in_order),
		cmocka_unit_test(a_template_must_be_well_formed),
		cmocka_unit_test(parameters_have_the_names_of_their_template),
		cmocka_unit_test(memory_that_runs_out_is_a_failure_and_no_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
