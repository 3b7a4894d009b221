/*
 * duration.h - spans of time as people write them
 */
#ifndef DURATION_H
#define DURATION_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

/*
 * Reads a whole number and its unit, "90s", "15m", "24h" or "90d", or "0", as microseconds;
 * false for anything else, and beyond 36500 days.  [any thread]
 */
bool duration_read(struct text, int64_t *microseconds);

#endif
