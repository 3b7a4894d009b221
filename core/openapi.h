/*
 * openapi.h - the OpenAPI 3.0.3 document of a site
 *
 * Made at start from the same tables that serve: resources, routes and their field
 * tables; a module's own routes bring their operation as JSON text, which is merged
 * with what the tables already say.
 */
#ifndef OPENAPI_H
#define OPENAPI_H

#include <stdbool.h>

struct arena;
struct err;
struct instance;
struct site;

/*
 * Builds the document of a site whose instances and router are complete.  Fails on a
 * conflict, with its sentence: "component schema "Asset" differs from the one of module
 * hardware at properties.id.type", "operationId "listTickets" of GET /b is already used by
 * module tickets 1.0.0 for GET /a", an unresolved $ref, a route without operation.  *whose
 * is then the instance that it could be done without: of two the later one; NULL: no
 * module's.  Deterministic: the same tables give the same bytes.
 */
bool openapi_build(struct site *, struct arena *, struct instance **whose, struct err *);

#endif
