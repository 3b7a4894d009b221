/*
 * iso8601 - dates and times as the API writes them
 *
 * The proleptic Gregorian calendar, UTC, and nothing of the C library's time zones
 * and locales, so every machine says the same.  There are no leap seconds.
 */
#include "iso8601.h"

#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000000)			/* microseconds */
#define DAY (86400 * SECOND)
#define FIRST (-719162 * DAY)			/* 0001-01-01T00:00:00 */
#define LAST (2932897 * DAY - 1)		/* 9999-12-31T23:59:59.999999 */

/* What has been read of a text so far; after a failure nothing more is. */
struct scan {
	const char *at, *end;
	bool failed;
};

static struct scan
scan_of(struct text t)
{
	return (struct scan){ t.at, t.len > 0 ? t.at + t.len : t.at, false };
}

/* The number that the next digits make, which must be so many and in these bounds. */
static int
scan_number(struct scan *s, int digits, int least, int most)
{
	int n = 0;

	for (; digits > 0 && s->at < s->end && *s->at >= '0' && *s->at <= '9'; digits--)
		n = 10 * n + (*s->at++ - '0');
	if (digits > 0 || n < least || n > most)
		s->failed = true;
	return n;
}

/* Whether the next character is one of these, which is then behind us. */
static bool
scan_any(struct scan *s, const char *set)
{
	if (s->failed || s->at == s->end || *s->at == '\0' || strchr(set, *s->at) == NULL)
		return false;
	s->at++;
	return true;
}

static void
scan_must(struct scan *s, const char *set)
{
	if (!scan_any(s, set))
		s->failed = true;
}

static bool
scan_done(const struct scan *s)
{
	return !s->failed && s->at == s->end;
}

static int
days_in(int year, int month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/*
 * Days since 1970-01-01.  A year that begins with March ends with its leap day, so
 * months before need no table: 153 days in every five of them.
 */
static int64_t
days_of(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int m = (month + 9) % 12;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static int64_t
scan_date(struct scan *s)
{
	int year, month, day;

	year = scan_number(s, 4, 1, 9999);
	scan_must(s, "-");
	month = scan_number(s, 2, 1, 12);
	scan_must(s, "-");
	day = scan_number(s, 2, 1, s->failed ? 31 : days_in(year, month));
	return days_of(year, month, day) * DAY;
}

/* Microseconds: one to six digits. */
static int64_t
scan_fraction(struct scan *s)
{
	int64_t unit = SECOND / 10, fraction = 0;

	do {
		fraction += unit * scan_number(s, 1, 0, 9);
		unit /= 10;
	} while (unit > 0 && s->at < s->end && *s->at >= '0' && *s->at <= '9');
	return fraction;
}

static int64_t
scan_clock(struct scan *s)
{
	int64_t t;

	t = scan_number(s, 2, 0, 23) * 3600 * SECOND;
	scan_must(s, ":");
	t += scan_number(s, 2, 0, 59) * 60 * SECOND;
	if (scan_any(s, ":")) {
		t += scan_number(s, 2, 0, 59) * SECOND;
		if (scan_any(s, "."))
			t += scan_fraction(s);
	}
	return t;
}

/* How far the zone is ahead of UTC. */
static int64_t
scan_zone(struct scan *s)
{
	int64_t ahead;
	bool west;

	if (s->at == s->end || scan_any(s, "Z"))
		return 0;
	west = *s->at == '-';
	scan_must(s, "+-");
	ahead = scan_number(s, 2, 0, 23) * 3600 * SECOND;
	scan_must(s, ":");
	ahead += scan_number(s, 2, 0, 59) * 60 * SECOND;
	return west ? -ahead : ahead;
}

static char *
put_number(char *to, int n, int digits, char behind)
{
	for (int i = digits - 1; i >= 0; i--, n /= 10)
		to[i] = (char)('0' + n % 10);
	to[digits] = behind;
	return to + digits + 1;
}

/* The other way round: Howard Hinnant, "chrono-compatible low-level date algorithms". */
static char *
put_date(char *to, int64_t days, char behind)
{
	int shifted = (int)days + 719468;	/* since 0000-03-01 */
	int era = shifted / 146097, of_era = shifted % 146097;
	int year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int m = (5 * of_year + 2) / 153;

	to = put_number(to, era * 400 + year_of_era + (m >= 10), 4, '-');
	to = put_number(to, m < 10 ? m + 3 : m - 9, 2, '-');
	return put_number(to, of_year - (153 * m + 2) / 5 + 1, 2, behind);
}

bool
iso8601_date(struct text in, char out[ISO8601_DATE_SIZE])
{
	struct scan s = scan_of(in);

	scan_date(&s);
	if (!scan_done(&s))
		return false;
	memcpy(out, in.at, in.len);
	out[in.len] = '\0';
	return true;
}

bool
iso8601_moment(struct text in, int64_t *microseconds)
{
	struct scan s = scan_of(in);
	int64_t t = scan_date(&s);

	if (s.at < s.end) {
		scan_must(&s, "T");
		t += scan_clock(&s);
		if (!s.failed)
			t -= scan_zone(&s);
	}
	if (!scan_done(&s) || t < FIRST || t > LAST)
		return false;
	*microseconds = t;
	return true;
}

bool
iso8601_time(struct text in, char out[ISO8601_TIME_SIZE])
{
	int64_t t;

	if (!iso8601_moment(in, &t))
		return false;
	iso8601_format(t, out);
	if (t % SECOND == 0)
		out[sizeof "2025-02-28T09:45:03" - 1] = '\0';
	return true;
}

void
iso8601_format(int64_t t, char out[ISO8601_TIME_SIZE])
{
	int64_t days;

	t = t < FIRST ? FIRST : t > LAST ? LAST : t;
	t -= FIRST;		/* from here on nothing is negative, so / and % do as they should */
	days = t / DAY + FIRST / DAY;
	out = put_date(out, days, 'T');
	t %= DAY;
	out = put_number(out, (int)(t / (3600 * SECOND)), 2, ':');
	out = put_number(out, (int)(t / (60 * SECOND) % 60), 2, ':');
	out = put_number(out, (int)(t / SECOND % 60), 2, '.');
	put_number(out, (int)(t % SECOND), 6, '\0');
}

void
iso8601_format_near(struct iso8601_second *s, int64_t t, char out[ISO8601_TIME_SIZE])
{
	int64_t past = t - s->began;

	if (s->began == 0 || past < 0 || past >= SECOND) {
		s->began = t - t % SECOND;
		past = t - s->began;
		iso8601_format(s->began, s->text);
	}
	memcpy(out, s->text, sizeof(s->text));
	put_number(out + ISO8601_TIME_SIZE - 7, (int)past, 6, '\0');
}

int64_t
iso8601_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec / 1000;
}
