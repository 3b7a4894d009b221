/*
 * type.h - what a type of field means in every direction
 *
 * One row per type: its column, what is accepted for it, how it is written, how it
 * is described.  A new type is one row and its functions; nothing else in the core
 * compares types of fields where a row could say it.
 */
#ifndef TYPE_H
#define TYPE_H

#include <stdbool.h>
#include <stdint.h>

#include <helpdesk/plugin.h>

#include "text.h"

struct db;
struct json;
struct out;
struct request;
struct resource;

/* A value between wire and database. */
enum value_kind {
	VALUE_ABSENT,		/* nothing was said */
	VALUE_NULL,
	VALUE_INT,		/* integer, boolean (0, 1), user (id) */
	VALUE_TEXT		/* text, date, time, tags (as JSON) */
};

struct value {
	enum value_kind kind;
	int64_t integer;
	struct text text;	/* of a user: the name, if it is known */
	bool inactive;		/* a user of a body who is deactivated */
};

static inline struct value
value_null(void)
{
	return (struct value){ .kind = VALUE_NULL };
}

static inline struct value
value_int(int64_t integer)
{
	return (struct value){ .kind = VALUE_INT, .integer = integer };
}

static inline struct value
value_text(struct text text)
{
	return (struct value){ .kind = VALUE_TEXT, .text = text };
}

/* Where a value is written to, and the row that it belongs to. */
struct emission {
	struct out *out;
	struct request *req;
	const struct resource *resource;
	int64_t id;
};

struct type {
	const char *column;	/* of the database; NULL: it has none */
	bool given;		/* bodies may hold it */
	bool blank_is_null;	/* "" means null */
	bool folded;		/* a folded copy is kept where the field is a filter */

	/*
	 * The value of a member that is neither null nor, with blank_is_null, "".
	 * False with the request failed. [request]
	 */
	bool (*check)(struct request *, const struct hd_field *, const struct json *,
	    struct value *);

	/* Writes a value that is not null, behind what stands before it. */
	void (*emit)(struct emission *, struct text before, const struct value *);

	/* JSON Schema (OpenAPI 3.0) of what is answered, as the members of one schema
	 * without "nullable"; and of what is accepted, as schemas of which one must fit:
	 * "{..},{..}". */
	void (*describe)(struct out *, const struct hd_field *);
	void (*describe_given)(struct out *, const struct hd_field *);
};

/* The row of a type; never NULL for the types of a checked descriptor. */
const struct type *type_of(enum hd_type);

/* Whether the database takes a null for a value of the type.  Flags and defaults do not
 * count: they may come to a field later, and older rows stay as they are. */
bool type_nullable(enum hd_type);

/* Whether a value of the field can be null in what is written from now on. */
bool field_nullable(const struct hd_field *);

/* Number of fields before the closing row. */
unsigned field_count(const struct hd_field *);

/* The default of a field on POST; kind VALUE_ABSENT if it has none. */
struct value field_default(const struct hd_field *);

/* Whether two values are the same to a client. */
bool value_equal(const struct value *, const struct value *);

/* Writes a value of the field, or null, behind what stands before it: a member's name. */
void value_emit(struct emission *, struct text before, const struct hd_field *,
    const struct value *);

#endif
