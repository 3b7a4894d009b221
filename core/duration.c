/*
 * duration.c - spans of time as people write them
 */
#include "duration.h"

#include <stddef.h>

static const int64_t second = 1000000, longest = INT64_C(36500) * 86400;

static const struct {
	char letter;
	int64_t seconds;
} units[] = {
	{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
};

bool
duration_read(struct text given, int64_t *microseconds)
{
	struct text number = { given.at, given.len > 0 ? given.len - 1 : 0 };
	int64_t n;

	if (text_equal(given, TEXT("0"))) {
		*microseconds = 0;
		return true;
	}
	if (!text_to_int(number, &n) || n < 0)
		return false;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (units[i].letter == given.at[number.len] && n <= longest / units[i].seconds) {
			*microseconds = n * units[i].seconds * second;
			return true;
		}
	return false;
}
