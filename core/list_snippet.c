/*
 * list_snippet.c - what a row of a search has around the text that was searched for
 */
#include "list_snippet.h"

#include "arena.h"
#include "attachment.h"
#include "cleanup.h"
#include "csv.h"
#include "json.h"
#include "list.h"
#include "request.h"
#include "resource.h"
#include "snippet.h"

enum {
	MEMORY = 64 * 1024,		/* of one snippet */
	HURRIED = 1024 * 1024		/* bytes that are looked through on an event loop */
};

/* A row's snippet on its way. */
struct finding {
	struct list *list;
	struct arena arena;
	struct text shown;		/* absent: none yet, or it could not be made */
};

/* Whether so much more may be looked through here. */
static bool
may_read(struct list *l, size_t n)
{
	l->looked += n;
	return !l->req->hurried || l->looked <= HURRIED ||
	    request_fail_db(l->req, DB_OVER_BUDGET);
}

/* A row whose snippet cannot be made has none: that is no reason to keep back the list. */
static void
show(struct finding *f, const struct snippet *s)
{
	struct out out;

	out_init(&out, &f->arena, SIZE_MAX);
	snippet_write(&out, s);
	if (!out.failed)
		f->shown = (struct text){ out.len > 0 ? out.at : "", out.len };
}

static void
look_into(struct finding *f, struct text t)
{
	struct snippet s;

	if (f->shown.at != NULL || t.len == 0 || f->list->req->status != 0 ||
	    !may_read(f->list, t.len))
		return;
	if (snippet_find(t, f->list->where.term, &s) == SNIPPET_FOUND)
		show(f, &s);
}

static void
look_into_name(void *context, struct text filename)
{
	look_into(context, filename);
}

static void
look_into_column(struct finding *f, unsigned i, const struct value *row)
{
	const struct resource *r = f->list->r;

	if (r->columns[i].field->type == HD_ATTACHMENTS && f->shown.at == NULL)
		attachment_names(f->list->req, r->d->table, row[0].integer, look_into_name, f);
	else if (r->columns[i].field->type == HD_TEXT && row[i].kind == VALUE_TEXT)
		look_into(f, row[i].text);
}

static void
find(struct finding *f, const struct value *row)
{
	const struct resource *r = f->list->r;
	unsigned i, title = r->count;

	for (i = 0; i < r->count; i++) {
		if ((r->columns[i].field->flags & HD_SEARCH) == 0)
			continue;
		if (title == r->count)
			title = i;
		else
			look_into_column(f, i, row);
	}
	if (title < r->count)
		look_into_column(f, title, row);
}

static void
write_snippet(struct list *l, const struct value *row, void (*write)(struct out *, struct text))
{
	struct finding f = { .list = l };

	arena_init(&f.arena, MEMORY);
	if (l->where.term.len > 0)
		find(&f, row);
	write(&l->req->answer.body, f.shown);
	arena_fini(&f.arena);
}

void
list_snippet_json(struct list *l, const struct value *row)
{
	write_snippet(l, row, json_text);
}

static void
write_cell(struct out *out, struct text t)
{
	if (t.at != NULL)
		csv_text(out, t);
}

void
list_snippet_csv(struct list *l, const struct value *row)
{
	write_snippet(l, row, write_cell);
}
