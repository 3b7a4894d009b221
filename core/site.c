/*
 * site.c - putting a site together
 *
 * In the order of plugin-abi: all that can be judged without a database first, for all
 * modules, so that a conflict never leaves a half-migrated database; then migrations,
 * statements, init.
 */
#include "site.h"

#include <string.h>

#include "arena.h"
#include "core_schema.h"
#include "derived.h"
#include "db.h"
#include "host.h"
#include "idempotency.h"
#include "iso8601.h"
#include "json.h"
#include "log.h"
#include "migrate.h"
#include "module.h"
#include "openapi.h"
#include "out.h"
#include "ownership.h"
#include "resource.h"
#include "roster.h"
#include "route.h"
#include "schema.h"
#include "site_offers.h"
#include "text.h"
#include "writer.h"

static const char api_prefix[] = "/api/v1";

/* ---- refusing ---- */

/*
 * A module that cannot be taken: stops the start if it is required, else it is noted.
 * Returns whether the start may go on.
 */
static bool
refuse(struct instance *i, const struct conf *conf, struct arena *a, struct out *faults,
    const char *why)
{
	i->why = arena_copy(a, why, strlen(why));
	i->refused = arena_printf(a, "module refused: %s: %s (%s:%u)",
	    i->file != NULL ? i->file : i->conf->name, why, conf->file, i->conf->place.line);
	if (i->conf->required) {
		out_printf(faults, "%s\n", i->refused);
		return false;
	}
	log_warning("%s: %s", i->site->conf->name, i->refused);
	return true;
}

/* ---- code of modules ---- */

const char *
site_stage_words(enum site_stage stage)
{
	static const char *const words[] = {
		[SITE_LOAD] = "while it was loaded",
		[SITE_INIT] = "in its init",
		[SITE_FINI] = "in its fini",
	};

	return words[stage];
}

static void
enter(const struct instance *i, enum site_stage stage)
{
	if (i->site->watch != NULL)
		i->site->watch->enter(i->site->watch, i, stage);
}

static void
leave(const struct instance *i)
{
	if (i->site->watch != NULL)
		i->site->watch->leave(i->site->watch);
}

/* ---- modules ---- */

static struct loaded *
find_loaded(struct loaded *all, const char *file)
{
	for (; all != NULL; all = all->next)
		if (strcmp(all->module->file, file) == 0)
			return all;
	return NULL;
}

/* Its constructors run. */
static bool
open_module(struct instance *i, struct arena *a, struct module **ret, struct err *e)
{
	bool good;

	enter(i, SITE_LOAD);
	good = module_open(a, i->file, i->conf->name, i->conf->sha256, ret, e);
	leave(i);
	return good;
}

/* The module of a file, loaded if it is not yet; a pinned digest is checked each time. */
static bool
load(struct instance *i, struct arena *a, struct loaded **all, struct err *e)
{
	struct loaded *l;
	struct module *module;

	if (!open_module(i, a, &module, e))
		return false;
	l = find_loaded(*all, module->file);
	if (l == NULL) {
		l = arena_zero(a, sizeof(*l));
		l->module = module;
		l->resources = resource_compile(a, module->d->resources);
		l->next = *all;
		*all = l;
	}
	i->module = l->module;
	i->resources = l->resources;
	return true;
}

/* Why a file cannot be taken, without its path, with which the refusal begins. */
static const char *
without_path(const char *why, const char *file)
{
	size_t n = file != NULL ? strlen(file) : 0;

	return n > 0 && strncmp(why, file, n) == 0 && strncmp(why + n, ": ", 2) == 0 ?
	    why + n + 2 : why;
}

static bool
take_module(struct instance *i, const struct conf *conf, struct arena *a, struct loaded **all,
    struct out *faults)
{
	struct err e;

	if (!module_find(a, conf->module_path, conf->module_path_count, i->conf->name, &i->file,
	    &e) || !load(i, a, all, &e))
		return refuse(i, conf, a, faults, without_path(e.message, i->file));
	return true;
}

/* ---- options ---- */

static const struct conf_option *
given_option(const struct conf_module *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->option_count; i++)
		if (strcmp(m->options[i].name, name) == 0)
			return &m->options[i];
	return NULL;
}

/* What is wrong with an option's value, or NULL. */
static const char *
option_fault(struct arena *a, const struct hd_option *o, const char *value)
{
	int64_t n;

	if (o->type == HD_BOOLEAN && strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
		return arena_printf(a, "option %s: must be true or false", o->name);
	if (o->type != HD_INTEGER)
		return NULL;
	if (!text_to_int(text_of(value), &n))
		return arena_printf(a, "option %s: must be a whole number", o->name);
	if ((o->least != 0 || o->most != 0) && (n < o->least || n > o->most))
		return arena_printf(a, "option %s: %s is not between %lld and %lld", o->name, value,
		    (long long)o->least, (long long)o->most);
	return NULL;
}

static const char *
unknown_option(struct arena *a, const struct instance *i)
{
	const struct hd_option *o;
	size_t k;

	for (k = 0; k < i->conf->option_count; k++) {
		const char *name = i->conf->options[k].name;

		for (o = i->module->d->options; o != NULL && o->name != NULL; o++)
			if (strcmp(o->name, name) == 0)
				break;
		if (o == NULL || o->name == NULL)
			return arena_printf(a, "option %s: the module has no such option", name);
	}
	return NULL;
}

/* Reads the module's options from the configuration; why not, or NULL. */
static const char *
read_options(struct instance *i, struct arena *a)
{
	const struct hd_option *o = i->module->d->options;
	const struct conf_option *given;
	const char *fault = unknown_option(a, i);
	size_t n = 0, k;

	while (o != NULL && o[n].name != NULL)
		n++;
	i->options = arena_zero(a, (n + 1) * sizeof(i->options[0]));
	for (k = 0; fault == NULL && k < n; k++) {
		given = given_option(i->conf, o[k].name);
		i->options[k] = given != NULL ? given->value : o[k].value;
		if (i->options[k] == NULL)
			return arena_printf(a, "option %s must be given", o[k].name);
		fault = option_fault(a, &o[k], i->options[k]);
	}
	return fault;
}

static bool
take_options(struct instance *i, const struct conf *conf, struct arena *a, struct out *faults)
{
	const char *fault;
	struct err e;

	if (i->refused != NULL)
		return true;
	fault = read_options(i, a);
	if (fault == NULL && !site_check_jobs(i, &e))
		fault = e.message;
	return fault == NULL || refuse(i, conf, a, faults, fault);
}

/* ---- needs ---- */

static const struct module *
module_of(const struct instance *i)
{
	return i->refused == NULL ? i->module : NULL;
}

/* The serving module of that name, or NULL. */
static const struct module *
serving(const struct site *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->instance_count; i++)
		if (module_of(s->instances[i]) != NULL &&
		    strcmp(s->instances[i]->conf->name, name) == 0)
			return s->instances[i]->module;
	return NULL;
}

/* What a module needs and does not find, or NULL. */
static const char *
missing_need(const struct site *s, const struct instance *i, struct arena *a)
{
	const struct hd_need *need = i->module->d->needs;
	const struct module *m;

	for (; need != NULL && need->module != NULL; need++) {
		m = serving(s, need->module);
		if (m == NULL)
			return arena_printf(a,
			    "%s %s needs module %s, which this site does not have",
			    i->module->d->name, i->module->d->version, need->module);
		if (need->version != NULL && !module_will_do(m->d->version, need->version))
			return arena_printf(a,
			    "%s %s needs module %s %s or later, of the same major; this site "
			    "has %s",
			    i->module->d->name, i->module->d->version, need->module, need->version,
			    m->d->version);
	}
	return NULL;
}

/* Refuses modules whose needs are not met, until all that are left have theirs. */
static bool
check_needs(struct site *s, const struct conf *conf, struct arena *a, struct out *faults)
{
	bool again = true, good = true;
	const char *fault;
	size_t i;

	while (again) {
		again = false;
		for (i = 0; i < s->instance_count; i++) {
			if (module_of(s->instances[i]) == NULL)
				continue;
			fault = missing_need(s, s->instances[i], a);
			if (fault == NULL)
				continue;
			good &= refuse(s->instances[i], conf, a, faults, fault);
			again = true;
		}
	}
	return good;
}

static struct instance *
instance_of(const struct site *s, const struct module *m)
{
	size_t i = 0;

	while (s->instances[i]->module != m)
		i++;
	return s->instances[i];
}

/*
 * The modules that serve: what is required first, so that of two that cannot both be taken
 * it is the other one that comes too late.
 */
static size_t
list_modules(const struct site *s, struct module **ret)
{
	size_t n = 0, i;
	int required;

	for (required = 1; required >= 0; required--)
		for (i = 0; i < s->instance_count; i++)
			if (module_of(s->instances[i]) != NULL &&
			    s->instances[i]->conf->required == required)
				ret[n++] = (struct module *)(uintptr_t)s->instances[i]->module;
	return n;
}

/* Brings the instances into the order of the modules' needs; refused ones come last. */
static bool
order(struct site *s, struct arena *a, struct instance **whose, struct err *e)
{
	struct module **modules = arena_zero(a, (s->instance_count + 1) * sizeof(modules[0]));
	struct module *culprit;
	struct instance *swap;
	size_t n = list_modules(s, modules), i, k;

	if (!module_order(modules, n, &culprit, e)) {
		*whose = instance_of(s, culprit);
		return false;
	}
	for (i = 0; i < n; i++) {
		for (k = i; module_of(s->instances[k]) != modules[i]; k++)
			continue;
		swap = s->instances[i];
		s->instances[i] = s->instances[k];
		s->instances[k] = swap;
	}
	return true;
}

/* ---- routes ---- */

static struct route *
resource_table(const struct instance *i, struct arena *a, unsigned *n)
{
	struct route *routes;
	unsigned k;

	for (k = 0; i->resources[k] != NULL; k++)
		continue;
	routes = arena_zero(a, (k * OPERATIONS + 1) * sizeof(*routes));
	for (*n = 0, k = 0; i->resources[k] != NULL; k++)
		*n += resource_routes(a, i->resources[k], api_prefix, routes + *n);
	return routes;
}

static struct route *
declared_table(const struct instance *i, struct arena *a, unsigned *n)
{
	const struct hd_route *d = i->module->d->routes;
	struct route *routes;
	unsigned k;

	for (*n = 0; d != NULL && d[*n].method != NULL; (*n)++)
		continue;
	routes = arena_zero(a, (*n + 1) * sizeof(*routes));
	for (k = 0; k < *n; k++)
		routes[k] = (struct route){
			.method = d[k].method,
			.path = d[k].flags & HD_ROOT ? d[k].path :
			    arena_printf(a, "%s%s", api_prefix, d[k].path),
			.access = d[k].access,
			.flags = d[k].flags,
			.serve = host_serve,
			.before = d[k].before != NULL ? host_before : NULL,
			.body = d[k].body,
			.partial = strcmp(d[k].method, "PATCH") == 0,
			.query = d[k].query,
			.required = d[k].body != NULL ? resource_required(a, d[k].body) : NULL,
			.declared = &d[k],
		};
	return routes;
}

/* Finds out what a key needs for a route. */
static bool
set_scope(struct arena *a, const struct instance *i, struct route *r, struct err *e)
{
	const char *of = r->resource != NULL ? r->resource->d->scope : NULL;

	if (r->flags & (HD_PUBLIC | HD_ANY_KEY))
		return true;
	if (r->declared != NULL && r->declared->scope != NULL)
		of = r->declared->scope;
	if (of != NULL && strchr(of, ':') != NULL) {
		r->scope = of;
		return true;
	}
	r->scope = arena_printf(a, "%s:%s", of != NULL ? of : i->module->d->name,
	    strcmp(r->method, "GET") == 0 ? "read" : "write");
	return r->scope != NULL || err_set(e, "no memory for the scopes of its routes");
}

static bool
add_routes(struct site *s, struct instance *i, struct arena *a, struct route *routes,
    unsigned n, struct err *e)
{
	const char *by = arena_printf(a, "%s %s", i->module->d->name, i->module->d->version);
	unsigned k;

	for (k = 0; k < n; k++) {
		routes[k].instance = i;
		routes[k].module = by;
		if (!set_scope(a, i, &routes[k], e) ||
		    !router_add(s->router, &routes[k], e))
			return false;
	}
	return true;
}

static bool
add_module(struct site *s, struct instance *i, struct arena *a, struct err *e)
{
	unsigned resources, declared;
	struct route *of_resources = resource_table(i, a, &resources);
	struct route *of_module = declared_table(i, a, &declared);

	i->route_count = resources + declared;
	return site_check_hooks(s, i, e) && add_routes(s, i, a, of_resources, resources, e) &&
	    add_routes(s, i, a, of_module, declared, e);
}

/* Routes of all modules into a new router. */
static bool
make_router(struct site *s, struct arena *a, struct instance **whose, struct err *e)
{
	size_t i;

	s->router = router_new(a);
	for (i = 0; i < s->instance_count; i++) {
		*whose = s->instances[i];
		if (module_of(*whose) != NULL && !add_module(s, *whose, a, e))
			return false;
	}
	return true;
}

/* ---- the whole ---- */

/* What /readyz says, as JSON.  Whoever asks has no key: paths and reasons are for the
 * log and for "helpdesk module list". */
static const char *
make_not_ready(const struct site *s, struct arena *a)
{
	bool any = false;
	struct out out;
	size_t i;

	out_init(&out, a, SIZE_MAX);
	for (i = 0; i < s->instance_count; i++) {
		if (s->instances[i]->refused == NULL)
			continue;
		out_char(&out, any ? ',' : '[');
		any = true;
		json_text(&out, text_of(arena_printf(a, "module %s is refused",
		    s->instances[i]->conf->name)));
	}
	out_bytes(&out, "]", 2);
	return any ? out.at : NULL;
}

/* Goes on without the module that cannot be taken beside the others, if that may be. */
static bool
leave_out(struct site *s, struct instance *i, const struct conf *conf, struct arena *a,
    struct out *faults, const char *why)
{
	if (i != NULL)
		return refuse(i, conf, a, faults, why);
	out_printf(faults, "site %s: %s\n", s->conf->name, why);
	return false;
}

/*
 * Everything that follows from which modules serve.  A conflict with a module that can be
 * done without starts all over, for nothing of it may stay.
 */
static bool
merge(struct site *s, const struct conf *conf, struct arena *a, struct out *faults)
{
	struct instance *whose;
	struct err e;

	while (check_needs(s, conf, a, faults)) {
		if (order(s, a, &whose, &e) && make_router(s, a, &whose, &e) &&
		    openapi_build(s, a, &whose, &e)) {
			site_make_hooks(s, a);
			s->not_ready = make_not_ready(s, a);
			return true;
		}
		if (!leave_out(s, whose, conf, a, faults, e.message))
			return false;
	}
	return false;
}

static void
make_instances(struct site *s, struct arena *a)
{
	const struct conf_module *m = s->conf->modules;
	struct instance *i;
	size_t k;

	s->instances = arena_zero(a, (s->conf->module_count + 1) * sizeof(s->instances[0]));
	for (k = 0; k < s->conf->module_count; k++) {
		if (!m[k].enabled)
			continue;
		i = arena_zero(a, sizeof(*i));
		s->instances[s->instance_count++] = i;
		i->hd = (struct hd_instance){ host_table(), s->conf->name, NULL };
		i->conf = &m[k];
		i->site = s;
	}
}

bool
site_assemble(struct site *s, const struct conf *conf, struct arena *a, struct loaded **loaded,
    struct out *faults)
{
	bool good = true;
	size_t i;

	make_instances(s, a);
	for (i = 0; i < s->instance_count; i++)
		good &= take_module(s->instances[i], conf, a, loaded, faults) &&
		    take_options(s->instances[i], conf, a, faults);
	return good && merge(s, conf, a, faults);
}

/* ---- starting ---- */

static bool
migrate(struct db *db, const struct instance *i, struct arena *a, struct err *e)
{
	const struct hd_migration *m = i->module->d->migrations;
	struct migration *all;
	size_t n = 0, k;

	while (m != NULL && m[n].number != 0)
		n++;
	all = arena_zero(a, (n + 1) * sizeof(all[0]));
	for (k = 0; k < n; k++)
		if (!schema_migration(a, &m[k], &all[k], e))
			return false;
	return migrate_apply(db, i->module->d->name, all, n, e);
}

static bool
derive(struct db *db, const struct instance *i, struct err *e)
{
	size_t k;

	for (k = 0; i->resources[k] != NULL; k++)
		if ((!i->resources[k]->core && !derived_make(db, i->resources[k], e)) ||
		    !resource_prepare(i->resources[k], db, e))
			return false;
	return true;
}

static const char *const *
names_of_needs(const struct instance *i, struct arena *a)
{
	const struct hd_need *need = i->module->d->needs;
	const char **names;
	size_t n = 0;

	while (need != NULL && need[n].module != NULL)
		n++;
	names = arena_zero(a, (n + 1) * sizeof(names[0]));
	while (n-- > 0)
		names[n] = need[n].module;
	return names;
}

static bool
prepare_all(struct db *db, const struct instance *i, struct err *e)
{
	struct db_stmt *st;
	unsigned k;

	for (k = 0; k < i->statement_count; k++) {
		st = db_prepare(db, i->statements[k], e);
		if (st == NULL)
			return err_prefix(e, "statement %u: ", k);
		db_release(&st);
	}
	return true;
}

/* Prepares the module's own SQL once, so that a mistake, or a table that is not its
 * own, is found at start and not at three in the morning. */
static bool
prepare(struct db *db, struct instance *i, struct arena *a, struct err *e)
{
	struct ownership owned = { i->module->d->name, names_of_needs(i, a), false };
	const struct hd_statement *statements = i->module->d->statements;
	unsigned k, n = 0;
	bool good;

	while (statements != NULL && statements[n].sql != NULL)
		n++;
	i->statements = arena_zero(a, (n + 1) * sizeof(i->statements[0]));
	i->statement_count = n;
	for (k = 0; k < n; k++)
		i->statements[k] = statements[k].sql;
	ownership_hold(db, &owned);
	good = prepare_all(db, i, e);
	ownership_lift(db);
	return good || ownership_explain(&owned, e);
}

static bool
call_init(struct instance *i)
{
	bool good;

	if (i->module->d->init == NULL)
		return true;
	enter(i, SITE_INIT);
	good = i->module->d->init(&i->hd);
	leave(i);
	return good;
}

static bool
init(struct instance *i, struct err *e)
{
	i->started = call_init(i);
	return i->started || err_set(e, "init failed: %s", i->err.message[0] != '\0' ?
	    i->err.message : "it gave no reason");
}

static bool
start(struct instance *i, struct arena *a, struct err *e)
{
	struct db *db = writer_db(i->site->writer);

	return derived_prune(db, i->module->d->name, i->resources, e) && migrate(db, i, a, e) &&
	    derive(db, i, e) && prepare(db, i, a, e) && init(i, e);
}

/* Starts the modules in the order of their needs. */
static bool
start_all(struct site *s, const struct conf *conf, struct arena *a, struct out *faults)
{
	bool good = true, fewer = false;
	const char *fault;
	struct err e;
	size_t i;

	for (i = 0; i < s->instance_count; i++) {
		if (module_of(s->instances[i]) == NULL)
			continue;
		/* What it needs may just have failed to start. */
		fault = missing_need(s, s->instances[i], a);
		if (fault == NULL && start(s->instances[i], a, &e))
			continue;
		good &= refuse(s->instances[i], conf, a, faults, fault != NULL ? fault : e.message);
		fewer = true;
	}
	/* Who is left serves without those that could not be started. */
	return good && (!fewer || merge(s, conf, a, faults));
}

bool
site_start(struct site *s, const struct conf *conf, struct arena *a, struct out *faults)
{
	struct db *db = writer_db(s->writer);
	size_t core_count;
	const struct migration *core = core_migrations(&core_count);
	struct err e;

	if (!migrate_apply(db, "core", core, core_count, &e) ||
	    !idempotency_clean(db, iso8601_now(), &e)) {
		out_printf(faults, "site %s: %s: %s\n", s->conf->name, s->conf->path, e.message);
		return false;
	}
	if (!start_all(s, conf, a, faults))
		return false;
	if (!roster_keep(db, s, &e))	/* it serves all the same */
		log_warning("%s: \"helpdesk module list\" will not know of this start: %s",
		    s->conf->name, e.message);
	return true;
}

void
site_stop(struct site *s)
{
	size_t i = s->instance_count;

	while (i-- > 0) {
		struct instance *instance = s->instances[i];

		if (instance->started && instance->module->d->fini != NULL) {
			enter(instance, SITE_FINI);
			instance->module->d->fini(&instance->hd);
			leave(instance);
		}
		instance->started = false;
	}
}
