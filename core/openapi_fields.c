/*
 * openapi_fields - JSON Schemas and examples of objects, from a field table
 *
 * Says of null, of "" for null, of defaults and of what is required just what body.c
 * does; what a value of a type may be is type_schema.c's business.  Members that a body
 * may hold but that mean nothing there are not described: they are ignored, whatever
 * they hold.
 *
 * There is no "default" in these schemas: client generators take a member that has one
 * for a member that must be sent.  The description says it instead.
 */
#include "openapi_fields.h"

#include <stdbool.h>
#include <string.h>

#include "arena.h"
#include "json.h"
#include "out.h"
#include "type.h"
#include "type_schema.h"

/* ---- what a member is ---- */

/* One sentence after another; a doc has no full stop. */
static void
add_note(struct out *o, const char *note)
{
	if (note == NULL)
		return;
	out_string(o, o->len > 0 ? ". " : "");
	out_string(o, note);
}

static void
write_description(struct out *o, const struct out *notes)
{
	if (notes->len == 0)
		return;
	out_string(o, ",\"description\":");
	json_text(o, (struct text){ notes->at, notes->len });
}

static void
describe_answered(struct out *o, struct arena *arena, const struct hd_field *f)
{
	struct out notes;

	out_init(&notes, arena, SIZE_MAX);
	add_note(&notes, f->doc);
	write_description(o, &notes);
}

static void
describe_given(struct out *o, struct arena *arena, const struct hd_field *f, enum fields_for what)
{
	struct out notes;

	out_init(&notes, arena, SIZE_MAX);
	add_note(&notes, f->doc);
	if ((f->flags & HD_UNIQUE) != 0)
		add_note(&notes, "No two may share a value");
	if (what == FIELDS_CREATE && (f->flags & HD_CALLER) != 0)
		add_note(&notes, "If absent, the default user of the API client");
	if (what == FIELDS_CREATE && f->value != NULL) {
		add_note(&notes, "If absent, ");
		out_string(&notes, f->value);
	}
	write_description(o, &notes);
}

/* ---- examples ---- */

/* Where a module gives no example; what is answered, as it has one form only. */
static const char *const examples[] = {
	[HD_ID] = "1",
	[HD_TEXT] = "\"Text\"",
	[HD_INTEGER] = "1",
	[HD_BOOLEAN] = "true",
	[HD_DATE] = "\"2025-02-28\"",
	[HD_TIME] = "\"2025-02-28T11:30:00\"",
	[HD_USER] = "7",
	[HD_USER_NAME] = "\"tech01\"",
	[HD_TAGS] = "[\"vpn\",\"network\"]",
	[HD_CREATED] = "\"2025-02-28T09:45:03.104281\"",
	[HD_UPDATED] = "\"2025-02-28T09:45:03.104281\"",
	[HD_EDITOR] = "7",
	[HD_ATTACHMENTS] = "[{\"id\":91,\"filename\":\"vpn_profile_reset.pdf\","
	    "\"uploaded_at\":\"2025-01-04T16:21:22\",\"size\":145223}]",
	[HD_PARENT] = "202",
	[HD_JSON] = "{}",
};

/* Whether a module's example, which is of the form that clients send, is answered like that. */
static bool
answered_as_sent(const struct hd_field *f)
{
	static const char first[] = {
		[HD_TEXT] = '"', [HD_DATE] = '"', [HD_TIME] = '"', [HD_TAGS] = '[',
	};
	bool is_string = f->example[0] == '"';

	if (f->type == HD_USER || f->type == HD_INTEGER || f->type == HD_EDITOR)
		return !is_string;
	return f->type >= sizeof first || first[f->type] == '\0' ||
	    f->example[0] == first[f->type];
}

static bool
has_example(const struct hd_field *f)
{
	return f->example != NULL && strcmp(f->example, "null") != 0;
}

static void
write_answered_example(struct out *o, const struct hd_field *f)
{
	if (has_example(f) && answered_as_sent(f))
		out_string(o, f->example);
	else if (!has_example(f) && f->value != NULL)
		out_string(o, f->value);
	else
		out_string(o, examples[f->type]);
}

static const struct hd_field *
field_named(const struct hd_field *f, const char *name)
{
	while (f->name != NULL && strcmp(f->name, name) != 0)
		f++;
	return f->name != NULL ? f : NULL;
}

/*
 * Most moments that may be absent have not come yet ("closed_at" of an open ticket), and
 * who has no example has no name.
 */
static bool
absent_in_example(const struct hd_field *fields, const struct hd_field *f)
{
	const struct hd_field *user = f->of != NULL ? field_named(fields, f->of) : NULL;

	if (user != NULL)
		return absent_in_example(fields, user);
	return field_nullable(f) && (f->type == HD_TIME || !has_example(f));
}

void
fields_answered_example(struct out *o, const struct hd_field *fields)
{
	bool first = true;

	out_char(o, '{');
	for (const struct hd_field *f = fields; f->name != NULL; f++) {
		json_name(o, &first, f->name);
		if (absent_in_example(fields, f))
			out_string(o, "null");
		else
			write_answered_example(o, f);
	}
	out_char(o, '}');
}

/* ---- what is answered ---- */

static void
open_object(struct out *o, const char *doc)
{
	out_string(o, "{\"type\":\"object\"");
	if (doc != NULL) {
		out_string(o, ",\"description\":");
		json_text(o, text_of(doc));
	}
}

static void
write_answered(struct out *o, struct arena *arena, const struct hd_field *f)
{
	out_string(o, field_nullable(f) ? "{\"nullable\":true," : "{");
	type_of(f->type)->describe(o, f);
	describe_answered(o, arena, f);
	if (has_example(f)) {
		out_string(o, ",\"example\":");
		write_answered_example(o, f);
	}
	out_char(o, '}');
}

void
fields_answered(struct out *o, struct arena *arena, const struct hd_field *fields,
    const char *doc)
{
	bool first = true;

	open_object(o, doc);
	out_string(o, ",\"required\":[");
	for (const struct hd_field *f = fields; f->name != NULL; f++)
		out_printf(o, "%s\"%s\"", f == fields ? "" : ",", f->name);
	out_string(o, "],\"properties\":{");
	for (const struct hd_field *f = fields; f->name != NULL; f++) {
		json_name(o, &first, f->name);
		write_answered(o, arena, f);
	}
	out_string(o, "}}");
}

/* ---- what is accepted ---- */

static bool
writable(const struct hd_field *f, enum fields_for what)
{
	return type_of(f->type)->given && (f->flags & HD_READ_ONLY) == 0 &&
	    (what == FIELDS_CREATE || (f->flags & HD_CREATE_ONLY) == 0);
}

/* Whether a member that says nothing takes a default. */
static bool
has_default(const struct hd_field *f)
{
	return f->value != NULL || (f->flags & HD_CALLER) != 0;
}

static bool
must_be_given(const struct hd_field *f)
{
	return (f->flags & HD_REQUIRED) != 0 && !has_default(f) && f->type != HD_TAGS;
}

static bool
may_be_null(const struct hd_field *f, enum fields_for what)
{
	if (f->type == HD_TAGS)
		return true;
	if (f->type == HD_BOOLEAN && f->value != NULL)
		return false;
	if (what == FIELDS_CREATE)
		return has_default(f) || (f->flags & HD_REQUIRED) == 0;
	return !has_default(f) && (f->flags & HD_REQUIRED) == 0;
}

/* Whether "" is accepted though it is no value of the type: as null, or for the default. */
static bool
may_be_blank(const struct hd_field *f, enum fields_for what)
{
	if (f->type == HD_TEXT)
		return what == FIELDS_CREATE && f->value != NULL && (f->flags & HD_REQUIRED) == 0;
	return type_of(f->type)->blank_is_null && may_be_null(f, what);
}

/* The forms that a value may have, as an array. */
static const struct json *
forms_of(struct arena *arena, const struct hd_field *f, enum fields_for what)
{
	const struct json *forms = NULL;
	struct out o;

	out_init(&o, arena, SIZE_MAX);
	out_char(&o, '[');
	type_of(f->type)->describe_given(&o, f);
	if (may_be_blank(f, what)) {
		out_char(&o, ',');
		schema_nothing(&o, f);
	}
	out_char(&o, ']');
	if (o.failed || !json_parse(arena, (struct text){ o.at, o.len }, &forms, NULL))
		return NULL;
	return forms;
}

/* The members of a form; null is allowed beside a "type" only, so the first form takes it. */
static void
write_form(struct out *o, const struct json *form, bool nullable)
{
	bool first = !nullable;

	if (nullable)
		out_string(o, "\"nullable\":true");
	for (const struct json *j = form->first; j != NULL; j = j->next) {
		out_string(o, first ? "" : ",");
		first = false;
		json_text(o, j->name);
		out_char(o, ':');
		json_write(o, j);
	}
}

static void
write_forms(struct out *o, const struct json *forms, bool nullable)
{
	if (forms->count == 1) {
		write_form(o, forms->first, nullable);
		return;
	}
	out_string(o, "\"anyOf\":[");
	for (const struct json *j = forms->first; j != NULL; j = j->next) {
		out_string(o, j == forms->first ? "{" : ",{");
		write_form(o, j, nullable && j == forms->first);
		out_char(o, '}');
	}
	out_char(o, ']');
}

static void
write_given(struct out *o, struct arena *arena, const struct hd_field *f, enum fields_for what)
{
	const struct json *forms = forms_of(arena, f, what);

	if (forms == NULL) {
		o->failed = true;
		return;
	}
	out_char(o, '{');
	write_forms(o, forms, may_be_null(f, what));
	describe_given(o, arena, f, what);
	if (has_example(f)) {
		out_string(o, ",\"example\":");
		out_string(o, f->example);
	}
	out_char(o, '}');
}

static void
write_required(struct out *o, const struct hd_field *fields)
{
	bool first = true;

	for (const struct hd_field *f = fields; f->name != NULL; f++) {
		if (!type_of(f->type)->given || !must_be_given(f))
			continue;
		out_printf(o, "%s\"%s\"", first ? ",\"required\":[" : ",", f->name);
		first = false;
	}
	out_string(o, first ? "" : "]");
}

void
fields_given(struct out *o, struct arena *arena, const struct hd_field *fields,
    enum fields_for what, const char *doc)
{
	bool first = true;

	open_object(o, doc);
	if (what == FIELDS_CREATE)
		write_required(o, fields);
	out_string(o, ",\"properties\":{");
	for (const struct hd_field *f = fields; f->name != NULL; f++) {
		if (!writable(f, what))
			continue;
		json_name(o, &first, f->name);
		write_given(o, arena, f, what);
	}
	out_string(o, "}}");
}

/* ---- examples of bodies ---- */

/* A new row has all that has an example, a change no more than a person would send. */
static bool
in_given_example(const struct hd_field *f, enum fields_for what, unsigned before)
{
	enum { CHANGES = 3 };

	if (!writable(f, what) || f->type == HD_TIME)
		return false;
	if (what == FIELDS_CREATE)
		return has_example(f) || must_be_given(f);
	return has_example(f) && before < CHANGES && (f->flags & (HD_REQUIRED | HD_UNIQUE)) == 0;
}

void
fields_given_example(struct out *o, const struct hd_field *f, enum fields_for what)
{
	bool first = true;
	unsigned n = 0;

	out_char(o, '{');
	for (; f->name != NULL; f++) {
		if (!in_given_example(f, what, n))
			continue;
		n++;
		json_name(o, &first, f->name);
		out_string(o, has_example(f) ? f->example : examples[f->type]);
	}
	out_char(o, '}');
}
