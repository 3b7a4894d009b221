/*
 * expect.c - comparing JSON with what was expected
 *
 * A list that may match in more than one way ("$some") is tried greedily; captures of
 * a try that failed stay, but are overwritten by the one that succeeds.
 */
#include "expect.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "err.h"
#include "json.h"
#include "names.h"
#include "out.h"

struct comparison {
	struct names *names;
	struct arena *arena;
};

static bool compare(struct comparison *, const struct json *expected, const struct json *came,
    struct err *);

bool
expect_like(struct text p, struct text s)
{
	size_t i = 0, j = 0, star = SIZE_MAX, mark = 0;

	while (j < s.len) {
		if (i < p.len && p.at[i] == '*') {
			star = i++;
			mark = j;
		} else if (i < p.len && p.at[i] == s.at[j]) {
			i++;
			j++;
		} else if (star != SIZE_MAX) {
			i = star + 1;
			j = ++mark;
		} else {
			return false;
		}
	}
	while (i < p.len && p.at[i] == '*')
		i++;
	return i == p.len;
}

const char *
expect_capture(struct arena *a, struct text *expected)
{
	static const char arrow[] = "-> ";
	const char *at = expected->len == 0 ? NULL :
	    memmem(expected->at, expected->len, arrow, strlen(arrow));
	const char *name;

	if (at == NULL)
		return NULL;
	name = arena_copy(a, at + strlen(arrow),
	    expected->len - (size_t)(at - expected->at) - strlen(arrow));
	expected->len = (size_t)(at - expected->at);
	while (expected->len > 0 && expected->at[expected->len - 1] == ' ')
		expected->len--;
	return name;
}

static bool
differ(struct comparison *c, const struct json *expected, const struct json *came, struct err *e)
{
	struct out a, b;

	out_init(&a, c->arena, 8 << 20);
	out_init(&b, c->arena, 8 << 20);
	json_write(&a, expected);
	json_write(&b, came);
	return err_set(e, "expected %.*s, came %.*s", (int)(a.len < 300 ? a.len : 300), a.at,
	    (int)(b.len < 300 ? b.len : 300), b.at);
}

/* Digits where the form has 9, else the form's own character. */
static bool
has_form(const struct json *v, const char *form)
{
	if (v->kind != JSON_STRING || v->text.len != strlen(form))
		return false;
	for (size_t i = 0; i < v->text.len; i++)
		if (form[i] == '9' ? !isdigit((unsigned char)v->text.at[i]) :
		    v->text.at[i] != form[i])
			return false;
	return true;
}

static bool
is_any(const struct json *v)
{
	(void)v;
	return true;
}

static bool
is_id(const struct json *v)
{
	int64_t n;

	return json_to_int(v, &n) && n > 0 && v->kind == JSON_NUMBER;
}

static bool
is_number(const struct json *v)
{
	return v->kind == JSON_NUMBER;
}

static bool
is_text(const struct json *v)
{
	return v->kind == JSON_STRING;
}

static bool
is_date(const struct json *v)
{
	return has_form(v, "9999-99-99");
}

static bool
is_time(const struct json *v)
{
	return has_form(v, "9999-99-99T99:99:99.999999");
}

static const struct { const char *word; bool (*fits)(const struct json *); } wildcards[] = {
	{ "$any", is_any }, { "$id", is_id }, { "$number", is_number }, { "$text", is_text },
	{ "$date", is_date }, { "$time", is_time },
};

static bool
fits_wildcard(struct text word, const struct json *came)
{
	static const char like[] = "$like ";

	for (size_t i = 0; i < sizeof wildcards / sizeof *wildcards; i++)
		if (text_equal(word, text_of(wildcards[i].word)))
			return wildcards[i].fits(came);
	if (word.len < strlen(like) || memcmp(word.at, like, strlen(like)) != 0)
		return false;
	word.at += strlen(like);
	word.len -= strlen(like);
	return came->kind == JSON_STRING && expect_like(word, came->text);
}

static void
capture(struct comparison *c, const char *name, const struct json *came)
{
	struct out out;

	if (came->kind == JSON_STRING) {
		names_set(c->names, name, came->text);
		return;
	}
	out_init(&out, c->arena, 8 << 20);
	json_write(&out, came);
	names_set(c->names, name, (struct text){ out.at, out.len });
}

static bool
compare_text(struct comparison *c, const struct json *expected, const struct json *came,
    struct err *e)
{
	struct text word = expected->text;
	const char *name;

	if (word.len == 0 || word.at[0] != '$') {
		if (came->kind != JSON_STRING || !text_equal(word, came->text))
			return differ(c, expected, came, e);
		return true;
	}
	name = expect_capture(c->arena, &word);
	if (!fits_wildcard(word, came))
		return differ(c, expected, came, e);
	if (name != NULL)
		capture(c, name, came);
	return true;
}

/* Puts the place before a message: "ticket" and "id: expected" make "ticket.id: expected". */
static bool
at_member(struct text name, struct err *e)
{
	return err_prefix(e, "%.*s%s", (int)name.len, name.at,
	    strncmp(e->message, "expected", 8) == 0 ? ": " : ".");
}

static bool
is_more(const struct json *member)
{
	return member != NULL && text_equal(member->name, TEXT("$more"));
}

static bool
compare_object(struct comparison *c, const struct json *expected, const struct json *came,
    struct err *e)
{
	const struct json *x = expected->first, *y = came->first, *last = NULL;

	for (const struct json *m = expected->first; m != NULL; m = m->next)
		last = m;
	for (; x != NULL && !is_more(x); x = x->next, y = y->next) {
		while (is_more(last) && y != NULL && !text_equal(x->name, y->name))
			y = y->next;
		if (y == NULL || !text_equal(x->name, y->name))
			return err_set(e, "expected the member %.*s here, came %s",
			    (int)x->name.len, x->name.at, y == NULL ? "no more" :
			    arena_copy(c->arena, y->name.at, y->name.len));
		if (!compare(c, x, y, e))
			return at_member(x->name, e);
	}
	if (!is_more(x) && y != NULL)
		return err_set(e, "expected no member %.*s", (int)y->name.len, y->name.at);
	return true;
}

static bool
some_in_order(struct comparison *c, const struct json *x, const struct json *y, struct err *e)
{
	struct err ignored;

	for (; x != NULL; x = x->next, y = y->next) {
		while (y != NULL && !compare(c, x, y, &ignored))
			y = y->next;
		if (y == NULL) {
			struct out out;

			out_init(&out, c->arena, 1 << 20);
			json_write(&out, x);
			return err_set(e, "expected an element %.*s", (int)out.len, out.at);
		}
	}
	return true;
}

static bool
each_is(struct comparison *c, const struct json *x, const struct json *y, struct err *e)
{
	for (; y != NULL; y = y->next)
		if (!compare(c, x, y, e))
			return false;
	return true;
}

static bool
none_is(struct comparison *c, const struct json *x, const struct json *y, struct err *e)
{
	struct err ignored;

	for (; y != NULL; y = y->next)
		if (compare(c, x, y, &ignored))
			return err_set(e, "expected no such element");
	return true;
}

static bool
are_so_many(struct comparison *c, const struct json *x, const struct json *y, struct err *e)
{
	int64_t wanted = -1, n = 0;

	(void)c;
	json_to_int(x, &wanted);
	for (; y != NULL; y = y->next)
		n++;
	return n == wanted || err_set(e, "expected %lld elements, came %lld", (long long)wanted,
	    (long long)n);
}

static const struct {
	const char *word;
	bool (*compare)(struct comparison *, const struct json *, const struct json *,
	    struct err *);
} lists[] = {
	{ "$each", each_is }, { "$some", some_in_order }, { "$none", none_is },
	{ "$count", are_so_many },
};

static bool
compare_array(struct comparison *c, const struct json *expected, const struct json *came,
    struct err *e)
{
	const struct json *x = expected->first, *y = came->first;

	for (size_t i = 0; x != NULL && i < sizeof lists / sizeof *lists; i++)
		if (x->kind == JSON_STRING && text_equal(x->text, text_of(lists[i].word)))
			return lists[i].compare(c, x->next, y, e);
	if (expected->count != came->count)
		return differ(c, expected, came, e);
	for (unsigned i = 0; x != NULL; x = x->next, y = y->next, i++)
		if (!compare(c, x, y, e))
			return err_prefix(e, "[%u] ", i);
	return true;
}

static bool
compare(struct comparison *c, const struct json *expected, const struct json *came, struct err *e)
{
	if (expected->kind == JSON_STRING)
		return compare_text(c, expected, came, e);
	if (expected->kind != came->kind)
		return differ(c, expected, came, e);
	switch (expected->kind) {
	case JSON_OBJECT:
		return compare_object(c, expected, came, e);
	case JSON_ARRAY:
		return compare_array(c, expected, came, e);
	case JSON_NUMBER:
		return text_equal(expected->text, came->text) || differ(c, expected, came, e);
	default:
		return true;
	}
}

bool
expect_json(const struct json *expected, const struct json *came, struct names *names,
    struct arena *a, struct err *e)
{
	struct comparison c = { names, a };

	return compare(&c, expected, came, e);
}
