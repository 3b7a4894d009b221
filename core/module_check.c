/*
 * module_check.c - everything a server would find out about a module, told
 *
 * The way is that of a start (site.c), with a site of this module and those that it needs:
 * what is refused here is refused there, in the same words.  Before each stage in which the
 * module's code runs it is said which, so that whoever waits can tell where it ended.
 */
#include "module_check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "cleanup.h"
#include "conf.h"
#include "db.h"
#include "err.h"
#include "module.h"
#include "out.h"
#include "plan.h"
#include "resource.h"
#include "route.h"
#include "site.h"
#include "writer.h"

enum { MODULES_MOST = 64 };

struct check {
	struct site_watch watch;	/* first: it leads back here */
	struct site site;
	const struct module_question *question;
	struct arena arena;
	struct module_note note;
	const char *file;		/* real path */
	struct conf conf;
	struct conf_site conf_site;
	struct conf_module modules[MODULES_MOST];	/* the one in question first */
	struct loaded *loaded;
	bool faulty;
};

static void
tell(struct check *c, enum module_tale what, const char *sentence)
{
	c->faulty |= what == MODULE_FAULT;
	c->question->tell(c->question->context, what, sentence);
}

static void
tell_fault(void *context, const char *sentence)
{
	tell(context, MODULE_FAULT, sentence);
}

static void
tell_remark(void *context, const char *sentence)
{
	tell(context, MODULE_REMARK, sentence);
}

/* ---- the file ---- */

/* The server looks for a module by its name. */
static void
check_file_name(struct check *c)
{
	const char *slash = strrchr(c->question->file, '/');
	const char *is = slash != NULL ? slash + 1 : c->question->file;
	const char *should = arena_printf(&c->arena, "%s.so", c->note.name);

	if (c->note.name[0] != '\0' && should != NULL && strcmp(is, should) != 0)
		tell_fault(c, arena_printf(&c->arena, "calls itself %s: a server looks for it as "
		    "%s", c->note.name, should));
}

static bool
check_file(struct check *c)
{
	module_inspect(c->question->file, NULL, NULL, &c->note, tell_fault, c);
	check_file_name(c);
	return !c->faulty;
}

/* ---- a configuration for it ---- */

/* What the configuration says of a module, in whichever site it does first. */
static struct conf_module
configured(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->site_count; i++)
		for (size_t k = 0; k < conf->sites[i].module_count; k++)
			if (strcmp(conf->sites[i].modules[k].name, name) == 0) {
				struct conf_module m = conf->sites[i].modules[k];

				m.enabled = m.required = true;
				m.sha256 = NULL;
				return m;
			}
	return (struct conf_module){ .name = name, .enabled = true, .required = true };
}

/* The folder of the file, then those of the configuration. */
static void
make_conf(struct check *c)
{
	const struct conf *given = c->question->conf;
	const char **path = arena_zero(&c->arena, (given->module_path_count + 1) * sizeof(*path));
	const char *slash = strrchr(c->file, '/');

	path[0] = arena_copy(&c->arena, c->file, (size_t)(slash - c->file) + (slash == c->file));
	for (size_t i = 0; i < given->module_path_count; i++)
		path[i + 1] = given->module_path[i];
	c->conf = *given;
	c->conf.module_path = path;
	c->conf.module_path_count = given->module_path_count + 1;
	c->conf.sites = &c->conf_site;
	c->conf.site_count = 1;
	c->conf_site = (struct conf_site){ .name = "check", .engine = "sqlite",
		.path = arena_printf(&c->arena, "%s/check.db", c->question->folder),
		.modules = c->modules };
	c->site.conf = &c->conf_site;
	c->site.folder = c->question->folder;
}

static bool
has_module(const struct check *c, const char *name)
{
	for (size_t i = 0; i < c->conf_site.module_count; i++)
		if (strcmp(c->modules[i].name, name) == 0)
			return true;
	return false;
}

static void
add_module(struct check *c, const char *name)
{
	if (!has_module(c, name) && c->conf_site.module_count < MODULES_MOST)
		c->modules[c->conf_site.module_count++] = configured(c->question->conf, name);
}

/* Loads one, and adds those that it needs. */
static bool
open_module(struct check *c, const char *name, struct err *e)
{
	const struct hd_need *need;
	struct module *m;
	const char *file;

	if (!module_find(&c->arena, c->conf.module_path, c->conf.module_path_count, name, &file,
	    e))
		return false;
	if (!module_open(&c->arena, file, name, NULL, &m, e))
		return err_prefix(e, "%s: ", file);
	for (need = m->d->needs; need != NULL && need->module != NULL; need++)
		add_module(c, need->module);
	return true;
}

/* What is said of the file itself begins with its path, which the reader knows. */
static const char *
without_file(const struct check *c, const char *sentence)
{
	size_t n = strlen(c->file);

	return strncmp(sentence, c->file, n) == 0 && strncmp(sentence + n, ": ", 2) == 0 ?
	    sentence + n + 2 : sentence;
}

/* The module, and all that it needs, loaded: their constructors run here. */
static bool
open_modules(struct check *c)
{
	struct err e;

	add_module(c, c->note.name);
	for (size_t i = 0; i < c->conf_site.module_count; i++) {
		tell(c, MODULE_STAGE, i == 0 ? site_stage_words(SITE_LOAD) :
		    arena_printf(&c->arena, "while %s was loaded, which it needs",
		    c->modules[i].name));
		if (open_module(c, c->modules[i].name, &e))
			continue;
		tell_fault(c, i == 0 ? without_file(c, e.message) : arena_printf(&c->arena,
		    "needs module %s: %s", c->modules[i].name, e.message));
	}
	return !c->faulty;
}

/* ---- a site of it ---- */

/* Takes away " (helpdesk.yaml:0)": the place of a module that no configuration names. */
static void
cut_nowhere(char *line)
{
	static const char nowhere[] = ":0)";
	size_t n = strlen(line), m = sizeof(nowhere) - 1;
	char *place = strrchr(line, '(');

	if (place != NULL && place - line > 1 && n > m && strcmp(line + n - m, nowhere) == 0)
		place[-1] = '\0';
}

/* One line of what a start says: "module refused: FILE: why (PLACE)". */
static void
tell_line(struct check *c, char *line)
{
	static const char refused[] = "module refused: ";

	cut_nowhere(line);
	if (strncmp(line, refused, sizeof(refused) - 1) == 0)
		line += sizeof(refused) - 1;
	tell_fault(c, without_file(c, line));
}

static void
tell_lines(struct check *c, struct out *faults)
{
	char *rest = NULL;

	out_char(faults, '\0');
	for (char *line = strtok_r(faults->at, "\n", &rest); line != NULL;
	    line = strtok_r(NULL, "\n", &rest))
		tell_line(c, line);
}

static bool
assemble(struct check *c)
{
	struct out faults;
	bool good;

	tell(c, MODULE_STAGE, "while its routes and its document were put together");
	out_init(&faults, &c->arena, SIZE_MAX);
	good = site_assemble(&c->site, &c->conf, &c->arena, &c->loaded, &faults);
	tell_lines(c, &faults);
	return good;
}

static struct instance *
instance_in_question(struct check *c)
{
	for (size_t i = 0; i < c->site.instance_count; i++)
		if (strcmp(c->site.instances[i]->conf->name, c->note.name) == 0)
			return c->site.instances[i];
	return NULL;
}

/* "7 routes", "1 route". */
static const char *
counted(struct check *c, unsigned n, const char *what)
{
	return arena_printf(&c->arena, "%u %s%s", n, what, n == 1 ? "" : "s");
}

static void
tell_facts(struct check *c, const struct instance *i)
{
	const struct hd_module *d = i->module->d;
	unsigned migrations = 0, statements = 0, options = 0;

	while (d->migrations != NULL && d->migrations[migrations].number != 0)
		migrations++;
	while (d->statements != NULL && d->statements[statements].sql != NULL)
		statements++;
	while (d->options != NULL && d->options[options].name != NULL)
		options++;
	tell(c, MODULE_FACTS, arena_printf(&c->arena, "%s %s, plugin ABI %u.%u: %s, %s, %s, %s",
	    d->name, d->version, c->note.major, c->note.target,
	    counted(c, i->route_count, "route"), counted(c, migrations, "migration"),
	    counted(c, statements, "statement"), counted(c, options, "option")));
}

/* ---- its start ---- */

/* It has been loaded before a site is put together of it. */
static void
enter(struct site_watch *watch, const struct instance *i, enum site_stage stage)
{
	struct check *c = (struct check *)(void *)watch;

	if (stage != SITE_LOAD && strcmp(i->conf->name, c->note.name) == 0)
		tell(c, MODULE_STAGE, site_stage_words(stage));
}

static void
leave(struct site_watch *watch)
{
	(void)watch;
}

/* A start stops at the first statement that is wrong; here are the others. */
static void
tell_statements(struct check *c, const struct instance *i, const char *said)
{
	for (unsigned k = 0; k < i->statement_count; k++) {
		CLEANUP(db_release) struct db_stmt *st = NULL;
		struct err e;

		st = db_prepare(writer_db(c->site.writer), i->statements[k], &e);
		if (st == NULL && strstr(said, e.message) == NULL)
			tell_fault(c, arena_printf(&c->arena, "statement %u: %s", k, e.message));
	}
}

static bool
start(struct check *c)
{
	const struct instance *i = instance_in_question(c);
	struct out faults;
	const char *said;
	bool good;

	tell(c, MODULE_STAGE, "while its migrations and statements were tried");
	out_init(&faults, &c->arena, SIZE_MAX);
	good = site_start(&c->site, &c->conf, &c->arena, &faults);
	said = arena_copy(&c->arena, faults.at, faults.len);
	tell_lines(c, &faults);
	if (!good && said != NULL)
		tell_statements(c, i, said);
	return good;
}

static void
look(struct check *c)
{
	struct err e;

	tell(c, MODULE_STAGE, "while its queries were looked at");
	if (!plan_look(writer_db(c->site.writer), &c->arena, instance_in_question(c), tell_remark,
	    c, &e))
		tell_fault(c, e.message);
}

static void
try(struct check *c)
{
	struct err e;

	if (!writer_open(c->conf_site.path, NULL, 1, &c->site.writer, &e)) {
		tell_fault(c, e.message);
		return;
	}
	if (start(c))
		look(c);
	site_stop(&c->site);
	writer_close(c->site.writer);
}

/* ---- the whole ---- */

static void
check(struct check *c)
{
	if (!check_file(c))
		return;
	make_conf(c);
	if (!open_modules(c) || !assemble(c))
		return;
	tell_facts(c, instance_in_question(c));
	try(c);
}

bool
module_check(const struct module_question *q)
{
	struct check *c = arena_heap(NULL, sizeof(*c));
	bool taken;

	memset(c, 0, sizeof(*c));
	c->watch = (struct site_watch){ enter, leave };
	c->site.watch = &c->watch;
	c->question = q;
	arena_init(&c->arena, SIZE_MAX);
	c->file = realpath(q->file, NULL);
	check(c);
	taken = !c->faulty;
	arena_fini(&c->arena);
	free((char *)(uintptr_t)c->file);
	free(c);
	return taken;
}
