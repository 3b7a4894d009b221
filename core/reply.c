/*
 * reply.c - the answer of an exchange, on its way out
 *
 * Sends what the house has made, byte for byte, and puts its envelope around what never
 * reached it.  Decides nothing but when a connection can go on.
 */
#include "reply.h"

#include "conn.h"
#include "exchange.h"
#include "house.h"
#include "log.h"
#include "request.h"
#include "spool.h"
#include "stream.h"
#include "worker.h"

enum { PIECE = 256 * 1024 };	/* of a spool, at once */

/* ---- the answer ---- */

bool
reply_is_head(const h2o_req_t *req)
{
	return h2o_memis(req->input.method.base, req->input.method.len, H2O_STRLIT("HEAD"));
}

static void
spool_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
	struct exchange *x = (struct exchange *)generator;
	struct spool *spool = x->request->answer.spool;
	long n = spool_read(spool, x->spool_at, x->piece, PIECE);
	h2o_iovec_t piece = h2o_iovec_init(x->piece, n < 0 ? 0 : (size_t)n);

	if (n <= 0) {
		log_error("request %s: its answer cannot be read back", x->request->id);
		h2o_send(req, NULL, 0, H2O_SEND_STATE_ERROR);
		return;
	}
	x->spool_at += (uint64_t)n;
	h2o_send(req, &piece, 1,
	    x->spool_at < spool_size(spool) ? H2O_SEND_STATE_IN_PROGRESS : H2O_SEND_STATE_FINAL);
}

/* All at once: h2o_add_header_by_str takes a piece of memory for each, and looks up a token
 * that nobody asks for. */
static void
put_headers(h2o_req_t *req, const struct answer *answer)
{
	const unsigned n = answer->header_count;
	h2o_iovec_t *names = h2o_mem_alloc_pool(&req->pool, n * sizeof(names[0]));
	h2o_headers_t *to = &req->res.headers;
	unsigned i;

	h2o_vector_reserve(&req->pool, to, to->size + n);
	for (i = 0; i < n; i++) {
		const struct text name = answer->headers[i].name;
		const struct text value = answer->headers[i].value;

		names[i] = h2o_iovec_init(name.at, name.len);
		to->entries[to->size++] = (h2o_header_t){
			.name = &names[i], .value = h2o_iovec_init(value.at, value.len),
		};
	}
}

static void
put_status(h2o_req_t *req, const struct answer *answer)
{
	bool empty = answer->status == 204 || answer->status == 304;

	req->res.status = answer->status;
	req->res.reason = answer_reason(answer->status);
	/* Without a length the library answers chunked, and closes after all but 200. */
	req->res.content_length = empty ? SIZE_MAX :
	    answer->spool != NULL ? spool_size(answer->spool) : answer->body.len;
	put_headers(req, answer);
}

/* The house's copy is enough, or nobody wants it any more. */
void
reply_drop_body(struct exchange *x)
{
	if (x->stream != NULL && x->stream->body != NULL &&
	    x->stream->state >= STREAM_SEND_HEADERS) {
		h2o_buffer_dispose(&x->stream->body);
		x->stream->body = NULL;
		x->req->entity = h2o_iovec_init(NULL, 0);
	}
}

/*
 * Sends what is in request->answer.  The request lives until exchange_gone, and so do the
 * bytes: HTTP/2 reads them long after h2o_send has returned.
 */
void
reply_send(struct exchange *x, h2o_send_state_t end)
{
	h2o_req_t *req = x->req;
	const struct answer *answer = &x->request->answer;
	h2o_iovec_t body = h2o_iovec_init(answer->body.at, answer->body.len);

	x->state = EXCHANGE_ANSWERED;
	x->sent_at = worker_now(x->conn->worker);
	reply_drop_body(x);
	put_status(req, answer);
	h2o_start_response(req, &x->generator);
	if (reply_is_head(req) || req->res.content_length == SIZE_MAX ||
	    req->res.content_length == 0) {
		h2o_send(req, NULL, 0, end);
	} else if (answer->spool == NULL) {
		h2o_send(req, &body, 1, end);
	} else {
		x->piece = h2o_mem_alloc(PIECE);
		x->generator.proceed = spool_proceed;
		spool_proceed(&x->generator, req);
	}
}

/* ---- refusals ---- */

static void
say_retry_later(struct request *r)
{
	unsigned i;

	for (i = 0; i < r->answer.header_count; i++)
		if (text_equal(r->answer.headers[i].name, TEXT("retry-after")))
			return;
	answer_header(r, "retry-after", TEXT("1"));
}

static void
put_refusal(struct exchange *x)
{
	const struct refusal_words *words = refusal_words(x->refusal);

	house_refuse(x->request, words->status, words->code, words->message);
	if (words->status == 503)
		say_retry_later(x->request);
}

/* RFC 9113 8.1.1: these are malformed; the answer is followed by a reset. */
static bool
is_malformed(const struct exchange *x)
{
	return x->stream != NULL && (x->refusal == REFUSAL_METHOD || x->refusal == REFUSAL_TARGET ||
	    x->refusal == REFUSAL_LENGTH_DIFFERS);
}

/* What was read cannot be told from the next request: nothing more is read. */
static bool
is_end(const struct exchange *x)
{
	return x->stream == NULL && x->refusal != REFUSAL_NONE && x->refusal != REFUSAL_BUSY;
}

void
reply_refuse(struct exchange *x)
{
	put_refusal(x);
	if (is_end(x)) {
		x->req->http1_is_persistent = 0;
		conn_linger(x->conn);
	}
	reply_send(x, is_malformed(x) ? H2O_SEND_STATE_ERROR : H2O_SEND_STATE_FINAL);
}

/* ---- the library's own errors ---- */

struct instead {
	h2o_ostream_t super;
	h2o_iovec_t body;
};

static void
send_instead(h2o_ostream_t *self, h2o_req_t *req, h2o_iovec_t *bufs, size_t count,
    h2o_send_state_t state)
{
	struct instead *instead = (struct instead *)self;

	(void)bufs;
	h2o_ostream_send_next(self, req, count == 0 ? NULL : &instead->body, count == 0 ? 0 : 1,
	    state);
}

static enum refusal
refusal_of_status(const struct exchange *x, int status)
{
	if (status == 413)
		return REFUSAL_BODY_LONG;
	if (status == 417)
		return REFUSAL_EXPECT;
	return x->stream != NULL ? REFUSAL_HEADER_LINE : REFUSAL_BODY_BROKEN;
}

h2o_ostream_t **
reply_instead(struct exchange *x, h2o_ostream_t **slot)
{
	h2o_req_t *req = x->req;
	struct instead *instead;

	x->refusal = refusal_of_status(x, req->res.status);
	x->state = EXCHANGE_ANSWERED;
	put_refusal(x);
	if (x->stream == NULL)
		conn_linger(x->conn);
	req->res.headers = (h2o_headers_t){ NULL };
	put_status(req, &x->request->answer);
	instead = (struct instead *)h2o_add_ostream(req, sizeof(*instead), slot);
	instead->super.do_send = send_instead;
	instead->body = h2o_iovec_init(x->request->answer.body.at, x->request->answer.body.len);
	return &instead->super.next;
}
