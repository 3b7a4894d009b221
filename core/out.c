/*
 * out - bytes on their way out
 *
 * Writers are called for every comma of a long list, so each is a check for room and
 * a copy, in the header; here is what they do when there is none.  Nobody asks after every
 * write: a failed out swallows what comes.
 */
#include "out.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"

enum { FIRST = 512 };	/* bytes of a buffer that grows, at first */

void
out_init(struct out *o, struct arena *arena, size_t limit)
{
	*o = (struct out){ .arena = arena, .limit = limit };
}

void
out_init_drain(struct out *o, struct arena *arena, size_t size, out_drain *drain, void *sink)
{
	char *buffer = arena_alloc(arena, size);

	out_init_lent(o, buffer, buffer != NULL ? size : 0, arena, drain, sink);
	o->failed = buffer == NULL;
}

void
out_init_lent(struct out *o, char *buffer, size_t size, struct arena *arena, out_drain *drain,
    void *sink)
{
	*o = (struct out){ .at = buffer, .cap = size, .arena = arena, .drain = drain,
		.sink = sink };
}

static bool
pour(struct out *o, const char *bytes, size_t n)
{
	if (!o->failed && n > 0 && !o->drain(o->sink, bytes, n))
		o->failed = true;
	return !o->failed;
}

bool
out_finish(struct out *o)
{
	if (o->drain == NULL)
		return !o->failed;
	pour(o, o->at, o->len);
	o->len = 0;
	return !o->failed;
}

/* Another buffer of cap bytes with the same content. */
static bool
move(struct out *o, size_t cap)
{
	char *at = arena_alloc(o->arena, cap);

	if (at == NULL) {
		o->failed = true;
		return false;
	}
	if (o->len > 0)
		memcpy(at, o->at, o->len);
	arena_give_back(o->arena, o->at, o->cap);
	o->at = at;
	o->cap = cap;
	return true;
}

bool
out_keep(struct out *o)
{
	if (o->failed || !move(o, o->len))
		return false;
	o->drain = NULL;
	o->limit = o->cap;
	return true;
}

void
out_drop(struct out *o)
{
	if (o->arena != NULL)
		arena_give_back(o->arena, o->at, o->cap);
	*o = (struct out){ .arena = o->arena };
}

static bool
grow(struct out *o, size_t n)
{
	size_t cap = o->cap == 0 ? FIRST : o->cap;

	if (n > o->limit - o->len) {
		o->failed = true;
		return false;
	}
	while (cap - o->len < n && cap <= o->limit / 2)
		cap *= 2;
	return move(o, cap - o->len < n || cap > o->limit ? o->limit : cap);
}

char *
out_make_room(struct out *o, size_t n)
{
	if (o->failed)
		return NULL;
	if (n > o->cap - o->len) {
		if (o->drain == NULL ? !grow(o, n) : !out_finish(o))
			return NULL;
		if (n > o->cap && !move(o, n))
			return NULL;
	}
	return o->at + o->len;
}

void
out_bytes_slowly(struct out *o, const char *bytes, size_t n)
{
	char *to;

	if (o->drain != NULL && n >= o->cap) {
		if (out_finish(o))
			pour(o, bytes, n);
		return;
	}
	to = out_room(o, n);
	if (to == NULL)
		return;
	memcpy(to, bytes, n);
	o->len += n;
}

void
out_string(struct out *o, const char *s)
{
	out_bytes(o, s, strlen(s));
}

static const char pairs[] =
    "0001020304050607080910111213141516171819"
    "2021222324252627282930313233343536373839"
    "4041424344454647484950515253545556575859"
    "6061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

void
out_int(struct out *o, int64_t number)
{
	char digits[sizeof "-9223372036854775808"], *p = digits + sizeof digits;
	uint64_t n = number < 0 ? -(uint64_t)number : (uint64_t)number;

	for (; n >= 10; n /= 100) {
		p -= 2;
		memcpy(p, pairs + n % 100 * 2, 2);
	}
	if (n > 0 || p == digits + sizeof digits)
		*--p = (char)('0' + n);
	if (number < 0)
		*--p = '-';
	out_bytes(o, p, (size_t)(digits + sizeof digits - p));
}

void
out_cell(struct out *o, struct text t, size_t width)
{
	out_text(o, t);
	for (size_t n = text_count(t); n < width; n++)
		out_char(o, ' ');
	out_string(o, "  ");
}

void
out_printf(struct out *o, const char *format, ...)
{
	va_list ap, again;
	char *to;
	int n;

	va_start(ap, format);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, ap);
	to = n < 0 ? NULL : out_room(o, (size_t)n + 1);	/* vsnprintf insists on its NUL */
	if (to == NULL)
		o->failed = true;
	else
		o->len += (size_t)vsnprintf(to, (size_t)n + 1, format, again);
	va_end(again);
	va_end(ap);
}
