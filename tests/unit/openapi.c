/*
 * openapi - the document says what the tables say, and refuses what does not agree
 *
 * Patterns are tried against dates and numbers with the C library's regexec, which reads
 * the ASCII ones as ECMA-262 does once their groups are named alike.  That the whole
 * document is valid, and its examples fit, is for the linters (tests/npm).
 */
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "err.h"
#include "iso8601.h"
#include "json.h"
#include "module.h"
#include "openapi.h"
#include "out.h"
#include "resource.h"
#include "route.h"
#include "site.h"
#include "type_schema.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

/* ---- sites to be described ---- */

static const struct hd_field ticket[] = {
	{ "id", HD_ID },
	{ "subject", HD_TEXT, HD_REQUIRED | HD_TRIM, .max = 255, .example = "\"Printer jam\"" },
	{ "status", HD_TEXT, HD_FILTER, .max = 50, .value = "\"Open\"", .example = "\"Open\"" },
	{ "priority", HD_TEXT, .max = 50 },
	{ "tag", HD_TEXT, HD_UNIQUE, .max = 120, .doc = "A label" },
	{ "seats", HD_INTEGER, .least = 0, .most = 5000 },
	{ "is_open", HD_BOOLEAN, .value = "true" },
	{ "due", HD_DATE, .doc = "Say \"when\"" },
	{ "created_by", HD_USER, HD_CREATE_ONLY | HD_CALLER },
	{ "assigned_to", HD_USER, HD_FILTER, .missing = "Assigned user not found.", .example = "7" },
	{ "assignee", HD_USER_NAME, .of = "assigned_to", .example = "\"tech01\"" },
	{ "labels", HD_TAGS },
	{ "created_at", HD_CREATED },
	{ "closed_at", HD_TIME },
	{ "is_late", HD_BOOLEAN, HD_READ_ONLY, .value = "false" },
	{ 0 },
};
static const struct hd_resource tickets[] = {
	{ .path = "/tickets", .table = "tickets", .one = "ticket", .many = "tickets",
	  .title = "Tickets", .fields = ticket, .order = "created_at" },
	{ 0 },
};

static const struct hd_field order[] = {
	{ "id", HD_ID },
	{ "name", HD_TEXT, HD_REQUIRED | HD_CONTAINS | HD_SEARCH },
	{ 0 },
};
static const struct hd_resource orders[] = {
	{ .path = "/shop/purchase-orders", .table = "orders", .one = "purchase_order",
	  .many = "results", .fields = order, .search = "q" },
	{ 0 },
};

/* The modules of a site; what follows the last is NULL. */
struct made {
	struct arena arena;
	struct conf_site conf;
	struct site site;
	struct err err;
};

enum { MODULES = 4 };

static struct route *
own_route(struct arena *a, const struct hd_route *d)
{
	struct route *r = arena_zero(a, sizeof *r);
	bool root = (d->flags & HD_ROOT) != 0;

	*r = (struct route){ .method = d->method, .access = d->access, .flags = d->flags,
	    .path = arena_printf(a, "%s%s", root ? "" : "/api/v1", d->path),
	    .query = d->query, .body = d->body, .declared = d, .scope = d->scope };
	return r;
}

static void
add_route(struct made *m, struct instance *i, struct route *r)
{
	r->instance = i;
	r->module = i->module->d->name;
	assert_true(router_add(m->site.router, r, &m->err));
}

static void
add_resource(struct made *m, struct instance *i, const struct resource *r)
{
	struct route *routes = arena_zero(&m->arena, OPERATIONS * sizeof *routes);
	unsigned n = resource_routes(&m->arena, r, "/api/v1", routes);

	for (unsigned k = 0; k < n; k++)
		add_route(m, i, &routes[k]);
}

static struct instance *
make_instance(struct made *m, const struct hd_module *d)
{
	struct module *module = arena_zero(&m->arena, sizeof *module);
	struct instance *i = arena_zero(&m->arena, sizeof *i);

	module->file = arena_printf(&m->arena, "modules/%s.so", d->name);
	module->d = d;
	i->module = module;
	i->resources = arena_zero(&m->arena, 4 * sizeof(const struct resource *));
	for (int k = 0; d->resources != NULL && d->resources[k].path != NULL; k++) {
		i->resources[k] = resource_new(&m->arena, &d->resources[k]);
		add_resource(m, i, i->resources[k]);
	}
	for (const struct hd_route *r = d->routes; r != NULL && r->method != NULL; r++)
		add_route(m, i, own_route(&m->arena, r));
	return i;
}

/* An empty site. */
static void
begin(struct made *m, const char *public_url)
{
	*m = (struct made){ .conf = { .name = "default", .public_url = public_url } };
	arena_init(&m->arena, 256 << 20);
	m->site.conf = &m->conf;
	m->site.router = router_new(&m->arena);
	m->site.instances = arena_zero(&m->arena, MODULES * sizeof(struct instance *));
}

/* Builds the document of a site with these modules; a message begins with whose it is. */
static bool
build(struct made *m, const char *public_url, const struct hd_module *const *modules)
{
	struct instance *whose = NULL;

	begin(m, public_url);
	for (; *modules != NULL; modules++)
		m->site.instances[m->site.instance_count++] = make_instance(m, *modules);
	if (openapi_build(&m->site, &m->arena, &whose, &m->err))
		return true;
	return whose != NULL && err_prefix(&m->err, "%s: ", whose->module->file);
}

static const struct hd_module tickets_module = { .name = "tickets", .version = "1.0.0",
	.doc = "Requests for help", .resources = tickets };
static const struct hd_module orders_module = { .name = "orders", .version = "1.0.0",
	.resources = orders };

/* ---- reading a document ---- */

static struct text
whole(struct made *m)
{
	const struct document *d = &m->site.document;
	struct out o;

	out_init(&o, &m->arena, SIZE_MAX);
	out_text(&o, d->before);
	if (d->servers.at != NULL)
		out_text(&o, d->servers);
	else
		out_string(&o, "[]");
	out_text(&o, d->after);
	return (struct text){ o.at, o.len };
}

static const struct json *
parsed(struct made *m)
{
	const struct json *json;

	if (!json_parse(&m->arena, whole(m), &json, &m->err))
		fail_msg("%s", m->err.message);
	return json;
}

static const struct json *
child(const struct json *j, struct text name)
{
	int64_t index;
	const struct json *c;

	if (j != NULL && j->kind == JSON_ARRAY && text_to_int(name, &index)) {
		for (c = j->first; c != NULL && index > 0; index--)
			c = c->next;
		return c;
	}
	return json_member(j, name);
}

/* The value at "components schemas Ticket required 0"; NULL if there is none. */
static const struct json *
find(const struct json *j, const char *path)
{
	while (j != NULL && *path != '\0') {
		size_t n = strcspn(path, " ");

		j = child(j, (struct text){ path, n });
		path += n + (path[n] == ' ');
	}
	return j;
}

/* The same as JSON text; "" if there is nothing. */
static const char *
said(struct made *m, const struct json *document, const char *path)
{
	const struct json *j = find(document, path);
	struct out o;

	if (j == NULL)
		return "";
	out_init(&o, &m->arena, SIZE_MAX);
	json_write(&o, j);
	out_char(&o, '\0');
	return o.at;
}

struct saying {
	const char *path, *json;
};

static void
assert_says(const struct hd_module *const *modules, const struct saying *s, size_t n)
{
	struct made m;
	const struct json *document;

	if (!build(&m, NULL, modules))
		fail_msg("%s", m.err.message);
	document = parsed(&m);
	for (; n > 0; n--, s++)
		if (strcmp(said(&m, document, s->path), s->json) != 0)
			fail_msg("%s: %s is not %s", s->path, said(&m, document, s->path), s->json);
	arena_fini(&m.arena);
}

#define ASSERT_SAYS(sayings, ...) \
	assert_says((const struct hd_module *const[]){ __VA_ARGS__, NULL }, sayings, \
	    sizeof(sayings) / sizeof *(sayings))

/* ---- names ---- */

static void
clients_get_names_from_path_and_table(void **state)
{
	static const struct saying s[] = {
		{ "paths /api/v1/tickets get operationId", "\"listTickets\"" },
		{ "paths /api/v1/tickets post operationId", "\"createTicket\"" },
		{ "paths /api/v1/tickets/{id} get operationId", "\"getTicket\"" },
		{ "paths /api/v1/tickets/{id} patch operationId", "\"updateTicket\"" },
		{ "paths /api/v1/tickets/{id} put operationId", "\"replaceTicket\"" },
		{ "paths /api/v1/tickets/{id} delete operationId", "\"deleteTicket\"" },
		{ "paths /api/v1/tickets get tags", "[\"Tickets\"]" },
		{ "paths /api/v1/shop/purchase-orders get operationId", "\"listPurchaseOrders\"" },
		{ "paths /api/v1/shop/purchase-orders get summary", "\"List purchase orders\"" },
		{ "paths /api/v1/shop/purchase-orders get tags", "[\"orders\"]" },
		{ "paths /api/v1/shop/purchase-orders/{id} put operationId",
		  "\"replacePurchaseOrder\"" },
		{ "components responses PurchaseOrderList content application/json schema required",
		  "[\"results\"]" },
		{ "components responses PurchaseOrder content application/json schema required",
		  "[\"purchase_order\"]" },
		{ "tags", "[{\"name\":\"Tickets\",\"description\":\"Requests for help\"},"
		  "{\"name\":\"orders\"}]" },
	};

	(void)state;
	ASSERT_SAYS(s, &tickets_module, &orders_module);
}

/* ---- members ---- */

#define CREATE "components schemas TicketCreate properties "
#define CHANGE "components schemas TicketChange properties "
#define TICKET "components schemas Ticket properties "

static void
bodies_are_described_as_they_are_checked(void **state)
{
	static const struct saying s[] = {
		{ "components schemas TicketCreate required", "[\"subject\"]" },
		{ "components schemas TicketChange required", "" },
		/* A required text: a number, too, but neither null nor "". */
		{ CREATE "subject anyOf 0 nullable", "" },
		{ CREATE "subject anyOf 1", "{\"type\":\"number\"}" },
		{ CREATE "subject anyOf 2", "" },
		{ CREATE "subject anyOf 0 maxLength", "" },
		/* A default is taken for null and "" on POST, neither is accepted on PATCH. */
		{ CREATE "status anyOf 0 nullable", "true" },
		{ CREATE "status anyOf 2", "{\"type\":\"string\",\"enum\":[\"\"]}" },
		{ CHANGE "status anyOf 0 nullable", "" },
		{ CHANGE "status anyOf 0 minLength", "1" },
		{ CHANGE "status anyOf 2", "" },
		{ CREATE "status default", "" },
		{ CREATE "status description", "\"If absent, \\\"Open\\\"\"" },
		/* "" is a value of a text, ... */
		{ CHANGE "priority anyOf 0", "{\"nullable\":true,\"type\":\"string\",\"maxLength\":50,"
		  "\"pattern\":\"^[^\\\\u0000]*$\"}" },
		/* ... null for whatever is no text. */
		{ CREATE "seats anyOf 0", "{\"nullable\":true,\"type\":\"integer\","
		  "\"format\":\"int64\",\"minimum\":0,\"maximum\":5000}" },
		{ CHANGE "seats anyOf 2", "{\"type\":\"string\",\"enum\":[\"\"]}" },
		{ CHANGE "due anyOf 1", "{\"type\":\"string\",\"enum\":[\"\"]}" },
		{ CHANGE "due description", "\"Say \\\"when\\\"\"" },
		{ CREATE "is_open", "{\"type\":\"boolean\",\"description\":\"If absent, true\"}" },
		{ CHANGE "is_open", "{\"type\":\"boolean\"}" },
		{ CREATE "labels anyOf 0 nullable", "true" },
		{ CREATE "created_by anyOf 0 nullable", "true" },
		{ CREATE "tag description", "\"A label. No two may share a value\"" },
		/* What is ignored is not described. */
		{ CHANGE "created_by", "" },
		{ CREATE "id", "" },
		{ CREATE "assignee", "" },
		{ CREATE "created_at", "" },
		{ CREATE "is_late", "" },
		{ CHANGE "is_late", "" },
	};

	(void)state;
	ASSERT_SAYS(s, &tickets_module);
}

static void
answers_have_every_member(void **state)
{
	static const struct saying s[] = {
		{ "components schemas Ticket required", "[\"id\",\"subject\",\"status\",\"priority\","
		  "\"tag\",\"seats\",\"is_open\",\"due\",\"created_by\",\"assigned_to\","
		  "\"assignee\",\"labels\",\"created_at\",\"closed_at\",\"is_late\"]" },
		{ TICKET "subject nullable", "" },
		{ TICKET "status nullable", "" },
		{ TICKET "created_by nullable", "" },
		{ TICKET "labels nullable", "" },
		{ TICKET "priority nullable", "true" },
		{ TICKET "assigned_to nullable", "true" },
		{ TICKET "assigned_to type", "\"integer\"" },
		{ TICKET "closed_at nullable", "true" },
		{ TICKET "closed_at format", "" },
		{ TICKET "created_at format", "" },
		{ "components responses Ticket content application/json example", "{\"ticket\":{"
		  "\"id\":1,\"subject\":\"Printer jam\",\"status\":\"Open\",\"priority\":null,"
		  "\"tag\":null,\"seats\":null,\"is_open\":true,\"due\":null,\"created_by\":7,"
		  "\"assigned_to\":7,\"assignee\":\"tech01\",\"labels\":[\"vpn\",\"network\"],"
		  "\"created_at\":\"2025-02-28T09:45:03.104281\",\"closed_at\":null,"
		  "\"is_late\":false}}" },
	};

	(void)state;
	ASSERT_SAYS(s, &tickets_module);
}

/* ---- operations ---- */

#define LIST "paths /api/v1/tickets get "
#define POST "paths /api/v1/tickets post "
#define ITEM "paths /api/v1/tickets/{id} "

static void
operations_tell_parameters_bodies_and_errors(void **state)
{
	static const struct saying s[] = {
		{ LIST "parameters 0 name", "\"status\"" },
		{ LIST "parameters 0 required", "false" },
		{ LIST "parameters 1 name", "\"assigned_to\"" },
		{ LIST "parameters 1 example", "\"7\"" },
		{ LIST "parameters 2 name", "\"limit\"" },
		{ LIST "parameters 2 schema", "{\"type\":\"integer\",\"format\":\"int64\","
		  "\"minimum\":1,\"maximum\":1000}" },
		{ LIST "parameters 3 name", "\"cursor\"" },
		{ LIST "parameters 4 name", "\"sort\"" },
		{ LIST "parameters 5 name", "\"fields\"" },
		{ LIST "parameters 6 name", "\"count\"" },
		{ LIST "parameters 7", "{\"$ref\":\"#/components/parameters/IfNoneMatch\"}" },
		{ LIST "parameters 8", "" },
		{ "components responses TicketList headers Link schema type", "\"string\"" },
		{ "components responses TicketList headers X-Total-Count schema type",
		  "\"integer\"" },
		{ "components responses TicketList content text/csv", "" },
		{ "components responses Ticket headers Link", "" },
		{ "components responses Ticket content text/csv", "" },
		{ LIST "responses 304 $ref", "\"#/components/responses/NotModified\"" },
		{ POST "parameters 0", "{\"$ref\":\"#/components/parameters/IdempotencyKey\"}" },
		{ POST "parameters 1", "{\"$ref\":\"#/components/parameters/Prefer\"}" },
		{ POST "parameters 2", "{\"$ref\":\"#/components/parameters/DryRun\"}" },
		{ POST "parameters 3", "" },
		{ POST "responses 412", "" },
		{ ITEM "patch parameters 1", "{\"$ref\":\"#/components/parameters/IfMatch\"}" },
		{ ITEM "patch parameters 2", "{\"$ref\":\"#/components/parameters/Prefer\"}" },
		{ ITEM "patch parameters 3", "{\"$ref\":\"#/components/parameters/DryRun\"}" },
		{ ITEM "patch parameters 4", "" },
		{ ITEM "patch responses 412 $ref",
		  "\"#/components/responses/PreconditionFailed\"" },
		{ ITEM "delete responses 204 $ref", "\"#/components/responses/NoContent\"" },
		{ ITEM "get responses 412", "" },
		{ "components parameters IfMatch name", "\"If-Match\"" },
		{ "components parameters DryRun in", "\"query\"" },
		{ "components responses Ticket headers ETag $ref",
		  "\"#/components/headers/ETag\"" },
		{ "components responses Ticket headers Location $ref",
		  "\"#/components/headers/Location\"" },
		{ "components responses TicketList headers Location", "" },
		{ LIST "responses 404 $ref", "\"#/components/responses/NotFound\"" },
		{ LIST "responses 409", "" },
		{ LIST "responses 415", "" },
		{ LIST "security", "" },
		{ "security", "[{\"ApiKey\":[]},{\"BearerKey\":[]}]" },
		{ POST "requestBody content application/json schema $ref",
		  "\"#/components/schemas/TicketCreate\"" },
		{ POST "responses 201 $ref", "\"#/components/responses/Ticket\"" },
		{ POST "responses 200", "" },
		{ POST "responses 404", "" },
		{ POST "responses 409 $ref", "\"#/components/responses/Conflict\"" },
		{ POST "responses 413 $ref", "\"#/components/responses/ContentTooLarge\"" },
		{ POST "responses 415 $ref", "\"#/components/responses/UnsupportedMediaType\"" },
		{ ITEM "get parameters 0 in", "\"path\"" },
		{ ITEM "get parameters 0 schema minimum", "1" },
		{ ITEM "get parameters 1 name", "\"fields\"" },
		{ ITEM "get parameters 2", "{\"$ref\":\"#/components/parameters/IfNoneMatch\"}" },
		{ ITEM "get responses 401 $ref", "\"#/components/responses/Unauthorized\"" },
		{ ITEM "put requestBody content application/json schema $ref",
		  "\"#/components/schemas/TicketChange\"" },
		{ ITEM "delete requestBody", "" },
		{ ITEM "delete responses 200 $ref", "\"#/components/responses/Deleted\"" },
		{ "paths /api/v1/shop/purchase-orders get parameters 0 name", "\"name\"" },
		{ "paths /api/v1/shop/purchase-orders get parameters 0 required", "false" },
		{ "paths /api/v1/shop/purchase-orders get parameters 1 name", "\"q\"" },
		{ "paths /api/v1/shop/purchase-orders get parameters 1 required", "true" },
		{ "paths /api/v1/shop/purchase-orders get responses 404", "" },
		{ "paths /api/v1/shop/purchase-orders post responses 409 $ref",
		  "\"#/components/responses/Conflict\"" },
	};

	(void)state;
	ASSERT_SAYS(s, &tickets_module, &orders_module);
}

#define OPERATION(id, more) "{\"operationId\":\"" id "\",\"summary\":\"Own\"," more \
	"\"responses\":{\"200\":{\"description\":\"Done\"}}}"

static const struct hd_field loan[] = {
	{ "person", HD_USER, HD_REQUIRED },
	{ "note", HD_TEXT },
	{ 0 },
};
static const struct hd_field pages[] = {
	{ "page", HD_INTEGER, .least = 1, .most = 99, .example = "2" },
	{ 0 },
};

static void
own_routes_are_completed_from_their_tables(void **state)
{
	static const struct hd_route routes[] = {
		{ "POST", "/things/{id}/loan", HD_WRITE, 0, NULL, .body = loan,
		  .scope = "things:write",
		  .openapi = OPERATION("lendThing", "\"x-required-scope\":\"mine\",") },
		{ "GET", "/pages/{name:text}", HD_READ, 0, NULL, .query = pages,
		  .openapi = OPERATION("getPage", "\"parameters\":[{\"name\":\"name\","
		  "\"in\":\"path\",\"required\":true,\"schema\":{\"type\":\"string\"}}],"
		  "\"tags\":[\"Other\"],") },
		{ "GET", "/ping", HD_READ, HD_PUBLIC | HD_ROOT, NULL, .openapi =
		  "{\"operationId\":\"ping\",\"responses\":{\"200\":{\"description\":\"Pong\"},"
		  "\"503\":{\"description\":\"Not now\"}}}" },
		{ 0 },
	};
	static const struct hd_module module = { .name = "own", .version = "1.0.0",
		.routes = routes };
	static const struct saying s[] = {
		{ "paths /api/v1/things/{id}/loan post tags", "[\"own\"]" },
		{ "paths /api/v1/things/{id}/loan post parameters 0 name", "\"id\"" },
		{ "paths /api/v1/things/{id}/loan post parameters 1",
		  "{\"$ref\":\"#/components/parameters/IdempotencyKey\"}" },
		{ "paths /api/v1/things/{id}/loan post parameters 2",
		  "{\"$ref\":\"#/components/parameters/DryRun\"}" },
		{ "paths /api/v1/things/{id}/loan post parameters 3", "" },
		{ "paths /api/v1/things/{id}/loan post requestBody content application/json schema "
		  "required", "[\"person\"]" },
		{ "paths /api/v1/things/{id}/loan post responses 200 description", "\"Done\"" },
		{ "paths /api/v1/things/{id}/loan post x-required-scope", "\"things:write\"" },
		{ "paths /api/v1/things/{id}/loan post responses 403 $ref",
		  "\"#/components/responses/Forbidden\"" },
		{ "paths /ping get x-required-scope", "" },
		{ "paths /ping get responses 403", "" },
		{ "paths /api/v1/things/{id}/loan post responses 404 $ref",
		  "\"#/components/responses/NotFound\"" },
		{ "paths /api/v1/pages/{name} get parameters 0", "{\"name\":\"name\",\"in\":\"path\","
		  "\"required\":true,\"schema\":{\"type\":\"string\"}}" },
		{ "paths /api/v1/pages/{name} get parameters 1 name", "\"page\"" },
		{ "paths /api/v1/pages/{name} get parameters 1 schema", "{\"type\":\"integer\","
		  "\"format\":\"int64\",\"minimum\":1,\"maximum\":99}" },
		{ "paths /api/v1/pages/{name} get parameters 1 example", "2" },
		{ "paths /api/v1/pages/{name} get tags", "[\"Other\"]" },
		{ "paths /ping get security", "[]" },
		{ "paths /ping get responses 401", "" },
		{ "paths /ping get responses 503", "{\"description\":\"Not now\"}" },
		{ "paths /ping get responses 500 $ref", "\"#/components/responses/InternalError\"" },
	};

	(void)state;
	ASSERT_SAYS(s, &module);
}

static void
only_error_answers_that_are_referred_to_are_there(void **state)
{
	static const struct hd_route routes[] = {
		{ "GET", "/ping", HD_READ, HD_PUBLIC, NULL, .openapi = OPERATION("ping", "") },
		{ 0 },
	};
	static const struct hd_module module = { .name = "ping", .version = "1.0.0",
		.routes = routes };
	static const struct saying s[] = {
		{ "components responses Unauthorized", "" },
		{ "components responses Conflict", "" },
		{ "components responses BadRequest content application/json schema $ref",
		  "\"#/components/schemas/Error\"" },
		{ "components schemas Error required", "[\"error\"]" },
	};

	(void)state;
	ASSERT_SAYS(s, &module);
}

static void
a_module_that_was_refused_is_not_described(void **state)
{
	struct instance *whose;
	struct made m;

	(void)state;
	begin(&m, NULL);
	m.site.instances[0] = arena_zero(&m.arena, sizeof(struct instance));
	m.site.instances[0]->refused = "module refused: modules/x.so: no such file";
	m.site.instance_count = 1;
	assert_true(openapi_build(&m.site, &m.arena, &whose, &m.err));
	assert_string_equal(said(&m, parsed(&m), "paths"), "{}");
	assert_string_equal(said(&m, parsed(&m), "tags"), "[]");
	arena_fini(&m.arena);
}

/* ---- merging ---- */

#define ASSET(properties) \
	"{\"components\":{\"schemas\":{\"Asset\":{\"type\":\"object\"," properties "}}}}"
#define USES(ref) OPERATION("use", "\"x-use\":{\"$ref\":\"" ref "\"},")

struct pair {
	const char *what;
	const char *fragments[2];	/* components of the modules hardware and x */
	const char *operation;		/* of GET /x in module x */
	const char *message;		/* NULL: they agree */
};

static const struct pair pairs[] = {
	{ "the same twice", { ASSET("\"properties\":{\"id\":{\"type\":\"integer\"}}"),
	  ASSET("\"properties\":{\"id\":{\"type\":\"integer\"}}") }, NULL, NULL },
	{ "the same in another order", { ASSET("\"minProperties\":1,\"nullable\":true"),
	  ASSET("\"nullable\":true,\"minProperties\":1") }, NULL, NULL },
	{ "another type", { ASSET("\"properties\":{\"id\":{\"type\":\"integer\"}}"),
	  ASSET("\"properties\":{\"id\":{\"type\":\"string\"}}") }, NULL,
	  "modules/x.so: component schema \"Asset\" differs from the one of module hardware"
	  " at properties.id.type" },
	{ "a member more, before one that differs", { ASSET("\"a\":1,\"b\":1"),
	  ASSET("\"b\":2,\"a\":1,\"aa\":0") }, NULL,
	  "modules/x.so: component schema \"Asset\" differs from the one of module hardware"
	  " at aa" },
	{ "another element", { ASSET("\"enum\":[1,2]"), ASSET("\"enum\":[1,3]") }, NULL,
	  "modules/x.so: component schema \"Asset\" differs from the one of module hardware"
	  " at enum.1" },
	{ "an element less", { ASSET("\"enum\":[1,2]"), ASSET("\"enum\":[1]") }, NULL,
	  "modules/x.so: component schema \"Asset\" differs from the one of module hardware"
	  " at enum.1" },
	{ "one of the server's own", { "{\"components\":{\"schemas\":{\"Error\":{}}}}", NULL }, NULL,
	  "modules/hardware.so: component schema \"Error\" differs from the one of the server"
	  " at description" },
	{ "one that a resource made", { "{\"components\":{\"schemas\":{\"Ticket\":{}}}}", NULL },
	  NULL, "modules/hardware.so: component schema \"Ticket\" differs from the one of module"
	  " tickets at properties" },
	{ "paths", { "{\"components\":{},\"paths\":{}}", NULL }, NULL,
	  "modules/hardware.so: its OpenAPI text is not an object with \"components\" alone" },
	{ "no section", { "{\"components\":{\"models\":{}}}", NULL }, NULL,
	  "modules/hardware.so: its OpenAPI components have a member \"models\" that is no section"
	  " of components" },
	{ "a bad name", { "{\"components\":{\"schemas\":{\"a b\":{}}}}", NULL }, NULL,
	  "modules/hardware.so: component schema \"a b\" is no object with a name of letters,"
	  " digits, '.', '_' and '-'" },
	{ "a reference to another's component", { ASSET("\"nullable\":true"), NULL },
	  USES("#/components/schemas/Asset"), NULL },
	{ "a reference to what only it needs", { NULL, NULL },
	  USES("#/components/responses/Conflict"), NULL },
	{ "a reference to nothing", { NULL, NULL }, USES("#/components/schemas/Nothing"),
	  "modules/x.so: GET /api/v1/x: $ref \"#/components/schemas/Nothing\" leads to no"
	  " component" },
	{ "a reference out of the document", { NULL, NULL }, USES("https://example.com/a.json"),
	  "modules/x.so: GET /api/v1/x: $ref \"https://example.com/a.json\" leads to no"
	  " component" },
	{ "a component that refers to nothing", { ASSET("\"not\":{\"$ref\":\"#/components/x/y\"}"),
	  NULL }, NULL, "modules/hardware.so: component schema \"Asset\": $ref \"#/components/x/y\""
	  " leads to no component" },
	{ "a member called $ref", { ASSET("\"properties\":{\"$ref\":{\"type\":\"string\"}}"), NULL },
	  NULL, NULL },
	{ "$ref in an example", { ASSET("\"example\":{\"$ref\":\"a\"}"), NULL }, NULL, NULL },
	{ "below a member called example",
	  { ASSET("\"properties\":{\"example\":{\"$ref\":\"#/a\"}}"), NULL }, NULL,
	  "modules/hardware.so: component schema \"Asset\": $ref \"#/a\" leads to no component" },
	{ "an operationId that is taken", { NULL, NULL }, OPERATION("listTickets", ""),
	  "modules/x.so: operationId \"listTickets\" of GET /api/v1/x is already used by module"
	  " tickets for GET /api/v1/tickets" },
	{ "no operationId", { NULL, NULL }, "{\"responses\":{\"200\":{\"description\":\"\"}}}",
	  "modules/x.so: the OpenAPI operation of GET /api/v1/x has no operationId" },
	{ "no responses", { NULL, NULL }, "{\"operationId\":\"a\"}", "modules/x.so: the OpenAPI"
	  " operation of GET /api/v1/x is no object with responses" },
	{ "no JSON", { NULL, NULL }, "{\"operationId\":}", "modules/x.so: the OpenAPI operation of"
	  " GET /api/v1/x: line 1, column 16: " },
};

/* A message that ends with a space is a beginning: the rest is somebody else's. */
static bool
is_message(const char *message, const char *expected)
{
	size_t n = strlen(expected);

	return expected[n - 1] == ' ' ? strncmp(message, expected, n) == 0 :
	    strcmp(message, expected) == 0;
}

static void
check_pair(const struct pair *p)
{
	const struct hd_route routes[] = {
		{ "GET", "/x", HD_READ, 0, NULL, .openapi = p->operation },
		{ 0 },
	};
	const struct hd_module hardware = { .name = "hardware", .version = "1.0.0",
		.openapi = p->fragments[0] };
	const struct hd_module x = { .name = "x", .version = "1.0.0", .openapi = p->fragments[1],
		.routes = p->operation != NULL ? routes : NULL };
	struct made m;
	bool built = build(&m, NULL,
	    (const struct hd_module *const[]){ &tickets_module, &hardware, &x, NULL });

	if (built != (p->message == NULL))
		fail_msg("%s: %s", p->what, built ? "accepted" : m.err.message);
	if (!built && !is_message(m.err.message, p->message))
		fail_msg("%s: \"%s\" is not \"%s\"", p->what, m.err.message, p->message);
	arena_fini(&m.arena);
}

static void
what_does_not_agree_is_refused_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		check_pair(&pairs[i]);
}

static void
a_route_without_operation_is_refused(void **state)
{
	static const struct hd_route routes[] = { { "GET", "/x", HD_READ, 0, NULL }, { 0 } };
	static const struct hd_module x = { .name = "x", .version = "1.0.0", .routes = routes };
	struct made m;

	(void)state;
	assert_false(build(&m, NULL, (const struct hd_module *const[]){ &x, NULL }));
	assert_string_equal(m.err.message,
	    "modules/x.so: GET /api/v1/x has no OpenAPI operation");
	arena_fini(&m.arena);
}

static void
paths_that_differ_in_parameters_alone_are_refused(void **state)
{
	static const struct hd_route routes[] = {
		{ "GET", "/x/{id}", HD_READ, 0, NULL, .openapi = OPERATION("a", "") },
		{ "GET", "/x/{id}/y", HD_READ, 0, NULL, .openapi = OPERATION("b", "") },
		{ "PUT", "/x/{key:text}", HD_READ, 0, NULL, .openapi = OPERATION("c", "") },
		{ 0 },
	};
	static const struct hd_module x = { .name = "x", .version = "1.0.0", .routes = routes };
	struct made m;

	(void)state;
	assert_false(build(&m, NULL, (const struct hd_module *const[]){ &x, NULL }));
	assert_string_equal(m.err.message, "modules/x.so: PUT /api/v1/x/{key:text} is"
	    " /api/v1/x/{id} in the OpenAPI document,"
	    " which knows no paths that differ in their parameters alone");
	arena_fini(&m.arena);
}

/* ---- the text ---- */

static void
equal_tables_give_equal_bytes(void **state)
{
	const struct hd_module *const modules[] = { &tickets_module, &orders_module, NULL };
	const struct hd_module *const fewer[] = { &tickets_module, NULL };
	struct made a, b, c;

	(void)state;
	assert_true(build(&a, "https://example.com", modules));
	assert_true(build(&b, "https://example.com", modules));
	assert_true(build(&c, "https://example.com", fewer));
	assert_true(text_equal(whole(&a), whole(&b)));
	assert_string_equal(a.site.document.etag, b.site.document.etag);
	assert_string_not_equal(a.site.document.etag, c.site.document.etag);
	assert_int_equal(strlen(a.site.document.etag), 18);
	arena_fini(&a.arena);
	arena_fini(&b.arena);
	arena_fini(&c.arena);
}

static void
servers_come_from_the_public_address(void **state)
{
	static const struct { const char *url, *servers; } cases[] = {
		{ "https://example.com", "[{\"url\":\"https://example.com\"}]" },
		{ "https://example.com/", "[{\"url\":\"https://example.com\"}]" },
		{ "https://example.com/desk", "[{\"url\":\"https://example.com/desk\"}]" },
		{ NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct made m;

		assert_true(build(&m, cases[i].url,
		    (const struct hd_module *const[]){ &tickets_module, NULL }));
		assert_true(text_equal(m.site.document.servers, text_of(cases[i].servers)));
		arena_fini(&m.arena);
	}
}

/* ---- patterns ---- */

/* The pattern of the first string in some forms, as regexec takes it. */
static void
compile(regex_t *re, struct arena *a, schema_forms *forms, const struct hd_field *f,
    const char *path)
{
	const struct json *j;
	struct out o;
	char *pattern, *to;

	out_init(&o, a, SIZE_MAX);
	out_char(&o, '[');
	forms(&o, f);
	out_char(&o, ']');
	assert_true(json_parse(a, (struct text){ o.at, o.len }, &j, NULL));
	j = find(j, path);
	assert_non_null(j);
	to = pattern = arena_copy(a, j->text.at, j->text.len);
	for (const char *p = j->text.at; *p != '\0'; p++)
		if (strncmp(p, "(?:", 3) == 0)
			*to++ = '(', p += 2;
		else
			*to++ = *p;
	*to = '\0';
	assert_int_equal(regcomp(re, pattern, REG_EXTENDED | REG_NOSUB), 0);
}

static bool
matches(const regex_t *re, const char *s)
{
	return regexec(re, s, 0, NULL, 0) == 0;
}

static void
the_pattern_of_dates_knows_the_calendar(void **state)
{
	static const int years[] = { 0, 1, 4, 96, 100, 104, 400, 1600, 1900, 1904, 1999, 2000, 2023,
		2024, 2100, 2400, 4000, 9600, 9900, 9996, 9999 };
	struct arena a;
	regex_t re;
	char date[64], out[ISO8601_DATE_SIZE];

	(void)state;
	arena_init(&a, 1 << 20);
	compile(&re, &a, schema_date_given, &(struct hd_field){ "d", HD_DATE }, "0 pattern");
	for (size_t y = 0; y < sizeof years / sizeof *years; y++)
		for (int i = 0; i < 14 * 33; i++) {
			snprintf(date, sizeof date, "%04d-%02d-%02d", years[y], i / 33, i % 33);
			if (matches(&re, date) != iso8601_date(text_of(date), out))
				fail_msg("%s", date);
		}
	regfree(&re);
	arena_fini(&a);
}

static void
the_pattern_of_times_allows_what_is_read(void **state)
{
	static const char *const times[] = {
		"2025-02-28", "2025-02-28T11:30", "2025-02-28T11:30:00", "2025-02-28T11:30:59.1",
		"2025-02-28T11:30:59.123456", "2025-02-28T11:30:59.1234567",
		"2025-02-28T11:30:00.", "2025-02-28T11:30:60", "2025-02-28T11:60",
		"2025-02-28T24:00", "2025-02-28T23:59Z", "2025-02-28T23:59z", "2025-02-28t23:59",
		"2025-02-28 23:59", "2025-02-28  23:59", "2025-02-28T23:59+01:00",
		"2025-02-28T23:59-23:59",
		"2025-02-28T23:59+24:00", "2025-02-28T23:59+01:60", "2025-02-28T23:59+0100",
		"2025-02-28T23:59+01", "2025-02-28T23", "2025-02-28T", "2025-02-28Z",
		"2025-02-29T10:00", "2024-02-29T10:00", "", " 2025-02-28", "2025-02-28 ",
		"2025-2-28", "2025-02-28T1:30", "20250228T113000", "0000-12-31T10:00",
		"2025-02-28T11:30:00,5",
	};
	struct arena a;
	regex_t re;
	char out[ISO8601_TIME_SIZE];

	(void)state;
	arena_init(&a, 1 << 20);
	compile(&re, &a, schema_time_given, &(struct hd_field){ "t", HD_TIME }, "0 pattern");
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		if (matches(&re, times[i]) != iso8601_time(text_of(times[i]), out))
			fail_msg("%s", times[i]);
	regfree(&re);
	arena_fini(&a);
}

static const struct {
	int64_t least, most;
} bounds[] = {
	{ 0, 0 }, { 0, INT64_MAX }, { 0, 5000 }, { 1, 99 }, { -5, 5 }, { -120, -7 }, { 18, 1099 },
	{ 0, 9 }, { 7, 7 }, { INT64_MIN, -1 },
};

/* Whether both patterns of the text form take it. */
static bool
allowed(struct arena *a, const struct hd_field *f, const char *digits)
{
	regex_t least, most;
	bool ok;

	compile(&most, a, schema_integer_given, f, "1 allOf 0 pattern");
	compile(&least, a, schema_integer_given, f, "1 allOf 1 pattern");
	ok = matches(&least, digits) && matches(&most, digits);
	regfree(&least);
	regfree(&most);
	return ok;
}

static void
the_patterns_of_digits_know_the_bounds(void **state)
{
	static const char *const numbers[] = {
		"0", "-0", "00", "1", "-1", "5", "6", "7", "8", "9", "10", "17", "18", "19",
		"-5", "-6", "-7", "-8", "98", "99", "100", "-119", "-120", "-121", "-1000",
		"999", "1000", "1098", "1099", "1100", "4999", "5000", "5001", "007",
		"10000", "0005000", "9223372036854775806", "9223372036854775807",
		"9223372036854775808", "9223372036854775810", "9223372036854775900",
		"09223372036854775807", "10000000000000000000", "-9223372036854775808",
		"-9223372036854775809", "-10000000000000000000", "8999999999999999999",
		"9199999999999999999", "", "-", "+1", "1 ", " 1", "1a", "0x1", "--1",
	};
	struct arena a;
	int64_t n;

	(void)state;
	for (size_t b = 0; b < sizeof bounds / sizeof *bounds; b++)
		for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
			struct hd_field f = { "n", HD_INTEGER, .least = bounds[b].least,
				.most = bounds[b].most };
			bool free = f.least == 0 && f.most == 0;
			bool fits = text_to_int(text_of(numbers[i]), &n) &&
			    (free || (n >= f.least && n <= f.most));

			arena_init(&a, 1 << 20);
			if (allowed(&a, &f, numbers[i]) != fits)
				fail_msg("%s within %lld and %lld", numbers[i], (long long)f.least,
				    (long long)f.most);
			arena_fini(&a);
		}
}

/* Whole patterns of texts hold Unicode, which regexec cannot try; their shape is this. */
#define INK	"[^\\u0000\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029" \
		"\\u202f\\u205f\\u3000]"
#define BLANKS	"[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029" \
		"\\u202f\\u205f\\u3000]*"
#define ANY	"[^\\u0000]"

static void
trimmed_texts_are_measured_between_their_blanks(void **state)
{
	static const struct { unsigned flags, max; const char *value, *pattern; } cases[] = {
		{ HD_REQUIRED, 255, NULL, "^" BLANKS INK ANY "*$" },
		{ 0, 255, NULL, "^" ANY "*$" },
		{ HD_REQUIRED | HD_TRIM, 0, NULL, "^" BLANKS INK ANY "*$" },
		{ HD_REQUIRED | HD_TRIM, 255, NULL,
		  "^" BLANKS INK "(?:" ANY "{0,253}" INK ")?" BLANKS "$" },
		{ HD_REQUIRED | HD_TRIM, 1, NULL, "^" BLANKS INK BLANKS "$" },
		{ HD_TRIM, 2, NULL, "^" BLANKS "(?:" INK "(?:" ANY "{0,0}" INK ")?" BLANKS ")?$" },
		{ HD_TRIM, 2, "\"a\"", "^" BLANKS INK "(?:" ANY "{0,0}" INK ")?" BLANKS "$" },
	};
	struct arena a;
	struct out o;
	const struct json *j;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hd_field f = { "t", HD_TEXT, cases[i].flags, .max = cases[i].max,
			.value = cases[i].value };

		arena_init(&a, 1 << 20);
		out_init(&o, &a, SIZE_MAX);
		out_char(&o, '[');
		schema_text_given(&o, &f);
		out_char(&o, ']');
		assert_true(json_parse(&a, (struct text){ o.at, o.len }, &j, NULL));
		assert_string_equal(find(j, "0 pattern")->text.at, cases[i].pattern);
		arena_fini(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_get_names_from_path_and_table),
		cmocka_unit_test(bodies_are_described_as_they_are_checked),
		cmocka_unit_test(answers_have_every_member),
		cmocka_unit_test(operations_tell_parameters_bodies_and_errors),
		cmocka_unit_test(own_routes_are_completed_from_their_tables),
		cmocka_unit_test(only_error_answers_that_are_referred_to_are_there),
		cmocka_unit_test(a_module_that_was_refused_is_not_described),
		cmocka_unit_test(what_does_not_agree_is_refused_by_name),
		cmocka_unit_test(a_route_without_operation_is_refused),
		cmocka_unit_test(paths_that_differ_in_parameters_alone_are_refused),
		cmocka_unit_test(equal_tables_give_equal_bytes),
		cmocka_unit_test(servers_come_from_the_public_address),
		cmocka_unit_test(the_pattern_of_dates_knows_the_calendar),
		cmocka_unit_test(the_pattern_of_times_allows_what_is_read),
		cmocka_unit_test(the_patterns_of_digits_know_the_bounds),
		cmocka_unit_test(trimmed_texts_are_measured_between_their_blanks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
