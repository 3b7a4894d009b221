/*
 * openapi_resource - what a resource is called and consists of in the OpenAPI document
 *
 * Names are made from what the module's table says and from nothing else: generated
 * clients carry them, so they stay as long as the table does.  (The plural comes from
 * the path: the envelope of a list may be called "results".)
 */
#include "openapi_resource.h"

#include <string.h>

#include "arena.h"
#include "err.h"
#include "json.h"
#include "openapi_fields.h"
#include "openapi_merge.h"
#include "out.h"
#include "resource.h"

/* ---- names ---- */

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "purchase-orders" as "PurchaseOrders". */
static const char *
make_name(struct arena *arena, const char *words)
{
	char *name = arena_copy(arena, words, strlen(words)), *to = name;
	bool begin = true;

	if (name == NULL)
		return NULL;
	for (; *words != '\0'; words++) {
		if (is_letter(*words))
			*to++ = begin ? (char)(*words & ~0x20) : *words;
		else if (is_digit(*words))
			*to++ = *words;
		begin = !is_letter(*words) && !is_digit(*words);
	}
	*to = '\0';
	return name;
}

/* "purchase-orders" as "purchase orders". */
static const char *
make_words(struct arena *arena, const char *words)
{
	char *said = arena_copy(arena, words, strlen(words));

	for (char *p = said; p != NULL && *p != '\0'; p++)
		if (!is_letter(*p) && !is_digit(*p))
			*p = ' ';
	return said;
}

static const char *
last_segment(const struct resource *r)
{
	return strrchr(r->d->path, '/') + 1;
}

/* A name behind that of the resource that stands above: TicketComment. */
static const char *
below(struct arena *arena, const struct resource *r, const char *name)
{
	const char *above = r->parent != NULL ? openapi_resource_one(arena, r->parent) : "";

	return above != NULL && name != NULL ? arena_printf(arena, "%s%s", above, name) : NULL;
}

const char *
openapi_resource_one(struct arena *arena, const struct resource *r)
{
	return below(arena, r, make_name(arena, r->d->one));
}

const char *
openapi_resource_many(struct arena *arena, const struct resource *r)
{
	return below(arena, r, make_name(arena, last_segment(r)));
}

const char *
openapi_resource_say_one(struct arena *arena, const struct resource *r)
{
	return make_words(arena, r->d->one);
}

const char *
openapi_resource_say_many(struct arena *arena, const struct resource *r)
{
	return make_words(arena, last_segment(r));
}

/* ---- components ---- */

/* What the writers of components need to know. */
struct subject {
	struct arena *arena;
	const struct resource *r;
	const char *name;	/* "Ticket" */
};

static void
write_row(struct out *o, const struct subject *s)
{
	fields_answered(o, s->arena, s->r->d->fields, s->r->d->doc);
}

static void
write_create(struct out *o, const struct subject *s)
{
	fields_given(o, s->arena, s->r->d->fields, FIELDS_CREATE, NULL);
}

static void
write_change(struct out *o, const struct subject *s)
{
	fields_given(o, s->arena, s->r->d->fields, FIELDS_CHANGE,
	    "What is to change; members that are absent stay as they are");
}

/* What is said of a list besides its rows, when it is asked for. */
static const char list_headers[] =
    ",\"X-Total-Count\":{\"description\":\"How many there are on all pages; with count\","
    "\"schema\":{\"type\":\"integer\",\"minimum\":0},\"example\":202},"
    "\"Link\":{\"description\":\"The way to the next page, unless this is the last, and to the"
    " first (RFC 8288); with limit\",\"schema\":{\"type\":\"string\"},"
    "\"example\":\"</api/v1/things?limit=50>; rel=\\\"first\\\"\"}";

/*
 * An answer of one member, which holds a row or, as a list, rows.  The other form of a list,
 * CSV, stands in the words alone: as a second type of content it would make the answer of
 * generated clients "rows or text", for all who never asked for text.
 */
static void
write_envelope(struct out *o, const struct subject *s, const char *member, bool list)
{
	const char *open = list ? "{\"type\":\"array\",\"items\":" : "", *close = list ? "}" : "";

	out_printf(o, "\"headers\":{\"X-Request-Id\":{\"$ref\":"
	    "\"#/components/headers/X-Request-Id\"},"
	    "\"ETag\":{\"$ref\":\"#/components/headers/ETag\"}%s},"
	    "\"content\":{\"application/json\":{"
	    "\"schema\":{\"type\":\"object\",\"required\":[\"%s\"],\"properties\":{\"%s\":"
	    "%s{\"$ref\":\"#/components/schemas/%s\"}%s}},\"example\":{\"%s\":%s",
	    list ? list_headers : ",\"Location\":{\"$ref\":\"#/components/headers/Location\"}",
	    member, member, open, s->name, close, member, list ? "[" : "");
	fields_answered_example(o, s->r->d->fields);
	out_string(o, list ? "]}}}}" : "}}}}");
}

static void
write_one(struct out *o, const struct subject *s)
{
	out_printf(o, "{\"description\":\"The %s\",",
	    openapi_resource_say_one(s->arena, s->r));
	write_envelope(o, s, s->r->d->one, false);
}

static void
write_list(struct out *o, const struct subject *s)
{
	out_printf(o, "{\"description\":\"The %s\",",
	    openapi_resource_say_many(s->arena, s->r));
	write_envelope(o, s, s->r->d->many, true);
}

static void
write_deleted(struct out *o, const struct subject *s)
{
	(void)s;
	out_string(o, "{\"description\":\"It is gone\",\"headers\":{\"X-Request-Id\":{\"$ref\":"
	    "\"#/components/headers/X-Request-Id\"}},\"content\":{\"application/json\":{"
	    "\"schema\":{\"type\":\"object\",\"required\":[\"status\",\"id\"],\"properties\":{"
	    "\"status\":{\"type\":\"string\",\"enum\":[\"deleted\"]},"
	    "\"id\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1}}},"
	    "\"example\":{\"status\":\"deleted\",\"id\":202}}}}");
}

static void
write_file(struct out *o, const struct subject *s)
{
	(void)s;
	out_string(o, "{\"description\":\"The file, or with Range (206) a part of it\","
	    "\"headers\":{\"X-Request-Id\":{\"$ref\":\"#/components/headers/X-Request-Id\"}},"
	    "\"content\":{\"*/*\":{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}}}");
}

enum {
	ONE = 1 << OP_CREATE | 1 << OP_GET | 1 << OP_PATCH | 1 << OP_PUT | 1 << OP_RESTORE,
	LIST = 1 << OP_LIST | 1 << OP_UPLOAD,
	DELETED = 1 << OP_DELETE | 1 << OP_DETACH
};

static const struct {
	const char *section, *name;	/* name: "%s" is the resource's */
	void (*write)(struct out *, const struct subject *);
	unsigned operations;		/* that refer to it */
} components[] = {
	{ "schemas",   "%s",       write_row, ONE | LIST },
	{ "schemas",   "%sCreate", write_create, 1 << OP_CREATE },
	{ "schemas",   "%sChange", write_change, 1 << OP_PATCH | 1 << OP_PUT },
	{ "responses", "%s",       write_one, ONE },
	{ "responses", "%sList",   write_list, LIST },
	{ "responses", "Deleted",  write_deleted, DELETED },
	{ "responses", "File",     write_file, 1 << OP_DOWNLOAD },
};

/* "%sCreate" for "Ticket": "TicketCreate". */
static struct text
component_name(struct arena *arena, const char *pattern, const char *name)
{
	bool of_resource = strncmp(pattern, "%s", 2) == 0;

	return text_of(arena_printf(arena, "%s%s", of_resource ? name : "",
	    of_resource ? pattern + 2 : pattern));
}

static bool
add(struct merge *m, const struct subject *s, size_t i, const struct hd_module *owner,
    struct err *e)
{
	struct text name = component_name(s->arena, components[i].name, s->name);
	const struct json *json;
	struct out o;

	out_init(&o, s->arena, SIZE_MAX);
	components[i].write(&o, s);
	if (o.failed || name.at == NULL)
		return err_set(e, "no memory for the OpenAPI document");
	if (!json_parse(s->arena, (struct text){ o.at, o.len }, &json, e))
		return err_prefix(e, "the examples of %s are not JSON: ", s->r->d->path);
	return merge_component(m, components[i].section, name, json, owner, e);
}

bool
openapi_resource_components(struct merge *m, struct arena *arena, const struct resource *r,
    const struct hd_module *owner, struct err *e)
{
	struct subject s = { arena, r, openapi_resource_one(arena, r) };

	if (s.name == NULL)
		return err_set(e, "no memory for the OpenAPI document");
	for (size_t i = 0; i < sizeof components / sizeof *components; i++)
		if ((r->operations & components[i].operations) != 0 && !add(m, &s, i, owner, e))
			return false;
	return true;
}
