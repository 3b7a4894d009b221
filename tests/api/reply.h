/*
 * reply.h - a question to the API and the reply, by whatever way it went
 */
#ifndef REPLY_H
#define REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

enum { REPLY_FIELDS = 128 };

struct field {
	struct text name;	/* of a reply: in lower case */
	struct text value;
};

struct question {
	struct text method, target;
	struct field fields[REPLY_FIELDS];
	size_t field_count;
	struct text body;	/* absent: none */
};

struct reply {
	int status;
	struct field fields[REPLY_FIELDS];
	size_t field_count;
	struct text body;
};

/* The value of a field of the reply, name in lower case; absent if it has none. */
static inline struct text
reply_field(const struct reply *r, const char *name)
{
	for (size_t i = 0; i < r->field_count; i++)
		if (text_equal(r->fields[i].name, text_of(name)))
			return r->fields[i].value;
	return (struct text){ NULL, 0 };
}

#endif
