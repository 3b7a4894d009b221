/*
 * envelope.h - what holds of every answer of the API
 */
#ifndef ENVELOPE_H
#define ENVELOPE_H

#include <stdbool.h>

#include "reply.h"

struct arena;
struct err;

/*
 * JSON in UTF-8, nosniff, no caching without an ETag, a request id; an error in its
 * envelope: "error" first, then code, errors and request_id at most.
 */
bool envelope_check(struct arena *, const struct reply *, bool head, struct err *);

/* Whether the error of the reply is what the pattern says. */
bool envelope_check_message(struct arena *, const struct reply *, struct text pattern,
    struct err *);

#endif
