/*
 * core_rules.c - what the core's own tables need that a field table cannot say
 */
#include "core_rules.h"

#include <stddef.h>
#include <string.h>

#include <helpdesk/plugin.h>

#include "err.h"
#include "request.h"
#include "text.h"
#include "type.h"
#include "user.h"

/* A row that is about to be written. */
struct writing {
	struct request *req;
	const struct hd_field *fields;
	const struct value *from;	/* NULL: it is created */
	struct value *to;
};

/* The place of a field in a row; -1: the module's table leaves it out. */
static int
place_of(const struct writing *w, const char *name)
{
	for (int i = 0; w->fields[i].name != NULL; i++)
		if (strcmp(w->fields[i].name, name) == 0)
			return i;
	return -1;
}

static bool
is_new(const struct writing *w, int i)
{
	return w->from == NULL || !value_equal(&w->from[i], &w->to[i]);
}

/* ---- users ---- */

typedef bool text_check(struct text, struct err *);

/* Null passes: whether it may be is said by the field. */
static void
check_text(const struct writing *w, const char *name, text_check *check)
{
	int i = place_of(w, name);
	struct err e;

	if (i >= 0 && w->to[i].kind == VALUE_TEXT && is_new(w, i) && !check(w->to[i].text, &e))
		request_fail(w->req, 400, "format", w->fields[i].name, "%s", e.message);
}

static void
blank_is_null(const struct writing *w, const char *name)
{
	int i = place_of(w, name);

	if (i >= 0 && w->to[i].kind == VALUE_TEXT && w->to[i].text.len == 0)
		w->to[i] = value_null();
}

/* The index that keeps names apart holds folded copies, which no field is. */
static bool
check_free(const struct writing *w, const char *name)
{
	int i = place_of(w, name);
	struct user user;
	struct err e;

	if (i < 0 || w->to[i].kind != VALUE_TEXT || !is_new(w, i))
		return true;
	switch (user_find(w->req->db, &w->req->arena, w->to[i].text, &user, &e)) {
	case USER_ABSENT:
		return true;
	case USER_FOUND:
		if (w->from != NULL && user.id == w->from[0].integer)
			return true;
		return request_fail(w->req, 409, "taken", w->fields[i].name, "'%.*s' is taken",
		    TEXT_SHOWN(w->to[i].text));
	default:
		return request_fail_inside(w->req, "%s", e.message);
	}
}

static bool
differs(const struct writing *w)
{
	for (int i = 0; w->fields[i].name != NULL; i++)
		if (type_of(w->fields[i].type)->given && is_new(w, i))
			return true;
	return false;
}

static void
stamp(const struct writing *w)
{
	struct value now = value_text(text_of(w->req->now_text));
	bool created = w->from == NULL, changed = created || differs(w);

	for (int i = 0; w->fields[i].name != NULL; i++) {
		if (w->fields[i].type == HD_CREATED)
			w->to[i] = created ? now : w->from[i];
		if (w->fields[i].type == HD_UPDATED)
			w->to[i] = changed ? now : w->from[i];
	}
}

static bool
check_user_row(const struct writing *w)
{
	check_text(w, "name", user_check_name);
	check_text(w, "full_name", user_check_full_name);
	check_text(w, "email", user_check_email);
	if (w->req->status != 0 || !check_free(w, "name"))
		return false;
	blank_is_null(w, "email");
	blank_is_null(w, "full_name");
	stamp(w);
	return true;
}

/* ---- the tables ---- */

static const struct {
	const char *table;
	bool (*check)(const struct writing *);
} rules[] = {
	{ "core_user", check_user_row },
};

bool
core_rules_check(struct request *req, const char *table, const struct hd_field *fields,
    const struct value *from, struct value *to)
{
	const struct writing w = { req, fields, from, to };

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strcmp(rules[i].table, table) == 0)
			return rules[i].check(&w);
	return true;
}
