/*
 * suggest.c - did you mean ...?
 *
 * The least number of letters to add, drop or replace (Levenshtein) between a word
 * and what it may have meant.  Long words get no suggestion: they are no slips.
 */
#include "suggest.h"

#include <string.h>

enum { LONGEST = 40 };

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

static unsigned
distance(const char *a, const char *b)
{
	unsigned row[LONGEST + 1];	/* of the table of distances between beginnings */
	size_t n = strlen(b);

	for (size_t j = 0; j <= n; j++)
		row[j] = (unsigned)j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		unsigned corner = row[0];

		row[0] = (unsigned)i + 1;
		for (size_t j = 0; j < n; j++) {
			unsigned above = row[j + 1];

			row[j + 1] = least(above + 1, row[j] + 1, corner + (a[i] != b[j]));
			corner = above;
		}
	}
	return row[n];
}

void
suggest_offer(struct suggestion *s, const char *candidate)
{
	size_t length = strlen(s->word);
	unsigned d;

	if (length > LONGEST || strlen(candidate) > LONGEST)
		return;
	d = distance(s->word, candidate);
	if (d > 1 + length / 4 || d >= strlen(candidate) || (s->best != NULL && d >= s->distance))
		return;
	s->best = candidate;
	s->distance = d;
}
