/*
 * query.h - from the query of a request's target to checked values
 */
#ifndef QUERY_H
#define QUERY_H

#include <stdbool.h>

#include "text.h"

struct request;

enum { QUERY_ALTERNATIVES = 50 };	/* values that a filter may be given */

/*
 * Reads the parameters that the request's route declares into req->arguments, in the
 * order of their fields; VALUE_ABSENT for what was not given or is empty.  '+' is a
 * space; of a parameter given twice the first counts.  dry_run of a route that writes
 * goes into req->dry_run, unless the route declares it.  Others are ignored, or with
 * Prefer: handling=strict a fault.  False with the request failed.
 *
 * Of filters (parameters with HD_FILTER, HD_CONTAINS or HD_EXACT) all values go into
 * req->alternatives: each that is given, and what stands between the commas of one.  A
 * comma that is percent-encoded splits nothing.  [request]
 */
bool query_read(struct request *);

/*
 * Takes "name=value" off the front of a query (application/x-www-form-urlencoded); both
 * are pieces of it, still encoded, the value empty if there is none.  False at its end.
 */
bool query_next(struct text *rest, struct text *name, struct text *value);

#endif
