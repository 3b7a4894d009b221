/*
 * upload.c - a body on its way from a connection into a spool
 *
 * Counts what comes and stores it as long as it may.  What is refused is still counted,
 * for HTTP/2, where a client is answered only when it has said all.
 */
#include "upload.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "arena.h"
#include "log.h"
#include "spool.h"

enum { FRAMING = 8 };	/* so many times the body's bytes may stand around it */

/* As picohttpparser has it; the library exports the function. */
struct phr_chunked_decoder {
	size_t bytes_left_in_chunk;
	char consume_trailer;
	char hex_count, state;
};
ssize_t phr_decode_chunked(struct phr_chunked_decoder *, char *bytes, size_t *n);

struct upload {
	struct spool *spool;
	uint64_t limit, length;
	uint64_t come;			/* bytes of the body so far */
	enum refusal refusal;
	bool chunked;
	struct phr_chunked_decoder decoder;
	size_t paid;
};

struct upload *
upload_new(struct spool *spool, uint64_t limit, uint64_t length)
{
	struct upload *u = arena_heap(NULL, sizeof(*u));

	*u = (struct upload){ .spool = spool, .limit = limit, .length = length };
	u->refusal = length != UPLOAD_LENGTH_UNKNOWN && length > limit ? REFUSAL_BODY_LONG :
	    spool == NULL ? REFUSAL_DISK_FULL : REFUSAL_NONE;
	return u;
}

void
upload_free(struct upload *u)
{
	if (u == NULL)
		return;
	spool_close(u->spool);
	free(u);
}

void
upload_set_chunked(struct upload *u)
{
	u->chunked = true;
	u->decoder.consume_trailer = 1;
}

/* What was stored is not needed any more: its room is somebody else's. */
static void
refuse(struct upload *u, enum refusal refusal)
{
	u->refusal = refusal;
	spool_close(u->spool);
	u->spool = NULL;
}

void
upload_write(struct upload *u, const char *bytes, size_t n)
{
	u->come += n;
	if (u->refusal == REFUSAL_NONE && u->come > u->limit)
		refuse(u, REFUSAL_BODY_LONG);
	if (u->refusal == REFUSAL_NONE && !spool_write(u->spool, bytes, n)) {
		log_warning("an upload cannot be stored: %s", spool_fault(u->spool));
		refuse(u, REFUSAL_DISK_FULL);
	}
}

/* Returns how many bytes come after the body; *done: it is complete. */
static size_t
feed_length(struct upload *u, const char *bytes, size_t n, bool *done)
{
	uint64_t left = u->length - u->come;
	size_t part = n < left ? n : (size_t)left;

	u->paid = part;
	upload_write(u, bytes, part);
	*done = part == left;
	return n - part;
}

static size_t
feed_chunked(struct upload *u, char *bytes, size_t n, bool *done)
{
	size_t body = n, after;
	ssize_t result = phr_decode_chunked(&u->decoder, bytes, &body);

	if (result == -1) {
		refuse(u, REFUSAL_BODY_BROKEN);
		return 0;
	}
	*done = result >= 0;
	after = *done ? (size_t)result : 0;
	upload_write(u, bytes, body);
	u->paid = n - after < FRAMING * body ? n - after : FRAMING * body;
	memmove(bytes + n - after, bytes + body, after);
	return after;
}

bool
upload_feed(struct upload *u, char *bytes, size_t *n)
{
	bool done = false;
	size_t after;

	u->paid = 0;
	after = u->chunked ? feed_chunked(u, bytes, *n, &done) :
	    feed_length(u, bytes, *n, &done);
	if (u->refusal != REFUSAL_NONE) {
		*n = 1;
		return true;
	}
	if (done)
		memmove(bytes + 1, bytes + *n - after, after);
	*n = done ? 1 + after : 0;
	return done;
}

size_t
upload_paid(const struct upload *u)
{
	return u->paid;
}

enum refusal
upload_refusal(const struct upload *u)
{
	return u->refusal;
}

bool
upload_is_over(const struct upload *u)
{
	return u->refusal != REFUSAL_NONE && u->come / 2 >= u->limit;
}

enum refusal
upload_end(const struct upload *u)
{
	/* RFC 9113 8.1.1 */
	if (u->refusal == REFUSAL_NONE && u->length != UPLOAD_LENGTH_UNKNOWN &&
	    u->length != u->come)
		return REFUSAL_LENGTH_DIFFERS;
	return u->refusal;
}

struct spool *
upload_take(struct upload *u)
{
	struct spool *spool = u->spool;

	u->spool = NULL;
	return spool;
}
