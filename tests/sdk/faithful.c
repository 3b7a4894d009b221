/*
 * faithful - whether testing.h gives a handler just what the server would
 */
#include <helpdesk/testing.h>

static bool
look(struct hd_req *req)
{
	struct hd_rows *rows = hd_select(req, 0, NULL, 0);

	hd_put_text(req, "seats", hd_body_text(req, "seats"));
	hd_put_int(req, "seats_int", hd_body_int(req, "seats"));
	hd_put_text(req, "size", hd_body_text(req, "size"));
	hd_put_int(req, "size_int", hd_body_int(req, "size"));
	hd_put_bool(req, "size_given", hd_body_given(req, "size"));
	hd_put_bool(req, "note_given", hd_body_given(req, "note"));
	hd_put_bool(req, "note_has", hd_body_has(req, "note"));
	hd_put_bool(req, "left_out", hd_body_given(req, "left_out"));
	hd_put_int(req, "digits", hd_next(rows) ? hd_row_int(rows, 0) : -1);
	hd_put_int(req, "word", hd_row_int(rows, 1));
	hd_put_text(req, "colour", hd_query(req, "colour"));
	hd_put_text(req, "times", hd_query(req, "times"));
	return hd_reply(req, 200);
}

static const struct hd_statement statements[] = { { "SELECT a, b FROM faithful" }, { 0 } };
static const struct hd_field body[] = {
	{ .name = "seats", .type = HD_INTEGER }, { .name = "size", .type = HD_TEXT },
	{ .name = "note", .type = HD_TEXT }, { .name = "left_out", .type = HD_TEXT },
	{ 0 },
};
static const struct hd_field query[] = {
	{ .name = "colour", .type = HD_TEXT, .value = "\"red\"" },
	{ .name = "times", .type = HD_INTEGER, .value = "3" },
	{ 0 },
};
static const struct hd_route routes[] = {
	{ .method = "POST", .path = "/faithful", .handler = look, .query = query, .body = body },
	{ 0 },
};

HD_MODULE(faithful, "0.1.0", .routes = routes, .statements = statements);

int
main(void)
{
	static struct hd_test t;

	hd_test_start(&t, HD_TEST_MODULE);
	hd_test_request(&t, "POST", "/faithful");
	hd_test_give(&t, HD_TEST_BODY, "seats", "12");
	hd_test_give(&t, HD_TEST_BODY, "size", "7");
	hd_test_give(&t, HD_TEST_BODY, "note", NULL);
	hd_test_row(&t, 0, "12", "2nd");
	hd_test_run(&t);
	hd_test_check(&t, strcmp(t.json, "{\"seats\":null,\"seats_int\":12,\"size\":\"7\","
	    "\"size_int\":0,\"size_given\":true,\"note_given\":true,\"note_has\":false,"
	    "\"left_out\":false,\"digits\":12,\"word\":0,"
	    "\"colour\":\"red\",\"times\":\"3\"}") == 0);
	return hd_test_end(&t);
}
