/*
 * list_parameter.c - the query parameters of a list, from its field table
 *
 * The filters and the search are the table's; what every list takes besides stands in a
 * table here.  Who declares a name first has it: a module that was written before the
 * list took a parameter of this name goes on as it was.
 */
#include "list_parameter.h"

#include <string.h>

#include "arena.h"
#include "out.h"
#include "resource.h"
#include "text.h"

enum { LIMIT_MOST = 1000 };

/* Parameters on their way. */
struct making {
	struct arena *a;
	struct resource *r;
	struct hd_field *fields;
	struct list_parameter *roles;
	unsigned count;
};

static bool
is_taken(const struct making *m, const char *name)
{
	unsigned i;

	for (i = 0; i < m->count; i++)
		if (strcmp(m->fields[i].name, name) == 0)
			return true;
	return false;
}

static void
add(struct making *m, enum list_role role, unsigned column, struct hd_field field)
{
	if (is_taken(m, field.name))
		return;
	if (m->r->role_at[role] < 0)
		m->r->role_at[role] = (int)m->count;
	m->roles[m->count] = (struct list_parameter){ role, column };
	m->fields[m->count++] = field;
}

/* ---- what the table declares ---- */

enum { FILTERS = HD_FILTER | HD_CONTAINS | HD_EXACT };

/* What is said of a filter. */
static const char *
filter_note(const struct making *m, const struct hd_field *f)
{
	const char *what = "the value is this one";

	if (f->type == HD_USER)
		what = "it is this user, by id or name";
	else if (f->flags & HD_CONTAINS)
		what = "a part of the value is this text, case ignored";
	else if (f->flags & HD_FILTER)
		what = "the whole value is this text, case ignored";
	return arena_printf(m->a, "Only where %s. Given several times, or with commas: any of "
	    "them; a comma in a value is sent as %%2C", what);
}

/* They are text whatever the field is: a filter that means nothing finds nothing.  The
 * flag that makes a filter stays, and says that it takes several values. */
static void
add_filter(struct making *m, unsigned column)
{
	struct hd_field f = *m->r->columns[column].field;

	if ((f.flags & FILTERS) == 0)
		return;
	f.doc = filter_note(m, &f);
	if (f.filter != NULL)
		f.name = f.filter;
	f.type = HD_TEXT;
	f.flags &= FILTERS;
	f.max = 0;
	f.least = f.most = 0;
	f.value = NULL;
	add(m, LIST_FILTER, column, f);
}

static void
add_search(struct making *m)
{
	const struct hd_resource *d = m->r->d;

	if (d->search != NULL)
		add(m, LIST_SEARCH, 0, (struct hd_field){ .name = d->search, .type = HD_TEXT,
		    .flags = d->flags & HD_SEARCH_OPTIONAL ? 0 : HD_REQUIRED,
		    .doc = "Text to be found in any of the searched members, case ignored" });
}

static void
add_span(struct making *m, unsigned column)
{
	const struct hd_field *f = m->r->columns[column].field;

	if ((f->flags & HD_SPAN) == 0)
		return;
	add(m, LIST_SINCE, column, (struct hd_field){ .name = "since", .type = HD_TIME,
	    .doc = arena_printf(m->a, "Only where %s is not before this", f->name),
	    .example = "\"2025-03-01\"" });
	add(m, LIST_UNTIL, column, (struct hd_field){ .name = "until", .type = HD_TIME,
	    .doc = arena_printf(m->a, "Only where %s is before this", f->name),
	    .example = "\"2025-04-01\"" });
}

/* ---- what every list takes ---- */

static bool
always(const struct resource *r)
{
	(void)r;
	return true;
}

static bool
has_search(const struct resource *r)
{
	return r->d->search != NULL && r->searched;
}

static const struct {
	enum list_role role;
	bool (*has)(const struct resource *);
	struct hd_field field;
} own[] = {
	{ LIST_LIMIT, always, { "limit", HD_INTEGER, .least = 1, .most = LIMIT_MOST,
	  .doc = "At most so many rows; the header Link has the way to the next",
	  .example = "50" } },
	{ LIST_CURSOR, always, { "cursor", HD_TEXT,
	  .doc = "Where to go on, as a Link with rel=\"next\" has it; of this order and these "
	  "filters alone" } },
	{ LIST_SORT, always, { "sort", HD_TEXT } },
	{ LIST_FIELDS, always, { "fields", HD_TEXT, .doc = "These members alone, separated by "
	  "commas", .example = "\"id\"" } },
	{ LIST_COUNT, always, { "count", HD_BOOLEAN, .most = 1,
	  .doc = "Whether the header X-Total-Count says how many rows there are on all pages",
	  .example = "true" } },
	{ LIST_SNIPPET, has_search, { "snippet", HD_BOOLEAN, .most = 1,
	  .doc = "Whether each row ends with a member snippet: what is around the text that was "
	  "searched for", .example = "true" } },
};

bool
list_can_sort(const struct hd_field *f)
{
	return (f->flags & HD_SORT) != 0 || f->type == HD_ID || f->type == HD_CREATED ||
	    f->type == HD_UPDATED;
}

const char *
list_sortable(struct arena *a, const struct resource *r)
{
	struct out out;
	unsigned i;

	out_init(&out, a, SIZE_MAX);
	for (i = 0; i < r->count; i++)
		if (list_can_sort(r->columns[i].field))
			out_printf(&out, "%s%s", out.len > 0 ? ", " : "",
			    r->columns[i].field->name);
	out_char(&out, '\0');
	return out.failed ? "id" : out.at;
}

static void
add_updated(struct making *m, unsigned column)
{
	if (m->r->columns[column].field->type == HD_UPDATED)
		add(m, LIST_SINCE, column, (struct hd_field){ .name = "updated_since",
		    .type = HD_TIME, .doc = "Only what has changed at this time or later",
		    .example = "\"2025-03-01T09:00:00\"" });
}

static const char *
sort_note(struct making *m)
{
	return arena_printf(m->a, "Order: at most 4 of %s%s, separated by commas, each with '-' in "
	    "front for the reverse; what has no value comes last",
	    list_sortable(m->a, m->r),
	    has_search(m->r) ? ", or relevance alone (with a search)" : "");
}

static void
add_own(struct making *m)
{
	struct hd_field f;
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		f = own[i].field;
		if (own[i].role == LIST_SORT) {
			f.doc = sort_note(m);
			f.example = "\"-id\"";
		}
		if (own[i].has(m->r))
			add(m, own[i].role, 0, f);
	}
}

/* ---- the whole ---- */

enum { ROOM = RESOURCE_FIELDS + 16 };	/* a filter for each field, and all else */

static void
each_column(struct making *m, void (*call)(struct making *, unsigned column))
{
	unsigned i;

	for (i = 0; i < m->r->count; i++)
		call(m, i);
}

void
list_parameters(struct arena *a, struct resource *r)
{
	struct making m = { .a = a, .r = r,
	    .fields = arena_zero(a, ROOM * sizeof(*m.fields)),
	    .roles = arena_zero(a, ROOM * sizeof(*m.roles)) };
	struct hd_field *choice = arena_zero(a, 2 * sizeof(*choice));
	unsigned i;

	for (i = 0; i < LIST_ROLES; i++)
		r->role_at[i] = -1;
	each_column(&m, add_filter);
	add_search(&m);
	each_column(&m, add_span);
	each_column(&m, add_updated);
	add_own(&m);
	r->filters = m.fields;
	r->roles = m.roles;
	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i].role == LIST_FIELDS)
			choice[0] = own[i].field;
	r->choice = choice;
}
