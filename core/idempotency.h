/*
 * idempotency.h - a POST that may be sent again: the header field Idempotency-Key
 *
 * What a POST was answered is kept for a day, in the same savepoint as what it changed,
 * under the name that the client gave it.  Sent again under this name it is answered
 * again, and changes nothing.  Names belong to an API key, so that nobody hears of
 * another's answers.
 *
 * A route without a key to it (HD_PUBLIC), one that is not HD_WRITE, and a dry run keep
 * and find nothing.
 */
#ifndef IDEMPOTENCY_H
#define IDEMPOTENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fingerprint.h"
#include "text.h"

struct request;

enum { IDEMPOTENCY_NAME = 255 };	/* most characters of a name */

struct idempotency {
	struct text name;		/* absent: the request gave none, or none that counts */
	struct fingerprint print;	/* of what is asked */
};

/*
 * Takes the name of a POST, and begins the fingerprint with method, target, media type and,
 * but for uploads, req->body.  False with the request failed: the name is none (400).
 * [request, before request_detach]
 */
bool idempotency_begin(struct request *);

/*
 * Takes more of what is asked into the fingerprint: what came in another way than as
 * req->body.  For multipart/form-data name and content of the parts, not their bytes on
 * the wire: a client sends them again with another boundary.  After idempotency_begin and
 * before the last idempotency_find; nothing without a name.
 */
void idempotency_add(struct request *, const char *bytes, size_t n);

/*
 * Looks in req->db whether this was done.  True: it was not, go on.  False: it was, and
 * the request is answered as it was then; or it is failed with 409, if something else was
 * asked under the name, or the answer held a secret.  Whoever has asked a reader asks the
 * writer again, in the transaction of the change.  [request, writer]
 */
bool idempotency_find(struct request *);

/* Keeps the answer, if it is complete and a success, and drops some that are too old.
 * False with the request failed.  [writer, in the change's savepoint] */
bool idempotency_keep(struct request *);

struct db;
struct err;

/*
 * Drops all that is too old at a time (microseconds since 1970), in a transaction of its
 * own: a site whose clients stop sending names would keep their last answers.  [startup]
 */
bool idempotency_clean(struct db *, int64_t now, struct err *);

/* Gives the memory back; fine if nothing was begun. */
void idempotency_fini(struct idempotency *);

#endif
