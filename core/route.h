/*
 * route.h - from method and path to what serves them
 *
 * Templates are "/api/v1/tickets/{id}" or "/".  A segment is
 *	literal		letters, digits and "-._~", but not "." and ".."; in a request also
 *			percent-encoded ("%74ickets" is "tickets")
 *	{name}		a positive 64-bit integer, written without sign, without zero in
 *			front, without percent-encoding; anything else does not match
 *	{name:text}	any segment but the empty one, "." and ".." (encoded or not), one
 *			with a broken escape, and one with %00; %2F is part of the value.
 *			Whether it is UTF-8 is for whoever decodes it
 * A literal segment counts before {name}, and that before {name:text}.  Two templates
 * that differ in the names of their parameters alone are the same path; a path belongs
 * to one module, which writes it in one way.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include <helpdesk/plugin.h>

#include "text.h"

struct arena;
struct err;
struct instance;
struct request;
struct resource;
struct router;

enum { ROUTE_PARAMS = 8 };

/* Where paths without HD_ROOT begin; left out of messages, as whoever wrote them did. */
#define ROUTE_PREFIX "/api/v1"

struct route {
	const char *method;		/* "GET", "POST", "PATCH", "PUT", "DELETE" */
	const char *path;		/* whole template: "/api/v1/tickets/{id}" */
	enum hd_access access;
	unsigned flags;			/* HD_PUBLIC ... */
	const char *scope;		/* what a key needs: "tickets:read"; NULL: nothing */
	bool (*serve)(struct request *);	/* the core's own, for resources; for a module's
						 * handler the one that calls it */
	bool (*before)(struct request *);	/* HD_WRITE: run first, in the slow lane, where it
						 * may block and writes nothing; false with the
						 * request failed ends it.  NULL: none */
	bool upload;			/* a body goes into request->upload, however long */
	const struct hd_field *body;	/* members of the JSON body; NULL: there is none */
	bool partial;			/* the body changes a row: absent members stay */
	bool by_module;			/* a module's code gives the body, not a client */
	const char *required;		/* what is said when a required member is missing */
	const struct hd_field *query;	/* query parameters; NULL: none */
	const struct hd_route *declared;	/* a module's route; NULL for a resource's */
	const struct hd_job *job;	/* not a route, but what is run by the clock; or NULL */
	const struct resource *resource;	/* NULL for a module's own route */
	unsigned operation;		/* of the resource: enum operation */
	struct instance *instance;	/* of the module in the site */
	const char *module;		/* who serves it, for messages: "sla 0.3.0" */
};

/* Whether a template is well formed: "the path /a//b has an empty segment". */
bool route_check_path(const char *path, struct err *);

/* Whether it is one of the methods that a route can have. */
bool route_method_known(const char *method);

/* An empty router in the arena; NULL over its limit. */
struct router *router_new(struct arena *);

/*
 * Adds a route, which must outlive the router.  The message: "GET /tickets/{t}/sla is
 * already served by module sla 0.3.0 as /tickets/{id}/sla".  What was added before a
 * failure stays: who goes on without that module makes another router.
 */
bool router_add(struct router *, const struct route *, struct err *);

/* The name of a template's i-th parameter in params order; NULL if it has fewer. */
struct text route_param_name(const struct route *, unsigned i);

enum route_found { ROUTE_FOUND, ROUTE_NO_METHOD, ROUTE_NO_PATH };

/*
 * Looks up a raw (still percent-encoded) path without query.  HEAD finds GET.
 * params are pieces of the path, still encoded, in the order of the template;
 * *allowed is the value of an Allow header for the path, on ROUTE_FOUND and
 * ROUTE_NO_METHOD ("GET, HEAD, OPTIONS, POST": sorted; OPTIONS always, HEAD with GET).
 * A path with an empty segment, or one that ends with '/', matches nothing ("/" is a
 * template of its own).  *ret is set on ROUTE_FOUND only; params that the template does
 * not have are left as they are, or written over.  [any thread]
 */
enum route_found router_find(const struct router *, struct text method, struct text path,
    const struct route **ret, struct text params[ROUTE_PARAMS], struct text *allowed);

/* Calls each for every route, sorted by path, then method; stops when it says false. */
typedef bool route_each(void *context, const struct route *);
bool router_walk(const struct router *, route_each *, void *context);

#endif
