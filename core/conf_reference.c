/*
 * conf_reference.c - the commented reference: every key, its default, range and unit
 *
 * Printed from the tables alone, as YAML that conf_read takes.  What need not be
 * there and has no default stands behind a '#'.
 */
#include "conf.h"

#include <string.h>

#include "conf_schema.h"

static const char heading[] =
    "# Configuration of helpdesk: every key there is, with its default.\n"
    "# What is left out has the value that stands here; only sites must be given.\n"
    "# Times: 500ms, 10s, 5m, 1h.  Sizes: 512, 64KiB, 1MiB, 4GiB.  Paths that do not\n"
    "# begin with '/' are taken from the folder of this file.\n";

/* How far a line is indented, and what its first character stands behind. */
struct margin {
	int depth;
	bool dash;	/* the next key begins an element of a list */
	bool off;	/* behind a '#' */
};

static void print_rows(FILE *, const struct conf_row *, struct margin);

static void
print_margin(FILE *f, const struct margin *m)
{
	fprintf(f, "%*s%s", 2 * m->depth - (m->dash ? 2 : 0), "", m->off ? "# " : "");
	if (m->dash)
		fputs("- ", f);
}

static void
print_words(FILE *f, const struct conf_row *row)
{
	for (const char *const *w = row->words; *w != NULL; w++)
		fprintf(f, "%s%s", w == row->words ? " (" : ", ", *w);
	fputs(")", f);
}

static void
print_range(FILE *f, const struct conf_row *row)
{
	char least[32], most[32];

	fprintf(f, " (%s to %s%s%s)", conf_quantity(row->type, row->least, least),
	    conf_quantity(row->type, row->most, most), row->unit != NULL ? " " : "",
	    row->unit != NULL ? row->unit : "");
}

static bool
is_number(const struct conf_row *row)
{
	return row->type == CONF_INTEGER || row->type == CONF_PROCESSORS ||
	    row->type == CONF_DURATION || row->type == CONF_SIZE;
}

static void
print_doc(FILE *f, const struct conf_row *row, const struct margin *m)
{
	fprintf(f, "%*s# %s", 2 * m->depth - (m->dash ? 2 : 0), "", row->doc);
	if (row->words != NULL)
		print_words(f, row);
	else if (is_number(row))
		print_range(f, row);
	if (row->flags & CONF_REQUIRED)
		fputs(" (required)", f);
	fputs("\n", f);
}

/* The modules that come with the program, and what can be said of each below its name. */
static void
print_named(FILE *f, const struct conf_row *row, struct margin m)
{
	const char *name = row->example;

	while (*name != '\0') {
		size_t n = strcspn(name, " ");

		fprintf(f, "%*s%.*s:\n", 2 * m.depth, "", (int)n, name);
		name += n + strspn(name + n, " ");
	}
	m.depth++;
	m.off = true;
	print_rows(f, row->rows, m);
}

static void
print_inside(FILE *f, const struct conf_row *row, struct margin m)
{
	fputs("\n", f);
	m.dash = row->type == CONF_ITEMS;
	m.off = m.off || (row->flags & CONF_OPTIONAL) != 0;
	m.depth += m.dash ? 2 : 1;
	if (row->type == CONF_NAMED)
		print_named(f, row, m);
	else
		print_rows(f, row->rows, m);
}

static void
print_row(FILE *f, const struct conf_row *row, struct margin m)
{
	bool built = row->value != NULL && row->example != NULL;	/* no two builds agree */

	print_doc(f, row, &m);
	if (built || ((row->flags & CONF_OPTIONAL) && row->type != CONF_LIST))
		m.off = true;
	print_margin(f, &m);
	fprintf(f, "%s:", row->name);
	m.dash = false;
	if (row->rows != NULL)
		print_inside(f, row, m);
	else
		fprintf(f, " %s\n", row->example != NULL ? row->example : row->value);
}

static void
print_rows(FILE *f, const struct conf_row *rows, struct margin m)
{
	for (; rows->name != NULL; rows++) {
		if (rows->doc == NULL)	/* not written by this name */
			continue;
		if (m.depth == 0)
			fputs("\n", f);
		print_row(f, rows, m);
		m.dash = false;
	}
}

void
conf_print_reference(FILE *f)
{
	fputs(heading, f);
	print_rows(f, conf_schema, (struct margin){ 0 });
}
