/*
 * command_module.c - helpdesk module list
 *
 * Reads what the files say of themselves and runs nothing of them, so it tells of a
 * module that would not start, too: that is what the list is for.  Hence it does not say
 * how many routes there are: a note does not hold it, "helpdesk module check" finds out.
 * Whether all fit together, "helpdesk check" says.
 */
#include "command.h"

#include <string.h>

#include "conf.h"
#include "err.h"
#include "json.h"
#include "module.h"

enum { COLUMNS = 5 };

/* A module of a site, and what its file says. */
struct finding {
	const char *site, *name, *version, *abi;	/* the last two: "-" if it does not say */
	const char *state;		/* "enabled", "disabled" or "refused" */
	const char *why;		/* "refused": a sentence */
	const char *file;		/* NULL: there is none */
};

/* ---- finding out ---- */

/* Keeps the first of what is wrong with a file. */
struct first {
	struct arena *arena;
	const char *why;
};

static void
keep_first(void *context, const char *sentence)
{
	struct first *first = context;

	if (first->why == NULL)
		first->why = arena_copy(first->arena, sentence, strlen(sentence));
}

static void
look_at(struct call *call, const struct conf_module *m, struct finding *f)
{
	struct first first = { .arena = &call->arena };
	struct module_note note = { 0 };
	struct err e;

	if (module_find(&call->arena, call->conf->module_path, call->conf->module_path_count,
	    m->name, &f->file, &e))
		module_inspect(f->file, m->name, m->sha256, &note, keep_first, &first);
	else
		keep_first(&first, e.message);
	f->why = first.why;
	if (f->why != NULL && m->enabled)
		f->state = "refused";
	if (note.name[0] == '\0')
		return;
	f->version = arena_printf(&call->arena, "%s", note.version);
	f->abi = arena_printf(&call->arena, "%u.%u", note.major, note.target);
}

static const struct finding *
find_all(struct call *call, const struct conf_site *sites, size_t n, size_t *count)
{
	struct finding *all, *f;
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += sites[i].module_count;
	f = all = arena_zero(&call->arena, (total + 1) * sizeof(*all));
	for (size_t i = 0; all != NULL && i < n; i++)
		for (size_t k = 0; k < sites[i].module_count; k++, f++) {
			const struct conf_module *m = &sites[i].modules[k];

			*f = (struct finding){ .site = sites[i].name, .name = m->name,
				.version = "-", .abi = "-",
				.state = m->enabled ? "enabled" : "disabled" };
			look_at(call, m, f);
		}
	*count = total;
	return all;
}

/* ---- showing it ---- */

static void
columns_of(const struct finding *f, const char *ret[COLUMNS])
{
	ret[0] = f->site;
	ret[1] = f->name;
	ret[2] = f->version;
	ret[3] = f->abi;
	ret[4] = f->state;
}

static void
widen(const struct finding *f, int width[COLUMNS])
{
	const char *column[COLUMNS];

	columns_of(f, column);
	for (size_t i = 0; i < COLUMNS; i++)
		if ((int)strlen(column[i]) > width[i])
			width[i] = (int)strlen(column[i]);
}

static void
print_line(struct out *out, const struct finding *f, const int width[COLUMNS])
{
	const char *column[COLUMNS];

	columns_of(f, column);
	for (size_t i = 0; i + 1 < COLUMNS; i++)
		out_printf(out, "%-*s  ", width[i], column[i]);
	out_printf(out, "%s%s%s\n", f->state, f->why != NULL ? ": " : "",
	    f->why != NULL ? f->why : "");
}

static void
print_table(struct out *out, const struct finding *all, size_t n)
{
	const struct finding head = { .site = "SITE", .name = "NAME", .version = "VERSION",
		.abi = "ABI", .state = "STATE" };
	int width[COLUMNS] = { 0 };

	widen(&head, width);
	for (size_t i = 0; i < n; i++)
		widen(&all[i], width);
	print_line(out, &head, width);
	for (size_t i = 0; i < n; i++)
		print_line(out, &all[i], width);
}

/* What the file does not say is null. */
static struct text
said(const char *s)
{
	return text_of(strcmp(s, "-") == 0 ? NULL : s);
}

static void
print_object(struct out *out, const struct finding *f)
{
	const struct { const char *name; struct text value; } members[] = {
		{ "site", text_of(f->site) },
		{ "name", text_of(f->name) },
		{ "version", said(f->version) },
		{ "abi", said(f->abi) },
		{ "state", text_of(f->state) },
		{ "why", text_of(f->why) },
		{ "file", text_of(f->file) },
	};
	bool first = true;

	out_char(out, '{');
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		json_name(out, &first, members[i].name);
		json_text(out, members[i].value);
	}
	out_char(out, '}');
}

static void
print_json(struct out *out, const struct finding *all, size_t n)
{
	out_string(out, "{\"modules\":[");
	for (size_t i = 0; i < n; i++) {
		out_string(out, i == 0 ? "\n" : ",\n");
		print_object(out, &all[i]);
	}
	out_string(out, "\n]}\n");
}

/* Of all sites, unless one is named. */
bool
command_module_list(struct call *call)
{
	const struct conf_site *sites;
	const struct finding *all;
	size_t n = 1;

	if (!command_conf(call))
		return false;
	if (call->site == NULL) {
		sites = call->conf->sites;
		n = call->conf->site_count;
	} else {
		sites = command_site(call);
	}
	if (sites == NULL)
		return false;
	all = find_all(call, sites, n, &n);
	if (all == NULL)
		return command_fail(call, EXIT_FAILED, "no memory");
	(call->json ? print_json : print_table)(&call->printer, all, n);
	return true;
}
