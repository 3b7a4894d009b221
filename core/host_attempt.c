/*
 * host_attempt.c - a part of a handler that may fail without failing the rest
 *
 * The part runs behind a mark of the transaction.  What it failed with is taken back with
 * what it wrote, unless it was no fault of what it was given: a broken database or a lack of
 * memory is never passed over.
 */
#include "host_part.h"

#include "db.h"
#include "request.h"

enum { OUT_OF_MEMORY = 413 };	/* request_fail_memory */

/* What of a request a part can change besides the database. */
struct kept {
	struct host_inside inside;
	unsigned own_headers, headers;
};

static struct request *
request_of(struct hd_req *hd)
{
	return (struct request *)(void *)hd;
}

/* The sentence of a failure, as the client would have got it. */
static const char *
sentence(struct request *req)
{
	const struct fault *f = req->faults;

	while (f != NULL && f->silent)
		f = f->next;
	if (f == NULL)
		return "it was refused";
	if (f->sentence || f->field == NULL)
		return f->message;
	return arena_printf(&req->arena, "%s: %s", f->field, f->message);
}

/* The request is as before the part; only its memory is used up a little more.  Files that
 * went with rows are pending, which is settled by whether a row refers to them. */
static bool
forgive(struct request *req, const struct kept *kept, const char **why)
{
	const char *said = sentence(req);

	if (said == NULL)	/* the status stays, and no memory is left for another */
		return false;
	*why = said;
	req->status = 0;
	req->faults = NULL;
	req->fault_count = 0;
	req->own_headers = kept->own_headers;
	req->answer.header_count = kept->headers;
	return false;
}

/* The transaction is shared: if the engine has ended it, nothing may be added to it. */
static bool
take_back(struct request *req, const struct kept *kept, const char **why)
{
	struct err e;

	if (!db_in_transaction(req->db))
		return req->status == 0 && request_fail_db(req, db_last_failure(req->db));
	if (!db_undo(req->db, &e)) {
		req->status = 0;	/* this outweighs what the part has failed with */
		return request_fail_inside(req, "%s", e.message);
	}
	if (req->status >= 500 || req->status == OUT_OF_MEMORY)
		return false;
	return forgive(req, kept, why);
}

static bool
run(struct request *req, hd_part *part, void *argument, struct kept *kept)
{
	bool good;

	if (!host_enter(req, req->acting, &kept->inside))
		return false;
	req->mute = true;
	good = part(&req->hd, argument) ||
	    (req->status == 0 && host_wrong(req, "failed in an attempt, but did not say why"));
	host_leave(req, &kept->inside);
	return good && req->status == 0;
}

bool
host_attempt(struct hd_req *hd, hd_part *part, void *argument, const char **why)
{
	struct request *req = request_of(hd);
	struct kept kept = { .own_headers = req->own_headers,
			     .headers = req->answer.header_count };
	struct err e;

	*why = NULL;
	if (!host_may_write(req))
		return false;
	if (!db_mark(req->db, &e))
		return request_fail_inside(req, "%s", e.message);
	if (run(req, part, argument, &kept) && db_in_transaction(req->db))
		return db_keep(req->db, &e) || request_fail_inside(req, "%s", e.message);
	return take_back(req, &kept, why);
}
