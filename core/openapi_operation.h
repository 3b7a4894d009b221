/*
 * openapi_operation.h - a route as an operation of the OpenAPI document
 */
#ifndef OPENAPI_OPERATION_H
#define OPENAPI_OPERATION_H

#include <stdbool.h>

struct arena;
struct err;
struct json;
struct route;

/*
 * The operation of a route: of a resource all from its table; of a module's own route
 * the module's text, and whatever that does not say itself.  *ret is in the arena.
 * Fails if the module's text is missing, or is no object with responses.
 */
bool openapi_operation(struct arena *, const struct route *, const char *tag,
    const struct json **ret, struct err *);

#endif
