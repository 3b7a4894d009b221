/*
 * range.h - a part of a file that a client asks for (RFC 9110, section 14)
 */
#ifndef RANGE_H
#define RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

struct out;

enum range_found {
	RANGE_WHOLE,		/* all of it: none was asked for, or none that we serve */
	RANGE_PART,		/* 206 */
	RANGE_OUTSIDE		/* 416 */
};

struct range {
	uint64_t from, size;	/* size is not zero */
};

/*
 * What the Range header asks for of so many bytes; *ret is set for RANGE_PART.  Several
 * ranges, another unit than bytes, and what is malformed are ignored, as a server may
 * (section 14.2).
 */
enum range_found range_find(struct text header, uint64_t size, struct range *ret);

/*
 * Whether the Range header counts, If-Range being this one (section 13.1.5): there is
 * none, or it is our entity tag, a strong one.  A date never counts.
 */
bool range_counts(struct text if_range, struct text etag);

/* Content-Range (section 14.4) of a part of so many bytes, and of a 416. */
void range_write(struct out *, struct range, uint64_t size);
void range_write_outside(struct out *, uint64_t size);

#endif
