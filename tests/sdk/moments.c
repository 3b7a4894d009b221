/*
 * moments - whether testing.h adds to times as the server does (tests/unit/host_row.c)
 */
#include <helpdesk/testing.h>

static const struct { const char *time; int64_t seconds; const char *then; } cases[] = {
	{ "2025-02-28T09:45:03.104281", 86400, "2025-03-01T09:45:03.104281" },
	{ "2024-02-28T23:59:59", 1, "2024-02-29T00:00:00.000000" },
	{ "2025-03-01", -1, "2025-02-28T23:59:59.000000" },
	{ "2024-12-31T23:00", 3600, "2025-01-01T00:00:00.000000" },
	{ "2000-03-01", -86400, "2000-02-29T00:00:00.000000" },
	{ "1900-03-01", -86400, "1900-02-28T00:00:00.000000" },
	{ "2025-01-01", 365 * 86400, "2026-01-01T00:00:00.000000" },
};

static size_t at;

static bool
add(struct hd_req *req)
{
	hd_put_text(req, "then", hd_time_add(req, cases[at].time, cases[at].seconds));
	return hd_reply(req, 200);
}

static const struct hd_route routes[] = {
	{ .method = "GET", .path = "/moments", .handler = add }, { 0 },
};
HD_MODULE(moments, "0.1.0", .routes = routes);

int
main(void)
{
	static struct hd_test t;

	hd_test_start(&t, HD_TEST_MODULE);
	for (at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
		hd_test_request(&t, "GET", "/moments");
		hd_test_run(&t);
		hd_test_check(&t, strncmp(t.json, "{\"then\":\"", 9) == 0 &&
		    strncmp(t.json + 9, cases[at].then, strlen(cases[at].then)) == 0);
	}
	return hd_test_end(&t);
}
