/*
 * module_resource - whether a module's resources can be served as they are described
 *
 * Rules of one line each, first those on a resource alone, then, once its fields are sound,
 * those on what it says of them.  Two resources of one module are compared here; those of
 * two modules meet in the router and in the document.
 */
#include "module_judge.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "route.h"
#include "scope.h"
#include "text.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Where something stands, for messages: "resource /rooms". */
enum { WHERE_SIZE = 128, WORD_MOST = 48, ROW_PATH = 256 };

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
	for (unsigned i = 0; i < module_count_steps(m); i++)
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
		if (f->type != HD_USER_NAME && !module_is_among(f->name, core_tables[i].fields, n))
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
	    (!module_is_word(r->table, WORD_MOST) || !module_is_owned(r->table, m->name));
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
	return !module_is_fine(r->title) || !module_is_fine(r->required) || !module_is_fine(r->doc);
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
	    module_check_fields(r->fields, MODULE_RESOURCE, where, module_count_steps(m), e) &&
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

bool
module_check_resource_table(const struct hd_module *m, const struct hd_resource *table,
    struct err *e)
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

bool
module_check_resources(const struct hd_module *m, struct err *e)
{
	if (has_tables(m) && module_count_steps(m) == 0)
		return err_set(e, "has resources, but no migration that makes their tables");
	return module_check_resource_table(m, m->resources, e);
}
