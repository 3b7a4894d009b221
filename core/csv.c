/*
 * csv.c - rows as comma-separated values (RFC 4180)
 */
#include "csv.h"

#include <string.h>

#include "arena.h"
#include "attachment.h"
#include "cleanup.h"
#include "err.h"
#include "json.h"
#include "out.h"
#include "request.h"
#include "resource.h"
#include "type.h"

enum { TAGS_MEMORY = 64 * 1024 * 1024 };	/* for the tags of one row */

static bool
needs_quotes(struct text t)
{
	size_t i;

	for (i = 0; i < t.len; i++)
		if (t.at[i] == '"' || t.at[i] == ',' || t.at[i] == '\r' || t.at[i] == '\n')
			return true;
	return t.len == 0;
}

/* Text inside of quotes. */
static void
quoted(struct out *out, struct text t)
{
	const char *end = t.at + t.len, *mark;

	while ((mark = memchr(t.at, '"', (size_t)(end - t.at))) != NULL) {
		out_bytes(out, t.at, (size_t)(mark - t.at));
		out_string(out, "\"\"");
		t.at = mark + 1;
	}
	out_bytes(out, t.at, (size_t)(end - t.at));
}

void
csv_text(struct out *out, struct text t)
{
	if (!needs_quotes(t)) {
		out_text(out, t);
		return;
	}
	out_char(out, '"');
	if (t.len > 0)
		quoted(out, t);
	out_char(out, '"');
}

/* ---- lists in a cell ---- */

/* A cell of several texts; they are in quotes, as the comma between them is. */
struct several {
	struct out *out;
	bool any;
};

static void
add(void *context, struct text t)
{
	struct several *s = context;

	out_string(s->out, s->any ? ", " : "\"");
	s->any = true;
	if (t.len > 0)
		quoted(s->out, t);
}

static void
end(struct several *s)
{
	out_string(s->out, s->any ? "\"" : "");
}

static void
tags(struct emission *e, const struct value *v)
{
	CLEANUP(arena_fini) struct arena a;
	struct several s = { e->out, false };
	const struct json *list, *tag;
	struct err err;

	if (v->kind != VALUE_TEXT)
		return;
	arena_init(&a, TAGS_MEMORY);
	if (!json_parse(&a, v->text, &list, &err)) {
		request_fail_inside(e->req, "tags: %s", err.message);
		return;
	}
	for (tag = list->first; tag != NULL; tag = tag->next)
		add(&s, tag->text);
	end(&s);
}

static void
attachments(struct emission *e, const struct value *v)
{
	struct several s = { e->out, false };

	(void)v;
	attachment_names(e->req, e->resource->d->table, e->id, add, &s);
	end(&s);
}

static void
boolean(struct emission *e, const struct value *v)
{
	if (v->kind == VALUE_INT)
		out_string(e->out, v->integer ? "true" : "false");
}

/* ---- cells ---- */

/* Those of other types are what the value is: a number or a text. */
static void (*const cells[])(struct emission *, const struct value *) = {
	[HD_BOOLEAN] = boolean, [HD_TAGS] = tags, [HD_ATTACHMENTS] = attachments,
};

void
csv_cell(struct emission *e, const struct hd_field *f, const struct value *v)
{
	size_t type = f->type;

	if (type < sizeof(cells) / sizeof(cells[0]) && cells[type] != NULL)
		cells[type](e, v);
	else if (v->kind == VALUE_INT)
		out_int(e->out, v->integer);
	else if (v->kind == VALUE_TEXT)
		csv_text(e->out, v->text);
}
