/*
 * module_descriptor - whether the rest of the server can rely on what a module says
 *
 * Every table, row by row, against rules of one line each; the first that is broken is
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
enum { WHERE_SIZE = 128, WORD_MOST = 48, ROW_PATH = 256 };

/* Modules whose tables would be the server's own, or the database's. */
static const char *const reserved[] = { "core", "migration", "user", "sqlite", "pg" };

/* Keys of a module's section that are the server's. */
static const char *const server_keys[] = { "enabled", "required", "sha256" };

static bool
is_among(const char *s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(s, words[i]) == 0)
			return true;
	return false;
}

/* Whether a name is owner's: owner, or owner_*. */
static bool
is_owned(const char *name, const char *owner)
{
	size_t n = strlen(owner);

	return strncmp(name, owner, n) == 0 && (name[n] == '\0' || name[n] == '_');
}

/* Whether a text that need not be there is valid if it is. */
static bool
is_fine(const char *s)
{
	return s == NULL || module_is_said(s);
}

static unsigned
count_steps(const struct hd_module *m)
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
		if (is_owned(m->name, reserved[i]))
			return err_set(e, "is called %s, which is reserved for the server",
			    m->name);
	if (m->version == NULL || !module_is_version(m->version) ||
	    strlen(m->version) >= sizeof(((struct hd_note *)NULL)->version))
		return err_set(e, "has a version that is none by semver, or is over 23 bytes");
	if (!is_fine(m->doc))
		return err_set(e, "has a .doc that is empty or no UTF-8");
	if (m->openapi != NULL && !module_json(m->openapi, is_object, NULL))
		return err_set(e, "has .openapi that is no JSON object");
	return true;
}

/* ---- resources ---- */

static const struct hd_field *
field_find(const struct hd_resource *r, const char *name)
{
	for (const struct hd_field *f = r->fields; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

/* Whether a name that need not be there names a field of one of the types. */
static bool
names_field(const struct hd_resource *r, const char *name, enum hd_type a, enum hd_type b)
{
	const struct hd_field *f = name == NULL ? NULL : field_find(r, name);

	return name == NULL || (f != NULL && (f->type == a || f->type == b));
}

static bool
has_param(const struct hd_module *m, const struct hd_resource *r)
{
	(void)m;
	return (r->parent == NULL && strchr(r->path, '{') != NULL) || r->path[1] == '\0';
}

static bool
is_in(const struct hd_resource *table, const struct hd_resource *r)
{
	while (table != NULL && table->path != NULL && table != r)
		table++;
	return table == r;
}

/* The table that a resource is a row of: the module's, or that of a migration. */
static const struct hd_resource *
table_of(const struct hd_module *m, const struct hd_resource *r)
{
	for (unsigned i = 0; i < count_steps(m); i++)
		if (is_in(m->migrations[i].tables, r))
			return m->migrations[i].tables;
	return m->resources;
}

/* An earlier resource of the same table, by its table in the database. */
static const struct hd_resource *
earlier(const struct hd_module *m, const struct hd_resource *r, const char *table)
{
	for (const struct hd_resource *other = table_of(m, r); other != r; other++)
		if (other->table != NULL && strcmp(other->table, table) == 0)
			return other;
	return NULL;
}

static bool
unknown_parent(const struct hd_module *m, const struct hd_resource *r)
{
	return r->parent != NULL && earlier(m, r, r->parent) == NULL;
}

/* Whether the path is that of a row of the parent, and one name behind it. */
static bool
astray(const struct hd_module *m, const struct hd_resource *r)
{
	const struct hd_resource *parent;
	char row[ROW_PATH];
	size_t n;

	if (r->parent == NULL)
		return false;
	parent = earlier(m, r, r->parent);
	snprintf(row, sizeof(row), "%s/{%s}/", parent->path,
	    parent->parent != NULL ? parent->one : "id");
	n = strlen(row);
	return n >= sizeof(row) - 1 || strncmp(r->path, row, n) != 0 ||
	    strpbrk(r->path + n, "/{") != NULL;
}

static bool
unknown_verbs(const struct hd_module *m, const struct hd_resource *r)
{
	(void)m;
	return (r->verbs & ~(unsigned)(HD_LIST | HD_GET | HD_CREATE | HD_CHANGE | HD_DELETE)) != 0;
}

static bool
unknown_with(const struct hd_module *m, const struct hd_resource *r)
{
	(void)m;
	return (r->with & ~(unsigned)(HD_WITH_ATTACHMENTS | HD_WITH_VERSIONS |
	    HD_WITH_HISTORY)) != 0;
}

static bool
unknown_resource_flag(const struct hd_module *m, const struct hd_resource *r)
{
	(void)m;
	return (r->flags & ~(unsigned)HD_SEARCH_OPTIONAL) != 0;
}

/*
 * The server's own tables that a module may serve, what may be done with them, and which
 * fields they have: what is not named here (digests of keys) is nobody's business.
 */
static const struct {
	const char *name;
	unsigned verbs;
	const char *fields[14];
} core_tables[] = {
	{ "core_user", HD_LIST | HD_GET | HD_CREATE | HD_CHANGE,
	  { "id", "name", "email", "full_name", "active", "created_at", "updated_at" } },
	{ "core_key", HD_LIST | HD_GET,
	  { "id", "name", "prefix", "default_user", "created_at", "expires_at", "revoked_at",
	    "last_used_at", "scopes", "networks", "old_until" } },
	{ "core_audit", HD_LIST | HD_GET,
	  { "id", "at", "request_id", "key_id", "user_id", "address", "resource", "record",
	    "action", "changes" } },
};

/* Place of a table among the server's own; their number if it is none. */
static size_t
core_table(const struct hd_resource *r)
{
	size_t i = 0;

	while (i < COUNT(core_tables) && (r->table == NULL ||
	    strcmp(core_tables[i].name, r->table) != 0))
		i++;
	return i;
}

static bool
too_much(const struct hd_module *m, const struct hd_resource *r)
{
	size_t i = core_table(r);

	(void)m;
	return i < COUNT(core_tables) &&
	    (r->verbs == 0 || (r->verbs & ~core_tables[i].verbs) != 0 ||
	    (r->with & ~(unsigned)HD_WITH_HISTORY) != 0 || r->search != NULL);
}

static bool
unknown_column(const struct hd_module *m, const struct hd_resource *r)
{
	size_t i = core_table(r);

	(void)m;
	for (const struct hd_field *f = r->fields; i < COUNT(core_tables) && f->name != NULL; f++) {
		size_t n = 0;

		while (n < COUNT(core_tables[i].fields) && core_tables[i].fields[n] != NULL)
			n++;
		if (f->type != HD_USER_NAME && !is_among(f->name, core_tables[i].fields, n))
			return true;
	}
	return false;
}

/* The server finds users by the folded copy of their name: it must be kept. */
static bool
nameless(const struct hd_module *m, const struct hd_resource *r)
{
	const struct hd_field *f = field_find(r, "name");

	(void)m;
	return core_table(r) < COUNT(core_tables) && (r->verbs & (HD_CREATE | HD_CHANGE)) != 0 &&
	    (f == NULL || (f->flags & HD_REQUIRED) == 0 || (f->flags & HD_FILTER) == 0);
}

static bool
foreign_table(const struct hd_module *m, const struct hd_resource *r)
{
	return core_table(r) == COUNT(core_tables) &&
	    (!module_is_word(r->table, WORD_MOST) || !is_owned(r->table, m->name));
}

static bool
reserved_table(const struct hd_module *m, const struct hd_resource *r)
{
	(void)m;
	return module_is_reserved(r->table);
}

static bool
wrong_envelope(const struct hd_module *m, const struct hd_resource *r)
{
	(void)m;
	return !module_is_word(r->one, WORD_MOST) || !module_is_word(r->many, WORD_MOST);
}

static bool
no_fields(const struct hd_module *m, const struct hd_resource *r)
{
	(void)m;
	return r->fields == NULL || r->fields[0].name == NULL;
}

static bool
no_id(const struct hd_module *m, const struct hd_resource *r)
{
	(void)m;
	return r->fields[0].type != HD_ID || strcmp(r->fields[0].name, "id") != 0;
}

static bool
wrong_order(const struct hd_module *m, const struct hd_resource *r)
{
	(void)m;
	return !names_field(r, r->order, HD_CREATED, HD_UPDATED);
}

static bool
wrong_listed(const struct hd_module *m, const struct hd_resource *r)
{
	(void)m;
	return !names_field(r, r->listed, HD_BOOLEAN, HD_BOOLEAN);
}

static bool
wrong_search(const struct hd_module *m, const struct hd_resource *r)
{
	(void)m;
	return r->search != NULL && !module_is_word(r->search, WORD_MOST);
}

static bool
has_flag(const struct hd_resource *r, unsigned flag)
{
	for (const struct hd_field *f = r->fields; f->name != NULL; f++)
		if ((f->flags & flag) != 0)
			return true;
	return false;
}

static bool
half_search(const struct hd_module *m, const struct hd_resource *r)
{
	(void)m;
	return (r->search != NULL) != has_flag(r, HD_SEARCH);
}

static bool
half_parent(const struct hd_module *m, const struct hd_resource *r)
{
	bool has = false;

	(void)m;
	for (const struct hd_field *f = r->fields; f->name != NULL; f++)
		has |= f->type == HD_PARENT;
	return has != (r->parent != NULL);
}

static bool
search_is_filter(const struct hd_module *m, const struct hd_resource *r)
{
	const struct hd_field *f;

	(void)m;
	for (f = r->fields; r->search != NULL && f->name != NULL; f++)
		if ((f->flags & (HD_FILTER | HD_CONTAINS | HD_EXACT)) != 0 &&
		    strcmp(f->filter != NULL ? f->filter : f->name, r->search) == 0)
			return true;
	return false;
}

static bool
wrong_words(const struct hd_module *m, const struct hd_resource *r)
{
	(void)m;
	return !is_fine(r->title) || !is_fine(r->required) || !is_fine(r->doc);
}

static bool
wrong_scope(const struct hd_module *m, const struct hd_resource *r)
{
	(void)m;
	return r->scope != NULL && !module_is_word(r->scope, WORD_MOST) &&
	    !scope_is_need(text_of(r->scope));
}

struct resource_rule {
	bool (*broken)(const struct hd_module *, const struct hd_resource *);
	const char *why;
};

/* In this order, and before its fields are looked at. */
static const struct resource_rule resource_rules[] = {
	{ has_param, "has a path with a parameter, or \"/\"" },
	{ unknown_parent, "has a .parent that is no table of an earlier resource" },
	{ foreign_table, "has a table that is not named after the module" },
	{ reserved_table, "has a table whose name is a reserved word of SQL" },
	{ wrong_envelope, "has a .one or .many that is not of a-z, 0-9 and '_'" },
	{ astray, "has a path that is not that of its parent's rows and one name behind it" },
	{ unknown_verbs, "has a bit in .verbs that this server does not know" },
	{ unknown_with, "has a bit in .with that this server does not know" },
	{ unknown_resource_flag, "has a bit in .flags that this server does not know" },
	{ too_much, "does with a table of the server more than a module may" },
	{ wrong_words, "has a .title, .required or .doc that is empty or no UTF-8" },
	{ wrong_scope, "has a .scope that is neither a word nor MODULE:read or MODULE:write" },
	{ no_fields, "has no fields" },
	{ NULL, NULL },
};

/* What a resource says of its fields, when they are sound. */
static const struct resource_rule reference_rules[] = {
	{ no_id, "does not begin with a field \"id\" of type HD_ID" },
	{ nameless, "writes users without a field \"name\" with HD_REQUIRED and HD_FILTER" },
	{ half_parent, "has .parent without a field HD_PARENT, or the reverse" },
	{ unknown_column, "has a field that the server's table has not, or keeps to itself" },
	{ wrong_order, "has an .order that names no HD_CREATED or HD_UPDATED field" },
	{ wrong_listed, "has a .listed that names no HD_BOOLEAN field" },
	{ wrong_search, "has a .search that is not of a-z, 0-9 and '_'" },
	{ half_search, "has .search without a field with HD_SEARCH, or the reverse" },
	{ search_is_filter, "has a .search that is also the name of a filter" },
	{ NULL, NULL },
};

static bool
check_rules(const struct resource_rule *rules, const struct hd_module *m,
    const struct hd_resource *r, struct err *e)
{
	for (; rules->broken != NULL; rules++)
		if (rules->broken(m, r))
			return err_set(e, "resource %.100s %s", r->path, rules->why);
	return true;
}

static bool
check_resource(const struct hd_module *m, const struct hd_resource *r, struct err *e)
{
	char where[WHERE_SIZE];

	snprintf(where, sizeof(where), "resource %.100s", r->path);
	if (!route_check_path(r->path, e))
		return err_prefix(e, "%s: ", where);
	return check_rules(resource_rules, m, r, e) &&
	    module_check_fields(r->fields, MODULE_RESOURCE, where, count_steps(m), e) &&
	    check_rules(reference_rules, m, r, e);
}

/* Whether an earlier resource of the table has its path or its database table. */
static bool
is_second(const struct hd_resource *table, const struct hd_resource *r)
{
	for (const struct hd_resource *other = table; other != r; other++)
		if (strcmp(other->path, r->path) == 0 || strcmp(other->table, r->table) == 0)
			return true;
	return false;
}

static bool
check_resource_table(const struct hd_module *m, const struct hd_resource *table, struct err *e)
{
	for (const struct hd_resource *r = table; r != NULL && r->path != NULL; r++) {
		if (!check_resource(m, r, e))
			return false;
		if (is_second(table, r))
			return err_set(e,
			    "resource %.100s has the path or the table of an earlier one",
			    r->path);
	}
	return true;
}

/* Whether there are tables of its own. */
static bool
has_tables(const struct hd_module *m)
{
	for (const struct hd_resource *r = m->resources; r != NULL && r->path != NULL; r++)
		if (core_table(r) == COUNT(core_tables))
			return true;
	return false;
}

static bool
check_resources(const struct hd_module *m, struct err *e)
{
	if (has_tables(m) && count_steps(m) == 0)
		return err_set(e, "has resources, but no migration that makes their tables");
	return check_resource_table(m, m->resources, e);
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
	if (!is_fine(s->sql) || !is_fine(s->sqlite) || !is_fine(s->postgresql))
		return err_set(e, "migration %u (%s) has SQL that is empty or no UTF-8", number,
		    s->name);
	if (s->tables != NULL && s->tables[0].path == NULL)
		return err_set(e, "migration %u (%s) has no resource in .tables", number, s->name);
	if (s->tables == m->resources)
		return true;
	return check_resource_table(m, s->tables, e) ||
	    err_prefix(e, "migration %u (%s): ", number, s->name);
}

static bool
check_migrations(const struct hd_module *m, struct err *e)
{
	for (unsigned i = 0; i < count_steps(m); i++)
		if (!check_step(m, &m->migrations[i], i + 1, e))
			return false;
	return true;
}

static bool
check_statements(const struct hd_module *m, struct err *e)
{
	const struct hd_statement *s = m->statements;

	for (unsigned i = 0; s != NULL && s[i].sql != NULL; i++)
		if (!module_is_said(s[i].sql))
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
	if (is_among(o->name, server_keys, COUNT(server_keys)))
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
	if (!is_fine(o->doc))
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
	check_identity, check_migrations, check_resources, check_routes, check_statements,
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
