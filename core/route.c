/*
 * route - from method and path to what serves them
 *
 * Templates become a tree of segments; a path is walked down it, without a copy and
 * without a lock, as nothing changes after the start.  Where several children fit, the
 * literal one is tried first, then {number}, then {name:text}; if what follows does not fit
 * below the first, the next is tried.  A look-up visits a node twice at most, so its cost is
 * bounded by the tree, whatever the path.
 *
 * It does not decode, redirect, or mend a path: "/a/", "/a//b" and "/a/../b" are other
 * paths than "/a", "/a/b" and "/b", and nobody serves them.
 */
#include "route.h"

#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "err.h"

/* In the order of the alphabet, as in an Allow header. */
enum method { DELETE, GET, PATCH, POST, PUT, METHODS };

static const char *const methods[METHODS] = { "DELETE", "GET", "PATCH", "POST", "PUT" };

/* What an Allow header names, and the method that makes it be there. */
static const struct {
	const char *name;
	int method;		/* -1: always */
} allows[] = {
	{ "DELETE", DELETE }, { "GET", GET }, { "HEAD", GET }, { "OPTIONS", -1 },
	{ "PATCH", PATCH }, { "POST", POST }, { "PUT", PUT },
};

enum kind { LITERAL, NUMBER, ANY, KINDS };

/* A segment of a template. */
struct segment {
	enum kind kind;
	struct text text;	/* the literal, or the parameter's name */
};

struct node {
	struct node *next;		/* the next child of the same kind */
	struct node *children[KINDS];	/* of NUMBER and ANY there is one at most */
	struct text literal;
	struct text allowed;		/* Allow header; absent: no template ends here */
	const struct route *routes[METHODS];
};

/* A route in the order of router_walk. */
struct entry {
	const struct route *route;
	struct entry *next;
};

struct router {
	struct arena *arena;
	struct entry *entries;
	struct node root;		/* its template is "/" */
	const struct node *prefixed;	/* where ROUTE_PREFIX ends, under which nearly all are */
};

static enum method
method_find(const char *name)
{
	enum method m = 0;

	while (m < METHODS && strcmp(methods[m], name) != 0)
		m++;
	return m;
}

bool
route_method_known(const char *method)
{
	return method_find(method) != METHODS;
}

/* ---- templates ---- */

/* The segment at *at, which stands on its '/'; *at moves on to the next '/' or the end. */
static struct segment
segment_next(const char **at)
{
	struct segment s = { LITERAL, { *at + 1, strcspn(*at + 1, "/") } };
	const char *colon;

	*at = s.text.at + s.text.len;
	if (s.text.len < 2 || s.text.at[0] != '{' || s.text.at[s.text.len - 1] != '}')
		return s;
	s.kind = NUMBER;
	s.text = (struct text){ s.text.at + 1, s.text.len - 2 };
	colon = memchr(s.text.at, ':', s.text.len);
	if (colon == NULL)
		return s;
	/* {name:other} stays a literal, which no template may hold, and so is refused. */
	if (!text_equal((struct text){ colon, (size_t)(*at - colon) }, TEXT(":text}")))
		return (struct segment){ LITERAL, { s.text.at - 1, s.text.len + 2 } };
	s.kind = ANY;
	s.text.len = (size_t)(colon - s.text.at);
	return s;
}

/* "/" has no segments. */
static const char *
segments_begin(const char *path)
{
	return path[1] == '\0' ? path + 1 : path;
}

static bool
is_one_of(struct text t, const char *characters)
{
	return t.len > 0 && strspn(t.at, characters) >= t.len;
}

static const char *
literal_fault(struct text t)
{
	if (t.len == 0)
		return "has an empty segment";
	if (text_equal(t, TEXT(".")) || text_equal(t, TEXT("..")))
		return "has a segment \".\" or \"..\"";
	if (memchr(t.at, '{', t.len) != NULL || memchr(t.at, '}', t.len) != NULL)
		return "has a parameter that is neither {name} nor {name:text}";
	if (!is_one_of(t, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"))
		return "has a character other than letters, digits, '-', '.', '_' and '~'";
	return NULL;
}

static const char *
param_fault(struct text t, const struct text *names, unsigned n)
{
	if (!is_one_of(t, "abcdefghijklmnopqrstuvwxyz0123456789_") ||
	    t.at[0] < 'a' || t.at[0] > 'z')
		return "has a parameter whose name is not of a-z, 0-9 and '_'";
	if (n == ROUTE_PARAMS)
		return "has too many parameters";
	for (unsigned i = 0; i < n; i++)
		if (text_equal(names[i], t))
			return "has two parameters of one name";
	return NULL;
}

static const char *
path_fault(const char *path)
{
	struct text names[ROUTE_PARAMS];
	unsigned n = 0;
	const char *why = NULL;
	struct segment s;

	if (path[0] != '/')
		return "does not begin with '/'";
	for (const char *at = segments_begin(path); *at != '\0' && why == NULL;) {
		s = segment_next(&at);
		if (s.kind == LITERAL)
			why = literal_fault(s.text);
		else if ((why = param_fault(s.text, names, n)) == NULL)
			names[n++] = s.text;
	}
	return why;
}

bool
route_check_path(const char *path, struct err *e)
{
	const char *why = path_fault(path);

	return why == NULL || err_set(e, "the path %s %s", path, why);
}

struct text
route_param_name(const struct route *route, unsigned i)
{
	struct segment s;

	for (const char *at = segments_begin(route->path); *at != '\0';) {
		s = segment_next(&at);
		if (s.kind != LITERAL && i-- == 0)
			return s.text;
	}
	return (struct text){ 0 };
}

/* ---- adding ---- */

/* The path as whoever declared it wrote it: what is common to all is left out. */
static const char *
path_declared(const struct route *r)
{
	size_t prefix = strlen(ROUTE_PREFIX);

	if ((r->flags & HD_ROOT) != 0 || strncmp(r->path, ROUTE_PREFIX "/", prefix + 1) != 0)
		return r->path;
	return r->path + prefix;
}

static struct node *
child_get(struct arena *arena, struct node *n, struct segment s)
{
	struct node **at = &n->children[s.kind];

	while (*at != NULL && s.kind == LITERAL && !text_equal((*at)->literal, s.text))
		at = &(*at)->next;
	if (*at == NULL) {
		*at = arena_zero(arena, sizeof(**at));
		if (*at != NULL && s.kind == LITERAL)
			(*at)->literal = s.text;
	}
	return *at;
}

static struct node *
node_get(struct router *r, const char *path)
{
	struct node *n = &r->root;

	for (const char *at = segments_begin(path); *at != '\0' && n != NULL;)
		n = child_get(r->arena, n, segment_next(&at));
	return n;
}

struct router *
router_new(struct arena *arena)
{
	struct router *r = arena_zero(arena, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->arena = arena;
	r->prefixed = node_get(r, ROUTE_PREFIX);
	return r->prefixed != NULL ? r : NULL;
}

static bool
set_allowed(struct arena *arena, struct node *n)
{
	const char *s = "";

	for (size_t i = 0; i < sizeof(allows) / sizeof(*allows) && s != NULL; i++)
		if (allows[i].method < 0 || n->routes[allows[i].method] != NULL)
			s = arena_printf(arena, "%s%s%s", s, *s == '\0' ? "" : ", ",
			    allows[i].name);
	if (s != NULL)
		n->allowed = text_of(s);
	return s != NULL;
}

static int
compare_routes(const struct route *a, const struct route *b)
{
	int order = strcmp(a->path, b->path);

	return order != 0 ? order : strcmp(a->method, b->method);
}

static bool
enter(struct router *r, const struct route *route)
{
	struct entry **at = &r->entries;
	struct entry *new = arena_alloc(r->arena, sizeof(*new));

	if (new == NULL)
		return false;
	while (*at != NULL && compare_routes((*at)->route, route) < 0)
		at = &(*at)->next;
	*new = (struct entry){ route, *at };
	*at = new;
	return true;
}

static const struct route *
any_route(const struct node *n)
{
	for (enum method m = 0; m < METHODS; m++)
		if (n->routes[m] != NULL)
			return n->routes[m];
	return NULL;
}

/* Whether a route may end at a node: a path has one owner and one spelling. */
static bool
check_free(const struct node *n, enum method m, const struct route *route, struct err *e)
{
	const struct route *same = n->routes[m], *there = same != NULL ? same : any_route(n);
	const char *how = NULL;

	if (same != NULL)
		how = "is already served by";
	else if (there != NULL && !text_equal(text_of(there->module), text_of(route->module)))
		how = "has a path that belongs to";
	else if (there != NULL && strcmp(there->path, route->path) != 0)
		how = "names its parameters otherwise than";
	return how == NULL || err_set(e, "%s %s %s module %s as %s", route->method,
	    path_declared(route), how, there->module, path_declared(there));
}

bool
router_add(struct router *r, const struct route *route, struct err *e)
{
	enum method m = method_find(route->method);
	struct node *n;

	if (m == METHODS)
		return err_set(e, "%s %s: no such method", route->method, path_declared(route));
	if (!route_check_path(route->path, e))
		return false;
	if ((n = node_get(r, route->path)) == NULL)
		return err_set(e, "no memory left for %s", route->path);
	if (!check_free(n, m, route, e))
		return false;
	if (!enter(r, route))
		return err_set(e, "no memory left for %s", route->path);
	n->routes[m] = route;
	return set_allowed(r->arena, n) || err_set(e, "no memory left for %s", route->path);
}

bool
router_walk(const struct router *r, route_each *each, void *context)
{
	for (const struct entry *entry = r->entries; entry != NULL; entry = entry->next)
		if (!each(context, entry->route))
			return false;
	return true;
}

/* ---- finding ---- */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte at *i, of which escapes count as one; *i moves on.  -1: a broken escape. */
static int
byte_next(struct text t, size_t *i)
{
	unsigned char c = (unsigned char)t.at[(*i)++];
	int high, low;

	if (c != '%')
		return c;
	if (t.len - *i < 2 || (high = hex(t.at[*i])) < 0 || (low = hex(t.at[*i + 1])) < 0)
		return -1;
	*i += 2;
	return high * 16 + low;
}

/* 1 to 2^63 - 1 in the one way to write it: no sign, no zero in front, no escape. */
static bool
is_number(struct text t)
{
	static const char most[] = "9223372036854775807";

	if (t.len == 0 || t.len > sizeof(most) - 1 || t.at[0] == '0')
		return false;
	for (size_t i = 0; i < t.len; i++)
		if (t.at[i] < '0' || t.at[i] > '9')
			return false;
	return t.len < sizeof(most) - 1 || memcmp(t.at, most, t.len) <= 0;
}

/* What {name:text} takes; see route.h. */
static bool
is_any(struct text t)
{
	size_t bytes = 0, dots = 0;
	int c;

	for (size_t i = 0; i < t.len; bytes++) {
		c = byte_next(t, &i);
		if (c <= 0)
			return false;
		dots += c == '.';
	}
	return bytes > 0 && (dots < bytes || bytes > 2);
}

static bool
equal_unescaped(struct text literal, struct text escaped)
{
	size_t i = 0, n = 0;

	while (i < escaped.len && n < literal.len)
		if (byte_next(escaped, &i) != (unsigned char)literal.at[n++])
			return false;
	return i == escaped.len && n == literal.len;
}

static const struct node *
literal_find(const struct node *n, struct text segment)
{
	const struct node *c;

	for (c = n->children[LITERAL]; c != NULL; c = c->next)
		if (c->literal.len == segment.len &&
		    memcmp(c->literal.at, segment.at, segment.len) == 0)
			return c;
	if (memchr(segment.at, '%', segment.len) == NULL)
		return NULL;
	/* "%74ickets" is "tickets" (RFC 3986, 6.2.2.2); rare enough to look twice. */
	for (c = n->children[LITERAL]; c != NULL; c = c->next)
		if (equal_unescaped(c->literal, segment))
			return c;
	return NULL;
}

/*
 * The node that a path ends at; NULL if there is none.  rest is empty or begins with
 * '/'.  No deeper than the longest template.
 */
static const struct node *
match(const struct node *n, struct text rest, struct text *params)
{
	const struct node *child, *end = NULL;
	const char *slash;
	struct text segment;

	if (rest.len == 0)
		return n->allowed.at != NULL ? n : NULL;
	slash = memchr(rest.at + 1, '/', rest.len - 1);
	segment.at = rest.at + 1;
	segment.len = slash == NULL ? rest.len - 1 : (size_t)(slash - segment.at);
	rest = (struct text){ segment.at + segment.len, rest.len - 1 - segment.len };

	if ((child = literal_find(n, segment)) != NULL)
		end = match(child, rest, params);
	if (end == NULL && (child = n->children[NUMBER]) != NULL && is_number(segment)) {
		*params = segment;
		end = match(child, rest, params + 1);
	}
	if (end == NULL && (child = n->children[ANY]) != NULL && is_any(segment)) {
		*params = segment;
		end = match(child, rest, params + 1);
	}
	return end;
}

/* What stands under the prefix as it is written is what would be tried first. */
static const struct node *
node_find(const struct router *r, struct text path, struct text *params)
{
	static const struct text prefix = { ROUTE_PREFIX "/", sizeof(ROUTE_PREFIX "/") - 1 };
	const size_t before = prefix.len - 1;
	const struct node *n = NULL;

	if (path.len == 0 || path.at[0] != '/')
		return NULL;
	if (path.len == 1)
		return match(&r->root, (struct text){ path.at, 0 }, params);
	if (path.len > prefix.len && memcmp(path.at, prefix.at, prefix.len) == 0)
		n = match(r->prefixed, (struct text){ path.at + before, path.len - before },
		    params);
	return n != NULL ? n : match(&r->root, path, params);
}

static enum method
method_of(struct text method)
{
	enum method m = 0;

	if (text_equal(method, TEXT("HEAD")))
		return GET;
	while (m < METHODS && !text_equal(method, text_of(methods[m])))
		m++;
	return m;
}

enum route_found
router_find(const struct router *r, struct text method, struct text path,
    const struct route **ret, struct text params[ROUTE_PARAMS], struct text *allowed)
{
	const struct node *n = node_find(r, path, params);
	enum method m;

	*allowed = n != NULL ? n->allowed : (struct text){ 0 };
	if (n == NULL)
		return ROUTE_NO_PATH;
	m = method_of(method);
	if (m == METHODS || n->routes[m] == NULL)
		return ROUTE_NO_METHOD;
	*ret = n->routes[m];
	return ROUTE_FOUND;
}
