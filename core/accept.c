/*
 * accept.c - which form of an answer a client wants (RFC 9110, section 12.5.1)
 */
#include "accept.h"

#include <string.h>

#include "request.h"
#include "text.h"

enum {
	MOST = 1000,
	NAMED = 3	/* the closeness of a range that is a type alone */
};

/* Takes what stands before a separator that is not in quotes off the front. */
static struct text
take_until(struct text *rest, char separator)
{
	bool quoted = false;
	struct text taken;
	size_t i;

	for (i = 0; i < rest->len && (quoted || rest->at[i] != separator); i++) {
		quoted ^= rest->at[i] == '"';
		i += quoted && rest->at[i] == '\\' && i + 1 < rest->len;
	}
	taken = (struct text){ rest->at, i };
	i += i < rest->len;
	rest->at += i;
	rest->len -= i;
	return text_trim(taken);
}

/* "0.85" as 850; what is no weight is 0. */
static unsigned
read_weight(struct text t)
{
	unsigned weight, scale = 100;
	size_t i;

	if (t.len == 0 || t.len > 5 || (t.at[0] != '0' && t.at[0] != '1') ||
	    (t.len > 1 && t.at[1] != '.'))
		return 0;
	weight = t.at[0] == '1' ? MOST : 0;
	for (i = 2; i < t.len; i++, scale /= 10) {
		if (t.at[i] < '0' || t.at[i] > '9')
			return 0;
		weight += (unsigned)(t.at[i] - '0') * scale;
	}
	return weight <= MOST ? weight : 0;
}

static unsigned
weight_of(struct text parameters)
{
	struct text one;

	while (parameters.len > 0) {
		one = take_until(&parameters, ';');
		if (one.len >= 2 && (one.at[0] | 0x20) == 'q' && one.at[1] == '=')
			return read_weight((struct text){ one.at + 2, one.len - 2 });
	}
	return MOST;
}

/* How closely a range names a type: 3 it alone, 2 all of its kind, 1 all; 0 not. */
static unsigned
closeness(struct text range, const char *type, const char *subtype)
{
	struct text kind = take_until(&range, '/');

	if (text_equal(kind, TEXT("*")))
		return text_equal(range, TEXT("*"));
	if (!text_equal_ascii(kind, text_of(type)))
		return 0;
	if (text_equal(range, TEXT("*")))
		return 2;
	return text_equal_ascii(range, text_of(subtype)) ? NAMED : 0;
}

/* The closest range so far, and its weight. */
struct best {
	unsigned close, weight;
	bool said;		/* there was any range */
};

static void
look_through(struct best *c, struct text ranges, const char *type, const char *subtype)
{
	struct text one, range;
	unsigned close;

	while (ranges.len > 0) {
		one = take_until(&ranges, ',');
		range = take_until(&one, ';');
		c->said |= range.len > 0;
		close = closeness(range, type, subtype);
		if (close > c->close) {
			c->close = close;
			c->weight = weight_of(one);
		}
	}
}

static struct best
best_of(const struct request *req, const char *type, const char *subtype)
{
	struct best c = { 0, 0, false };
	size_t i;

	for (i = 0; i < req->header_count; i++)
		if (text_equal(req->headers[i].name, TEXT("accept")))
			look_through(&c, req->headers[i].value, type, subtype);
	return c;
}

unsigned
accept_weight(const struct request *req, const char *type, const char *subtype)
{
	struct best c = best_of(req, type, subtype);

	return c.said ? c.weight : MOST;
}

unsigned
accept_weight_named(const struct request *req, const char *type, const char *subtype)
{
	struct best c = best_of(req, type, subtype);

	return c.close == NAMED ? c.weight : 0;
}
