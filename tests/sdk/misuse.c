/*
 * misuse - what no server would let pass, one thing a handler: whether testing.h tells
 *
 *	misuse NAME
 */
#include <helpdesk/testing.h>

static const struct hd_statement statements[] = {
	{ "SELECT id, name FROM misuse WHERE id = ?1" },
	{ "DELETE FROM misuse WHERE id = ?1" },
	{ 0 },
};

static bool
reads_another_member(struct hd_req *req)
{
	return hd_body_has(req, "seat") && hd_reply(req, 200);
}

static bool
reads_another_parameter(struct hd_req *req)
{
	return hd_param_id(req, "i") != 0 && hd_reply(req, 200);
}

static bool
reads_an_option_that_is_not_there(struct hd_req *req)
{
	return hd_option(hd_instance(req), "colour") != NULL && hd_reply(req, 200);
}

static bool
runs_a_statement_that_is_not_there(struct hd_req *req)
{
	return hd_select(req, 2, NULL, 0) != NULL && hd_reply(req, 200);
}

static bool
gives_too_few_values(struct hd_req *req)
{
	return hd_select(req, 0, NULL, 0) != NULL && hd_reply(req, 200);
}

static bool
uses_a_row_before_the_first(struct hd_req *req)
{
	const struct hd_value values[] = { hd_int(1) };

	return hd_row_int(hd_select(req, 0, values, 1), 0) != 0 && hd_reply(req, 200);
}

static bool
uses_a_row_behind_the_last(struct hd_req *req)
{
	const struct hd_value values[] = { hd_int(1) };
	struct hd_rows *rows = hd_select(req, 0, values, 1);

	while (hd_next(rows))
		continue;
	return hd_row_int(rows, 0) != 0 && hd_reply(req, 200);
}

static bool
reads_a_third_column(struct hd_req *req)
{
	const struct hd_value values[] = { hd_int(1) };
	struct hd_rows *rows = hd_select(req, 0, values, 1);

	return hd_next(rows) && hd_row_int(rows, 2) != 0 && hd_reply(req, 200);
}

static bool
writes_in_a_read(struct hd_req *req)
{
	const struct hd_value values[] = { hd_int(1) };

	return hd_execute(req, 1, values, 1) && hd_reply(req, 200);
}

static bool
replies_twice(struct hd_req *req)
{
	return hd_reply(req, 200) && hd_reply(req, 200);
}

static bool
leaves_a_bracket_open(struct hd_req *req)
{
	hd_open_array(req, "all");
	return hd_reply(req, 200);
}

static bool
closes_another_bracket(struct hd_req *req)
{
	hd_open_array(req, "all");
	hd_close_object(req);
	return hd_reply(req, 200);
}

static bool
names_an_element(struct hd_req *req)
{
	hd_open_array(req, "all");
	hd_put_int(req, "one", 1);
	hd_close_array(req);
	return hd_reply(req, 200);
}

static bool
says_nothing(struct hd_req *req)
{
	return req != NULL;
}

static bool
fails_without_a_word(struct hd_req *req)
{
	return req == NULL;
}

static bool
replies_with_a_failure(struct hd_req *req)
{
	return hd_reply(req, 404);
}

static const struct hd_field body[] = { { .name = "seats", .type = HD_INTEGER }, { 0 } };

#define ROUTE(name) { .method = "POST", .path = "/" #name "/{id}", .handler = name, .body = body }
static const struct hd_route routes[] = {
	ROUTE(reads_another_member),
	ROUTE(reads_another_parameter),
	ROUTE(reads_an_option_that_is_not_there),
	ROUTE(runs_a_statement_that_is_not_there),
	ROUTE(gives_too_few_values),
	ROUTE(uses_a_row_before_the_first),
	ROUTE(uses_a_row_behind_the_last),
	ROUTE(reads_a_third_column),
	ROUTE(writes_in_a_read),
	ROUTE(replies_twice),
	ROUTE(leaves_a_bracket_open),
	ROUTE(closes_another_bracket),
	ROUTE(names_an_element),
	ROUTE(says_nothing),
	ROUTE(fails_without_a_word),
	ROUTE(replies_with_a_failure),
	{ 0 },
};

HD_MODULE(misuse, "0.1.0", .routes = routes, .statements = statements);

int
main(int argc, char **argv)
{
	static struct hd_test t;
	char path[100];

	snprintf(path, sizeof(path), "/%s/{id}", argc > 1 ? argv[1] : "");
	hd_test_start(&t, &hd_module_v0);
	hd_test_request(&t, "POST", path);
	hd_test_row(&t, 0, "1", "one");
	hd_test_run(&t);
	return hd_test_end(&t);
}
