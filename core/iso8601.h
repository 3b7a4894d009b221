/*
 * iso8601.h - dates and times as the API writes them
 *
 * Kept as text everywhere: "2025-02-28" and "2025-02-28T09:45:03[.104281]", UTC,
 * years 0001 to 9999, in an order that is the order of the bytes.
 */
#ifndef ISO8601_H
#define ISO8601_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

enum {
	ISO8601_DATE_SIZE = sizeof "2025-02-28",
	ISO8601_TIME_SIZE = sizeof "2025-02-28T09:45:03.104281"
};

/* YYYY-MM-DD, a day that exists.  As everywhere here, out is touched on success only. */
bool iso8601_date(struct text in, char out[ISO8601_DATE_SIZE]);

/*
 * YYYY-MM-DD, or YYYY-MM-DDTHH:MM[:SS[.f]] (one to six digits of fraction) with an
 * optional zone, Z or +hh:mm or -hh:mm, at most 23:59 off.  out is in UTC, without
 * zone, with six digits of fraction if it is not zero and none if it is.  False for
 * what does not exist (February 30, 24:00, :60) or leaves the years 0001 to 9999 in UTC.
 */
bool iso8601_time(struct text in, char out[ISO8601_TIME_SIZE]);

/* What iso8601_time takes, as microseconds since 1970. */
bool iso8601_moment(struct text in, int64_t *microseconds);

/*
 * The moment, in microseconds since 1970, always with six digits of fraction; what is
 * before year 1 or after year 9999 becomes the first or last moment of these.
 */
void iso8601_format(int64_t microseconds, char out[ISO8601_TIME_SIZE]);

/* The text of a second, for those who write several moments of it.  Zeroed: of none. */
struct iso8601_second {
	int64_t began;
	char text[ISO8601_TIME_SIZE];
};

/* Likewise, of a moment after 1970, by way of the text of its second. */
void iso8601_format_near(struct iso8601_second *, int64_t microseconds,
    char out[ISO8601_TIME_SIZE]);

/* Now, in microseconds since 1970 (CLOCK_REALTIME). */
int64_t iso8601_now(void);

#endif
