/*
 * json - JSON in, as a tree in an arena; JSON out, appended to an out
 *
 * yajl decides what is a token and what may follow it.  What it lets pass is refused
 * here: bytes that are not UTF-8, lone surrogates, U+0000, \v and \f as white space,
 * duplicate members, bottomless nesting.  Its messages are for programmers and its
 * offsets vary, so what is wrong, and where, is found out here too.
 *
 * Nothing here converts a number to floating point, repairs or guesses.
 */
#include "json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "arena.h"
#include "cleanup.h"
#include "err.h"
#include "out.h"
#include "word.h"

/* Every value that has a name is part of one of these. */
struct member {
	struct json json;	/* first, so a pointer to one is a pointer to the other */
	size_t at;		/* where its name begins */
};

/* A document that is being read. */
struct parse {
	struct arena *arena;
	struct err *err;
	struct text bytes;
	yajl_handle yajl;
	bool at_end;			/* yajl has had all bytes; a number may come yet */
	bool failed;			/* err says why */
	size_t start, end;		/* the token that yajl reported last */
	struct json *root;
	struct member *name;		/* a member that has no value yet */
	unsigned depth;			/* of what follows: how many are open */
	struct json *open[JSON_DEPTH];	/* the objects and arrays around */
	struct json **tail[JSON_DEPTH];	/* where the next child of each is linked */
};

/* ---- failing ---- */

/* Says what is wrong at this offset, in lines and columns that a person can count. */
__attribute__((format(printf, 3, 4))) static bool
fail(struct parse *p, size_t at, const char *format, ...)
{
	struct text before = { p->bytes.at, at };
	size_t line = 1;
	const char *lf;
	char what[512];
	va_list ap;

	while ((lf = memchr(before.at, '\n', before.len)) != NULL) {
		before.len -= (size_t)(lf + 1 - before.at);
		before.at = lf + 1;
		line++;
	}
	va_start(ap, format);
	vsnprintf(what, sizeof what, format, ap);
	va_end(ap);
	p->failed = true;
	return err_set(p->err, "line %zu, column %zu: %s", line, text_count(before) + 1, what);
}

static bool
fail_memory(struct parse *p)
{
	p->failed = true;
	return err_set(p->err, JSON_NO_MEMORY);
}

/* ---- what is wrong with a document that yajl has refused ---- */

static const char no_space[] =
    "only space, tab, line feed and carriage return may stand between values";

/* The byte there, or -1 at the end. */
static int
peek(const struct parse *p, size_t at)
{
	return at < p->bytes.len ? (unsigned char)p->bytes.at[at] : -1;
}

static bool
is_one_of(int c, const char *set)
{
	return c > 0 && strchr(set, c) != NULL;
}

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_hex(int c)
{
	return is_digit(c) || is_one_of(c, "abcdefABCDEF");
}

static size_t
skip(const struct parse *p, size_t at, const char *set)
{
	while (is_one_of(peek(p, at), set))
		at++;
	return at;
}

/* What the grammar allows at a place, and how to say so. */
enum expect { A_VALUE, A_NAME, A_COLON, FIRST_NAME, NEXT_NAME, FIRST_ITEM, NEXT_ITEM, NO_MORE };

static const struct { const char *said; bool value, name; } expects[] = {
	[A_VALUE]    = { "expected a value",                          .value = true },
	[A_NAME]     = { "expected a name in double quotes",          .name = true },
	[A_COLON]    = { "expected ':' after the name" },
	[FIRST_NAME] = { "expected a name in double quotes or '}'",   .name = true },
	[NEXT_NAME]  = { "expected ',' or '}'" },
	[FIRST_ITEM] = { "expected a value or ']'",                   .value = true },
	[NEXT_ITEM]  = { "expected ',' or ']'" },
	[NO_MORE]    = { "expected nothing after the value" },
};

/* What may follow the last token that was right. */
static enum expect
expected(const struct parse *p)
{
	const struct json *around = p->depth > 0 ? p->open[p->depth - 1] : NULL;

	if (p->root == NULL)
		return A_VALUE;
	if (p->name != NULL)
		return A_COLON;
	if (around == NULL)
		return NO_MORE;
	if (around->kind == JSON_OBJECT)
		return around->count == 0 ? FIRST_NAME : NEXT_NAME;
	return around->count == 0 ? FIRST_ITEM : NEXT_ITEM;
}

/* Steps over the comma or colon that is right here; yajl does not report these. */
static enum expect
step_over(const struct parse *p, enum expect e, size_t *at)
{
	static const struct { char sign; enum expect then; } steps[] = {
		[A_COLON]   = { ':', A_VALUE },
		[NEXT_NAME] = { ',', A_NAME },
		[NEXT_ITEM] = { ',', A_VALUE },
		[NO_MORE]   = { '\0', NO_MORE },
	};

	if (steps[e].sign == '\0' || peek(p, *at) != steps[e].sign)
		return e;
	*at = skip(p, *at + 1, " \t\r\n");
	return steps[e].then;
}

/* What is wrong with the escape whose backslash is there. */
static bool
explain_escape(struct parse *p, size_t at)
{
	int c = peek(p, at + 1);

	if (c == 'u')
		return fail(p, at, "\\u takes four hexadecimal digits");
	if (c > ' ' && c < 0x7f)
		return fail(p, at, "'\\%c' is no escape; a backslash is written \\\\", c);
	return fail(p, at, "a backslash is written \\\\");
}

/* What is wrong with the string that begins there. */
static bool
explain_string(struct parse *p, size_t start)
{
	size_t at = start + 1, digits;

	for (; at < p->bytes.len && peek(p, at) != '"'; at++) {
		if (peek(p, at) < ' ')
			return fail(p, at, "a control character (U+%04X) in a string must be "
			    "escaped", (unsigned)peek(p, at));
		if (peek(p, at) != '\\')
			continue;
		for (digits = 0; digits < 4 && is_hex(peek(p, at + 2 + digits)); digits++)
			;
		if (peek(p, at + 1) == 'u' ? digits < 4 : !is_one_of(peek(p, at + 1), "\"\\/bfnrt"))
			return peek(p, at + 1) < 0 ? fail(p, start, "the string has no end") :
			    explain_escape(p, at);
		at++;
	}
	return fail(p, start, "the string has no end");
}

/* What is wrong with the number that begins there: a part of it has no digit. */
static bool
explain_number(struct parse *p, size_t at)
{
	static const char digits[] = "0123456789";

	if (peek(p, at) == '-')
		at++;
	if (is_digit(peek(p, at)))
		at = skip(p, at, digits);
	else
		return fail(p, at, "expected a digit after '-'");
	if (peek(p, at) == '.') {
		if (!is_digit(peek(p, at + 1)))
			return fail(p, at + 1, "expected a digit after '.'");
		at = skip(p, at + 1, digits);
	}
	at++;
	if (is_one_of(peek(p, at), "+-"))
		at++;
	return fail(p, at, "expected a digit in the exponent");
}

/* Why people write what JSON does not have. */
static const char *
advice(int c)
{
	static const struct { char c; const char *said; } hints[] = {
		{ '\'', "; strings are in double quotes" },
		{ '/',  "; JSON has no comments" },
		{ '#',  "; JSON has no comments" },
		{ '+',  "; a number has no plus sign" },
		{ '.',  "; a number begins with a digit" },
	};

	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
		if (c == hints[i].c)
			return hints[i].said;
	return is_letter(c) ? "; text is in double quotes" : "";
}

/* The code point of valid UTF-8 that is there. */
static unsigned
code_point(const struct parse *p, size_t at)
{
	const unsigned char *s = (const unsigned char *)p->bytes.at + at;

	if (s[0] < 0x80)
		return s[0];
	if (s[0] < 0xe0)
		return (s[0] & 0x1fu) << 6 | (s[1] & 0x3fu);
	if (s[0] < 0xf0)
		return (s[0] & 0x0fu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
	return (s[0] & 0x07u) << 18 | (s[1] & 0x3fu) << 12 | (s[2] & 0x3fu) << 6 | (s[3] & 0x3fu);
}

static bool
explain_unexpected(struct parse *p, enum expect e, size_t at)
{
	const char *said = expects[e].said, *hint = expects[e].value ? advice(peek(p, at)) : "";
	int c = peek(p, at), n = 0;

	if (c == '"')
		return fail(p, at, "%s, found a string", said);
	if (c == '-' || is_digit(c))
		return fail(p, at, "%s, found a number", said);
	while (n < 20 && is_letter(peek(p, at + (size_t)n)))
		n++;
	if (n > 0)
		return fail(p, at, "%s, found '%.*s'%s", said, n, p->bytes.at + at, hint);
	if (c > ' ' && c < 0x7f)
		return fail(p, at, "%s, found '%c'%s", said, c, hint);
	return fail(p, at, "%s, found U+%04X", said, code_point(p, at));
}

static bool
explain(struct parse *p)
{
	size_t at = skip(p, p->end, " \t\r\n");
	enum expect e = step_over(p, expected(p), &at);
	int c = peek(p, at);

	if (c < 0)
		return fail(p, at, "%s, found the end", expects[e].said);
	if (is_one_of(c, "\v\f"))
		return fail(p, at, no_space);
	if (c == '"' && (expects[e].value || expects[e].name))
		return explain_string(p, at);
	if ((c == '-' || is_digit(c)) && expects[e].value)
		return explain_number(p, at);
	if (is_digit(c) && at == p->end && is_digit(peek(p, at - 1)))
		return fail(p, p->start, "a number must not begin with 0 and go on");
	return explain_unexpected(p, e, at);
}

/* ---- what yajl reports, token by token ---- */

/* Finds the token that yajl has just reported. */
static bool
token(struct parse *p)
{
	p->start = skip(p, p->end, " \t\r\n,:");
	p->end = p->at_end ? p->bytes.len : yajl_get_bytes_consumed(p->yajl);
	return !is_one_of(peek(p, p->start), "\v\f") || fail(p, p->start, no_space);
}

/* The value that begins with this token, in its place in the tree. */
static struct json *
value(struct parse *p, enum json_kind kind)
{
	struct json *j;

	if (!token(p))
		return NULL;
	j = p->name != NULL ? &p->name->json : arena_zero(p->arena, sizeof *j);
	if (j == NULL) {
		fail_memory(p);
		return NULL;
	}
	p->name = NULL;
	j->kind = kind;
	if (p->depth == 0) {
		p->root = j;
	} else {
		p->open[p->depth - 1]->count++;
		*p->tail[p->depth - 1] = j;
		p->tail[p->depth - 1] = &j->next;
	}
	return j;
}

static bool
keep(struct parse *p, struct text *to, const void *bytes, size_t n)
{
	*to = (struct text){ arena_copy(p->arena, bytes, n), n };
	return to->at != NULL || fail_memory(p);
}

/* The code unit of a \uXXXX that begins there, or 0 for anything else. */
static unsigned
code_unit(const struct parse *p, size_t at)
{
	char digits[5] = "";

	if (at + 6 > p->end || p->bytes.at[at] != '\\' || p->bytes.at[at + 1] != 'u')
		return 0;
	memcpy(digits, p->bytes.at + at + 2, 4);
	return (unsigned)strtoul(digits, NULL, 16);
}

/* The string that is the token: yajl makes a '?' or worse of a lone surrogate. */
static bool
check_escapes(struct parse *p)
{
	const char *at = p->bytes.at + p->start, *end = p->bytes.at + p->end;
	size_t offset;
	unsigned unit;

	while ((at = memchr(at, '\\', (size_t)(end - at))) != NULL) {
		offset = (size_t)(at - p->bytes.at);
		unit = code_unit(p, offset);
		if (at[1] == 'u' && unit == 0)
			return fail(p, offset, "U+0000 cannot be part of text");
		at += at[1] == 'u' ? 6 : 2;
		if (unit < 0xd800 || unit > 0xdfff)
			continue;
		if (unit > 0xdbff || (code_unit(p, offset + 6) & 0xfc00) != 0xdc00)
			return fail(p, offset, "\\u%04x is one half of a surrogate pair", unit);
		at += 6;
	}
	return true;
}

static int
on_null(void *context)
{
	return value(context, JSON_NULL) != NULL;
}

static int
on_boolean(void *context, int set)
{
	return value(context, set ? JSON_TRUE : JSON_FALSE) != NULL;
}

static int
on_number(void *context, const char *digits, size_t n)
{
	struct json *j = value(context, JSON_NUMBER);

	return j != NULL && keep(context, &j->text, digits, n);
}

static int
on_string(void *context, const unsigned char *s, size_t n)
{
	struct json *j = value(context, JSON_STRING);

	return j != NULL && check_escapes(context) && keep(context, &j->text, s, n);
}

static int
on_name(void *context, const unsigned char *s, size_t n)
{
	struct parse *p = context;

	if (!token(p) || !check_escapes(p))
		return 0;
	p->name = arena_zero(p->arena, sizeof *p->name);
	if (p->name == NULL)
		return fail_memory(p);
	p->name->at = p->start;
	return keep(p, &p->name->json.name, s, n);
}

/* yajl grows with every level and has no bound of its own. */
static bool
open_level(struct parse *p, enum json_kind kind)
{
	struct json *j = value(p, kind);

	if (j == NULL)
		return false;
	if (p->depth == JSON_DEPTH)
		return fail(p, p->start, "nested deeper than %d levels", JSON_DEPTH);
	p->open[p->depth] = j;
	p->tail[p->depth] = &j->first;
	p->depth++;
	return true;
}

static int
on_object(void *context)
{
	return open_level(context, JSON_OBJECT);
}

static int
on_array(void *context)
{
	return open_level(context, JSON_ARRAY);
}

static int
on_array_end(void *context)
{
	struct parse *p = context;

	p->depth--;
	return token(p);
}

/* ---- members in order ---- */

static int
compare_names(const struct json *a, const struct json *b)
{
	size_t n = a->name.len < b->name.len ? a->name.len : b->name.len;
	int order = memcmp(a->name.at, b->name.at, n);

	return order != 0 ? order : (a->name.len > n) - (b->name.len > n);
}

/* By name, and the same name by its place in the document. */
static int
compare_members(const void *a, const void *b)
{
	const struct member *x = *(const struct member *const *)a;
	const struct member *y = *(const struct member *const *)b;
	int order = compare_names(&x->json, &y->json);

	return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

/* The members of an object by name; NULL over the arena's limit. */
static const struct member **
sorted(struct arena *arena, const struct json *object)
{
	const struct member **all = arena_alloc(arena, object->count * sizeof *all);
	size_t n = 0;

	if (all == NULL)
		return NULL;
	for (const struct json *j = object->first; j != NULL; j = j->next)
		all[n++] = (const struct member *)(const void *)j;
	qsort(all, n, sizeof *all, compare_members);
	return all;
}

/* Sorting finds them without trusting a hash that a client could aim at. */
static bool
check_duplicates(struct parse *p, const struct json *object)
{
	const struct member **all, *worst = NULL;
	struct text name;

	if (object->count < 2)
		return true;
	all = sorted(p->arena, object);
	if (all == NULL)
		return fail_memory(p);
	for (uint32_t i = 1; i < object->count; i++)
		if (compare_names(&all[i - 1]->json, &all[i]->json) == 0 &&
		    (worst == NULL || all[i]->at < worst->at))
			worst = all[i];
	if (worst == NULL)
		return true;
	name = text_cut(worst->json.name, 100);
	return fail(p, worst->at, "a member '%.*s%s' appears twice", (int)name.len, name.at,
	    name.len < worst->json.name.len ? "..." : "");
}

static int
on_object_end(void *context)
{
	struct parse *p = context;

	p->depth--;
	return token(p) && check_duplicates(p, p->open[p->depth]);
}

/* ---- parsing ---- */

static void *
heap_malloc(void *context, size_t size)
{
	(void)context;
	return arena_heap(NULL, size);
}

static void *
heap_realloc(void *context, void *old, size_t size)
{
	(void)context;
	return arena_heap(old, size);
}

static void
heap_free(void *context, void *old)
{
	(void)context;
	free(old);
}

static void
parser_free(yajl_handle *yajl)
{
	yajl_free(*yajl);
}

static bool
check_bytes(struct parse *p)
{
	size_t bad;

	if (skip(p, 0, " \t\r\n") == p->bytes.len)
		return err_set(p->err, "the body is empty");
	if (!text_valid(p->bytes, &bad))
		return fail(p, bad, "the bytes are not UTF-8");
	if (p->bytes.len >= 3 && memcmp(p->bytes.at, "\xef\xbb\xbf", 3) == 0)
		return fail(p, 0, "JSON must not begin with a byte order mark (U+FEFF)");
	return true;
}

/* yajl crashes when memory is refused, so it has the heap, which never does. */
static bool
run(struct parse *p)
{
	static const yajl_callbacks callbacks = {
		.yajl_null = on_null,
		.yajl_boolean = on_boolean,
		.yajl_number = on_number,
		.yajl_string = on_string,
		.yajl_map_key = on_name,
		.yajl_start_map = on_object,
		.yajl_end_map = on_object_end,
		.yajl_start_array = on_array,
		.yajl_end_array = on_array_end,
	};
	yajl_alloc_funcs heap = { heap_malloc, heap_realloc, heap_free, NULL };
	CLEANUP(parser_free) yajl_handle yajl = yajl_alloc(&callbacks, &heap, p);
	yajl_status status;

	p->yajl = yajl;
	yajl_config(yajl, yajl_dont_validate_strings, 1);	/* check_bytes has, and better */
	status = yajl_parse(yajl, (const unsigned char *)p->bytes.at, p->bytes.len);
	p->at_end = true;
	if (status == yajl_status_ok)
		status = yajl_complete_parse(yajl);
	if (p->failed)
		return false;
	/* What is left may be white space of the kind that yajl takes and JSON does not. */
	return (status == yajl_status_ok && skip(p, p->end, " \t\r\n") == p->bytes.len) ||
	    explain(p);
}

bool
json_parse(struct arena *arena, struct text bytes, const struct json **ret, struct err *e)
{
	struct parse p = { .arena = arena, .err = e, .bytes = bytes };

	if (!check_bytes(&p) || !run(&p))
		return false;
	*ret = p.root;
	return true;
}

/* ---- reading the tree ---- */

bool
json_valid(struct text bytes, struct err *e)
{
	CLEANUP(arena_fini) struct arena arena;
	const struct json *json;

	arena_init(&arena, SIZE_MAX);
	return json_parse(&arena, bytes, &json, e);
}

const struct json *
json_member(const struct json *object, struct text name)
{
	if (object == NULL || object->kind != JSON_OBJECT)
		return NULL;
	for (const struct json *j = object->first; j != NULL; j = j->next)
		if (text_equal(j->name, name))
			return j;
	return NULL;
}

bool
json_to_int(const struct json *j, int64_t *ret)
{
	return j->kind == JSON_NUMBER && text_to_int(j->text, ret);
}

/* ---- writing ---- */

/* Whether one of eight bytes is zero; the classic trick, exact as a yes or no. */
static bool
has_zero(uint64_t word)
{
	return ((word - EACH(1)) & ~word & EACH(0x80)) != 0;
}

/* Bits of a byte that make it special too, whatever it is. */
enum also { NO_OTHERS = 0, NO_ASCII = 0x80 };

static inline bool
has_special(uint64_t word, enum also also)
{
	bool control = ((word - EACH(0x20)) & ~word & EACH(0x80)) != 0;

	return control || has_zero(word ^ EACH('"')) || has_zero(word ^ EACH('\\')) ||
	    (word & EACH((uint64_t)also)) != 0;
}

static inline bool
is_special(char c, enum also also)
{
	return (unsigned char)c < 0x20 || c == '"' || c == '\\' || (c & (int)also) != 0;
}

/* Copies eight bytes unless one must be escaped. */
static inline bool
copy_eight(char *to, const char *from, enum also also)
{
	uint64_t word;

	memcpy(&word, from, sizeof word);
	if (has_special(word, also))
		return false;
	memcpy(to, &word, sizeof word);
	return true;
}

/* Sixteen bytes that are compared at once, where the compiler knows how (gcc, clang). */
typedef unsigned char sixteen __attribute__((vector_size(16)));
typedef uint64_t halves __attribute__((vector_size(16)));

static inline bool
any_special(sixteen bytes, enum also also)
{
	halves special = (halves)((sixteen)((bytes < 0x20) | (bytes == '"') | (bytes == '\\')) |
	    (bytes & (unsigned char)also));

	return (special[0] | special[1]) != 0;
}

/* Likewise sixteen. */
static inline bool
copy_sixteen(char *to, const char *from, enum also also)
{
	sixteen bytes;

	memcpy(&bytes, from, sizeof bytes);
	if (any_special(bytes, also))
		return false;
	memcpy(to, &bytes, sizeof bytes);
	return true;
}

/* Likewise eight to fifteen, as two halves that overlap. */
static inline bool
copy_eight_twice(char *to, const char *from, size_t n, enum also also)
{
	uint64_t first, last;

	memcpy(&first, from, sizeof first);
	memcpy(&last, from + n - sizeof last, sizeof last);
	if (any_special((sixteen)(halves){ first, last }, also))
		return false;
	memcpy(to, &first, sizeof first);
	memcpy(to + n - sizeof last, &last, sizeof last);
	return true;
}

/* Likewise four to seven, as two halves that overlap. */
static inline bool
copy_four(char *to, const char *from, size_t n, enum also also)
{
	uint32_t first, last;

	memcpy(&first, from, sizeof first);
	memcpy(&last, from + n - sizeof last, sizeof last);
	if (has_special((uint64_t)last << 32 | first, also))
		return false;
	memcpy(to, &first, sizeof first);
	memcpy(to + n - sizeof last, &last, sizeof last);
	return true;
}

/* Copies all of it, unless something must be escaped.  What overlaps is copied twice: bytes
 * one by one would take longer. */
static inline bool
copy_whole(char *to, const char *from, size_t n, enum also also)
{
	size_t i = 0;

	if (n >= 16) {
		while (n - i >= 16 && copy_sixteen(to + i, from + i, also))
			i += 16;
		return n - i < 16 && copy_sixteen(to + n - 16, from + n - 16, also);
	}
	if (n >= 8)
		return copy_eight_twice(to, from, n, also);
	if (n >= 4)
		return copy_four(to, from, n, also);
	while (i < n && !is_special(from[i], also)) {
		to[i] = from[i];
		i++;
	}
	return i == n;
}

/* Copies up to the first byte that must be escaped, or n; returns how many. */
static size_t
copy_plain(char *to, const char *from, size_t n)
{
	size_t i = 0;

	if (copy_whole(to, from, n, NO_OTHERS))
		return n;
	while (n - i >= 8 && copy_eight(to + i, from + i, NO_OTHERS))
		i += 8;
	for (; i < n && !is_special(from[i], NO_OTHERS); i++)
		to[i] = from[i];
	return i;
}

static void
write_escape(struct out *o, char c)
{
	/* The letter after the backslash, by code; u: none of its own */
	static const char letters[] = "uuuuuuuubtnufruuuuuuuuuuuuuuuuuu";
	static const char hex[] = "0123456789abcdef";
	unsigned char u = (unsigned char)c;
	char s[] = { '\\', c, '0', '0', '0', '0' };

	if (u < 0x20) {
		s[1] = letters[u];
		s[4] = hex[u >> 4];
		s[5] = hex[u & 15];
	}
	out_bytes(o, s, s[1] == 'u' ? 6 : 2);
}

/* Any text, piece by piece: no more at once than a buffer with a drain likes. */
static void
write_slowly(struct out *o, struct text t)
{
	enum { PIECE = 1024 };
	size_t n, done;
	char *to;

	out_char(o, '"');
	for (; t.len > 0; t.at += done, t.len -= done) {
		n = t.len < PIECE ? t.len : PIECE;
		to = out_room(o, n);
		if (to == NULL)
			return;
		done = copy_plain(to, t.at, n);
		o->len += done;
		if (done < n)
			write_escape(o, t.at[done++]);
	}
	out_char(o, '"');
}

/* With something before; nearly all texts are like this. */
static bool
write_short(struct out *o, struct text before, struct text t)
{
	enum { SHORT = 256 };
	char *to = t.len > SHORT ? NULL : out_room(o, before.len + t.len + 2), *start = to;

	if (to == NULL)
		return false;
	if (before.len > 0)
		memcpy(to, before.at, before.len);
	to += before.len;
	*to++ = '"';
	if (copy_plain(to, t.at, t.len) < t.len)
		return false;
	to += t.len;
	*to++ = '"';
	o->len += (size_t)(to - start);
	return true;
}

void
json_text(struct out *o, struct text t)
{
	if (t.at == NULL)
		out_bytes(o, "null", 4);
	else
		json_text_after(o, (struct text){ NULL, 0 }, t);
}

void
json_text_after(struct out *o, struct text before, struct text t)
{
	if (write_short(o, before, t))
		return;
	out_text(o, before);
	write_slowly(o, t);
}

/* A comma unless it is the first, and the name in its quotes with the colon; NULL if it is not
 * plain. */
static inline char *
put_plain_name(char *to, bool first, struct text name)
{
	if (!first)
		*to++ = ',';
	*to++ = '"';
	if (!copy_whole(to, name.at, name.len, NO_ASCII))
		return NULL;
	to += name.len;
	*to++ = '"';
	*to++ = ':';
	return to;
}

enum { PLAIN = 256, SIGNS = 6 };	/* bytes of a plain text at most; signs around two */

bool
json_name_plain(struct out *o, bool *first, struct text name)
{
	char *start = name.len > PLAIN ? NULL : out_room(o, name.len + SIGNS), *to = start;

	if (start == NULL || (to = put_plain_name(to, *first, name)) == NULL)
		return false;
	o->len += (size_t)(to - start);
	*first = false;
	return true;
}

bool
json_member_plain(struct out *o, bool *first, struct text name, struct text value)
{
	char *start = name.len > PLAIN || value.len > PLAIN ? NULL :
	    out_room(o, name.len + value.len + SIGNS), *to = start;

	if (start == NULL || (to = put_plain_name(to, *first, name)) == NULL)
		return false;
	*to++ = '"';
	if (!copy_whole(to, value.at, value.len, NO_ASCII))
		return false;
	to += value.len;
	*to++ = '"';
	o->len += (size_t)(to - start);
	*first = false;
	return true;
}

void
json_name_text(struct out *o, bool *first, struct text t)
{
	if (json_name_plain(o, first, t))
		return;
	if (!*first)
		out_char(o, ',');
	*first = false;
	write_slowly(o, t);
	out_char(o, ':');
}

/* All that has no children. */
static void
write_scalar(struct out *o, const struct json *j)
{
	static const struct text words[] = {
		[JSON_NULL] = { "null", 4 },
		[JSON_FALSE] = { "false", 5 },
		[JSON_TRUE] = { "true", 4 },
	};

	if (j->kind == JSON_STRING)
		json_text(o, j->text);
	else
		out_text(o, j->kind == JSON_NUMBER ? j->text : words[j->kind]);
}

static void
write_child(struct out *o, struct arena *, const struct json *, const struct json *, bool first);

/* With an arena, members are sorted. */
static void
write_value(struct out *o, struct arena *arena, const struct json *j)
{
	const struct member **all = NULL;
	bool object = j->kind == JSON_OBJECT, first = true;
	const struct json *child = j->first;

	if (j->kind != JSON_ARRAY && !object) {
		write_scalar(o, j);
		return;
	}
	if (object && arena != NULL && (all = sorted(arena, j)) == NULL) {
		o->failed = true;
		return;
	}
	out_char(o, object ? '{' : '[');
	for (uint32_t i = 0; i < j->count; i++, child = child->next, first = false)
		write_child(o, arena, j, all != NULL ? &all[i]->json : child, first);
	out_char(o, object ? '}' : ']');
}

static void
write_child(struct out *o, struct arena *arena, const struct json *around,
    const struct json *child, bool first)
{
	if (!first)
		out_char(o, ',');
	if (around->kind == JSON_OBJECT) {
		json_text(o, child->name);
		out_char(o, ':');
	}
	write_value(o, arena, child);
}

void
json_write(struct out *o, const struct json *j)
{
	write_value(o, NULL, j);
}

void
json_write_sorted(struct out *o, struct arena *arena, const struct json *j)
{
	write_value(o, arena, j);
}
