/* What a request's way says of an upload before its body comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "desk.h"
#include "err.h"
#include "request.h"
#include "route.h"
#include "site.h"
#include "way.h"
#include "writer.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct route routes[] = {
	{ .method = "POST", .path = "/files", .access = HD_WRITE, .upload = true },
	{ .method = "PUT", .path = "/open/{id}", .access = HD_WRITE, .upload = true,
	  .flags = HD_PUBLIC },
	{ .method = "PUT", .path = "/files", .access = HD_WRITE },
	{ .method = "GET", .path = "/files", .access = HD_READ },
};

struct place {
	struct arena arena;
	char folder[64];
	struct site site;
	struct desk *desk;
};

static int
settle(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	const char *path;
	struct err e;

	*state = p;
	arena_init(&p->arena, SIZE_MAX);
	strcpy(p->folder, "/tmp/way-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	path = arena_printf(&p->arena, "%s/x.db", p->folder);
	if (!writer_open(path, NULL, 1, &p->site.writer, &e))
		fail_msg("%s", e.message);
	p->desk = desk_new(&path, 1, 0);
	p->site.router = router_new(&p->arena);
	for (size_t i = 0; i < COUNT(routes); i++)
		assert_true(router_add(p->site.router, &routes[i], &e));
	return 0;
}

static int
leave(void **state)
{
	struct place *p = *state;
	char command[128];

	desk_close(p->desk);
	writer_close(p->site.writer);
	snprintf(command, sizeof(command), "rm -r %s", p->folder);
	arena_fini(&p->arena);
	free(p);
	return system(command);
}

static enum house_admission
admit(struct place *p, const char *method, const char *target, bool as_administrator)
{
	struct request *req = request_new(1 << 20);
	enum house_admission admission;

	req->site = &p->site;
	req->desk = p->desk;
	req->method = text_of(method);
	req->target = text_of(target);
	req->as_administrator = as_administrator;
	admission = way_admit(req);
	request_free(req);
	return admission;
}

static void
an_upload_is_one_where_the_route_says_so_and_who_asks_may(void **state)
{
	static const struct {
		const char *method, *target;
		enum house_admission with_key, without;
	} cases[] = {
		{ "POST", "/files", HOUSE_UPLOAD, HOUSE_REFUSED },
		{ "POST", "/files?x=y", HOUSE_UPLOAD, HOUSE_REFUSED },
		{ "PUT", "/open/7", HOUSE_UPLOAD, HOUSE_UPLOAD },
		{ "PUT", "/files", HOUSE_NO_UPLOAD, HOUSE_NO_UPLOAD },
		{ "GET", "/files", HOUSE_NO_UPLOAD, HOUSE_NO_UPLOAD },
		{ "DELETE", "/files", HOUSE_NO_UPLOAD, HOUSE_NO_UPLOAD },
		{ "OPTIONS", "/files", HOUSE_NO_UPLOAD, HOUSE_NO_UPLOAD },
		{ "PUT", "/open/x", HOUSE_NO_UPLOAD, HOUSE_NO_UPLOAD },
		{ "POST", "/nowhere", HOUSE_NO_UPLOAD, HOUSE_NO_UPLOAD },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		if (admit(*state, cases[i].method, cases[i].target, true) != cases[i].with_key)
			fail_msg("%s %s, with a key", cases[i].method, cases[i].target);
		if (admit(*state, cases[i].method, cases[i].target, false) != cases[i].without)
			fail_msg("%s %s, without", cases[i].method, cases[i].target);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    an_upload_is_one_where_the_route_says_so_and_who_asks_may, settle, leave),
	};

	return cmocka_run_group_tests_name("way", tests, NULL, NULL);
}
