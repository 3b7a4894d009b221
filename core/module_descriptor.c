/*
 * module_descriptor - whether the rest of the server can rely on what a module says
 *
 * Every table but that of resources (module_resource.c) and what is offered unasked
 * (module_offers.c), row by row, against rules of one line each; the first that is broken is
 * told.  What only shows beside other modules - routes and names in the document that
 * collide - or in the database is found by those who have these.
 *
 * It calls no function of the module, and repairs nothing.
 */
#include "module.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "module_judge.h"
#include "route.h"
#include "scope.h"
#include "text.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Where something stands, for messages: "resource /rooms". */
enum { WHERE_SIZE = 128, WORD_MOST = 48 };

/* Modules whose tables would be the server's own, or the database's. */
static const char *const reserved[] = { "core", "migration", "user", "sqlite", "pg" };

/* Keys of a module's section that are the server's. */
static const char *const server_keys[] = { "enabled", "required", "sha256" };

bool
module_is_among(const char *s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(s, words[i]) == 0)
			return true;
	return false;
}

/* Whether a name is owner's: owner, or owner_*. */
bool
module_is_owned(const char *name, const char *owner)
{
	size_t n = strlen(owner);

	return strncmp(name, owner, n) == 0 && (name[n] == '\0' || name[n] == '_');
}

/* Whether a text that need not be there is valid if it is. */
bool
module_is_fine(const char *s)
{
	return s == NULL || module_is_said(s);
}

unsigned
module_count_steps(const struct hd_module *m)
{
	unsigned n = 0;

	while (m->migrations != NULL && m->migrations[n].number != 0)
		n++;
	return n;
}

static bool
is_object(const void *context, const struct json *j)
{
	(void)context;
	return j->kind == JSON_OBJECT;
}

/* ---- the module itself ---- */

static bool
check_identity(const struct hd_module *m, struct err *e)
{
	if (!module_is_word(m->name, sizeof(((struct hd_note *)NULL)->name) - 1))
		return err_set(e,
		    "has a name that is not of a-z, 0-9 and '_', or is over 31 bytes");
	for (size_t i = 0; i < COUNT(reserved); i++)
		if (module_is_owned(m->name, reserved[i]))
			return err_set(e, "is called %s, which is reserved for the server",
			    m->name);
	if (m->version == NULL || !module_is_version(m->version) ||
	    strlen(m->version) >= sizeof(((struct hd_note *)NULL)->version))
		return err_set(e, "has a version that is none by semver, or is over 23 bytes");
	if (!module_is_fine(m->doc))
		return err_set(e, "has a .doc that is empty or no UTF-8");
	if (m->openapi != NULL && !module_json(m->openapi, is_object, NULL))
		return err_set(e, "has .openapi that is no JSON object");
	return true;
}

/* ---- routes ---- */

/* The least that an operation of the document has. */
static bool
is_operation(const void *context, const struct json *j)
{
	const struct json *id = json_member(j, TEXT("operationId"));
	const struct json *responses = json_member(j, TEXT("responses"));

	(void)context;
	return id != NULL && id->kind == JSON_STRING && id->text.len > 0 && responses != NULL &&
	    responses->kind == JSON_OBJECT && responses->count > 0;
}

static bool
unknown_method(const struct hd_route *r)
{
	return !route_method_known(r->method);
}

static bool
no_handler(const struct hd_route *r)
{
	return r->handler == NULL;
}

static bool
unknown_access(const struct hd_route *r)
{
	return (unsigned)r->access > HD_BLOCKING;
}

static bool
unknown_flag(const struct hd_route *r)
{
	return (r->flags & ~(unsigned)(HD_PUBLIC | HD_ROOT | HD_ANY_KEY)) != 0;
}

static bool
key_and_none(const struct hd_route *r)
{
	return (r->flags & HD_PUBLIC) != 0 && (r->flags & HD_ANY_KEY) != 0;
}

static bool
wrong_route_scope(const struct hd_route *r)
{
	return r->scope != NULL && !scope_is_need(text_of(r->scope));
}

static bool
unused_scope(const struct hd_route *r)
{
	return r->scope != NULL && (r->flags & (HD_PUBLIC | HD_ANY_KEY)) != 0;
}

static bool
unwanted_body(const struct hd_route *r)
{
	return r->body != NULL && (strcmp(r->method, "GET") == 0 ||
	    strcmp(r->method, "DELETE") == 0);
}

static bool
idle_before(const struct hd_route *r)
{
	return r->before != NULL && r->access != HD_WRITE;
}

static bool
no_operation(const struct hd_route *r)
{
	return r->openapi == NULL;
}

static bool
wrong_operation(const struct hd_route *r)
{
	return !module_json(r->openapi, is_operation, NULL);
}

static const struct {
	bool (*broken)(const struct hd_route *);
	const char *why;
} route_rules[] = {
	{ unknown_method, "has a method other than GET, POST, PUT, PATCH and DELETE" },
	{ no_handler, "has no handler" },
	{ unknown_access, "has an access other than HD_READ, HD_WRITE and HD_BLOCKING" },
	{ unknown_flag, "has a flag that this server does not know" },
	{ key_and_none, "has both HD_PUBLIC and HD_ANY_KEY" },
	{ wrong_route_scope, "has a .scope that is not MODULE:read or MODULE:write" },
	{ unused_scope, "has a .scope, though it is HD_PUBLIC or HD_ANY_KEY" },
	{ unwanted_body, "has a body, which GET and DELETE do not take" },
	{ idle_before, "has .before, which is for HD_WRITE" },
	{ no_operation, "has no OpenAPI operation" },
	{ wrong_operation, "has .openapi that is no JSON object with operationId and responses" },
};

static bool
check_route_fields(const struct hd_field *fields, enum module_place place, const char *which,
    const struct hd_route *r, struct err *e)
{
	char where[WHERE_SIZE];

	snprintf(where, sizeof(where), "%s of %.16s %.80s", which, r->method, r->path);
	return fields == NULL || module_check_fields(fields, place, where, 0, e);
}

static bool
check_route(const struct hd_route *r, struct err *e)
{
	if (r->path == NULL || !route_check_path(r->path, e))
		return r->path == NULL ? err_set(e, "route %.16s has no path", r->method) :
		    err_prefix(e, "route %.16s: ", r->method);
	for (size_t i = 0; i < COUNT(route_rules); i++)
		if (route_rules[i].broken(r))
			return err_set(e, "route %.16s %.100s %s", r->method, r->path,
			    route_rules[i].why);
	return check_route_fields(r->query, MODULE_QUERY, "query", r, e) &&
	    check_route_fields(r->body, MODULE_BODY, "body", r, e);
}

static bool
check_routes(const struct hd_module *m, struct err *e)
{
	for (const struct hd_route *r = m->routes; r != NULL && r->method != NULL; r++)
		if (!check_route(r, e))
			return false;
	return true;
}

/* ---- migrations and statements ---- */

/* The sources that a migration gives; those of single engines count as one. */
static unsigned
count_sources(const struct hd_migration *s)
{
	return (s->tables != NULL) + (s->sql != NULL) +
	    (s->sqlite != NULL || s->postgresql != NULL);
}

static bool
check_step(const struct hd_module *m, const struct hd_migration *s, unsigned number,
    struct err *e)
{
	if (s->number != number)
		return err_set(e, "migrations must be numbered 1, 2, 3 ...: %u is missing", number);
	if (!module_is_word(s->name, WORD_MOST))
		return err_set(e, "migration %u has a name that is no word of a-z, 0-9 and '_'",
		    number);
	if (count_sources(s) != 1)
		return err_set(e,
		    "migration %u (%s) must have one of .tables, .sql, and SQL by engine",
		    number, s->name);
	if (!module_is_fine(s->sql) || !module_is_fine(s->sqlite) || !module_is_fine(s->postgresql))
		return err_set(e, "migration %u (%s) has SQL that is empty or no UTF-8", number,
		    s->name);
	if (s->tables != NULL && s->tables[0].path == NULL)
		return err_set(e, "migration %u (%s) has no resource in .tables", number, s->name);
	if (s->tables == m->resources)
		return true;
	return module_check_resource_table(m, s->tables, e) ||
	    err_prefix(e, "migration %u (%s): ", number, s->name);
}

static bool
check_migrations(const struct hd_module *m, struct err *e)
{
	for (unsigned i = 0; i < module_count_steps(m); i++)
		if (!check_step(m, &m->migrations[i], i + 1, e))
			return false;
	return true;
}

static bool
check_statements(const struct hd_module *m, struct err *e)
{
	const struct hd_statement *s = m->statements;

	for (unsigned i = 0; s != NULL && s[i].sql != NULL; i++)
		if (!module_is_said(s[i].sql) || !module_is_fine(s[i].postgresql))
			return err_set(e, "statement %u is empty or no UTF-8", i);
	return true;
}

/* ---- options ---- */

static bool
fits_boolean(const struct hd_option *o)
{
	return strcmp(o->value, "true") == 0 || strcmp(o->value, "false") == 0;
}

static bool
fits_integer(const struct hd_option *o)
{
	int64_t n;

	return text_to_int(text_of(o->value), &n) &&
	    ((o->least == 0 && o->most == 0) || (n >= o->least && n <= o->most));
}

static bool
fits_text(const struct hd_option *o)
{
	return text_valid(text_of(o->value), NULL);
}

/* The types of options, and what their defaults are. */
static bool (*const option_fits[])(const struct hd_option *) = {
	[HD_TEXT] = fits_text, [HD_INTEGER] = fits_integer, [HD_BOOLEAN] = fits_boolean,
};

static const char *
option_fault(const struct hd_module *m, const struct hd_option *o)
{
	if (!module_is_word(o->name, WORD_MOST))
		return "has a name that is not of a-z, 0-9 and '_', or is over 48 bytes";
	if (module_is_among(o->name, server_keys, COUNT(server_keys)))
		return "has a name that is the server's own";
	for (const struct hd_option *other = m->options; other != o; other++)
		if (strcmp(other->name, o->name) == 0)
			return "is there twice";
	if ((size_t)o->type >= COUNT(option_fits) || option_fits[o->type] == NULL)
		return "has a type other than HD_TEXT, HD_INTEGER and HD_BOOLEAN";
	if ((o->least != 0 || o->most != 0) && o->type != HD_INTEGER)
		return "has .least or .most, which are for HD_INTEGER";
	if (o->least > o->most)
		return "has a .least above its .most";
	if (o->value != NULL && !option_fits[o->type](o))
		return "has a default that is no value of its type";
	if (!module_is_fine(o->doc))
		return "has a .doc that is empty or no UTF-8";
	return NULL;
}

static bool
check_options(const struct hd_module *m, struct err *e)
{
	const char *why;

	for (const struct hd_option *o = m->options; o != NULL && o->name != NULL; o++)
		if ((why = option_fault(m, o)) != NULL)
			return err_set(e, "option %.64s %s", o->name, why);
	return true;
}

/* ---- needs ---- */

static const char *
need_fault(const struct hd_module *m, const struct hd_need *n)
{
	if (!module_is_word(n->module, WORD_MOST))
		return "is no name of a module";
	if (strcmp(n->module, m->name) == 0)
		return "is the module itself";
	for (const struct hd_need *other = m->needs; other != n; other++)
		if (strcmp(other->module, n->module) == 0)
			return "is there twice";
	if (n->version == NULL || !module_is_version(n->version))
		return "has a version that is none by semver";
	return NULL;
}

static bool
check_needs(const struct hd_module *m, struct err *e)
{
	const char *why;

	for (const struct hd_need *n = m->needs; n != NULL && n->module != NULL; n++)
		if ((why = need_fault(m, n)) != NULL)
			return err_set(e, "need %.64s %s", n->module, why);
	return true;
}

/* The number of migrations is asked by what follows, so they come first. */
static bool (*const checks[])(const struct hd_module *, struct err *) = {
	check_identity, check_migrations, module_check_resources, check_routes, check_statements,
	check_options, check_needs, module_check_offers,
};

bool
module_check_descriptor(const struct hd_module *m, struct err *e)
{
	for (size_t i = 0; i < COUNT(checks); i++)
		if (!checks[i](m, e))
			return false;
	return true;
}
