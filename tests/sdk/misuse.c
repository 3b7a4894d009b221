/*
 * misuse - what no server would let pass, one thing a handler: whether testing.h tells
 *
 *	misuse NAME
 */
#include <helpdesk/testing.h>

static const struct hd_statement statements[] = {
	{ .sql = "SELECT id, name FROM misuse WHERE id = ?1" },
	{ .sql = "DELETE FROM misuse WHERE id = ?1" },
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

static bool
changes_a_row_in_a_read(struct hd_req *req)
{
	return hd_delete(req, "misuse", 1) && hd_reply(req, 200);
}

static bool
makes_a_row_of_a_stranger(struct hd_req *req)
{
	return hd_create(req, "tickets", NULL, 0) != 0 && hd_reply(req, 200);
}

static bool
answers_with_a_row_of_a_stranger(struct hd_req *req)
{
	return hd_put_row(req, "ticket", "tickets", 1) && hd_reply(req, 200);
}

static bool
gives_a_member_that_is_not_there(struct hd_req *req)
{
	const struct hd_member member = { "colour", hd_str("red") };

	return hd_change(req, "misuse", 1, &member, 1) && hd_reply(req, 200);
}

static bool
changes_what_is_given_once(struct hd_req *req)
{
	const struct hd_member member = { "maker", hd_int(1) };

	return hd_change(req, "misuse", 1, &member, 1) && hd_reply(req, 200);
}

static bool
leaves_out_what_is_required(struct hd_req *req)
{
	const struct hd_member member = { "maker", hd_int(1) };

	return hd_create(req, "misuse", &member, 1) != 0 && hd_reply(req, 200);
}

static bool
calls_what_nobody_offers(struct hd_req *req)
{
	return hd_call(req, "tickets.count/1", NULL) && hd_reply(req, 200);
}

static bool
adds_to_what_is_no_time(struct hd_req *req)
{
	return hd_time_add(req, "noon", 60) != NULL && hd_reply(req, 200);
}

static bool
sets_a_header_after_the_reply(struct hd_req *req)
{
	return hd_reply(req, 200) && hd_set_header(req, "x-late", "yes");
}

static bool
writes_json_before_bytes(struct hd_req *req)
{
	hd_put_int(req, "one", 1);
	return hd_reply_bytes(req, 200, "text/plain", "two", 3);
}

/* For a change, something that is right: the module needs users. */
static bool
makes_a_user(struct hd_req *req)
{
	const struct hd_member member = { "name", hd_str("maria") };

	return hd_create(req, "core_user", &member, 1) == 1 && hd_reply(req, 201);
}

static bool
answers_in_a_job(struct hd_req *req)
{
	return hd_reply(req, 200);
}

static bool
asks_for_no_field(struct hd_req *req, const struct hd_event *event)
{
	(void)req;
	return hd_changed(event, "colour");
}

static const struct hd_field fields[] = {
	{ .name = "id", .type = HD_ID },
	{ .name = "name", .type = HD_TEXT, .flags = HD_REQUIRED },
	{ .name = "maker", .type = HD_USER, .flags = HD_CREATE_ONLY },
	{ 0 },
};
static const struct hd_resource resources[] = {
	{ .path = "/misuse", .table = "misuse", .one = "misuse", .many = "misuses",
	  .fields = fields },
	{ 0 },
};
static const struct hd_hook hooks[] = {
	{ .table = "misuse", .verbs = HD_DELETE, .run = asks_for_no_field }, { 0 },
};
static const struct hd_job jobs[] = {
	{ .name = "answers", .every = "1h", .run = answers_in_a_job }, { 0 },
};
static const struct hd_field body[] = { { .name = "seats", .type = HD_INTEGER }, { 0 } };

#define ROUTE(name) { .method = "POST", .path = "/" #name "/{id}", .handler = name, .body = body }
#define WRITER(name) { .method = "POST", .path = "/" #name "/{id}", .access = HD_WRITE, \
	.handler = name }
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
	ROUTE(changes_a_row_in_a_read),
	WRITER(makes_a_row_of_a_stranger),
	ROUTE(answers_with_a_row_of_a_stranger),
	WRITER(makes_a_user),
	WRITER(gives_a_member_that_is_not_there),
	WRITER(changes_what_is_given_once),
	WRITER(leaves_out_what_is_required),
	ROUTE(calls_what_nobody_offers),
	ROUTE(adds_to_what_is_no_time),
	ROUTE(sets_a_header_after_the_reply),
	ROUTE(writes_json_before_bytes),
	{ 0 },
};

static const struct hd_need needs[] = { { .module = "users", .version = "1.0.0" }, { 0 } };

HD_MODULE(misuse, "0.1.0", .resources = resources, .routes = routes, .statements = statements,
    .needs = needs, .hooks = hooks, .jobs = jobs);

int
main(int argc, char **argv)
{
	static struct hd_test t;
	const char *how = argc > 1 ? argv[1] : "";
	char path[100];

	snprintf(path, sizeof(path), "/%s/{id}", how);
	hd_test_start(&t, HD_TEST_MODULE);
	if (strcmp(how, "hook") == 0)
		hd_test_hook(&t, "misuse", HD_DELETE, 1);
	else if (strcmp(how, "job") == 0)
		hd_test_job(&t, "answers");
	else
		hd_test_request(&t, "POST", path);
	hd_test_row(&t, 0, "1", "one");
	hd_test_run(&t);
	return hd_test_end(&t);
}
