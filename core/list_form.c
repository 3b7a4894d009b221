/*
 * list_form.c - how a list is written: as JSON, or as CSV
 */
#include "list_form.h"

#include <string.h>

#include "accept.h"
#include "arena.h"
#include "choice.h"
#include "csv.h"
#include "list.h"
#include "list_snippet.h"
#include "request.h"
#include "resource.h"
#include "row.h"

/* ---- JSON ---- */

static void
json_open(struct list *l)
{
	out_text(&l->req->answer.body, l->r->many_open);
}

static void
json_row(struct list *l, const struct value *row)
{
	struct out *out = &l->req->answer.body;

	if (l->rows > 0)
		out_char(out, ',');
	if (!l->snippets) {
		row_emit(l->req, row);
		return;
	}
	row_emit_members(l->req, row);
	out_string(out, ",\"snippet\":");
	list_snippet_json(l, row);
	out_char(out, '}');
}

static void
json_close(struct list *l)
{
	out_text(&l->req->answer.body, TEXT("]}"));
}

/* Whoever keeps this form must not take it for the other. */
static void
json_head(struct list *l)
{
	answer_header(l->req, "vary", TEXT("Accept"));
}

/* ---- CSV ---- */

static void
end_line(struct out *out)
{
	out_text(out, TEXT("\r\n"));
}

static void
csv_open(struct list *l)
{
	struct out *out = &l->req->answer.body;
	bool first = true;
	unsigned i;

	for (i = 0; i < l->r->count; i++) {
		if (!choice_has(l->req, i))
			continue;
		out_string(out, first ? "" : ",");
		out_string(out, l->r->columns[i].field->name);
		first = false;
	}
	out_string(out, l->snippets ? ",snippet" : "");
	end_line(out);
}

static void
csv_row(struct list *l, const struct value *row)
{
	struct out *out = &l->req->answer.body;
	struct emission e = { out, l->req, l->r, row[0].integer };
	bool first = true;
	unsigned i;

	row_whole(l->req, row);		/* for the tag */
	for (i = 0; i < l->r->count; i++) {
		if (!choice_has(l->req, i))
			continue;
		out_string(out, first ? "" : ",");
		csv_cell(&e, l->r->columns[i].field, &row[i]);
		first = false;
	}
	if (l->snippets) {
		out_char(out, ',');
		list_snippet_csv(l, row);
	}
	end_line(out);
}

static void
csv_close(struct list *l)
{
	(void)l;
}

static void
csv_head(struct list *l)
{
	const char *name = arena_printf(&l->req->arena, "attachment; filename=\"%s.csv\"",
	    strrchr(l->r->d->path, '/') + 1);

	answer_header(l->req, "content-type", TEXT("text/csv; charset=utf-8; header=present"));
	answer_header(l->req, "content-disposition", name != NULL ? text_of(name) :
	    TEXT("attachment"));
	answer_header(l->req, "vary", TEXT("Accept"));
}

/* ---- which ---- */

static const struct list_form
	json_form = { json_open, json_row, json_close, json_head },
	csv_form = { csv_open, csv_row, csv_close, csv_head };

const struct list_form *
list_form(const struct request *req)
{
	return accept_weight_named(req, "text", "csv") >
	    accept_weight(req, "application", "json") ? &csv_form : &json_form;
}
