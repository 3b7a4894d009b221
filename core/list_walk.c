/*
 * list_walk.c - a whole list along the ids of its table
 */
#include "list_walk.h"

#include <string.h>

#include "db.h"
#include "list.h"
#include "request.h"
#include "resource.h"

/* The column of the time by which a list comes if nobody says otherwise; -1: it has none, or
 * one that is no order of the ids. */
static int
column_of_order(const struct resource *r)
{
	int i = r->d->order != NULL ? resource_column(r, r->d->order) : -1;

	return i >= 0 && r->columns[i].field->type == HD_CREATED ? i : -1;
}

static bool
is_whole(const struct list *l)
{
	return l->sort.own && l->where.sql.len == 0 && l->limit == 0 && !l->resumed;
}

struct list_walk
walk_begin(const struct list *l)
{
	bool shuffled = l->req->shuffled != NULL && atomic_load(l->req->shuffled);

	return (struct list_walk){ .column = is_whole(l) && !shuffled ? column_of_order(l->r) :
	    -1 };
}

/* In the order of the index: by bytes, then by length. */
static bool
is_younger(const struct list_walk *w, struct text made)
{
	size_t n = made.len < w->length ? made.len : w->length;
	int order = n == 0 ? 0 : memcmp(made.at, w->before, n);

	return w->length > 0 && (order > 0 || (order == 0 && made.len > w->length));
}

bool
walk_step(struct list_walk *w, const struct value *row)
{
	struct text made;

	if (w->column < 0)
		return true;
	made = row[w->column].text;
	/* What is no time of the server's own is not held against anything. */
	if (row[w->column].kind != VALUE_TEXT || made.len == 0 || made.len > sizeof(w->before) ||
	    is_younger(w, made)) {
		w->broken = true;
		return false;
	}
	memcpy(w->before, made.at, made.len);
	w->length = made.len;
	return true;
}

void
walk_give_up(struct list *l)
{
	if (l->req->shuffled != NULL)
		atomic_store(l->req->shuffled, true);
	l->walk = (struct list_walk){ .column = -1 };
	l->rows = 0;
	db_budget_again(l->req->db);
	answer_restart(l->req);
}
