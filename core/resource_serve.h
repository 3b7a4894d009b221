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

struct value;

/*
 * Changes the row of the path to the values that are given, in the order of the fields
 * (VALUE_ABSENT: stays), and answers with it.  action: the word in the audit trail.
 */
bool resource_change(struct request *, const struct value *values, const char *action);

/*
 * What these do but for the answer, and whatever If-Match says: for a change that is part of
 * another one.  row: in the order of the fields, as body_check has left it; then as it was
 * written, the id first.
 */
bool resource_insert(struct request *, struct value *row);
bool resource_amend(struct request *, const struct value *values);
bool resource_erase(struct request *);

#endif
