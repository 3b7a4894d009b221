/*
 * openapi_merge - operations and components of several modules, put into one document
 *
 * Compares and looks up; writes nothing of its own into the document.  Lists are
 * searched from end to end, as all this happens once, at start.
 */
#include "openapi_merge.h"

#include <string.h>

#include <helpdesk/plugin.h>

#include "arena.h"
#include "err.h"
#include "json.h"
#include "out.h"
#include "route.h"

struct component {
	unsigned section;		/* index into sections */
	struct text name;
	const struct json *json;
	const struct hd_module *owner;	/* NULL: the server */
	bool spare, referred;
	struct component *next;		/* in the order of the document */
};

struct operation {
	const struct route *route;
	const struct json *json;
	const struct hd_module *owner;
	struct operation *next;		/* in the order of the document */
};

struct merge {
	struct arena *arena;
	struct component *components;
	struct operation *operations;
};

/* In the order of the document. */
static const struct {
	const char *name, *one;
} sections[] = {
	{ "schemas",         "schema" },
	{ "responses",       "response" },
	{ "parameters",      "parameter" },
	{ "examples",        "example" },
	{ "requestBodies",   "requestBody" },
	{ "headers",         "header" },
	{ "securitySchemes", "securityScheme" },
	{ "links",           "link" },
	{ "callbacks",       "callback" },
};
enum { SECTIONS = sizeof sections / sizeof *sections };

#define SHOW(t) (int)(t).len, (t).at	/* for "%.*s" */

struct merge *
merge_new(struct arena *arena)
{
	struct merge *m = arena_zero(arena, sizeof *m);

	if (m != NULL)
		m->arena = arena;
	return m;
}

static int
compare(struct text a, struct text b)
{
	int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* ---- the first difference of two values ---- */

static bool same(const struct json *, const struct json *, struct out *path);

static void
path_push(struct out *path, struct text step)
{
	if (path->len > 0)
		out_char(path, '.');
	out_text(path, step);
}

/* A pair of members, or of elements; on a difference the path keeps its name. */
static bool
same_child(const struct json *a, const struct json *b, struct text step, struct out *path)
{
	size_t before = path->len;

	path_push(path, step);
	if (a == NULL || b == NULL || !same(a, b, path))
		return false;
	path->len = before;
	return true;
}

/* The member whose name comes next after another's; NULL if there is none. */
static const struct json *
next_member(const struct json *object, struct text after)
{
	const struct json *best = NULL;

	for (const struct json *j = object->first; j != NULL; j = j->next)
		if ((after.at == NULL || compare(j->name, after) > 0) &&
		    (best == NULL || compare(j->name, best->name) < 0))
			best = j;
	return best;
}

static bool
same_object(const struct json *a, const struct json *b, struct out *path)
{
	struct text last = { NULL, 0 };

	for (;;) {
		const struct json *p = next_member(a, last), *q = next_member(b, last);

		if (p == NULL && q == NULL)
			return true;
		last = p == NULL || (q != NULL && compare(q->name, p->name) < 0) ? q->name :
		    p->name;
		if (!same_child(p != NULL && text_equal(p->name, last) ? p : NULL,
		    q != NULL && text_equal(q->name, last) ? q : NULL, last, path))
			return false;
	}
}

static bool
same_array(const struct json *a, const struct json *b, struct out *path)
{
	const struct json *p = a->first, *q = b->first;
	char step[24];
	struct out index = { .at = step, .cap = sizeof step, .limit = sizeof step };

	for (int64_t i = 0; p != NULL || q != NULL; i++) {
		index.len = 0;
		out_int(&index, i);
		if (!same_child(p, q, (struct text){ step, index.len }, path))
			return false;
		p = p->next;
		q = q->next;
	}
	return true;
}

/* Whether two values are equal after sorting keys; else the path leads to where they differ. */
static bool
same(const struct json *a, const struct json *b, struct out *path)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == JSON_OBJECT)
		return same_object(a, b, path);
	if (a->kind == JSON_ARRAY)
		return same_array(a, b, path);
	return text_equal(a->text, b->text);
}

/* ---- components ---- */

/* Index of a section; SECTIONS if there is none of this name. */
static unsigned
section_find(struct text name)
{
	unsigned i = 0;

	while (i < SECTIONS && !text_equal(text_of(sections[i].name), name))
		i++;
	return i;
}

/* Where a component is, or would be, in the list. */
static struct component **
component_place(struct merge *m, unsigned section, struct text name)
{
	struct component **p = &m->components;

	while (*p != NULL && ((*p)->section < section ||
	    ((*p)->section == section && compare((*p)->name, name) < 0)))
		p = &(*p)->next;
	return p;
}

static bool
is_component(const struct component *c, unsigned section, struct text name)
{
	return c != NULL && c->section == section && text_equal(c->name, name);
}

static bool
agree(struct merge *m, const struct component *old, const struct component *new,
    struct err *e)
{
	struct out path;

	out_init(&path, m->arena, 4096);
	if (same(old->json, new->json, &path))
		return true;
	return err_set(e, "component %s \"%.*s\" differs from the one of %s%s%s%.*s",
	    sections[old->section].one, SHOW(old->name),
	    old->owner != NULL ? "module " : "the server",
	    old->owner != NULL ? old->owner->name : "",
	    path.len > 0 ? " at " : "", (int)path.len, path.len > 0 ? path.at : "");
}

static bool
add(struct merge *m, const struct component *new, struct err *e)
{
	struct component **place = component_place(m, new->section, new->name), *c;

	if (is_component(*place, new->section, new->name))
		return agree(m, *place, new, e);
	c = arena_alloc(m->arena, sizeof *c);
	if (c == NULL)
		return err_set(e, "no memory for the OpenAPI document");
	*c = *new;
	c->next = *place;
	*place = c;
	return true;
}

bool
merge_component(struct merge *m, const char *section, struct text name, const struct json *json,
    const struct hd_module *owner, struct err *e)
{
	return add(m, &(struct component){ .section = section_find(text_of(section)),
	    .name = name, .json = json, .owner = owner }, e);
}

bool
merge_spare(struct merge *m, const char *section, struct text name, const struct json *json,
    struct err *e)
{
	return add(m, &(struct component){ .section = section_find(text_of(section)),
	    .name = name, .json = json, .spare = true }, e);
}

/* OpenAPI 3.0.3, Components Object: names of components. */
static bool
good_name(struct text name)
{
	return name.len > 0 && strspn(name.at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._-") >= name.len;
}

static bool
merge_section(struct merge *m, const struct json *section, const struct hd_module *owner,
    struct err *e)
{
	unsigned i = section_find(section->name);

	if (i == SECTIONS || section->kind != JSON_OBJECT)
		return err_set(e, "its OpenAPI components have a member \"%.*s\" that is no "
		    "section of components", SHOW(section->name));
	for (const struct json *j = section->first; j != NULL; j = j->next) {
		if (!good_name(j->name) || j->kind != JSON_OBJECT)
			return err_set(e, "component %s \"%.*s\" is no object with a name of "
			    "letters, digits, '.', '_' and '-'", sections[i].one, SHOW(j->name));
		if (!merge_component(m, sections[i].name, j->name, j, owner, e))
			return false;
	}
	return true;
}

bool
merge_fragment(struct merge *m, struct text text, const struct hd_module *owner,
    struct err *e)
{
	const struct json *fragment, *components;

	if (!json_parse(m->arena, text, &fragment, e))
		return err_prefix(e, "its OpenAPI components: ");
	components = json_member(fragment, TEXT("components"));
	if (components == NULL || components->kind != JSON_OBJECT || fragment->count != 1)
		return err_set(e, "its OpenAPI text is not an object with \"components\" alone");
	for (const struct json *j = components->first; j != NULL; j = j->next)
		if (!merge_section(m, j, owner, e))
			return false;
	return true;
}

/* ---- operations ---- */

/* Whether two templates are alike but for the names of their parameters. */
static bool
same_shape(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		if (*a == '{') {
			a += strcspn(a, "}");
			b += strcspn(b, "}");
		} else {
			a++;
			b++;
		}
	}
	return *a == *b;
}

static bool
agree_with(const struct operation *old, const struct route *route, struct text id, struct err *e)
{
	struct text taken = json_member(old->json, TEXT("operationId"))->text;

	if (text_equal(taken, id))
		return err_set(e, "operationId \"%.*s\" of %s %s is already used by module %s for "
		    "%s %s", SHOW(id), route->method, route->path, old->route->module,
		    old->route->method, old->route->path);
	if (same_shape(old->route->path, route->path) &&
	    strcmp(old->route->path, route->path) != 0)
		return err_set(e, "%s %s is %s in the OpenAPI document, which knows no paths that "
		    "differ in their parameters alone", route->method, route->path,
		    old->route->path);
	return true;
}

/* Where an operation would be in the list: sorted by path, and then by method. */
static struct operation **
operation_place(struct merge *m, const struct route *route)
{
	struct operation **p = &m->operations;
	int order;

	for (; *p != NULL; p = &(*p)->next) {
		order = strcmp((*p)->route->path, route->path);
		if (order > 0 || (order == 0 && strcmp((*p)->route->method, route->method) > 0))
			break;
	}
	return p;
}

bool
merge_operation(struct merge *m, const struct route *route, const struct json *json,
    const struct hd_module *owner, struct err *e)
{
	const struct json *id = json_member(json, TEXT("operationId"));
	struct operation *new, **place = operation_place(m, route);

	if (id == NULL || id->kind != JSON_STRING || id->text.len == 0)
		return err_set(e, "the OpenAPI operation of %s %s has no operationId",
		    route->method, route->path);
	for (const struct operation *old = m->operations; old != NULL; old = old->next)
		if (!agree_with(old, route, id->text, e))
			return false;
	new = arena_alloc(m->arena, sizeof *new);
	if (new == NULL)
		return err_set(e, "no memory for the OpenAPI document");
	*new = (struct operation){ route, json, owner, *place };
	*place = new;
	return true;
}

/* ---- references ---- */

/* The part of *rest up to the next '/', which is dropped. */
static struct text
take_step(struct text *rest)
{
	const char *slash = memchr(rest->at, '/', rest->len);
	struct text step = { rest->at, slash == NULL ? rest->len : (size_t)(slash - rest->at) };

	rest->at += step.len + (slash != NULL);
	rest->len -= step.len + (slash != NULL);
	return step;
}

/* "#/components/schemas/Asset"; what points deeper or elsewhere finds nothing. */
static struct component *
refer(struct merge *m, struct text ref)
{
	static const struct text root = { "#/components/", sizeof "#/components/" - 1 };
	struct text rest = ref, step;
	unsigned section;
	struct component *c;

	if (ref.len < root.len || memcmp(ref.at, root.at, root.len) != 0)
		return NULL;
	rest.at += root.len;
	rest.len -= root.len;
	step = take_step(&rest);
	section = section_find(step);
	c = *component_place(m, section, rest);
	return is_component(c, section, rest) ? c : NULL;
}

/* Below these, members are values of a client's or of ours, in which "$ref" means nothing. */
static const char *const values[] = { "example", "value", "default", "enum", NULL };

/* Below these, members are named by whoever wrote them, be it "example" or "default". */
static const char *const maps[] = { "properties", "responses", "headers", "content", "examples",
	"encoding", "links", "callbacks", NULL };

static bool
is_one_of(const char *const *words, struct text t)
{
	while (*words != NULL && !text_equal(text_of(*words), t))
		words++;
	return *words != NULL;
}

static bool resolve(struct merge *, const struct json *, bool map, struct err *);

/* Follows a reference; what only references bring into the document is looked into here. */
static bool
resolve_ref(struct merge *m, const struct json *ref, struct err *e)
{
	struct component *c = ref->kind == JSON_STRING ? refer(m, ref->text) : NULL;

	if (c == NULL)
		return err_set(e, "$ref \"%.*s\" leads to no component", SHOW(ref->text));
	if (!c->spare || c->referred)
		return true;
	c->referred = true;
	return resolve(m, c->json, false, e);
}

static bool
resolve_member(struct merge *m, const struct json *j, bool in_map, struct err *e)
{
	if (in_map || j->name.at == NULL)
		return resolve(m, j, false, e);
	if (text_equal(j->name, TEXT("$ref")))
		return resolve_ref(m, j, e);
	return is_one_of(values, j->name) || resolve(m, j, is_one_of(maps, j->name), e);
}

static bool
resolve(struct merge *m, const struct json *j, bool map, struct err *e)
{
	for (j = j->first; j != NULL; j = j->next)
		if (!resolve_member(m, j, map, e))
			return false;
	return true;
}

bool
merge_resolve(struct merge *m, const struct hd_module **whose, struct err *e)
{
	for (struct operation *o = m->operations; o != NULL; o = o->next) {
		*whose = o->owner;
		if (!resolve(m, o->json, false, e))
			return err_prefix(e, "%s %s: ", o->route->method, o->route->path);
	}
	for (struct component *c = m->components; c != NULL; c = c->next) {
		*whose = c->owner;
		if (!c->spare && !resolve(m, c->json, false, e))
			return err_prefix(e, "component %s \"%.*s\": ",
			    sections[c->section].one, SHOW(c->name));
	}
	return true;
}

/* ---- writing ---- */

/* "/api/v1/pages/{name:text}" without ":text", which is not OpenAPI's. */
static void
write_path(struct out *o, const char *path)
{
	size_t n;

	out_char(o, '"');
	for (; *path != '\0'; path += n) {
		n = strcspn(path, ":");
		out_bytes(o, path, n);
		if (path[n] == ':')
			n += strcspn(path + n, "}");
	}
	out_string(o, "\":{");
}

static void
write_method(struct out *o, const char *method)
{
	out_char(o, '"');
	for (; *method != '\0'; method++)
		out_char(o, (char)(*method | 0x20));
	out_string(o, "\":");
}

void
merge_write_paths(const struct merge *m, struct out *o)
{
	const char *path = NULL;

	out_char(o, '{');
	for (struct operation *p = m->operations; p != NULL; p = p->next) {
		bool same_path = path != NULL && strcmp(path, p->route->path) == 0;

		if (path != NULL)
			out_string(o, same_path ? "," : "},");
		if (!same_path)
			write_path(o, p->route->path);
		write_method(o, p->route->method);
		json_write(o, p->json);
		path = p->route->path;
	}
	out_string(o, path != NULL ? "}}" : "}");
}

void
merge_write_components(const struct merge *m, struct out *o)
{
	const struct component *last = NULL;

	out_char(o, '{');
	for (const struct component *c = m->components; c != NULL; c = c->next) {
		if (c->spare && !c->referred)
			continue;
		if (last != NULL && last->section == c->section)
			out_char(o, ',');
		else
			out_printf(o, "%s\"%s\":{", last == NULL ? "" : "},",
			    sections[c->section].name);
		json_text(o, c->name);
		out_char(o, ':');
		json_write(o, c->json);
		last = c;
	}
	out_string(o, last != NULL ? "}}" : "}");
}
