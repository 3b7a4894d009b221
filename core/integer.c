/*
 * integer.c - whole numbers as JSON writes them
 *
 * A number is its digits from the first to the last that is not zero, and the place of
 * the point among them; so nothing is lost on the way through a double, and a number of
 * a million digits takes no more memory than one of two.
 */
#include "integer.h"

#include <stdbool.h>

enum { PLACES = 19 };		/* of 2^63 */

/* An exponent above this is more than any text has digits. */
static const int64_t far = 1000000000000;

/* A number taken apart. */
struct decimal {
	bool negative;
	char digits[PLACES];	/* from the first that is not zero */
	int64_t count;		/* digits seen, */
	int64_t first, last;	/* the first and the last of them that are not zero; -1 */
	int64_t point;		/* digits before the point */
};

static bool
digit(const char *at, const char *end)
{
	return at < end && *at >= '0' && *at <= '9';
}

static const char *
take_digits(struct decimal *d, const char *at, const char *end)
{
	for (; digit(at, end); at++, d->count++) {
		if (*at != '0')
			d->last = d->count;
		if (d->first < 0)
			d->first = d->last;
		if (d->first >= 0 && d->count - d->first < PLACES)
			d->digits[d->count - d->first] = *at;
	}
	return at;
}

/* The exponent, held within bounds that no 64-bit number needs; false if it is none. */
static bool
take_exponent(const char *at, const char *end, int64_t *ret)
{
	bool negative = at < end && *at == '-';
	int64_t n = 0;

	if (at < end && (*at == '-' || *at == '+'))
		at++;
	if (!digit(at, end))
		return false;
	for (; digit(at, end); at++)
		if (n < far)
			n = n * 10 + (*at - '0');
	*ret = negative ? -n : n;
	return at == end;
}

static bool
take_apart(struct text in, struct decimal *d)
{
	const char *at = in.at, *end = in.at + in.len;
	int64_t exponent = 0;

	*d = (struct decimal){ .first = -1, .last = -1 };
	d->negative = at < end && *at == '-';
	if (d->negative)
		at++;
	if (!digit(at, end))
		return false;
	at = take_digits(d, at, end);
	d->point = d->count;
	if (at < end && *at == '.') {
		at = take_digits(d, at + 1, end);
		if (d->count == d->point)
			return false;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		if (!take_exponent(at + 1, end, &exponent))
			return false;
		at = end;
	}
	d->point += exponent;
	return at == end;
}

enum integer_read
integer_read(struct text in, int64_t *ret)
{
	struct decimal d;
	uint64_t n = 0;

	if (!take_apart(in, &d))
		return INTEGER_NOT_WHOLE;
	if (d.first < 0)
		d.first = d.point;	/* zero, wherever its point is */
	else if (d.last >= d.point)
		return INTEGER_NOT_WHOLE;
	else if (d.point - d.first > PLACES)
		return INTEGER_TOO_LARGE;
	for (int64_t i = d.first; i < d.point; i++)
		n = n * 10 + (uint64_t)(i <= d.last ? d.digits[i - d.first] - '0' : 0);
	if (n > (uint64_t)INT64_MAX + d.negative)
		return INTEGER_TOO_LARGE;
	*ret = d.negative ? (int64_t)(0 - n) : (int64_t)n;
	return INTEGER_READ;
}
