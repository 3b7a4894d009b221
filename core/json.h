/*
 * json.h - JSON in, as a tree in an arena; JSON out, appended to an out
 *
 * Parsing is strict RFC 8259, and more: UTF-8 is checked first, duplicate members,
 * lone surrogates, U+0000 and nesting deeper than JSON_DEPTH are refused.  Numbers
 * keep their own text, so nothing is lost.  (yajl does the lexing and knows no
 * tree of ours; its holes are closed before and behind it.)
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

struct arena;
struct err;
struct out;

enum { JSON_DEPTH = 32 };	/* the outermost value is 1 */

/* What json_parse says when the arena is used up. */
#define JSON_NO_MEMORY	"the body needs more memory than a request may take"

enum json_kind {
	JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT
};

struct json {
	enum json_kind kind;
	uint32_t count;			/* JSON_ARRAY, JSON_OBJECT: of children */
	struct text name;		/* if it is a member of an object */
	struct text text;		/* JSON_STRING: decoded; JSON_NUMBER: as written */
	struct json *first, *next;	/* first child; next sibling */
};					/* all texts have a NUL behind */

/*
 * The document in the bytes; all of it is in the arena, nothing points into bytes.
 * On failure the message says what and where: "line 3, column 14: a member 'a'
 * appears twice"; columns count code points.  Any value may be the document.  Memory
 * is at most some 40 times the bytes, and over the arena's limit a failure too.
 */
bool json_parse(struct arena *, struct text bytes, const struct json **ret, struct err *);

/* Whether the bytes are one document, as json_parse takes it; nothing of it is kept. */
bool json_valid(struct text bytes, struct err *);

/* The member of an object; NULL if it has none, or is no object. */
const struct json *json_member(const struct json *, struct text name);

/* A number without fraction or exponent that fits; false for any other value. */
bool json_to_int(const struct json *, int64_t *ret);

/* The value appended as JSON, members in their order, no white space. */
void json_write(struct out *, const struct json *);

/*
 * As json_write, members sorted by name at every depth: equal values, equal bytes.  The
 * arena takes 8 bytes for each member; over its limit the out fails.
 */
void json_write_sorted(struct out *, struct arena *, const struct json *);

/* A string with quotes and escapes; "null" for an absent text. */
void json_text(struct out *, struct text);

/* Likewise a text that is there, behind bytes that are JSON already: the name of a member. */
void json_text_after(struct out *, struct text before, struct text);

/* The name of a member with quotes and colon, after a comma unless it is the first. */
void json_name_text(struct out *, bool *first, struct text name);

/*
 * Likewise, and with a value, for what is plain: short, ASCII and without anything to escape.
 * False, and nothing is written, if it is not.  UTF-8 has not to be looked for in what is.
 */
bool json_name_plain(struct out *, bool *first, struct text name);
bool json_member_plain(struct out *, bool *first, struct text name, struct text value);

static inline void
json_name(struct out *o, bool *first, const char *name)
{
	json_name_text(o, first, text_of(name));
}

#endif
