/*
 * expect.h - whether what came is what was expected
 *
 * Expected JSON is JSON in which some texts stand for more than themselves:
 *
 *	"$any"		any value
 *	"$id"		a positive whole number
 *	"$number"	any number
 *	"$text"		any text
 *	"$date"		YYYY-MM-DD
 *	"$time"		YYYY-MM-DDTHH:MM:SS.ffffff
 *	"$like vpn*"	a text; '*' is any characters
 *	... -> name	behind any of these: remembers the value, texts without their quotes
 *
 * Objects have just the expected members, in their order.  "$more": true as the last
 * one allows others, anywhere.  Lists have just the expected elements, in order, but
 *
 *	["$each", X]		every element is X; there may be none
 *	["$some", X, Y]		among them are X and, later, Y
 *	["$none", X]		no element is X
 *	["$count", 201]		so many elements, whatever they are
 */
#ifndef EXPECT_H
#define EXPECT_H

#include <stdbool.h>

#include "text.h"

struct arena;
struct err;
struct json;
struct names;

/* Whether came is what the pattern says; '*' is any characters. */
bool expect_like(struct text pattern, struct text came);

/*
 * Compares, and captures into names.  The message says where they differ:
 * "ticket.status: expected "Open", came "Closed"".
 */
bool expect_json(const struct json *expected, const struct json *came, struct names *,
    struct arena *, struct err *);

/* Cuts " -> name" from the end of an expected text; NULL if there is none. */
const char *expect_capture(struct arena *, struct text *expected);

#endif
