/*
 * body.h - from the bytes of a request's body to checked values
 */
#ifndef BODY_H
#define BODY_H

#include <stdbool.h>

struct request;

/*
 * Reads the body that the request's route declares: content type, JSON, and every
 * member against its field, all faults at once.  req->values is then in the order of
 * the fields: on a partial body VALUE_ABSENT for what was not given; else defaults are
 * in place and what is missing is VALUE_NULL.  False with the request failed.
 */
bool body_read(struct request *);

/* Likewise with req->json, a JSON object that is parsed already. */
bool body_check(struct request *);

#endif
