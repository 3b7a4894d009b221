/*
 * scope.c - what a key may do
 */
#include "scope.h"

#include <string.h>

#include "err.h"
#include "wordset.h"

enum { MODULE_MOST = 48 };

/* A scope in its two halves. */
struct halves {
	struct text module, verb;
};

static bool
is_module(struct text t)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

	for (size_t i = 0; i < t.len; i++)
		if (memchr(allowed, t.at[i], sizeof allowed - 1) == NULL)
			return false;
	return t.len > 0 && t.len <= MODULE_MOST && t.at[0] >= 'a' && t.at[0] <= 'z';
}

static bool
split(struct text scope, struct halves *ret)
{
	const char *colon = memchr(scope.at, ':', scope.len);

	if (colon == NULL)
		return false;
	ret->module = (struct text){ scope.at, (size_t)(colon - scope.at) };
	ret->verb = (struct text){ colon + 1, scope.len - ret->module.len - 1 };
	return true;
}

static bool
is_all(struct text t)
{
	return t.len == 1 && t.at[0] == '*';
}

bool
scope_is_need(struct text scope)
{
	struct halves h;

	return split(scope, &h) && is_module(h.module) &&
	    (text_equal(h.verb, TEXT("read")) || text_equal(h.verb, TEXT("write")));
}

static bool
read_one(struct arena *arena, struct text given, struct text *ret, struct err *e)
{
	struct halves h;

	(void)arena;
	*ret = given;
	if (is_all(given) || scope_is_need(given) ||
	    (split(given, &h) && is_module(h.module) && is_all(h.verb)))
		return true;
	return err_set(e, "'%.*s' is no scope; a scope is MODULE:read, MODULE:write, MODULE:* or *",
	    TEXT_SHOWN(given));
}

static bool
covers(struct text outer, struct text inner)
{
	struct halves o, i;

	if (is_all(outer) || text_equal(outer, inner))
		return true;
	return split(outer, &o) && split(inner, &i) && is_all(o.verb) &&
	    text_equal(o.module, i.module);
}

static const struct wordset_kind kind = { read_one, covers };

bool
scope_read(struct arena *arena, struct text list, struct text *ret, struct err *e)
{
	struct text set;

	if (!wordset_read(&kind, arena, list, &set, e))
		return false;
	if (text_equal(set, TEXT("[]")))
		return err_set(e, "a key needs at least one scope");
	*ret = set;
	return true;
}

bool
scope_allows(struct text set, struct text need)
{
	return wordset_covers(&kind, set, need);
}

bool
scope_within(struct text inner, struct text outer, struct text *beyond)
{
	return wordset_within(&kind, inner, outer, beyond);
}
