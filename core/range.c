/*
 * range.c - a part of a file that a client asks for (RFC 9110, section 14)
 *
 * One range or the whole: an answer in several parts is more than any client of files
 * needs, and many small ranges are a known way to make a server work.
 */
#include "range.h"

#include <inttypes.h>
#include <string.h>

#include "out.h"

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* White space and empty elements of a list may stand around its one element. */
static bool
is_between(char c)
{
	return is_space(c) || c == ',';
}

/* Cuts a number off the front; one that is too large is as good as the largest. */
static bool
cut_number(struct text *t, uint64_t *ret)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < t->len && t->at[i] >= '0' && t->at[i] <= '9'; i++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(t->at[i] - '0'), &n))
			n = UINT64_MAX;
	*ret = n;
	t->at += i;
	t->len -= i;
	return i > 0;
}

/* The one range of a set; empty if there are none or several. */
static struct text
only_range(struct text header)
{
	struct text unit = { header.at, header.len < 6 ? header.len : 6 };
	struct text t = { header.at + unit.len, header.len - unit.len };

	if (!text_equal_ascii(unit, TEXT("bytes=")))
		return (struct text){ "", 0 };
	while (t.len > 0 && is_between(t.at[0]))
		t = (struct text){ t.at + 1, t.len - 1 };
	while (t.len > 0 && is_between(t.at[t.len - 1]))
		t.len--;
	return t;
}

/* "-n": the last n bytes; all if there are fewer. */
static enum range_found
find_last(struct text t, uint64_t size, struct range *ret)
{
	uint64_t n;

	t = (struct text){ t.at + 1, t.len - 1 };
	if (!cut_number(&t, &n) || t.len > 0)
		return RANGE_WHOLE;
	if (n == 0)
		return RANGE_OUTSIDE;
	if (size == 0)		/* no Content-Range says "all of nothing" */
		return RANGE_WHOLE;
	n = n < size ? n : size;
	*ret = (struct range){ size - n, n };
	return RANGE_PART;
}

enum range_found
range_find(struct text header, uint64_t size, struct range *ret)
{
	uint64_t first, last = UINT64_MAX;
	struct text t = only_range(header);

	if (t.len > 0 && t.at[0] == '-')
		return find_last(t, size, ret);
	if (!cut_number(&t, &first) || t.len == 0 || t.at[0] != '-')
		return RANGE_WHOLE;
	t = (struct text){ t.at + 1, t.len - 1 };
	if (t.len > 0 && (!cut_number(&t, &last) || t.len > 0 || last < first))
		return RANGE_WHOLE;
	if (first >= size)
		return RANGE_OUTSIDE;
	last = last < size ? last : size - 1;
	*ret = (struct range){ first, last - first + 1 };
	return RANGE_PART;
}

bool
range_counts(struct text if_range, struct text etag)
{
	return if_range.at == NULL ||
	    (if_range.len > 0 && if_range.at[0] == '"' && text_equal(if_range, etag));
}

void
range_write(struct out *out, struct range r, uint64_t size)
{
	out_printf(out, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, r.from, r.from + r.size - 1,
	    size);
}

void
range_write_outside(struct out *out, uint64_t size)
{
	out_printf(out, "bytes */%" PRIu64, size);
}
