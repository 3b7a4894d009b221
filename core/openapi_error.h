/*
 * openapi_error.h - the error answers in the OpenAPI document
 */
#ifndef OPENAPI_ERROR_H
#define OPENAPI_ERROR_H

#include <stdbool.h>

struct arena;
struct err;
struct merge;
struct out;
struct route;
struct json;

/* Adds what error answers consist of; the answers themselves as far as they are referred to. */
bool openapi_error_components(struct merge *, struct arena *, struct err *);

/*
 * Writes the error answers that a route can give as members of a Responses Object, each
 * after a comma, but for those that given (an object, or NULL) has.
 */
void openapi_error_responses(struct out *, const struct route *, const struct json *given);

#endif
