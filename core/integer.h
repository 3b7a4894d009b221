/*
 * integer.h - whole numbers as JSON writes them
 */
#ifndef INTEGER_H
#define INTEGER_H

#include <stdint.h>

#include "text.h"

enum integer_read { INTEGER_READ, INTEGER_NOT_WHOLE, INTEGER_TOO_LARGE };

/*
 * Reads a JSON number (RFC 8259 section 6) whose value is whole, however it is
 * written: 16, 16.0 and 1.6e1 are the same number.  TOO_LARGE: beyond 64 bits.
 */
enum integer_read integer_read(struct text, int64_t *ret);

#endif
