/*
 * resource_serve.h - what the routes of a resource do
 *
 * All are called with the request checked (body and query are read), req->db set as
 * the route's access class says, and req->answer.body empty.  True with the answer
 * complete, or false with the request failed.
 */
#ifndef RESOURCE_SERVE_H
#define RESOURCE_SERVE_H

#include <stdbool.h>

struct request;

bool resource_list(struct request *);
bool resource_get(struct request *);
bool resource_create(struct request *);
bool resource_update(struct request *);
bool resource_delete(struct request *);

#endif
