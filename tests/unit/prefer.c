/* Preferences: what is read, what is applied, and what is never left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../fixture/hall.h"
#include "request.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct {
	const char *one, *two;	/* header fields */
	bool strict;
	enum prefer_return returns;
} reads[] = {
	{ NULL, NULL, false, PREFER_ANY },
	{ "", NULL, false, PREFER_ANY },
	{ "handling=strict", NULL, true, PREFER_ANY },
	{ "Handling=STRICT", NULL, true, PREFER_ANY },
	{ "handling=\"strict\"", NULL, true, PREFER_ANY },
	{ "handling = strict ; x", NULL, true, PREFER_ANY },
	{ "handling=lenient", NULL, false, PREFER_ANY },
	{ "handling=lenient, handling=strict", NULL, false, PREFER_ANY },
	{ "handling=strict, handling=lenient", NULL, true, PREFER_ANY },
	{ "handling", NULL, false, PREFER_ANY },
	{ "handling=", NULL, false, PREFER_ANY },
	{ "handling=\"strict", NULL, false, PREFER_ANY },
	{ "strict", NULL, false, PREFER_ANY },
	{ "xhandling=strict", NULL, false, PREFER_ANY },
	{ "return=minimal", NULL, false, PREFER_MINIMAL },
	{ "return=representation", NULL, false, PREFER_REPRESENTATION },
	{ "return=minimal", "return=representation", false, PREFER_MINIMAL },
	{ "return=minimal", "handling=strict", true, PREFER_MINIMAL },
	{ ",, ,return=minimal,", NULL, false, PREFER_MINIMAL },
	{ "a=\"x, return=minimal\", handling=strict", NULL, true, PREFER_ANY },
	{ "a=\"\\\", return=minimal", NULL, false, PREFER_ANY },	/* the quote is not closed */
	{ "a=\"\\\"\", return=minimal", NULL, false, PREFER_MINIMAL },
	{ "a;return=minimal", NULL, false, PREFER_ANY },
	{ "return=minimal;a=\";,\", handling=strict", NULL, true, PREFER_MINIMAL },
	{ "\\", NULL, false, PREFER_ANY },
	{ "\"\\", NULL, false, PREFER_ANY },
};

static void
preferences_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(reads); i++) {
		struct header headers[2] = { { TEXT("prefer"), text_of(reads[i].one) },
		    { TEXT("prefer"), text_of(reads[i].two) } };
		struct request req = { .headers = headers,
		    .header_count = (reads[i].one != NULL) + (size_t)(reads[i].two != NULL) };

		assert_true(prefer_read(&req));
		if (req.strict != reads[i].strict || req.returns != reads[i].returns)
			fail_msg("'%s': %d, %d", reads[i].one, req.strict, (int)req.returns);
	}
}

/* ---- what is left out ---- */

static const char site[] =
    "sites:\n  - name: main\n    database: { path: @/main.db }\n    modules: { errand: }\n";

static const struct {
	const char *method, *target, *body;
	int status;
	bool empty;
} cases[] = {
	{ "POST", "/api/v1/errands", "{\"name\":\"n\"}", 201, true },
	{ "PATCH", "/api/v1/errands/1", "{\"notes\":\"x\"}", 204, true },
	{ "PATCH", "/api/v1/errands/1", "{\"notes\":\"x\"}", 204, true },
	{ "PUT", "/api/v1/errands/1", "{\"notes\":\"y\"}", 204, true },
	{ "PUT", "/api/v1/errands/1?dry_run=1", "{\"notes\":\"z\"}", 204, true },
	{ "DELETE", "/api/v1/errands/1", NULL, 204, true },
	{ "DELETE", "/api/v1/errands/1", NULL, 404, false },
	{ "GET", "/api/v1/errands", NULL, 200, false },
	{ "GET", "/api/v1/errand/rows", NULL, 200, false },
	/* A module's own answer may be more than a row. */
	{ "POST", "/api/v1/errand/pair", "{\"first\":\"a\",\"second\":\"b\"}", 201, false },
};

static void
what_is_left_out_is_what_was_asked_for(void **state)
{
	struct place *p = *state;
	struct ask ask;
	struct got got;

	hall_enter(p, HOUSE_SERVING, site);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *applied;

		ask = (struct ask){ .method = cases[i].method, .target = cases[i].target,
		    .body = cases[i].body };
		ask.headers[0] = (struct header){ TEXT("prefer"), TEXT("return=minimal") };
		got = hall_ask(p, &ask);
		applied = hall_header(&got, "preference-applied");
		if (got.status != cases[i].status || (got.body.len == 0) != cases[i].empty ||
		    (applied != NULL) != cases[i].empty ||
		    (hall_header(&got, "content-type") == NULL) != cases[i].empty)
			fail_msg("%s %s: %d, %s", cases[i].method, cases[i].target, got.status,
			    got.body.at);
		if (applied != NULL)
			assert_string_equal(applied, "return=minimal");
	}
}

/* It is told once, so it is told. */
static void
a_secret_is_never_left_out(void **state)
{
	static const struct route route = { .access = HD_WRITE };
	struct request *req = request_new(1 << 16);

	(void)state;
	req->method = TEXT("POST");
	req->route = &route;
	req->returns = PREFER_MINIMAL;
	answer_header(req, "location", TEXT("/keys/1"));
	assert_true(prefer_minimal(req, 201));
	req->answer_secret = true;
	assert_false(prefer_minimal(req, 201));
	assert_null(prefer_applied(req, 201));
	request_free(req);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(preferences_are_read),
		cmocka_unit_test_setup_teardown(what_is_left_out_is_what_was_asked_for,
		    hall_settle, hall_leave),
		cmocka_unit_test(a_secret_is_never_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
