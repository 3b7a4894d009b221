/*
 * openapi_merge.h - operations and components of several modules, put into one document
 *
 * Each is taken in with its owner, so that a conflict can say whose the other one is.
 * Nothing is ever renamed to make it fit: generated clients would change.
 */
#ifndef OPENAPI_MERGE_H
#define OPENAPI_MERGE_H

#include <stdbool.h>

#include "text.h"

struct arena;
struct err;
struct hd_module;
struct json;
struct merge;
struct out;
struct route;

/* Empty; it lives in the arena, and so must all that is added.  NULL over its limit. */
struct merge *merge_new(struct arena *);

/*
 * Adds a component, or fails if there is another of its name that differs after
 * sorting keys.  section: "schemas", "responses" ... owner NULL: the server.
 */
bool merge_component(struct merge *, const char *section, struct text name,
    const struct json *, const struct hd_module *owner, struct err *);

/* Likewise, but it is in the document only if something refers to it. */
bool merge_spare(struct merge *, const char *section, struct text name, const struct json *,
    struct err *);

/* Adds what a module brings: {"components": {"schemas": {...}, ...}}, nothing else. */
bool merge_fragment(struct merge *, struct text json, const struct hd_module *owner,
    struct err *);

/*
 * Adds the operation of a route.  Fails on an operationId that is missing or used already,
 * and on a path that is there with other names of its parameters.
 */
bool merge_operation(struct merge *, const struct route *, const struct json *,
    const struct hd_module *owner, struct err *);

/* After the last addition: whether every $ref leads to a component; *whose has one that does
 * not, and is NULL if that is the server. */
bool merge_resolve(struct merge *, const struct hd_module **whose, struct err *);

/* The values of "paths" and "components". */
void merge_write_paths(const struct merge *, struct out *);
void merge_write_components(const struct merge *, struct out *);

#endif
