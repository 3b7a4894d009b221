/*
 * head.h - the head of an HTTP/1 request, judged
 *
 * Knows no library but its parser's idea of a field, so it is tested and fuzzed alone.
 */
#ifndef HEAD_H
#define HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "refusal.h"
#include "text.h"

/* As picohttpparser has it; name NULL: the line continues the one before. */
struct phr_header {
	const char *name;
	size_t name_len;
	const char *value;
	size_t value_len;
};

struct head_limits {
	size_t target;		/* bytes of the request target */
	size_t bytes;		/* of the header section */
	size_t fields;
};

struct head {
	struct text raw;	/* all of it, with the empty line */
	struct text method, target;
	int minor;		/* HTTP/1.minor */
	struct phr_header *fields;
	size_t count;
};

/* How a body is framed (RFC 9112 6). */
struct head_body {
	struct phr_header *field;	/* that says so; NULL: there is no body */
	bool chunked;
	size_t length;			/* Content-Length; no more than SIZE_MAX / 10 */
};

/* Why a complete head is refused, or REFUSAL_NONE. */
enum refusal head_refusal(const struct head *, const struct head_limits *);

/* Why the beginning of a head is refused already; REFUSAL_NONE: let it go on. */
enum refusal head_refusal_early(struct text, const struct head_limits *);

/* What is wrong with bytes that the parser does not take; most: it had so many fields. */
enum refusal head_refusal_broken(struct text, size_t count, size_t most);

/*
 * Takes out what must not reach the library (Upgrade: it would leave HTTP/1; Expect of
 * an HTTP/1.0 client: it must be ignored) and the spaces behind values.
 */
void head_tidy(struct head *);

/* What a head that is not refused says of its body. */
struct head_body head_body(const struct head *);

/* Takes out the fields that would make a connection wait for a body, or outlive its answer. */
void head_drop_body(struct head *);

/*
 * Parts an absolute-form target ("http://host/path") into authority and the rest;
 * false if it is none.  The rest begins with '/' or '?', or is empty.
 */
bool head_absolute(struct text target, struct text *authority, struct text *rest);

/* Whether a request target can be one: "/...", an http URL, or "*" for OPTIONS. */
bool head_target_fits(struct text method, struct text target);

/* Whether this is host[:port] without user. */
bool head_authority_fits(struct text);

/* Whether this is a method: a token of RFC 9110. */
bool head_method_fits(struct text);

#endif
