/*
 * integer.c - whole numbers as JSON writes them
 *
 * The digits are shifted by the exponent as text, so that no precision is lost on
 * the way through a double.
 */
#include "integer.h"

#include <stdbool.h>
#include <string.h>

enum { DIGITS = 400, EXPONENT_MOST = 350 };

/* A number taken apart: its digits without point, and where the point was. */
struct decimal {
	bool negative;
	char digits[DIGITS];
	int count;
	int point;		/* digits before the point */
};

static bool
digit(const char *at, const char *end)
{
	return at < end && *at >= '0' && *at <= '9';
}

/* Takes a run of digits; leading zeros are dropped, so a long number stays short. */
static const char *
take_digits(struct decimal *d, const char *at, const char *end)
{
	for (; digit(at, end); at++)
		if (d->count < DIGITS && (d->count > 0 || *at != '0'))
			d->digits[d->count++] = *at;
	return at;
}

/* The exponent, held within bounds that no 64-bit number needs; false if it is none. */
static bool
take_exponent(const char *at, const char *end, int *ret)
{
	bool negative = at < end && *at == '-';
	int n = 0;

	if (at < end && (*at == '-' || *at == '+'))
		at++;
	if (!digit(at, end))
		return false;
	for (; digit(at, end); at++)
		if (n < EXPONENT_MOST)
			n = n * 10 + (*at - '0');
	*ret = negative ? -n : n;
	return at == end;
}

static bool
take_apart(struct text in, struct decimal *d)
{
	const char *at = in.at, *end = in.at + in.len, *start;
	int exponent = 0, whole;

	d->count = 0;
	d->negative = at < end && *at == '-';
	if (d->negative)
		at++;
	if (!digit(at, end))
		return false;
	at = take_digits(d, at, end);
	d->point = d->count;
	if (at < end && *at == '.') {
		start = ++at;
		whole = d->count;
		at = take_digits(d, at, end);
		if (at == start)
			return false;
		/* 0.05: the zeros that were dropped moved the point. */
		d->point = whole > 0 ? whole : d->count - (int)(at - start);
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
	int i;

	if (!take_apart(in, &d))
		return INTEGER_NOT_WHOLE;
	while (d.count > 0 && d.digits[d.count - 1] == '0' && d.count > d.point)
		d.count--;
	if (d.count > d.point)
		return d.count > 0 ? INTEGER_NOT_WHOLE : (*ret = 0, INTEGER_READ);
	if (d.count > 0 && d.point > 19)
		return INTEGER_TOO_LARGE;
	for (i = 0; d.count > 0 && i < d.point; i++)
		n = n * 10 + (uint64_t)(i < d.count ? d.digits[i] - '0' : 0);
	if (n > (uint64_t)INT64_MAX + d.negative)
		return INTEGER_TOO_LARGE;
	*ret = d.negative ? (int64_t)(0 - n) : (int64_t)n;
	return INTEGER_READ;
}
