/*
 * guard.c - functions of the library that we stand in front of
 *
 * For the holes of libh2o 2.2.5 that its interface cannot reach.  Each guard judges, then
 * calls the library's function or not; what a connection may do is conn.c's to say, and
 * what a head may be head.c's.
 */
#include "guard.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <string.h>

#include <h2o.h>

#include "conn.h"
#include "err.h"
#include "exchange.h"
#include "fields.h"
#include "head.h"
#include "hpack.h"
#include "hpack_write.h"
#include "intake.h"
#include "stream.h"
#include "worker.h"

#define EXPORT __attribute__((visibility("default")))

enum {
	PING = 6, ACK = 1, LAST_FRAME_TYPE = 9,
	BOMB = 4	/* so many times over a limit of the header section is no accident */
};

typedef int parse_request(const char *, size_t, const char **, size_t *, const char **, size_t *,
    int *, struct phr_header *, size_t *, size_t);
typedef int parse_headers(h2o_req_t *, void *, const uint8_t *, size_t, int *, size_t *, void **,
    const char **);
typedef ssize_t decode_frame(struct stream_frame *, const uint8_t *, size_t, const void *,
    const char **);
typedef void on_stream(struct stream_conn *, struct stream *);
typedef void read_start(h2o_socket_t *, h2o_socket_cb);
typedef void flatten_answer(h2o_buffer_t **, void *, uint32_t, size_t, h2o_res_t *,
    h2o_timestamp_t *, const h2o_iovec_t *, size_t);
typedef void dispose(h2o_req_t *);
typedef int update_peer(h2o_http2_settings_t *, const uint8_t *, size_t, const char **);

/* The library's headers do not declare these. */
EXPORT parse_request phr_parse_request;
EXPORT parse_headers h2o_hpack_parse_headers;
EXPORT decode_frame h2o_http2_decode_frame;
EXPORT on_stream h2o_http2_stream_send_pending_data, h2o_http2_stream_reset;
EXPORT flatten_answer h2o_hpack_flatten_response;
EXPORT update_peer h2o_http2_update_peer_settings;

/*
 * The library's own functions.  A global, since an interposed function is given nothing of
 * ours: set once by guard_init, but for seen, whose bits are only ever added.
 */
static struct {
	parse_request *parse_request;
	parse_headers *parse_headers;
	decode_frame *decode_frame;
	on_stream *send_pending, *reset;
	read_start *read_start;
	flatten_answer *flatten_answer;
	update_peer *update_peer;
	dispose *dispose;
	atomic_uint seen;
} real;

static void
note(enum guard guard)
{
	if ((atomic_load_explicit(&real.seen, memory_order_relaxed) & guard) == 0)
		atomic_fetch_or(&real.seen, guard);
}

unsigned
guard_seen(void)
{
	return atomic_load(&real.seen);
}

/* ---- HTTP/1: heads that two servers could understand in two ways, or too large ---- */

static bool
is_http2_preface(struct text raw)
{
	static const char preface[] = "PRI * HTTP/2";

	return raw.len >= sizeof(preface) - 1 && memcmp(raw.at, preface, sizeof(preface) - 1) == 0;
}

/* Judges what the parser made of the bytes: n is its result. */
static enum refusal
judge(struct conn *c, int n, struct head *head, size_t most_fields)
{
	const struct head_limits *limits = &c->worker->street->head;
	enum refusal refusal;

	if (n == -2)
		return head_refusal_early(head->raw, limits);
	if (n < 0)
		return head_refusal_broken(head->raw, head->count, most_fields);
	head->raw.len = (size_t)n;
	refusal = head_refusal(head, limits);
	head_tidy(head);
	return refusal != REFUSAL_NONE ? refusal : intake_head(c, head);
}

/*
 * The library would answer in plain text, or with nothing.  So it gets a request that is
 * fine - the method, as HEAD is answered without a body, and HTTP/1.0, which closes - and
 * the handler finds the refusal at the connection.
 */
static void
stand_in(struct head *head)
{
	if (!text_equal(head->method, TEXT("HEAD")))
		head->method = TEXT("GET");
	head->target = TEXT("/");
	head->minor = 0;
	head->count = 0;
}

int
phr_parse_request(const char *bytes, size_t n, const char **method, size_t *method_n,
    const char **target, size_t *target_n, int *minor, struct phr_header *fields, size_t *count,
    size_t seen_before)
{
	h2o_req_t *req = H2O_STRUCT_FROM_MEMBER(h2o_req_t, input.method.base, method);
	size_t most_fields = *count;
	int result = real.parse_request(bytes, n, method, method_n, target, target_n, minor, fields,
	    count, seen_before);
	struct conn *c = conn_of(req);
	struct head head;

	note(GUARD_HTTP1_HEAD);
	if (c == NULL)
		return result;
	head = (struct head){ { bytes, n }, { *method, *method_n }, { *target, *target_n }, *minor,
			      fields, *count };
	if (result == -1 && c->requests == 0 && is_http2_preface(head.raw))
		return result;
	c->refusal = judge(c, result, &head, most_fields);
	if (result == -2 && c->refusal == REFUSAL_NONE) {
		conn_head(c);
		return result;
	}
	if (c->refusal != REFUSAL_NONE)
		stand_in(&head);
	conn_headed(c, head_body(&head).field != NULL);
	*method = head.method.at;
	*method_n = head.method.len;
	*target = head.target.at;
	*target_n = head.target.len;
	*minor = head.minor;
	*count = head.count;
	return result > 0 ? result : (int)n;
}

/* ---- HTTP/2: header bombs; and the birth of every stream ---- */

static enum refusal
too_large(const h2o_req_t *req, const struct head_limits *limits)
{
	size_t bytes = 0, i;

	for (i = 0; i < req->headers.size; i++)
		bytes += req->headers.entries[i].name->len + req->headers.entries[i].value.len;
	if (req->input.path.len > limits->target)
		return REFUSAL_TARGET_LONG;
	if (bytes > limits->bytes)
		return REFUSAL_HEADER_LONG;
	return req->headers.size > limits->fields ? REFUSAL_HEADER_MANY : REFUSAL_NONE;
}

/* At the probe's streams what is in them is known. */
static void
prove_layout(const struct stream *s)
{
	if (s->id == GUARD_PROBE_STREAM && s->state == STREAM_RECV_HEADERS && s->body == NULL &&
	    s->output_window == GUARD_PROBE_WINDOW && s->expected_length == SIZE_MAX)
		note(GUARD_STREAM_LAYOUT);
	if (s->id == GUARD_PROBE_BODY_STREAM && s->state == STREAM_RECV_HEADERS && s->body != NULL)
		note(GUARD_BODY_LAYOUT);
}

/* A field takes a byte at least: a short block has not to be looked into. */
static bool
is_bomb(const struct head_limits *limits, const uint8_t *block, size_t n)
{
	const size_t most = BOMB * limits->fields;

	return n > BOMB * (limits->bytes + limits->target) ||
	    (n > most && hpack_count(block, n, most) > most);
}

int
h2o_hpack_parse_headers(h2o_req_t *req, void *table, const uint8_t *block, size_t n, int *pseudo,
    size_t *content_length, void **digests, const char **why)
{
	struct stream *stream = H2O_STRUCT_FROM_MEMBER(struct stream, expected_length,
	    content_length);
	struct conn *c = conn_of(req);
	int result;

	(void)digests;		/* cache digests are for pushes, which there are none of */
	note(GUARD_HTTP2_HEAD);
	if (c != NULL && is_bomb(&c->worker->street->head, block, n)) {
		*why = "header section too large";
		return H2O_HTTP2_ERROR_ENHANCE_YOUR_CALM;
	}
	result = real.parse_headers(req, table, block, n, pseudo, content_length, NULL, why);
	if (pseudo == NULL)	/* trailers */
		return result == H2O_HTTP2_ERROR_INVALID_HEADER_CHAR ? H2O_HTTP2_ERROR_PROTOCOL :
		    result;
	if (c == NULL) {
		prove_layout(stream);
		return result;
	}
	if (result != 0 && result != H2O_HTTP2_ERROR_INVALID_HEADER_CHAR)
		return result;
	exchange_born(c, req, stream, n, result != 0 ? REFUSAL_HEADER_LINE :
	    too_large(req, &c->worker->street->head));
	return c->killed ? H2O_HTTP2_ERROR_ENHANCE_YOUR_CALM : result;
}

/* ---- HTTP/2: unknown frames, of each of which the library writes a line to stderr ---- */

ssize_t
h2o_http2_decode_frame(struct stream_frame *frame, const uint8_t *bytes, size_t n,
    const void *settings, const char **why)
{
	static const uint8_t zero[8];
	ssize_t result = real.decode_frame(frame, bytes, n, settings, why);

	note(GUARD_HTTP2_FRAME);
	/* A PING's answer is ignored, but is an error where only CONTINUATION may come. */
	if (result > 0 && frame->type > LAST_FRAME_TYPE)
		*frame = (struct stream_frame){ sizeof(zero), PING, ACK, 0, zero };
	return result;
}

/*
 * ---- HTTP/2: an abort that clients could cause ----
 *
 * update_stream_output_window() asserts when the window of a stream that has been sent
 * completely goes from nothing to something while the write still waits (mended upstream
 * by 00977f672, in 2.3).  The window of such a stream is kept above the peer's initial
 * window, so that no SETTINGS can take it below.
 */
static void
lift_window(const struct stream_conn *conn, struct stream *stream)
{
	if (stream->output_window <= (ssize_t)conn->peer.initial_window_size)
		stream->output_window = (ssize_t)conn->peer.initial_window_size + 1;
}

void
h2o_http2_stream_send_pending_data(struct stream_conn *conn, struct stream *stream)
{
	note(GUARD_HTTP2_SEND);
	if (conn->peer.initial_window_size == GUARD_PROBE_WINDOW)
		note(GUARD_CONN_LAYOUT);
	real.send_pending(conn, stream);
	if (stream->state == STREAM_END_STREAM)
		lift_window(conn, stream);
}

void
h2o_http2_stream_reset(struct stream_conn *conn, struct stream *stream)
{
	struct conn *c = conn_of_socket(conn->sock);

	note(GUARD_HTTP2_RESET);
	lift_window(conn, stream);
	/* What came in the same read as the RST_STREAM has been counted by nobody yet. */
	if (c != NULL && stream->body != NULL)
		conn_paid(c, stream->body->size);
	real.reset(conn, stream);	/* may free the stream */
}

/* ---- HTTP/2: the head of an answer, which is ours to write ---- */

void
h2o_hpack_flatten_response(h2o_buffer_t **buffer, void *table, uint32_t stream, size_t most,
    h2o_res_t *res, h2o_timestamp_t *at, const h2o_iovec_t *server, size_t length)
{
	const struct fields fields = { res, stream, most, at, *server, length };
	struct conn *c = conn_of(H2O_STRUCT_FROM_MEMBER(h2o_req_t, res, res));

	note(GUARD_HTTP2_ANSWER);
	if (c == NULL)
		real.flatten_answer(buffer, table, stream, most, res, at, server, length);
	else
		fields_put(c, buffer, &fields);
}

/* Whether SETTINGS, an identifier of two bytes and a value of four each, leave too little room
 * for the table of fields, be it for a moment (RFC 9113 6.5.1, RFC 7541 4.2). */
static bool
shrink_table(const uint8_t *bytes, size_t n)
{
	enum { SETTING = 6, HEADER_TABLE_SIZE = 1 };

	for (; n >= SETTING; bytes += SETTING, n -= SETTING)
		if (bytes[0] == 0 && bytes[1] == HEADER_TABLE_SIZE && bytes[2] == 0 &&
		    bytes[3] == 0 && (bytes[4] << 8 | bytes[5]) < HPACK_TABLE)
			return true;
	return false;
}

int
h2o_http2_update_peer_settings(h2o_http2_settings_t *peer, const uint8_t *bytes, size_t n,
    const char **why)
{
	const struct stream_conn *conn = H2O_STRUCT_FROM_MEMBER(struct stream_conn, peer, peer);
	struct conn *c = conn_of_socket(conn->sock);

	note(GUARD_HTTP2_SETTINGS);
	if (c != NULL && shrink_table(bytes, n))
		c->small_table = true;
	return real.update_peer(peer, bytes, n, why);
}

/* ---- the end of a request, whatever ended it ---- */

EXPORT void
h2o_dispose_request(h2o_req_t *req)
{
	struct conn *c = conn_of(req);

	note(req->version < 0x200 ? GUARD_HTTP1_END : GUARD_HTTP2_END);
	if (c != NULL)
		exchange_gone(c, req);
	real.dispose(req);
}

/* ---- every read of a connection is counted ---- */

EXPORT void
h2o_socket_read_start(h2o_socket_t *sock, h2o_socket_cb read)
{
	struct conn *c = conn_of_socket(sock);

	note(GUARD_READ);
	real.read_start(sock, c == NULL ? read : conn_watch(c, read));
}

/* ---- paths: the house has its own ideas, and the library prints what it cannot normalise ---- */

EXPORT h2o_iovec_t
h2o_url_normalize_path(h2o_mem_pool_t *pool, const char *path, size_t n, size_t *query_at,
    size_t **indexes)
{
	(void)pool;
	(void)path;
	(void)n;
	note(GUARD_PATH);
	*query_at = SIZE_MAX;
	*indexes = NULL;
	return h2o_iovec_init(H2O_STRLIT("/"));
}

/* ---- start ---- */

static bool
find(const char *name, void *function)
{
	void *found = dlsym(RTLD_NEXT, name);

	memcpy(function, &found, sizeof(found));
	return found != NULL;
}

bool
guard_init(struct err *e)
{
	h2o_globalconf_t conf;
	bool known;

	/* The default name carries the version of the library that is really loaded. */
	h2o_config_init(&conf);
	known = strcmp(conf.server_name.base, "h2o/2.2.5") == 0;
	h2o_config_dispose(&conf);
	if (!known)
		return err_set(e, "libh2o is not version 2.2.5, which the guards are written for");
	if (!find("phr_parse_request", &real.parse_request) ||
	    !find("h2o_hpack_parse_headers", &real.parse_headers) ||
	    !find("h2o_http2_decode_frame", &real.decode_frame) ||
	    !find("h2o_http2_stream_send_pending_data", &real.send_pending) ||
	    !find("h2o_http2_stream_reset", &real.reset) ||
	    !find("h2o_socket_read_start", &real.read_start) ||
	    !find("h2o_hpack_flatten_response", &real.flatten_answer) ||
	    !find("h2o_http2_update_peer_settings", &real.update_peer) ||
	    !find("h2o_dispose_request", &real.dispose))
		return err_set(e, "libh2o lacks a function that a guard stands in front of");
	return true;
}
