/*
 * module_field - whether a table of fields says what the server can do
 *
 * One rule is one row: what is wrong, and the words for it.  Behind this file the types
 * (type.c), the resources and the document take every field as it is.
 *
 * It knows no database and makes nothing.  Names go into SQL as they stand, unquoted, so
 * what SQLite or PostgreSQL reserves is refused here.
 */
#include "module_judge.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "cleanup.h"
#include "err.h"
#include "iso8601.h"
#include "json.h"
#include "resource.h"
#include "type.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Longest name of a field; most bytes that constant JSON takes when it is parsed. */
enum { NAME_MOST = 48, JSON_MOST = 16 << 20 };

/* Sets of types. */
#define T(type) (1u << (type))

enum {
	GIVEN = T(HD_TEXT) | T(HD_INTEGER) | T(HD_BOOLEAN) | T(HD_DATE) | T(HD_TIME) | T(HD_USER),
	ONCE = T(HD_ID) | T(HD_CREATED) | T(HD_UPDATED) | T(HD_EDITOR) | T(HD_ATTACHMENTS) |
	    T(HD_PARENT),
	EVERY = GIVEN | ONCE | T(HD_TAGS) | T(HD_USER_NAME) | T(HD_JSON),
	LISTED = EVERY & ~(T(HD_TAGS) | T(HD_USER_NAME) | T(HD_JSON) | T(HD_ATTACHMENTS))
};

/* What may stand in which table. */
static const struct {
	unsigned types, flags;
} places[] = {
	[MODULE_RESOURCE] = { EVERY, HD_REQUIRED | HD_TRIM | HD_UNIQUE | HD_FILTER | HD_CONTAINS |
	    HD_SEARCH | HD_CREATE_ONLY | HD_CALLER | HD_SORT | HD_EXACT | HD_SPAN |
	    HD_READ_ONLY },
	[MODULE_QUERY] = { GIVEN, HD_REQUIRED | HD_TRIM },
	[MODULE_BODY] = { GIVEN | T(HD_TAGS), HD_REQUIRED | HD_TRIM | HD_CALLER },
};

/* Which types a flag makes sense for. */
static const struct {
	unsigned flag, types;
	const char *why;
} flags[] = {
	{ HD_REQUIRED, GIVEN | T(HD_TAGS), "has HD_REQUIRED, but is nothing that a body gives" },
	{ HD_CREATE_ONLY, GIVEN | T(HD_TAGS),
	    "has HD_CREATE_ONLY, but is nothing that a body gives" },
	{ HD_READ_ONLY, GIVEN | T(HD_TAGS), "has HD_READ_ONLY, but is read-only by its type" },
	{ HD_TRIM, T(HD_TEXT), "has HD_TRIM, which is for HD_TEXT" },
	{ HD_UNIQUE, T(HD_TEXT), "has HD_UNIQUE, which is for HD_TEXT" },
	{ HD_FILTER, T(HD_TEXT) | T(HD_USER), "has HD_FILTER, which is for HD_TEXT and HD_USER" },
	{ HD_CONTAINS, T(HD_TEXT), "has HD_CONTAINS, which is for HD_TEXT" },
	{ HD_SEARCH, T(HD_TEXT) | T(HD_TAGS) | T(HD_ATTACHMENTS),
	    "has HD_SEARCH, which is for HD_TEXT, HD_TAGS and HD_ATTACHMENTS" },
	{ HD_CALLER, T(HD_USER), "has HD_CALLER, which is for HD_USER" },
	{ HD_SORT, LISTED, "has HD_SORT, but no value of its own that has an order" },
	{ HD_EXACT, T(HD_TEXT) | T(HD_INTEGER) | T(HD_BOOLEAN) | T(HD_USER),
	    "has HD_EXACT, which is for HD_TEXT, HD_INTEGER, HD_BOOLEAN and HD_USER" },
	{ HD_SPAN, T(HD_CREATED) | T(HD_TIME), "has HD_SPAN, which is for HD_CREATED and HD_TIME" },
};

/*
 * What SQLite 3.40 does not take for the name of a column or table, and what PostgreSQL 15
 * reserves, also if it may name a function or type; of 16, system_user.  In the order of
 * strcmp.
 */
static const char *const sql_words[] = {
	"add", "all", "alter", "analyse", "analyze", "and", "any", "array", "as", "asc",
	"asymmetric", "authorization", "autoincrement", "between", "binary", "both", "case",
	"cast", "check", "collate", "collation", "column", "commit", "concurrently", "constraint",
	"create", "cross", "current_catalog", "current_date", "current_role", "current_schema",
	"current_time", "current_timestamp", "current_user", "default", "deferrable", "delete",
	"desc", "distinct", "do", "drop", "else", "end", "escape", "except", "exists", "false",
	"fetch", "for", "foreign", "freeze", "from", "full", "grant", "group", "having", "if",
	"ilike", "in", "index", "initially", "inner", "insert", "intersect", "into", "is",
	"isnull", "join", "lateral", "leading", "left", "like", "limit", "localtime",
	"localtimestamp", "natural", "not", "nothing", "notnull", "null", "offset", "on", "only",
	"or", "order", "outer", "overlaps", "placing", "primary", "raise", "references",
	"returning", "right", "select", "session_user", "set", "similar", "some", "symmetric",
	"system_user", "table", "tablesample", "then", "to", "trailing", "transaction", "true",
	"union", "unique", "update", "user", "using", "values", "variadic", "verbose", "when",
	"where", "window", "with",
};

/* A table of fields while it is judged. */
struct table {
	const struct hd_field *fields;
	enum module_place place;
	unsigned steps;		/* migrations of the module */
};

/* ---- words and constant JSON ---- */

bool
module_is_word(const char *s, size_t most)
{
	size_t n = s == NULL ? 0 : strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n > 0 && n <= most && s[n] == '\0' && s[0] >= 'a' && s[0] <= 'z';
}

static int
compare_word(const void *word, const void *entry)
{
	return strcmp(word, *(const char *const *)entry);
}

bool
module_is_reserved(const char *word)
{
	return bsearch(word, sql_words, COUNT(sql_words), sizeof(sql_words[0]), compare_word) !=
	    NULL;
}

bool
module_is_said(const char *s)
{
	return text_valid(text_of(s), NULL) && text_trim(text_of(s)).len > 0;
}

bool
module_json(const char *text, module_ask_json *ask, const void *context)
{
	CLEANUP(arena_fini) struct arena arena;
	const struct json *json;

	arena_init(&arena, JSON_MOST);
	return json_parse(&arena, text_of(text), &json, NULL) && ask(context, json);
}

/* ---- defaults: does the JSON of .value fit the type? ---- */

static bool
fits_text(const void *context, const struct json *j)
{
	const struct hd_field *f = context;

	if (j->kind != JSON_STRING || (f->max > 0 && text_count(j->text) > f->max))
		return false;
	return (f->flags & HD_REQUIRED) == 0 || text_trim(j->text).len > 0;
}

static bool
fits_integer(const void *context, const struct json *j)
{
	const struct hd_field *f = context;
	int64_t n;

	if (!json_to_int(j, &n))
		return false;
	return (f->least == 0 && f->most == 0) || (n >= f->least && n <= f->most);
}

static bool
fits_boolean(const void *context, const struct json *j)
{
	(void)context;
	return j->kind == JSON_TRUE || j->kind == JSON_FALSE;
}

static bool
fits_date(const void *context, const struct json *j)
{
	char date[ISO8601_DATE_SIZE];

	(void)context;
	return j->kind == JSON_STRING && iso8601_date(j->text, date);
}

static bool
fits_time(const void *context, const struct json *j)
{
	char time[ISO8601_TIME_SIZE];

	(void)context;
	return j->kind == JSON_STRING && iso8601_time(j->text, time);
}

static bool
fits_tags(const void *context, const struct json *j)
{
	(void)context;
	if (j->kind != JSON_ARRAY)
		return false;
	for (const struct json *tag = j->first; tag != NULL; tag = tag->next)
		if (tag->kind != JSON_STRING)
			return false;
	return true;
}

/* A type without a row has no default of its own. */
static module_ask_json *const fits[] = {
	[HD_TEXT] = fits_text, [HD_INTEGER] = fits_integer, [HD_BOOLEAN] = fits_boolean,
	[HD_DATE] = fits_date, [HD_TIME] = fits_time, [HD_TAGS] = fits_tags,
};

static bool
is_any_json(const void *context, const struct json *j)
{
	(void)context;
	(void)j;
	return true;
}

/* ---- rules for one field ---- */

static bool
is_of(const struct hd_field *f, unsigned types)
{
	return (unsigned)f->type < 32 && (T(f->type) & types) != 0;
}

static const struct hd_field *
field_find(const struct table *t, const char *name)
{
	for (const struct hd_field *f = t->fields; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

static bool
wrong_name(const struct table *t, const struct hd_field *f)
{
	(void)t;
	return !module_is_word(f->name, NAME_MOST);
}

static bool
wrong_filter(const struct table *t, const struct hd_field *f)
{
	(void)t;
	return f->filter != NULL && !module_is_word(f->filter, NAME_MOST);
}

/* Parameters and members of a body are no columns: they may be called "from" and "to". */
static bool
reserved_name(const struct table *t, const struct hd_field *f)
{
	return t->place == MODULE_RESOURCE && module_is_reserved(f->name);
}

/* Columns that every table of PostgreSQL has, by names that are not reserved otherwise. */
static bool
system_name(const struct table *t, const struct hd_field *f)
{
	static const char *const names[] = { "cmax", "cmin", "ctid", "tableoid", "xmax", "xmin" };

	for (size_t i = 0; t->place == MODULE_RESOURCE && i < COUNT(names); i++)
		if (strcmp(names[i], f->name) == 0)
			return true;
	return false;
}

/* For what the server may add to tables, and to members of rows, some day. */
static bool
server_name(const struct table *t, const struct hd_field *f)
{
	return t->place == MODULE_RESOURCE && strncmp(f->name, "hd_", 3) == 0;
}

static bool
derived_name(const struct table *t, const struct hd_field *f)
{
	static const char end[] = "_fold";
	size_t n = strlen(f->name), m = sizeof(end) - 1;

	return t->place == MODULE_RESOURCE && n >= m && strcmp(f->name + n - m, end) == 0;
}

static bool
second_of_name(const struct table *t, const struct hd_field *f)
{
	return field_find(t, f->name) != f;
}

static bool
wrong_type(const struct table *t, const struct hd_field *f)
{
	return !is_of(f, places[t->place].types);
}

static bool
wrong_flags(const struct table *t, const struct hd_field *f)
{
	return (f->flags & ~places[t->place].flags) != 0;
}

static bool
two_filters(const struct table *t, const struct hd_field *f)
{
	(void)t;
	return (f->flags & HD_FILTER) != 0 && (f->flags & HD_CONTAINS) != 0;
}

/* A POST could never give it. */
static bool
required_and_read_only(const struct table *t, const struct hd_field *f)
{
	(void)t;
	return (f->flags & HD_REQUIRED) != 0 && (f->flags & HD_READ_ONLY) != 0;
}

static bool
exact_and_other(const struct table *t, const struct hd_field *f)
{
	(void)t;
	return (f->flags & HD_EXACT) != 0 && (f->flags & (HD_FILTER | HD_CONTAINS)) != 0;
}

/* The parameter that a field is found by; NULL: none. */
static const char *
filter_name(const struct hd_field *f)
{
	if ((f->flags & (HD_FILTER | HD_CONTAINS | HD_EXACT)) == 0)
		return NULL;
	return f->filter != NULL ? f->filter : f->name;
}

static bool
second_of_filter(const struct table *t, const struct hd_field *f)
{
	const char *name = filter_name(f);

	for (const struct hd_field *other = t->fields; name != NULL && other != f; other++)
		if (filter_name(other) != NULL && strcmp(filter_name(other), name) == 0)
			return true;
	return false;
}

static bool
second_of_type(const struct table *t, const struct hd_field *f)
{
	for (const struct hd_field *other = t->fields; other != f; other++)
		if (other->type == f->type && is_of(f, ONCE))
			return true;
	return false;
}

static bool
misplaced_max(const struct table *t, const struct hd_field *f)
{
	(void)t;
	return f->max != 0 && !is_of(f, T(HD_TEXT));
}

static bool
misplaced_bounds(const struct table *t, const struct hd_field *f)
{
	(void)t;
	return (f->least != 0 || f->most != 0) && !is_of(f, T(HD_INTEGER));
}

static bool
wrong_bounds(const struct table *t, const struct hd_field *f)
{
	(void)t;
	return f->least > f->most;
}

static bool
wrong_default(const struct table *t, const struct hd_field *f)
{
	(void)t;
	if (f->value == NULL)
		return false;
	return (size_t)f->type >= COUNT(fits) || fits[f->type] == NULL ||
	    !module_json(f->value, fits[f->type], f);
}

/* What is made of a default (type.c) is what stands there. */
static bool
escaped_default(const struct table *t, const struct hd_field *f)
{
	(void)t;
	return f->value != NULL && strchr(f->value, '\\') != NULL;
}

static bool
wrong_of(const struct table *t, const struct hd_field *f)
{
	const struct hd_field *user = f->of == NULL ? NULL : field_find(t, f->of);

	return f->type == HD_USER_NAME && (user == NULL || user->type != HD_USER);
}

static bool
misplaced_of(const struct table *t, const struct hd_field *f)
{
	(void)t;
	return f->of != NULL && f->type != HD_USER_NAME;
}

static bool
misplaced_missing(const struct table *t, const struct hd_field *f)
{
	(void)t;
	return f->missing != NULL && (f->type != HD_USER || (f->flags & HD_FILTER) == 0);
}

/* A cursor holds the value by which a row was sorted. */
static bool
long_sort(const struct table *t, const struct hd_field *f)
{
	(void)t;
	return (f->flags & HD_SORT) != 0 && f->type == HD_TEXT && (f->max == 0 || f->max > 255);
}

static bool
wrong_since(const struct table *t, const struct hd_field *f)
{
	return f->since > t->steps || (f->since != 0 && t->place != MODULE_RESOURCE);
}

static unsigned
step_of(const struct hd_field *f)
{
	return f->since == 0 ? 1 : f->since;
}

/* A column that comes after its table, where the rows that are there can have no null. */
static bool
must_be_filled(const struct table *t, const struct hd_field *f)
{
	return step_of(f) > step_of(&t->fields[0]) && type_of(f->type)->column != NULL &&
	    !field_nullable(f) && field_default(f).kind == VALUE_ABSENT;
}

static bool
no_value_for_rows(const struct table *t, const struct hd_field *f)
{
	return must_be_filled(t, f) && (size_t)f->type < COUNT(fits) && fits[f->type] != NULL;
}

static bool
wrong_example(const struct table *t, const struct hd_field *f)
{
	(void)t;
	return f->example != NULL && !module_json(f->example, is_any_json, NULL);
}

static bool
wrong_words(const struct table *t, const struct hd_field *f)
{
	(void)t;
	return (f->doc != NULL && !module_is_said(f->doc)) ||
	    (f->missing != NULL && !module_is_said(f->missing));
}

/* In this order: a later rule relies on the earlier. */
static const struct {
	bool (*broken)(const struct table *, const struct hd_field *);
	const char *why;
} rules[] = {
	{ wrong_name, "has a name that is not of a-z, 0-9 and '_', or is over 48 bytes" },
	{ wrong_filter, "has a .filter that is not of a-z, 0-9 and '_', or is over 48 bytes" },
	{ reserved_name, "has a name that is a reserved word of SQL" },
	{ system_name, "has the name of a column that PostgreSQL adds to every table" },
	{ server_name, "has a name that begins with hd_, which the server keeps for itself" },
	{ derived_name, "has a name that ends in _fold, which the server keeps for itself" },
	{ second_of_name, "is there twice" },
	{ wrong_type, "has a type that cannot be there" },
	{ wrong_flags, "has a flag that cannot be there" },
	{ two_filters, "has both HD_FILTER and HD_CONTAINS" },
	{ required_and_read_only, "has both HD_REQUIRED and HD_READ_ONLY" },
	{ exact_and_other, "has HD_EXACT beside another kind of filter" },
	{ second_of_filter, "is found by a parameter that another field has" },
	{ second_of_type, "has a type that only one field can have" },
	{ misplaced_max, "has .max, which is for HD_TEXT" },
	{ misplaced_bounds, "has .least or .most, which are for HD_INTEGER" },
	{ wrong_bounds, "has a .least above its .most" },
	{ wrong_default, "has a .value that is no JSON value of its type" },
	{ escaped_default, "has a .value with an escape, which would be stored as it stands" },
	{ wrong_of, "has no .of that names an HD_USER field" },
	{ misplaced_of, "has .of, which is for HD_USER_NAME" },
	{ misplaced_missing, "has .missing, which is for HD_USER with HD_FILTER" },
	{ long_sort, "has HD_SORT and no .max of 255 or less" },
	{ wrong_since, "has a .since that is the number of no migration" },
	{ no_value_for_rows, "is required and comes after its table, so it needs a .value for the "
	    "rows that are there" },
	{ must_be_filled, "can never be null and has no default, so it cannot come after its "
	    "table, which may have rows" },
	{ wrong_example, "has an .example that is no JSON" },
	{ wrong_words, "has a .doc or .missing that is empty or no UTF-8" },
};

static const char *
field_fault(const struct table *t, const struct hd_field *f)
{
	for (size_t i = 0; i < COUNT(rules); i++)
		if (rules[i].broken(t, f))
			return rules[i].why;
	for (size_t i = 0; i < COUNT(flags); i++)
		if ((f->flags & flags[i].flag) != 0 && !is_of(f, flags[i].types))
			return flags[i].why;
	return NULL;
}

bool
module_check_fields(const struct hd_field *fields, enum module_place place, const char *where,
    unsigned steps, struct err *e)
{
	const struct table t = { fields, place, steps };
	const char *why;

	if (field_count(fields) > RESOURCE_FIELDS)
		return err_set(e, "%s: has more than %d fields", where, RESOURCE_FIELDS);
	for (const struct hd_field *f = fields; f->name != NULL; f++)
		if ((why = field_fault(&t, f)) != NULL)
			return err_set(e, "%s: field %.64s %s", where, f->name, why);
	return true;
}
