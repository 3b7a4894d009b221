/*
 * openapi_header.h - the conditions of requests in the OpenAPI document
 *
 * What every read of rows and every write takes beside what its tables say: header fields
 * and ?dry_run=, and what is answered to them.
 */
#ifndef OPENAPI_HEADER_H
#define OPENAPI_HEADER_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct merge;
struct out;
struct route;

/* A parameter that routes have without declaring it. */
struct openapi_header {
	const char *component;			/* "IfMatch", in #/components/parameters */
	const char *name, *in;			/* "If-Match", "header" */
	bool (*of)(const struct route *);	/* whether a route has it */
};

/* All of them, in the order of the document. */
const struct openapi_header *openapi_headers(size_t *n);

/* Adds the components: those that something refers to will be in the document. */
bool openapi_header_components(struct merge *, struct arena *, struct err *);

/* Writes 304 and 204 of a resource's route as members of a Responses Object, each after a
 * comma. */
void openapi_header_responses(struct out *, const struct route *);

/* Whether If-Match is heeded: a route that changes a row which is there. */
bool openapi_header_may_mismatch(const struct route *);

#endif
