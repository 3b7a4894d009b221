/*
 * command_module.c - helpdesk module list
 *
 * Reads what the files say of themselves and runs nothing of them, so it tells of a
 * module that would not start, too: that is what the list is for.  What a note does not hold,
 * how many routes there are and what only showed when the module was put beside the others,
 * the last start of the site has written down.  What the next one would find, "helpdesk
 * check" says.
 */
#include "command.h"

#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "db.h"
#include "err.h"
#include "json.h"
#include "module.h"
#include "roster.h"

enum { COLUMNS = 6 };

/* A module of a site, and what its file says. */
struct finding {
	const char *site, *name;
	const char *version, *abi, *routes;	/* "-": nobody says */
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
	if (note.name[0] == '\0')
		return;
	f->version = arena_printf(&call->arena, "%s", note.version);
	f->abi = arena_printf(&call->arena, "%u.%u", note.major, note.target);
}

/* The database of a site as call->db, if there is one: a list makes none. */
static bool
open_roster(struct call *call, const struct conf_site *site, struct err *e)
{
	db_close(call->db);
	call->db = NULL;
	return access(site->path, F_OK) != 0 ||
	    db_open(site->path, DB_READ_ONLY, &call->db, e);
}

/* What the last start found out about a module whose file is as it should be. */
static bool
look_up(struct call *call, struct finding *f, struct err *e)
{
	struct roster_entry entry;

	if (call->db == NULL || f->why != NULL)
		return true;
	if (!roster_find(call->db, &call->arena, f->name, f->version, &entry, e))
		return false;
	if (entry.refused != NULL)
		f->why = arena_printf(&call->arena, "at the last start: %s", entry.refused);
	else if (entry.found)
		f->routes = arena_printf(&call->arena, "%lld", (long long)entry.routes);
	return true;
}

/* The files tell all there is to tell when the database cannot be read. */
static void
find(struct call *call, const struct conf_site *site, struct finding *f)
{
	struct err e;
	bool reads = open_roster(call, site, &e);

	for (size_t i = 0; i < site->module_count; i++, f++) {
		const struct conf_module *m = &site->modules[i];

		*f = (struct finding){ .site = site->name, .name = m->name, .version = "-",
			.abi = "-", .routes = "-", .state = m->enabled ? "enabled" : "disabled" };
		look_at(call, m, f);
		reads = reads && (!m->enabled || look_up(call, f, &e));
		if (m->enabled && f->why != NULL)
			f->state = "refused";
	}
	if (!reads)
		fprintf(call->err, "helpdesk: warning: site %s: its last start is not known: %s\n",
		    site->name, e.message);
}

static const struct finding *
find_all(struct call *call, const struct conf_site *sites, size_t n, size_t *count)
{
	struct finding *all, *f;
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += sites[i].module_count;
	f = all = arena_zero(&call->arena, (total + 1) * sizeof(*all));
	for (size_t i = 0; all != NULL && i < n; f += sites[i++].module_count)
		find(call, &sites[i], f);
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
	ret[4] = f->routes;
	ret[5] = f->state;
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
		.abi = "ABI", .routes = "ROUTES", .state = "STATE" };
	int width[COLUMNS] = { 0 };

	widen(&head, width);
	for (size_t i = 0; i < n; i++)
		widen(&all[i], width);
	print_line(out, &head, width);
	for (size_t i = 0; i < n; i++)
		print_line(out, &all[i], width);
}

/* As a text, or as the number that it is. */
static void
print_member(struct out *out, const char *value, bool number)
{
	if (number && value != NULL)
		out_string(out, value);
	else
		json_text(out, text_of(value));
}

/* What nobody says is null. */
static const char *
said(const char *s)
{
	return strcmp(s, "-") == 0 ? NULL : s;
}

static void
print_object(struct out *out, const struct finding *f)
{
	const struct { const char *name, *value; bool number; } members[] = {
		{ "site", f->site },
		{ "name", f->name },
		{ "version", said(f->version) },
		{ "abi", said(f->abi) },
		{ "routes", said(f->routes), .number = true },
		{ "state", f->state },
		{ "why", f->why },
		{ "file", f->file },
	};
	bool first = true;

	out_char(out, '{');
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		json_name(out, &first, members[i].name);
		print_member(out, members[i].value, members[i].number);
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
