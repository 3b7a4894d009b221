/*
 * openapi_operation - a route as an operation of the OpenAPI document
 *
 * Everything that the server checks is said here from the tables that it checks with.
 * What a module writes out itself is taken as it is.
 */
#include "openapi_operation.h"

#include <string.h>

#include "arena.h"
#include "err.h"
#include "json.h"
#include "openapi_error.h"
#include "openapi_fields.h"
#include "openapi_header.h"
#include "openapi_resource.h"
#include "out.h"
#include "resource.h"
#include "route.h"
#include "type_schema.h"

/* ---- parameters ---- */

static bool
has_parameter(const struct json *given, struct text name, const char *in)
{
	const struct json *n, *i;

	for (given = given != NULL ? given->first : NULL; given != NULL; given = given->next) {
		n = json_member(given, TEXT("name"));
		i = json_member(given, TEXT("in"));
		if (n != NULL && text_equal(n->text, name) && i != NULL &&
		    text_equal(i->text, text_of(in)))
			return true;
	}
	return false;
}

/* Whether the template's parameter is {name:text}. */
static bool
is_text(const struct route *r, struct text name)
{
	return name.at > r->path && name.at[-1] == '{' && name.at[name.len] == ':';
}

static void
write_path_parameter(struct out *o, const struct route *r, struct text name)
{
	out_string(o, "{\"name\":");
	json_text(o, name);
	out_string(o, ",\"in\":\"path\",\"required\":true,\"schema\":");
	out_string(o, is_text(r, name) ? "{\"type\":\"string\",\"minLength\":1}" :
	    "{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1,"
	    "\"maximum\":9223372036854775807},\"example\":202");
	out_string(o, "}");
}

/* An example as a parameter has it: what is text for the parameter is text in the document. */
static void
write_parameter_example(struct out *o, const struct hd_field *f)
{
	char first = f->example == NULL ? '\0' : f->example[0];
	bool number = first == '-' || (first >= '0' && first <= '9');

	if (first == '"' || (number && f->type == HD_INTEGER) ||
	    (f->type == HD_BOOLEAN && (first == 't' || first == 'f'))) {
		out_string(o, ",\"example\":");
		out_string(o, f->example);
	} else if (number) {
		out_string(o, ",\"example\":");
		json_text(o, text_of(f->example));
	}
}

static void
write_query_parameter(struct out *o, const struct hd_field *f)
{
	out_printf(o, "{\"name\":\"%s\",\"in\":\"query\",\"required\":%s", f->name,
	    schema_parameter_required(f) ? "true" : "false");
	if (f->doc != NULL) {
		out_string(o, ",\"description\":");
		json_text(o, text_of(f->doc));
	}
	out_string(o, ",\"schema\":{");
	schema_parameter(o, f);
	out_char(o, '}');
	write_parameter_example(o, f);
	out_char(o, '}');
}

static void
comma(struct out *o, bool *first, const char *begin)
{
	out_string(o, *first ? begin : ",");
	*first = false;
}

/* What the route takes without declaring it. */
static void
write_header_parameters(struct out *o, const struct route *r, const struct json *given,
    bool *first, const char *begin)
{
	size_t n;
	const struct openapi_header *h = openapi_headers(&n);

	for (; n > 0; n--, h++) {
		if (!h->of(r) || has_parameter(given, text_of(h->name), h->in))
			continue;
		comma(o, first, begin);
		out_printf(o, "{\"$ref\":\"#/components/parameters/%s\"}", h->component);
	}
}

/* The member "parameters", after a comma: those given, then those of path and query. */
static void
write_parameters(struct out *o, const struct route *r, const struct json *given)
{
	static const char begin[] = ",\"parameters\":[";
	bool first = true;
	struct text name;

	for (const struct json *j = given != NULL ? given->first : NULL; j != NULL; j = j->next) {
		comma(o, &first, begin);
		json_write(o, j);
	}
	for (unsigned i = 0; (name = route_param_name(r, i)).at != NULL; i++) {
		if (has_parameter(given, name, "path"))
			continue;
		comma(o, &first, begin);
		write_path_parameter(o, r, name);
	}
	for (const struct hd_field *f = r->query; f != NULL && f->name != NULL; f++) {
		if (has_parameter(given, text_of(f->name), "query"))
			continue;
		comma(o, &first, begin);
		write_query_parameter(o, f);
	}
	write_header_parameters(o, r, given, &first, begin);
	out_string(o, first ? "" : "]");
}

/* ---- bodies ---- */

static const char upload_body[] = ",\"requestBody\":{\"required\":true,\"content\":{"
    "\"multipart/form-data\":{\"schema\":{\"type\":\"object\",\"properties\":{\"file\":{"
    "\"type\":\"array\",\"items\":{\"type\":\"string\",\"format\":\"binary\"}}}}},"
    "\"application/octet-stream\":{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}}}";

static void
write_body(struct out *o, struct arena *arena, const struct route *r)
{
	enum fields_for what = r->partial ? FIELDS_CHANGE : FIELDS_CREATE;

	if (r->resource != NULL && r->operation == OP_UPLOAD)
		out_string(o, upload_body);
	if (r->body == NULL)
		return;
	out_string(o, ",\"requestBody\":{\"required\":true,\"content\":{\"application/json\":{"
	    "\"schema\":");
	if (r->resource != NULL)
		out_printf(o, "{\"$ref\":\"#/components/schemas/%s%s\"}",
		    openapi_resource_one(arena, r->resource), r->partial ? "Change" : "Create");
	else
		fields_given(o, arena, r->body, what, NULL);
	out_string(o, ",\"example\":");
	fields_given_example(o, r->body, what);
	out_string(o, "}}}");
}

/* An operation begins with its tags, and with the exemption from the key or what the key
 * needs. */
static void
open_operation(struct out *o, const struct route *r, const char *tag, const struct json *given)
{
	const struct json *tags = json_member(given, TEXT("tags"));

	out_string(o, "{\"tags\":");
	if (tags != NULL) {
		json_write(o, tags);
	} else {
		out_char(o, '[');
		json_text(o, text_of(tag));
		out_char(o, ']');
	}
	if ((r->flags & HD_PUBLIC) != 0)
		out_string(o, ",\"security\":[]");
	if (r->scope != NULL)
		out_printf(o, ",\"x-required-scope\":\"%s\"", r->scope);
}

/* ---- of a resource ---- */

/* What is said of an operation. */
static const struct wording {
	const char *verb;		/* of the operationId */
	const char *summary;		/* begins with this; the resource's words follow */
	bool many;			/* ... in the plural */
	const char *status, *answer;	/* answer: of the resource, or with a '/' as it is */
	const char *description;
} wordings[OPERATIONS] = {
	[OP_LIST] = { "list", "List", true, "200", "List",
	  "The full collection, or with limit a page of it. Filters combine with \"and\"; an empty "
	  "filter is no filter. As CSV for Accept: text/csv." },
	[OP_CREATE] = { "create", "Create", false, "201", "",
	  "Members that are absent take their default, or null. Read-only and unknown members are "
	  "ignored." },
	[OP_GET] = { "get", "Get", false, "200", "", "One, by its id." },
	[OP_PATCH] = { "update", "Update", false, "200", "",
	  "Members that are absent stay as they are, null empties one that may be empty. All or "
	  "nothing; read-only and unknown members are ignored." },
	[OP_PUT] = { "replace", "Update", false, "200", "",
	  "The same as PATCH: members that are absent stay as they are." },
	[OP_DELETE] = { "delete", "Delete", false, "200", "/Deleted",
	  "Removes it for good, with all that belongs to it; its id is never used again." },
	[OP_UPLOAD] = { "upload", "Upload", true, "201", "List",
	  "As multipart/form-data, every part with a file name is a file. Or the body is the file, "
	  "of any media type, and Content-Disposition tells its name." },
	[OP_DOWNLOAD] = { "download", "Download", false, "200", "/File",
	  "The file itself. Range asks for a part of it." },
	[OP_DETACH] = { "delete", "Delete", false, "200", "/Deleted", "Removes it for good." },
	[OP_RESTORE] = { "restore", "Restore", false, "200", "",
	  "It becomes what it was in that version, as a change like any other: a new version." },
};

static bool
is_many(unsigned operation)
{
	return operation == OP_LIST;
}

/* In which order a list comes, and what it leaves out. */
static void
describe_list(struct out *o, const struct hd_resource *d)
{
	if (d->listed != NULL)
		out_printf(o, " Only those whose %s is true.", d->listed);
	if (d->order != NULL)
		out_printf(o, " Latest %s first.", d->order);
	else
		out_string(o, " Highest id first.");
}

static void
write_words(struct out *o, struct arena *arena, const struct route *r, const struct wording *op)
{
	const struct resource *s = r->resource;
	struct out text;

	out_printf(o, ",\"operationId\":\"%s%s\",\"summary\":\"%s %s\",\"description\":", op->verb,
	    op->many ? openapi_resource_many(arena, s) : openapi_resource_one(arena, s),
	    op->summary, op->many ? openapi_resource_say_many(arena, s) :
	    openapi_resource_say_one(arena, s));
	out_init(&text, arena, SIZE_MAX);
	out_string(&text, op->description);
	if (is_many(r->operation))
		describe_list(&text, s->d);
	json_text(o, (struct text){ text.at, text.len });
}

static void
write_of_resource(struct out *o, struct arena *arena, const struct route *r)
{
	const struct wording *op = &wordings[r->operation];
	bool own = op->answer[0] != '/';

	write_words(o, arena, r, op);
	write_parameters(o, r, NULL);
	write_body(o, arena, r);
	out_printf(o, ",\"responses\":{\"%s\":{\"$ref\":\"#/components/responses/%s%s\"}",
	    op->status, own ? openapi_resource_one(arena, r->resource) : "",
	    own ? op->answer : op->answer + 1);
	openapi_header_responses(o, r);
	openapi_error_responses(o, r, NULL);
	out_char(o, '}');
}

/* ---- a module's own ---- */

/* What is written elsewhere: as it is, completed, or in spite of the module. */
static bool
has_own_place(struct text name)
{
	static const char *const names[] = { "tags", "security", "x-required-scope", "parameters",
		"responses" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (text_equal(name, text_of(names[i])))
			return true;
	return false;
}

static void
write_members(struct out *o, const struct json *given)
{
	for (const struct json *j = given->first; j != NULL; j = j->next) {
		if (has_own_place(j->name))
			continue;
		out_char(o, ',');
		json_text(o, j->name);
		out_char(o, ':');
		json_write(o, j);
	}
}

static void
write_responses(struct out *o, const struct route *r, const struct json *given)
{
	const struct json *responses = json_member(given, TEXT("responses"));
	bool first = true;

	out_string(o, ",\"responses\":{");
	for (const struct json *j = responses->first; j != NULL; j = j->next) {
		comma(o, &first, "");
		json_text(o, j->name);
		out_char(o, ':');
		json_write(o, j);
	}
	openapi_error_responses(o, r, responses);
	out_char(o, '}');
}

static bool
parse_declared(struct arena *arena, const struct route *r, const struct json **given,
    struct err *e)
{
	const struct json *responses;

	if (r->declared->openapi == NULL)
		return err_set(e, "%s %s has no OpenAPI operation", r->method, r->path);
	if (!json_parse(arena, text_of(r->declared->openapi), given, e))
		return err_prefix(e, "the OpenAPI operation of %s %s: ", r->method, r->path);
	responses = json_member(*given, TEXT("responses"));
	if (responses == NULL || responses->kind != JSON_OBJECT || responses->count == 0)
		return err_set(e, "the OpenAPI operation of %s %s is no object with responses",
		    r->method, r->path);
	return true;
}

static void
write_declared(struct out *o, struct arena *arena, const struct route *r,
    const struct json *given)
{
	write_members(o, given);
	write_parameters(o, r, json_member(given, TEXT("parameters")));
	if (json_member(given, TEXT("requestBody")) == NULL)
		write_body(o, arena, r);
	write_responses(o, r, given);
}

bool
openapi_operation(struct arena *arena, const struct route *r, const char *tag,
    const struct json **ret, struct err *e)
{
	const struct json *given = NULL;
	struct out o;

	if (r->declared != NULL && !parse_declared(arena, r, &given, e))
		return false;
	out_init(&o, arena, SIZE_MAX);
	open_operation(&o, r, tag, given);
	if (given != NULL)
		write_declared(&o, arena, r, given);
	else
		write_of_resource(&o, arena, r);
	out_char(&o, '}');
	if (o.failed)
		return err_set(e, "no memory for the OpenAPI document");
	if (!json_parse(arena, (struct text){ o.at, o.len }, ret, e))
		return err_prefix(e, "%s %s in the OpenAPI document: ", r->method, r->path);
	return true;
}
