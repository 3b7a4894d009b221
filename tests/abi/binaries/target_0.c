/*
 * target_0 - the module that tests/abi keeps as a binary: one of everything that there was
 * at target 0, each with an effect that can be seen from outside
 */
#define HD_ABI_TARGET 0
#include <helpdesk/plugin.h>

enum { FIND, COUNT, NEWER, LEND };

static hd_handler echo, lend, lend_before, copy, label, tick_before, tick;

static bool
target_0_init(struct hd_instance *instance)
{
	if (hd_option(instance, "greeting")[0] == '\0') {
		hd_refuse(instance, "the %s is empty", "greeting");
		return false;
	}
	instance->state = instance;	/* whatever comes back must be the same */
	hd_log(instance, HD_INFO, "%s starts", "target_0");
	return true;
}

static void
target_0_fini(struct hd_instance *instance)
{
	hd_log(instance, HD_INFO, "%s ends", "target_0");
}

static void
put_asked(struct hd_req *req)
{
	hd_open_object(req, "asked");
	hd_put_int(req, "id", hd_param_id(req, "id"));
	hd_put_text(req, "word", hd_param(req, "word"));
	hd_put_text(req, "header", hd_header(req, "x-word"));
	hd_put_text(req, "least", hd_query(req, "least"));
	hd_put_text(req, "as", hd_query(req, "as"));
	hd_put_text(req, "client", hd_client(req)->name);
	hd_close_object(req);
}

static void
put_place(struct hd_req *req)
{
	struct hd_instance *instance = hd_instance(req);
	const char *spare = (const char *)hd_alloc(req, 16);

	hd_open_array(req, "place");
	hd_put_text(req, NULL, instance->site);
	hd_put_text(req, NULL, hd_option(instance, "greeting"));
	hd_put_bool(req, NULL, hd_state(instance) == instance);
	hd_put_bool(req, NULL, spare != NULL && spare[15] == '\0');
	hd_put_bool(req, NULL, hd_now(req)[10] == 'T');
	hd_put_json(req, NULL, "{\"as\":[\"it\",\"is\"]}");
	hd_close_array(req);
}

/* Name and seats of the row, and how many rows come after it. */
static bool
put_rows(struct hd_req *req)
{
	const struct hd_value id = hd_int(hd_param_id(req, "id"));
	struct hd_rows *row = hd_select(req, FIND, &id, 1), *newer;

	if (!hd_next(row))
		return hd_fail(req, 404, "id", "There is no thing %d.", (int)id.integer);
	hd_put_text(req, "name", hd_row_text(row, 0));
	hd_put_int(req, "seats", hd_row_int(row, 1));
	newer = hd_select(req, NEWER, &id, 1);
	if (!hd_next(newer))
		return false;
	hd_put_int(req, "newer", hd_row_int(newer, 0));
	return true;
}

/* GET /target_0/{id}/echo/{word:text} */
static bool
echo(struct hd_req *req)
{
	put_asked(req);
	put_place(req);
	return put_rows(req) && hd_reply(req, 200);
}

static bool
lend_before(struct hd_req *req)
{
	hd_carry(req, hd_alloc(req, 1));
	return hd_body_int(req, "days") < 100 || hd_fail(req, 400, "days", "That is too long.");
}

/* POST /target_0/{id}/lend: nobody gets anything, but only after it was written down. */
static bool
lend(struct hd_req *req)
{
	const int64_t id = hd_param_id(req, "id");
	const char *to = hd_body_text(req, "to");
	const struct hd_value values[] = { hd_str(to), hd_null(), hd_int(id) };
	struct hd_rows *count;

	if (!hd_execute(req, LEND, values, 3) ||
	    !hd_audit(req, "lend", "target_0", id, "name", "null", "\"lent\""))
		return false;
	if (to[0] == '-')
		return hd_fail(req, 422, "to", "%s gets nothing.", to);
	count = hd_select(req, COUNT, values, 1);
	if (!hd_next(count))
		return false;
	hd_put_int(req, "lent", hd_row_int(count, 0));
	hd_put_bool(req, "days", hd_body_has(req, "days"));
	hd_put_bool(req, "given", hd_body_given(req, "days"));
	hd_put_bool(req, "carried", hd_carried(req) != NULL);
	return hd_reply(req, 200);
}

/* What the service is given. */
struct twice {
	int64_t number;
};

static bool
twice(struct hd_req *req, void *argument)
{
	struct twice *t = (struct twice *)argument;

	t->number *= 2;
	return t->number < 100 || hd_fail(req, 409, "seats", "%d is too many.", (int)t->number);
}

/* PATCH /target_0/{id}/copy: makes another thing, with twice the seats, and changes it. */
static bool
copy(struct hd_req *req)
{
	struct twice t = { hd_body_given(req, "seats") ? hd_body_int(req, "seats") : 8 };
	const struct hd_member made[] = {
		{ "name", hd_str("Copy") }, { "size", hd_null() },
		{ "seats", hd_int(t.number) },
		{ "labels", hd_json(hd_body_text(req, "labels")) },
		{ "open", hd_bool(false) },
	};
	int64_t id;

	if (!hd_offers(hd_instance(req), "target_0.twice/1") ||
	    !hd_call(req, "target_0.twice/1", &t))
		return false;
	id = hd_create(req, "target_0", made, 5);
	const struct hd_member changed[] = {
		{ "name", hd_str("Copied") }, { "seats", hd_int(t.number) },
	};
	if (id == 0 || !hd_change(req, "target_0", id, changed, 2) ||
	    !hd_set_header(req, "x-copy", "made"))
		return false;
	hd_put_int(req, "copy", id);
	return hd_reply(req, 201);
}

/* POST /target_0/{id}/label: the last word on a thing, which is no JSON. */
static bool
label(struct hd_req *req)
{
	return hd_delete(req, "target_0", hd_param_id(req, "id")) &&
	    hd_reply_bytes(req, 200, "text/plain", "gone", 4);
}

/* What becomes of things: too many seats are refused, and so is a chair that goes. */
static bool
watch(struct hd_req *req, const struct hd_event *event)
{
	const char *name = hd_old_text(event, "name");

	if (event->verb == HD_CHANGE && hd_changed(event, "seats") &&
	    hd_new_int(event, "seats") > 2 * hd_old_int(event, "seats"))
		return hd_fail(req, 409, "seats", "%s has grown too fast.",
		    hd_new_text(event, "name"));
	return event->verb != HD_DELETE || name[0] != 'B' ||
	    hd_fail(req, 409, NULL, "%s %d of %s stays.", name, (int)event->id, event->table);
}

static bool
tick_before(struct hd_req *req)
{
	hd_carry(req, (void *)(uintptr_t)"tock");
	return true;
}

/* Nobody asks for it. */
static bool
tick(struct hd_req *req)
{
	const struct hd_value values[] = {
		hd_str((const char *)hd_carried(req)), hd_null(), hd_int(0),
	};

	hd_log(hd_instance(req), HD_INFO, "target_0 says %s", values[0].text);
	return hd_client(req) == NULL && hd_execute(req, LEND, values, 3);
}

static const struct hd_field fields[] = {
	{ "id", HD_ID },
	{ "name", HD_TEXT, HD_REQUIRED | HD_TRIM | HD_FILTER, .max = 20,
	  .doc = "What it is called", .example = "\"Bench\"" },
	{ "seats", HD_INTEGER, .value = "4", .least = 1, .most = 500 },
	{ "size", HD_TEXT, HD_FILTER, .since = 2, .filter = "as_large_as" },
	{ "labels", HD_TAGS },
	{ "open", HD_BOOLEAN, HD_EXACT, .value = "true" },
	{ "created_at", HD_CREATED },
	{ 0 },
};
static const struct hd_resource resources[] = {
	{ .path = "/target_0", .table = "target_0", .one = "thing", .many = "things",
	  .fields = fields, .order = "created_at", .required = "A thing has a name.",
	  .with = HD_WITH_HISTORY },
	{ 0 },
};
static const struct hd_field echo_query[] = {
	{ "as", HD_TEXT, .value = "\"it\"" }, { "least", HD_INTEGER, .least = -5, .most = 9 }, { 0 },
};
static const struct hd_field lend_body[] = {
	{ "to", HD_TEXT, HD_REQUIRED }, { "days", HD_INTEGER }, { 0 },
};
static const struct hd_field copy_body[] = {
	{ "seats", HD_INTEGER, HD_REQUIRED }, { "labels", HD_TAGS }, { 0 },
};
static const struct hd_route routes[] = {
	{ "GET", "/target_0/{id}/echo/{word:text}", HD_READ, 0, echo, .query = echo_query,
	  .openapi = "{\"operationId\":\"echoThing\",\"summary\":\"What was asked\","
	      "\"responses\":{\"200\":{\"description\":\"It\"}}}" },
	{ "POST", "/target_0/{id}/lend", HD_WRITE, 0, lend, .body = lend_body,
	  .scope = "target_0:write", .before = lend_before,
	  .openapi = "{\"operationId\":\"lendThing\",\"summary\":\"Lends a thing\","
	      "\"responses\":{\"200\":{\"description\":\"How many it has\"}}}" },
	{ "PATCH", "/target_0/{id}/copy", HD_WRITE, 0, copy, .body = copy_body,
	  .openapi = "{\"operationId\":\"copyThing\",\"summary\":\"Copies a thing\","
	      "\"responses\":{\"201\":{\"description\":\"The copy\"}}}" },
	{ "POST", "/target_0/{id}/label", HD_WRITE, HD_ANY_KEY, label,
	  .openapi = "{\"operationId\":\"labelThing\",\"summary\":\"Ends a thing\","
	      "\"responses\":{\"200\":{\"description\":\"Its last word\"}}}" },
	{ 0 },
};
static const struct hd_migration migrations[] = {
	{ 1, "create", .tables = resources },
	{ 2, "add_size", .tables = resources },
	{ 3, "lend", .sql = "CREATE TABLE target_0_lent (thing integer, who text, back text);" },
	{ 0 },
};
static const struct hd_statement statements[] = {
	[FIND] = { "SELECT name, seats FROM target_0 WHERE id = ?1" },
	[COUNT] = { "SELECT count(*) FROM target_0_lent WHERE who = ?1" },
	[NEWER] = { "SELECT count(*) FROM target_0 WHERE id > ?1" },
	[LEND] = { "INSERT INTO target_0_lent (who, back, thing) VALUES (?1, ?2, ?3)" },
	{ 0 },
};
static const struct hd_option options[] = {
	{ "greeting", HD_TEXT, "hello", .doc = "What it says" },
	{ "pause", HD_TEXT, "24h", .doc = "Between two ticks" },
	{ 0 },
};
static const struct hd_hook hooks[] = {
	{ "target_0", HD_CHANGE | HD_DELETE, watch },
	{ 0 },
};
static const struct hd_job jobs[] = {
	{ "tick", "24h", "pause", tick_before, tick },
	{ 0 },
};
static const struct hd_service services[] = {
	{ "target_0.twice/1", twice, "Twice a number" },
	{ 0 },
};
static const struct hd_need needs[] = { { "meta", "1.0.0" }, { 0 } };

HD_MODULE(target_0, "1.0.0", .doc = "What there was at target 0", .resources = resources,
    .routes = routes, .migrations = migrations, .statements = statements, .options = options,
    .needs = needs, .hooks = hooks, .jobs = jobs, .services = services,
    .init = target_0_init, .fini = target_0_fini,
    .openapi = "{\"components\":{\"schemas\":{\"Loan\":{\"type\":\"object\"}}}}");
