/*
 * intake.c - uploads, taken from under the library's hands
 *
 * HTTP/1: the guard of the parser (guard.c) sees a head before the library acts on it, and
 * our read callback (conn.c) sees bytes before the library does.  So the field that frames
 * the body is made "content-length: 1" in the connection's buffer, and the bytes behind the
 * head are taken out as they come; when the body is complete, one byte is put in its place,
 * and the library goes on with the request.
 *
 * HTTP/2: the library appends DATA to a buffer of the stream, which is emptied after every
 * read; it is made to forget the length that it would compare.
 */
#include "intake.h"

#include <string.h>

#include "conf.h"
#include "conn.h"
#include "head.h"
#include "house.h"
#include "question.h"
#include "request.h"
#include "stream.h"
#include "upload.h"
#include "worker.h"

static struct request *
question_new(const struct conn *c)
{
	return request_take(&c->worker->requests,
	    c->worker->street->conf->limits.request_memory);
}

static enum house_admission
ask(struct conn *c, struct request *question, uint64_t length, struct upload **ret)
{
	struct worker *w = c->worker;
	struct spool *spool = NULL;
	uint64_t limit = 0;
	enum house_admission admission = house_admit(w->street->house, w->desk, question, &spool,
	    &limit);

	if (admission == HOUSE_UPLOAD)
		*ret = upload_new(spool, limit, length);
	return admission;
}

/* ---- HTTP/1 ---- */

/* Any framing becomes "content-length: 1"; both names and both values have the room. */
static void
pretend(struct conn *c, struct phr_header *field)
{
	static const char name[] = "content-length";
	char *bytes = c->sock->input->bytes;

	memcpy(bytes + (field->name - bytes), name, sizeof(name) - 1);
	field->name_len = sizeof(name) - 1;
	bytes[field->value - bytes] = '1';
	field->value_len = 1;
}

static enum refusal
begin(struct conn *c, const struct head *head, const struct head_body *body,
    struct upload *upload)
{
	enum refusal refusal = upload_refusal(upload);

	if (refusal != REFUSAL_NONE) {
		upload_free(upload);
		return refusal;
	}
	if (body->chunked)
		upload_set_chunked(upload);
	pretend(c, body->field);
	c->upload = upload;
	c->upload_at = head->raw.len;
	intake_read(c);
	return REFUSAL_NONE;
}

/* RFC 9112 9.6: who does not read a body closes, and an HTTP/1.0 connection does. */
static void
drop_body(struct conn *c, struct head *head)
{
	head_drop_body(head);
	c->body_lost = true;
	head->minor = 0;
	conn_linger(c);
}

enum refusal
intake_head(struct conn *c, struct head *head)
{
	struct head_body body = head_body(head);
	enum house_admission admission = HOUSE_NO_UPLOAD;
	struct request *question;
	struct upload *upload = NULL;

	if (body.field == NULL || (!body.chunked && body.length == 0))
		return REFUSAL_NONE;
	question = question_new(c);
	if (question_put_head(question, c, head))
		admission = ask(c, question, body.chunked ? UPLOAD_LENGTH_UNKNOWN : body.length,
		    &upload);
	request_give(&c->worker->requests, question);
	if (admission == HOUSE_UPLOAD)
		return begin(c, head, &body, upload);
	if (admission == HOUSE_REFUSED)
		drop_body(c, head);
	else if (body.length > c->worker->street->conf->limits.body)
		return REFUSAL_BODY_LONG;
	return REFUSAL_NONE;
}

bool
intake_read(struct conn *c)
{
	h2o_buffer_t *input = c->sock->input;
	bool done;
	size_t n;

	if (c->upload_at == 0)
		return true;
	n = input->size - c->upload_at;
	if (n == 0)
		return false;
	done = upload_feed(c->upload, input->bytes + c->upload_at, &n);
	input->size = c->upload_at + n;
	conn_paid(c, upload_paid(c->upload));
	if (done)
		c->upload_at = 0;
	return done;
}

/* ---- HTTP/2 ---- */

struct upload *
intake_stream(struct conn *c, h2o_req_t *req, struct stream *stream)
{
	struct request *question = question_new(c);
	struct upload *upload = NULL;

	if (question_put(question, c, req, req->headers.size))
		ask(c, question, stream->expected_length == SIZE_MAX ? UPLOAD_LENGTH_UNKNOWN :
		    stream->expected_length, &upload);
	request_give(&c->worker->requests, question);
	if (upload != NULL)
		stream->expected_length = SIZE_MAX;
	return upload;
}

void
intake_data(struct conn *c, struct upload *upload, h2o_req_t *req, struct stream *stream)
{
	size_t n;

	/* Later the request refers to the buffer.  What nobody listens to stays there, until
	 * the library finds it too long and resets the stream. */
	if (stream->state != STREAM_RECV_BODY || stream->body->size == 0 || upload_is_over(upload))
		return;
	n = stream->body->size;
	upload_write(upload, stream->body->bytes, n);
	h2o_buffer_consume(&stream->body, n);
	/* Trailers may have begun, and with them the library has noted what there was. */
	req->entity = h2o_iovec_init(NULL, 0);
	conn_paid(c, 2 * n);
}
