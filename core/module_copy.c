/*
 * module_copy - a descriptor as it was compiled, made one of this server
 *
 * A module that was built against an older header has smaller rows; each table is copied
 * row by row into this server's structs, and what the module did not know of is zero.  So
 * nothing behind this file ever asks which minor a module targets.
 *
 * It judges sizes and the lengths of tables, not what they say, and follows no pointer but
 * those to tables.
 */
#include "module_judge.h"

#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "err.h"

/* A kind of row: its size at ABI x.0 and here, and what tells the closing row. */
struct shape {
	const char *name;
	size_t size_at;		/* of its size, in struct hd_module */
	size_t least, ours;
	size_t first;		/* bytes of the first member */
	size_t most;		/* rows: more is a table without a closing row; 0: no table */
};

/* last is the last member at ABI x.0, and stays so when the struct grows. */
#define SHAPE(row, first, last, most) {                                                     \
	"hd_" #row, offsetof(struct hd_module, row##_size),                                 \
	(offsetof(struct hd_##row, last) + sizeof(((struct hd_##row *)NULL)->last) + 7) / 8 * 8, \
	sizeof(struct hd_##row), sizeof(((struct hd_##row *)NULL)->first), most }

static const struct shape
	field_shape = SHAPE(field, name, filter, 64),
	resource_shape = SHAPE(resource, path, flags, 64),
	route_shape = SHAPE(route, method, before, 512),
	migration_shape = SHAPE(migration, number, postgresql, 4096),
	statement_shape = SHAPE(statement, sql, postgresql, 4096),
	option_shape = SHAPE(option, name, doc, 64),
	need_shape = SHAPE(need, module, version, 64),
	hook_shape = SHAPE(hook, table, run, 64),
	job_shape = SHAPE(job, name, run, 64),
	service_shape = SHAPE(service, id, doc, 64);

/*
 * What a module's code hands in: nothing to copy, but its size must be one that was.  A
 * member ends with a value, and began with that of ABI x.0.
 */
static const struct shape
	value_shape = SHAPE(value, type, text, 0),
	member_shape = { "hd_member", offsetof(struct hd_module, member_size),
	    offsetof(struct hd_member, value.text) + sizeof(char *),
	    sizeof(struct hd_member), sizeof(char *), 0 };

static const struct shape *const shapes[] = {
	&field_shape, &resource_shape, &route_shape, &migration_shape, &statement_shape,
	&option_shape, &need_shape, &hook_shape, &job_shape, &service_shape,
	&value_shape, &member_shape,
};

struct copier {
	struct arena *arena;
	const struct hd_module *from;
	struct err *e;
	const struct hd_resource *resources;	/* the copy of from->resources */
};

static size_t
size_of(const struct hd_module *m, const struct shape *s)
{
	uint16_t size;

	memcpy(&size, (const char *)m + s->size_at, sizeof(size));
	return size;
}

static bool
check_size(const char *name, size_t theirs, size_t least, size_t ours, struct err *e)
{
	if (theirs >= least && theirs <= ours && theirs % 8 == 0)
		return true;
	return err_set(e, "has a struct %s of %zu bytes, which is none of ABI %d.0 to %d.%d", name,
	    theirs, HD_ABI_MAJOR, HD_ABI_MAJOR, HD_ABI_MINOR);
}

static bool
check_sizes(const struct hd_module *m, struct err *e)
{
	if (!check_size("hd_module", m->size, MODULE_LEAST, sizeof(*m), e))
		return false;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
		if (!check_size(shapes[i]->name, size_of(m, shapes[i]), shapes[i]->least,
		    shapes[i]->ours, e))
			return false;
	return true;
}

static bool
is_last(const char *row, const struct shape *s)
{
	static const char zero[sizeof(void *)];

	return memcmp(row, zero, s->first) == 0;
}

/* Rows before the closing one; most + 1 if there are too many. */
static size_t
count_rows(const char *rows, size_t size, const struct shape *s)
{
	size_t n = 0;

	while (n <= s->most && !is_last(rows + n * size, s))
		n++;
	return n;
}

/* Copies a table, NULL to NULL; *ret points to the copy's type. */
static bool
copy_rows(const struct copier *c, const struct shape *s, const void *rows, void **ret, size_t *n)
{
	size_t size = size_of(c->from, s);
	char *copy;

	*ret = NULL;
	*n = 0;
	if (rows == NULL)
		return true;
	*n = count_rows(rows, size, s);
	if (*n > s->most)
		return err_set(c->e, "has a table of more than %zu rows of struct %s; is the "
		    "closing { 0 } missing?", s->most, s->name);
	copy = arena_zero(c->arena, (*n + 1) * s->ours);
	if (copy == NULL)
		return err_set(c->e, "is too large: no memory left for its tables");
	for (size_t i = 0; i < *n; i++)
		memcpy(copy + i * s->ours, (const char *)rows + i * size, size);
	*ret = copy;
	return true;
}

static bool
copy_fields(const struct copier *c, const struct hd_field **fields)
{
	void *copy;
	size_t n;

	/* NOLINTNEXTLINE(clang-analyzer-core.*): it loses the thread through struct err */
	if (!copy_rows(c, &field_shape, *fields, &copy, &n))
		return false;
	*fields = copy;
	return true;
}

static bool
copy_resources(const struct copier *c, const struct hd_resource **resources)
{
	void *copy;
	size_t n;
	struct hd_resource *r;

	if (!copy_rows(c, &resource_shape, *resources, &copy, &n))
		return false;
	*resources = r = copy;
	for (size_t i = 0; i < n; i++)
		if (!copy_fields(c, &r[i].fields))
			return false;
	return true;
}

static bool
copy_routes(const struct copier *c, const struct hd_route **routes)
{
	void *copy;
	size_t n;
	struct hd_route *r;

	if (!copy_rows(c, &route_shape, *routes, &copy, &n))
		return false;
	*routes = r = copy;
	for (size_t i = 0; i < n; i++)
		if (!copy_fields(c, &r[i].query) || !copy_fields(c, &r[i].body))
			return false;
	return true;
}

/* A migration's tables are most often the module's resources, and stay the same then. */
static bool
copy_tables(const struct copier *c, const struct hd_resource **tables)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.*): it loses the thread through struct err */
	if (*tables != NULL && *tables == c->from->resources) {
		*tables = c->resources;
		return true;
	}
	return copy_resources(c, tables);
}

static bool
copy_migrations(const struct copier *c, const struct hd_migration **migrations)
{
	void *copy;
	size_t n;
	struct hd_migration *m;

	if (!copy_rows(c, &migration_shape, *migrations, &copy, &n))
		return false;
	*migrations = m = copy;
	for (size_t i = 0; i < n; i++)
		if (!copy_tables(c, &m[i].tables))
			return false;
	return true;
}

/* Tables whose rows point to no others. */
static bool
copy_flat(const struct copier *c, struct hd_module *m)
{
	void *statements, *options, *needs, *hooks, *jobs, *services;
	size_t n;

	if (!copy_rows(c, &statement_shape, m->statements, &statements, &n) ||
	    !copy_rows(c, &option_shape, m->options, &options, &n) ||
	    !copy_rows(c, &need_shape, m->needs, &needs, &n) ||
	    !copy_rows(c, &hook_shape, m->hooks, &hooks, &n) ||
	    !copy_rows(c, &job_shape, m->jobs, &jobs, &n) ||
	    !copy_rows(c, &service_shape, m->services, &services, &n))
		return false;
	m->statements = statements;
	m->options = options;
	m->needs = needs;
	m->hooks = hooks;
	m->jobs = jobs;
	m->services = services;
	return true;
}

/*
 * The copy is this server's in all its tables, so that it can be copied again.  What the
 * code hands in stays as it was compiled (host_value).
 */
static void
set_sizes(struct hd_module *m)
{
	uint16_t size;

	m->size = sizeof(*m);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		if (shapes[i]->most == 0)
			continue;
		size = (uint16_t)shapes[i]->ours;
		memcpy((char *)m + shapes[i]->size_at, &size, sizeof(size));
	}
}

bool
module_copy(struct arena *arena, const struct hd_module *from, const struct hd_module **ret,
    struct err *e)
{
	struct copier c = { arena, from, e, NULL };
	struct hd_module *m;

	if (!check_sizes(from, e))
		return false;
	m = arena_zero(arena, sizeof(*m));
	if (m == NULL)
		return err_set(e, "is too large: no memory left for its tables");
	memcpy(m, from, from->size);
	if (!copy_resources(&c, &m->resources))
		return false;
	c.resources = m->resources;
	if (!copy_routes(&c, &m->routes) || !copy_migrations(&c, &m->migrations) ||
	    !copy_flat(&c, m))
		return false;
	set_sizes(m);
	*ret = m;
	return true;
}
