/*
 * query.h - from the query of a request's target to checked values
 */
#ifndef QUERY_H
#define QUERY_H

#include <stdbool.h>

struct request;

/*
 * Reads the parameters that the request's route declares into req->arguments, in the
 * order of their fields; VALUE_ABSENT for what was not given or is empty.  '+' is a
 * space; of a parameter given twice the first counts.  dry_run of a route that writes
 * goes into req->dry_run, unless the route declares it.  Others are ignored, or with
 * Prefer: handling=strict a fault.  False with the request failed.
 */
bool query_read(struct request *);

#endif
