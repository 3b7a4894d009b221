/*
 * uploads.c - bodies that the server takes as they come, and never holds
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

#define HOST "host: a\r\n"
#define END "\r\n"
#define CHUNKED "Transfer-Encoding: Chunked\r\n"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { MIB = 1 << 20 };

static struct server server;

static int
start(void **state)
{
	(void)state;
	server_start(&server, "  body: 64KiB\n  unfinished_per_connection: 3MiB\n"
	    "  cancelled: 1000\n",
	    "  header: 3s\n  keep_alive: 3s\n  idle: 3s\n", 0);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	assert_int_equal(server_stop(&server), 0);
	return 0;
}

/* FNV-1a, as the stub has it. */
static uint32_t
sum_of(const char *bytes, size_t n)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ (unsigned char)bytes[i]) * 16777619u;
	return h;
}

static void
expect_upload(const char *body, const char *bytes, size_t n)
{
	char want[128];

	snprintf(want, sizeof(want), "\"upload\":%zu,\"sum\":%lu,\"body\":0,", n,
	    (unsigned long)sum_of(bytes, n));
	if (strstr(body, want) == NULL)
		fail_msg("%s: not %s", body, want);
}

/* Bytes that tell where they are. */
static char *
make_bytes(size_t n)
{
	char *bytes = malloc(n + 1);
	size_t i;

	assert_non_null(bytes);
	for (i = 0; i < n; i++)
		bytes[i] = (char)(i * 131 + i / 251);
	return bytes;
}

/* Until no upload has anything on disk: those that were broken off give it back. */
static void
expect_nothing_kept(void)
{
	struct answer a;
	struct wire w;
	int i;

	for (i = 0; i < PATIENCE / 20; i++) {
		wire_open(&w, server.plain);
		wire_send_text(&w, "GET /used HTTP/1.1\r\n" HOST END);
		assert_true(wire_answer(&w, &a, false));
		wire_close(&w);
		if (strcmp(a.body, "{\"used\":0}") == 0)
			return;
		usleep(20000);
	}
	fail_msg("still %s", a.body);
}

/* ---- HTTP/1: small ones, in every form ---- */

static const struct {
	const char *what, *request;
	const char *body;	/* what is stored */
} cases[] = {
	{ "a length", "POST /upload HTTP/1.1\r\n" HOST "content-length: 3\r\n" END "abc", "abc" },
	{ "one byte", "POST /upload HTTP/1.1\r\n" HOST "content-length: 1\r\n" END "a", "a" },
	{ "a long number for a length", "POST /upload HTTP/1.1\r\n" HOST
	  "CONTENT-LENGTH:  0000000000000012  \r\n" END "twelve bytes", "twelve bytes" },
	{ "HTTP/1.0", "POST /upload HTTP/1.0\r\ncontent-length: 3\r\n" END "abc", "abc" },
	{ "fields behind the length", "PUT /upload HTTP/1.1\r\ncontent-length: 3\r\n" HOST
	  "x: y\r\n" END "abc", "abc" },
	{ "an empty line first", "\r\nPOST /upload HTTP/1.1\r\n" HOST "content-length: 3\r\n" END "abc",
	  "abc" },
	{ "an absolute form", "POST http://b/upload HTTP/1.1\r\n" HOST "content-length: 3\r\n" END "abc",
	  "abc" },
	{ "a body like a request", "POST /upload HTTP/1.1\r\n" HOST "content-length: 31\r\n" END
	  "GET /ping HTTP/1.1\r\n" HOST END, "GET /ping HTTP/1.1\r\n" HOST END },
	{ "a chunk", "POST /upload HTTP/1.1\r\n" HOST CHUNKED END "3\r\nabc\r\n0\r\n\r\n", "abc" },
	{ "no chunk", "POST /upload HTTP/1.1\r\n" HOST CHUNKED END "0\r\n\r\n", "" },
	{ "odd chunks", "POST /upload HTTP/1.1\r\n" HOST CHUNKED END
	  "1\r\na\r\n00B\r\nbcdefghijkl\r\na\r\nmnopqrstuv\r\n0\r\n\r\n",
	  "abcdefghijklmnopqrstuv" },
	{ "chunks with extensions", "POST /upload HTTP/1.1\r\n" HOST CHUNKED END
	  "1;a=b;c=\"d\"\r\na\r\n2 ;x\r\nbc\r\n0;y\r\n\r\n", "abc" },
	{ "trailers", "POST /upload HTTP/1.1\r\n" HOST CHUNKED END
	  "3\r\nabc\r\n0\r\nx: y\r\nz: w\r\n\r\n", "abc" },
	{ "a chunk like an end", "POST /upload HTTP/1.1\r\n" HOST CHUNKED END
	  "5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n" },
	{ "a length, expecting", "POST /upload HTTP/1.1\r\n" HOST
	  "expect: 100-continue\r\ncontent-length: 3\r\n" END "abc", "abc" },
	{ "chunks, expecting", "POST /upload HTTP/1.1\r\n" HOST CHUNKED "expect: 100-Continue\r\n" END
	  "3\r\nabc\r\n0\r\n\r\n", "abc" },
	{ "from another thread", "POST /upload/late HTTP/1.1\r\n" HOST "content-length: 3\r\n" END "abc",
	  "abc" },
};

static void
expect_case(struct wire *w, size_t i)
{
	struct answer a;

	if (!wire_answer(w, &a, false) || a.status != 200)
		fail_msg("%s: %d %s", cases[i].what, a.status, a.body);
	expect_upload(a.body, cases[i].body, strlen(cases[i].body));
	assert_int_equal(a.body[11], cases[i].request[0] == '\r' ? 'P' : cases[i].request[0]);
	assert_non_null(strstr(a.body, "\"target\":\"/upload"));
}

static void
an_upload_arrives_as_it_was_sent(void **state)
{
	struct wire w;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		wire_open(&w, server.plain);
		wire_send_text(&w, cases[i].request);
		expect_case(&w, i);
		wire_close(&w);
	}
}

static void
an_upload_may_come_in_pieces(void **state)
{
	const char *at;
	struct wire w;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		wire_open(&w, server.plain);
		for (at = cases[i].request; *at != '\0'; at++) {
			wire_send(&w, at, 1);
			wire_read(&w, 0);
		}
		expect_case(&w, i);
		wire_close(&w);
	}
}

/* All of them on one connection, with a plain request between; but for HTTP/1.0. */
static size_t
write_all(char *to)
{
	size_t n = 0, i;

	for (i = 0; i < COUNT(cases); i++)
		if (strstr(cases[i].request, "HTTP/1.0") == NULL && cases[i].request[0] != '\r')
			n += (size_t)sprintf(to + n, "%sGET /ping HTTP/1.1\r\n" HOST END,
			    cases[i].request);
	return n;
}

static void
expect_all(struct wire *w)
{
	struct answer a;
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		if (strstr(cases[i].request, "HTTP/1.0") != NULL || cases[i].request[0] == '\r')
			continue;
		expect_case(w, i);
		assert_true(wire_answer(w, &a, false));
		assert_string_equal(a.body, "{\"status\":\"ok\"}");
	}
}

static void
what_comes_behind_an_upload_is_the_next_request(void **state)
{
	char *all = malloc(65536);
	struct wire w;
	size_t n, at, step;

	(void)state;
	assert_non_null(all);
	n = write_all(all);
	for (step = 1; step <= n; step = step * 3 + 1) {
		wire_open(&w, server.plain);
		for (at = 0; at < n; at += step) {
			wire_send(&w, all + at, n - at < step ? n - at : step);
			wire_read(&w, 0);
		}
		expect_all(&w);
		wire_close(&w);
	}
	wire_open_tls(&w, server.tls, "http/1.1");
	wire_send(&w, all, n);
	expect_all(&w);
	wire_close(&w);
	free(all);
}

static void
an_upload_without_a_body_is_none(void **state)
{
	static const char *const requests[] = {
		"POST /upload HTTP/1.1\r\n" HOST END,
		"POST /upload HTTP/1.1\r\n" HOST "content-length: 0\r\n" END,
	};
	struct answer a;
	struct wire w;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(requests); i++) {
		wire_open(&w, server.plain);
		wire_send_text(&w, requests[i]);
		assert_true(wire_answer(&w, &a, false));
		assert_non_null(strstr(a.body, "\"upload\":-1,"));
		wire_close(&w);
	}
}

static void
who_expects_is_told_to_go_on(void **state)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct answer a;
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	wire_send_text(&w, "POST /upload HTTP/1.1\r\n" HOST "expect: 100-continue\r\n"
	    "content-length: 3\r\n" END);
	while (w.n < sizeof(go_on) - 1)
		assert_true(wire_read(&w, PATIENCE));
	assert_memory_equal(w.in, go_on, sizeof(go_on) - 1);
	wire_send_text(&w, "abc");
	assert_true(wire_answer(&w, &a, false));
	expect_upload(a.body, "abc", 3);
	wire_close(&w);
}

/* ---- HTTP/1: refused ---- */

static const struct {
	const char *what, *request;	/* whose body may never end */
	int status;
} refused[] = {
	{ "a length over the limit", "POST /upload/small HTTP/1.1\r\n" HOST
	  "content-length: 1001\r\n" END "a", 413 },
	{ "a length over every limit", "POST /upload HTTP/1.1\r\n" HOST
	  "content-length: 99999999999999999999999\r\n" END "a", 413 },
	{ "a length over the limit, expecting", "POST /upload/small HTTP/1.1\r\n" HOST
	  "expect: 100-continue\r\ncontent-length: 1001\r\n" END, 413 },
	{ "a broken chunk", "POST /upload HTTP/1.1\r\n" HOST CHUNKED END "3\r\nabc\r\nx\r\n", 400 },
	{ "a chunk that is longer than it says", "POST /upload HTTP/1.1\r\n" HOST CHUNKED END
	  "3\r\nabcd\r\n0\r\n\r\n", 400 },
	{ "a chunk with too many digits", "POST /upload HTTP/1.1\r\n" HOST CHUNKED END
	  "11111111111111111\r\n", 400 },
	{ "a chunk that is negative", "POST /upload HTTP/1.1\r\n" HOST CHUNKED END "-1\r\na\r\n", 400 },
	{ "no room", "POST /upload/full HTTP/1.1\r\n" HOST "content-length: 10\r\n" END "a", 503 },
	{ "no room for chunks", "POST /upload/full HTTP/1.1\r\n" HOST CHUNKED END, 503 },
	{ "no room, expecting", "POST /upload/full HTTP/1.1\r\n" HOST
	  "expect: 100-continue\r\ncontent-length: 1\r\n" END, 503 },
	{ "a bad key", "POST /upload HTTP/1.1\r\n" HOST "X-Key: bad\r\ncontent-length: 50000000\r\n" END,
	  401 },
	{ "a bad key, chunked", "POST /upload HTTP/1.1\r\n" HOST "x-KEY: bad\r\n" CHUNKED END "3\r\nab",
	  401 },
	{ "a bad key, expecting", "POST /upload HTTP/1.1\r\n" HOST "x-key: bad\r\n"
	  "expect: 100-continue\r\ncontent-length: 50000000\r\n" END, 401 },
	{ "a bad key, to be kept alive", "POST /upload HTTP/1.0\r\nx-key: bad\r\nconnection: keep-alive\r\n"
	  "content-length: 50000000\r\n" END, 401 },
	{ "both lengths", "POST /upload HTTP/1.1\r\n" HOST CHUNKED "content-length: 3\r\n" END, 400 },
	{ "two lengths", "POST /upload HTTP/1.1\r\n" HOST "content-length: 3\r\ncontent-length: 3\r\n" END,
	  400 },
	{ "two codings", "POST /upload HTTP/1.1\r\n" HOST CHUNKED CHUNKED END, 400 },
	{ "an unknown coding", "POST /upload HTTP/1.1\r\n" HOST "transfer-encoding: gzip\r\n" END, 501 },
	{ "another expectation", "POST /upload HTTP/1.1\r\n" HOST "expect: x\r\ncontent-length: 3\r\n" END,
	  417 },
};

/* Nobody is told to go on with a body that is not wanted. */
static void
expect_refused(struct wire *w, size_t i)
{
	struct answer a;

	while (w->n < 12)
		if (!wire_read(w, PATIENCE))
			fail_msg("%s: no answer", refused[i].what);
	if (memcmp(w->in, "HTTP/1.1 100", 12) == 0)
		fail_msg("%s: told to go on", refused[i].what);
	assert_true(wire_answer(w, &a, false));
	if (a.status != refused[i].status)
		fail_msg("%s: %d, not %d", refused[i].what, a.status, refused[i].status);
	assert_non_null(strstr(a.body, "{\"error\":\""));
	assert_non_null(strstr(a.head, "content-type: application/json"));
	assert_true(a.status != 503 || strstr(a.head, "retry-after:") != NULL);
	assert_non_null(strstr(a.head, "connection: close"));
	if (!wire_closes(w, PATIENCE))
		fail_msg("%s: the connection stays", refused[i].what);
}

static void
an_upload_that_is_refused_is_answered_at_once(void **state)
{
	const char *at;
	struct wire w;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(refused); i++) {
		wire_open(&w, server.plain);
		wire_send_text(&w, refused[i].request);
		expect_refused(&w, i);
		wire_close(&w);
		wire_open(&w, server.plain);
		for (at = refused[i].request; *at != '\0' && w.n == 0; at++) {
			wire_send(&w, at, 1);
			wire_read(&w, 0);
		}
		expect_refused(&w, i);
		wire_close(&w);
	}
	expect_nothing_kept();
}

/* Who sends on gets the answer all the same, and no reset. */
static void
an_upload_that_is_refused_midway_is_answered(void **state)
{
	static const struct { const char *head; size_t n; int status; } midway[] = {
		{ "POST /upload/small HTTP/1.1\r\n" HOST CHUNKED END "100000\r\n", MIB, 413 },
		{ "POST /upload/tight HTTP/1.1\r\n" HOST "content-length: 1048576\r\n" END, MIB, 503 },
		{ "POST /upload/tight HTTP/1.1\r\n" HOST CHUNKED END "100000\r\n", MIB, 503 },
		{ "POST /upload HTTP/1.1\r\n" HOST "x-key: bad\r\ncontent-length: 1048576\r\n" END, MIB, 401 },
	};
	char *bytes = make_bytes(MIB);
	struct wire w;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(midway); i++) {
		wire_open(&w, server.plain);
		wire_send_text(&w, midway[i].head);
		wire_send(&w, bytes, midway[i].n);
		wire_expect(&w, "", midway[i].status);
		assert_true(wire_closes(&w, PATIENCE));
		wire_close(&w);
	}
	free(bytes);
	expect_nothing_kept();
}

static void
the_limit_is_the_last_byte_that_is_taken(void **state)
{
	char *bytes = make_bytes(1001);
	struct answer a;
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	wire_send_text(&w, "POST /upload/small HTTP/1.1\r\n" HOST CHUNKED END "3e8\r\n");
	wire_send(&w, bytes, 1000);
	wire_send_text(&w, "\r\n0\r\n\r\nPOST /upload/small HTTP/1.1\r\n" HOST
	    "content-length: 1000\r\n" END);
	wire_send(&w, bytes, 1000);
	wire_send_text(&w, "POST /upload/small HTTP/1.1\r\n" HOST CHUNKED END "3e9\r\n");
	wire_send(&w, bytes, 1001);
	assert_true(wire_answer(&w, &a, false));
	expect_upload(a.body, bytes, 1000);
	assert_true(wire_answer(&w, &a, false));
	expect_upload(a.body, bytes, 1000);
	wire_expect(&w, "", 413);
	wire_close(&w);
	free(bytes);
}

/* ---- long ones ---- */

typedef void send_it(struct wire *, const char *, size_t);

static void
send_length(struct wire *w, const char *bytes, size_t n)
{
	char head[128];

	snprintf(head, sizeof(head), "POST /upload HTTP/1.1\r\n" HOST "content-length: %zu\r\n" END,
	    n);
	wire_send_text(w, head);
	wire_send(w, bytes, n);
}

static void
send_chunks(struct wire *w, const char *bytes, size_t n)
{
	size_t part, size = 1;
	char line[32];

	wire_send_text(w, "POST /upload HTTP/1.1\r\n" HOST CHUNKED END);
	for (; n > 0; n -= part, bytes += part) {
		part = n < size ? n : size;
		snprintf(line, sizeof(line), "%zx\r\n", part);
		wire_send_text(w, line);
		wire_send(w, bytes, part);
		wire_send_text(w, "\r\n");
		size = size * 7 % 99991;
	}
	wire_send_text(w, "0\r\n\r\n");
}

static void
upload_long(bool tls, send_it *send_one, const char *bytes, size_t n)
{
	struct answer a;
	struct wire w;

	if (tls)
		wire_open_tls(&w, server.tls, "http/1.1");
	else
		wire_open(&w, server.plain);
	send_one(&w, bytes, n);
	assert_true(wire_answer(&w, &a, false));
	assert_int_equal(a.status, 200);
	expect_upload(a.body, bytes, n);
	wire_expect(&w, "GET /ping HTTP/1.1\r\n" HOST END, 200);
	wire_close(&w);
}

/* ---- HTTP/2 ---- */

static size_t
add_field(uint8_t *to, const char *name, const char *value)
{
	size_t n = strlen(name), v = strlen(value);

	to[0] = 0;
	to[1] = (uint8_t)n;
	memcpy(to + 2, name, n);
	to[2 + n] = (uint8_t)v;
	memcpy(to + 3 + n, value, v);
	return 3 + n + v;
}

/* HEADERS of an upload; length, key: NULL: not said. */
static void
h2_upload(struct wire *w, uint32_t stream, const char *path, const char *length, const char *key)
{
	uint8_t block[1024];
	size_t n = h2_block(block, "POST", path);

	if (length != NULL)
		n += add_field(block + n, "content-length", length);
	if (key != NULL)
		n += add_field(block + n, "x-key", key);
	assert_true(h2_send(w, HEADERS, END_HEADERS, stream, block, n));
}

static void
h2_data(struct wire *w, uint32_t stream, const char *bytes, size_t n, bool end)
{
	size_t part;

	do {
		part = n < 16384 ? n : 16384;
		if (!h2_send(w, DATA, end && part == n ? END_STREAM : 0, stream, bytes, part))
			return;
		bytes += part;
		n -= part;
	} while (n > 0);
}

static void
h2_expect(struct wire *w, uint32_t stream, const char *bytes, size_t n)
{
	char body[4096];

	assert_int_equal(h2_status(w, stream, body, sizeof(body)), 200);
	expect_upload(body, bytes, n);
}

static void
h2_expect_status(struct wire *w, uint32_t stream, int status)
{
	char body[4096];

	assert_int_equal(h2_status(w, stream, body, sizeof(body)), status);
	assert_true(status == 200 || strstr(body, "{\"error\":\"") != NULL);
}

static void
http2_uploads_arrive_in_every_form(void **state)
{
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	h2_open(&w, 65535);
	h2_upload(&w, 1, "/upload", "3", NULL);
	h2_data(&w, 1, "abc", 3, true);
	h2_expect(&w, 1, "abc", 3);
	h2_upload(&w, 3, "/upload", NULL, NULL);
	h2_data(&w, 3, "", 0, true);
	h2_expect(&w, 3, "", 0);
	h2_upload(&w, 5, "/upload", "6", NULL);
	h2_data(&w, 5, "abc", 3, false);
	h2_send(&w, DATA, 8, 5, "\x04" "d\0\0\0\0", 6);		/* padded */
	h2_data(&w, 5, "ef", 2, false);
	h2_data(&w, 5, "", 0, true);
	h2_expect(&w, 5, "abcdef", 6);
	h2_upload(&w, 7, "/upload/late", NULL, NULL);
	h2_data(&w, 7, "abc", 3, true);
	h2_expect(&w, 7, "abc", 3);
	wire_close(&w);
}

/* The library notes what it has when trailers begin; it is taken away before they end. */
static void
http2_trailers_end_an_upload(void **state)
{
	char *bytes = make_bytes(100000);
	uint8_t field[64];
	size_t n = add_field(field, "x", "y");
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	h2_open(&w, 65535);
	h2_upload(&w, 1, "/upload", NULL, NULL);
	h2_data(&w, 1, bytes, 100000, false);
	h2_send(&w, HEADERS, END_HEADERS | END_STREAM, 1, field, n);
	h2_expect(&w, 1, bytes, 100000);
	h2_upload(&w, 3, "/upload", "100000", NULL);
	h2_data(&w, 3, bytes, 100000, false);
	h2_send(&w, HEADERS, END_STREAM, 3, field, 2);
	usleep(50000);		/* likely a read of its own */
	h2_send(&w, CONTINUATION, END_HEADERS, 3, field + 2, n - 2);
	h2_expect(&w, 3, bytes, 100000);
	wire_close(&w);
	free(bytes);
}

static void
http2_uploads_go_side_by_side(void **state)
{
	enum { MANY = 20, LONG = 100000 };
	char *bytes = make_bytes(LONG + MANY);
	uint32_t i;
	size_t at;
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	h2_open(&w, 65535);
	for (i = 0; i < MANY; i++)
		h2_upload(&w, 2 * i + 1, "/upload", i % 2 == 0 ? NULL : "100000", NULL);
	for (at = 0; at < LONG; at += 10000)
		for (i = 0; i < MANY; i++)
			h2_data(&w, 2 * i + 1, bytes + i + at, 10000, false);
	for (i = 0; i < MANY; i++) {
		h2_data(&w, 2 * i + 1, "", 0, true);
		h2_expect(&w, 2 * i + 1, bytes + i, LONG);
	}
	wire_close(&w);
	free(bytes);
	expect_nothing_kept();
}

static void
http2_uploads_are_refused_with_words(void **state)
{
	char *bytes = make_bytes(200000);
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	h2_open(&w, 65535);
	h2_upload(&w, 1, "/upload/small", NULL, NULL);
	h2_data(&w, 1, bytes, 1001, true);
	h2_expect_status(&w, 1, 413);
	h2_upload(&w, 3, "/upload/small", "1500", NULL);
	h2_data(&w, 3, bytes, 1500, true);
	h2_expect_status(&w, 3, 413);
	h2_upload(&w, 5, "/upload/small", "1000", NULL);
	h2_data(&w, 5, bytes, 1000, true);
	h2_expect(&w, 5, bytes, 1000);
	h2_upload(&w, 7, "/upload", "4", NULL);
	h2_data(&w, 7, "abc", 3, true);
	h2_expect_status(&w, 7, 400);
	h2_upload(&w, 9, "/upload", "2", NULL);
	h2_data(&w, 9, "abc", 3, true);
	h2_expect_status(&w, 9, 400);
	h2_upload(&w, 11, "/upload/full", NULL, NULL);
	h2_data(&w, 11, bytes, 200000, true);
	h2_expect_status(&w, 11, 503);
	h2_upload(&w, 13, "/upload/tight", "200000", NULL);
	h2_data(&w, 13, bytes, 200000, true);
	h2_expect_status(&w, 13, 503);
	h2_upload(&w, 15, "/upload", "3", "bad");
	h2_data(&w, 15, "abc", 3, true);
	h2_expect_status(&w, 15, 401);
	wire_close(&w);
	free(bytes);
	expect_nothing_kept();
}

/* Whether the stream, or all of the connection, has been ended. */
static bool
is_ended(struct wire *w, uint32_t stream)
{
	struct frame *f = malloc(sizeof(*f));
	bool ended = false;

	assert_non_null(f);
	while (!ended && h2_read(w, f, 10))
		ended = f->type == RST_STREAM && f->stream == stream;
	free(f);
	return ended || w->eof;
}

/* Over HTTP/2 nobody is answered before he has said all; but not all is listened to. */
static void
an_http2_upload_that_goes_on_and_on_is_ended(void **state)
{
	char *bytes = make_bytes(65536);
	struct wire w;
	int i;

	(void)state;
	wire_open(&w, server.plain);
	h2_open(&w, 65535);
	h2_upload(&w, 1, "/upload/small", NULL, NULL);
	for (i = 0; i < 64 && !is_ended(&w, 1); i++)
		h2_data(&w, 1, bytes, 65536, false);
	assert_true(i < 64);
	wire_close(&w);
	free(bytes);
	server_serves(&server);
	expect_nothing_kept();
}

static void
send_http2(struct wire *w, const char *bytes, size_t n)
{
	h2_open(w, 65535);
	h2_upload(w, 1, "/upload", NULL, NULL);
	h2_data(w, 1, bytes, n, true);
	h2_expect(w, 1, bytes, n);
}

static void
a_long_upload_is_never_in_memory(void **state)
{
	enum { LONG = 64 * MIB };
	char *bytes = make_bytes(LONG);
	struct wire w;
	long before;

	(void)state;
	upload_long(false, send_length, bytes, 1000);
	upload_long(true, send_length, bytes, 1000);
	before = server_peak(&server);
	upload_long(false, send_length, bytes, LONG);
	upload_long(false, send_chunks, bytes, LONG);
	upload_long(true, send_length, bytes, LONG);
	upload_long(true, send_chunks, bytes, LONG);
	wire_open(&w, server.plain);
	send_http2(&w, bytes, LONG);
	wire_close(&w);
	wire_open_tls(&w, server.tls, "h2");
	send_http2(&w, bytes, LONG);
	wire_close(&w);
	if (server_peak(&server) - before > 8 * MIB && !SANITIZED)
		fail_msg("%ld KiB at most before, %ld KiB now", before >> 10,
		    server_peak(&server) >> 10);
	free(bytes);
	expect_nothing_kept();
}

/* ---- clients that go, stay away, or say nothing for long ---- */

static void
begin_length(struct wire *w, const char *bytes)
{
	wire_send_text(w, "POST /upload HTTP/1.1\r\n" HOST "content-length: 2000000\r\n" END);
	wire_send(w, bytes, MIB);
}

static void
begin_chunk(struct wire *w, const char *bytes)
{
	wire_send_text(w, "POST /upload HTTP/1.1\r\n" HOST CHUNKED END "200000\r\n");
	wire_send(w, bytes, MIB);
}

static void
begin_stream(struct wire *w, const char *bytes)
{
	h2_open(w, 65535);
	h2_upload(w, 1, "/upload", NULL, NULL);
	h2_data(w, 1, bytes, MIB, false);
}

static void
break_off(struct wire *w, void (*begin)(struct wire *, const char *), const char *bytes, bool reset)
{
	begin(w, bytes);
	if (reset)
		wire_reset(w);
	else
		wire_close(w);
}

static void
an_upload_that_is_broken_off_leaves_nothing(void **state)
{
	static const struct {
		const char *protocol;
		void (*begin)(struct wire *, const char *);
	} ways[] = {
		{ "http/1.1", begin_length }, { "http/1.1", begin_chunk }, { "h2", begin_stream },
	};
	char *bytes = make_bytes(MIB);
	struct wire w;
	size_t i;

	(void)state;
	for (i = 0; i < 8 * COUNT(ways); i++) {
		if (i / COUNT(ways) % 2 == 0)
			wire_open(&w, server.plain);
		else
			wire_open_tls(&w, server.tls, ways[i % COUNT(ways)].protocol);
		break_off(&w, ways[i % COUNT(ways)].begin, bytes, i / COUNT(ways) % 4 < 2);
	}
	free(bytes);
	server_serves(&server);
	expect_nothing_kept();
}

static void
an_upload_that_is_reset_leaves_the_connection(void **state)
{
	char *bytes = make_bytes(MIB);
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	h2_open(&w, 65535);
	h2_upload(&w, 1, "/upload", NULL, NULL);
	h2_data(&w, 1, bytes, MIB, false);
	h2_send(&w, RST_STREAM, 0, 1, "\0\0\0\x8", 4);
	h2_upload(&w, 3, "/upload", NULL, NULL);
	h2_data(&w, 3, bytes, MIB, true);
	h2_expect(&w, 3, bytes, MIB);
	expect_nothing_kept();
	wire_close(&w);
	free(bytes);
}

/* The server sees the body and the reset of it in one read. */
static void
reset_with_its_body(struct wire *w, uint32_t stream, const char *path, const char *bytes)
{
	char body[4096];

	assert_int_equal(kill(server.pid, SIGSTOP), 0);
	h2_upload(w, stream, path, NULL, NULL);
	h2_data(w, stream, bytes, 48 << 10, false);
	h2_send(w, RST_STREAM, 0, stream, "\0\0\0\x8", 4);
	assert_int_equal(kill(server.pid, SIGCONT), 0);
	h2_request(w, stream + 2, "GET", "/ping", true);
	assert_int_equal(h2_status(w, stream + 2, body, sizeof(body)), 200);
}

static void
resets_do_not_add_up_to_noise(void **state)
{
	static const char *const paths[] = { "/upload", "/echo" };
	char *bytes = make_bytes(48 << 10);
	uint32_t stream;
	struct wire w;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		wire_open(&w, server.plain);
		h2_open(&w, 65535);
		for (stream = 1; stream < 80; stream += 4)
			reset_with_its_body(&w, stream, paths[i], bytes);
		wire_close(&w);
	}
	expect_nothing_kept();
	free(bytes);
}

static void
an_upload_that_stops_is_ended(void **state)
{
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	wire_send_text(&w, "POST /upload HTTP/1.1\r\n" HOST "content-length: 2000000\r\n" END
	    "abc");
	assert_true(wire_closes(&w, PATIENCE));
	wire_close(&w);
}

/* Chunks can be said without end, and nothing of it be a body. */
static void
an_upload_of_nothing_is_ended(void **state)
{
	static const char *const nothings[] = { "1;", "0\r\nx: ", "1\r\na\r\n1;" };
	char *noise = malloc(MIB);
	struct wire w;
	size_t i;
	int k;

	(void)state;
	assert_non_null(noise);
	memset(noise, 'x', MIB);
	for (i = 0; i < COUNT(nothings); i++) {
		wire_open(&w, server.plain);
		wire_send_text(&w, "POST /upload HTTP/1.1\r\n" HOST CHUNKED END);
		wire_send_text(&w, nothings[i]);
		for (k = 0; k < 64 && wire_send(&w, noise, MIB); k++)
			continue;
		assert_true(k < 64);
		wire_close(&w);
	}
	free(noise);
}

static void
a_server_that_stops_takes_what_has_begun(void **state)
{
	char *bytes = make_bytes(MIB);
	struct server other;
	struct answer a;
	struct wire w;

	(void)state;
	server_start(&other, "", "", 0);
	wire_open(&w, other.plain);
	wire_send_text(&w, "POST /upload HTTP/1.1\r\n" HOST "expect: 100-continue\r\n"
	    "content-length: 1048576\r\n" END);
	assert_true(wire_read(&w, PATIENCE));		/* so it has begun */
	kill(other.pid, SIGTERM);
	usleep(300000);		/* a few ticks of its */
	wire_send(&w, bytes, MIB);
	assert_true(wire_answer(&w, &a, false));
	expect_upload(a.body, bytes, MIB);
	assert_int_equal(server_wait(&other), 0);
	wire_close(&w);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_upload_arrives_as_it_was_sent),
		cmocka_unit_test(an_upload_may_come_in_pieces),
		cmocka_unit_test(what_comes_behind_an_upload_is_the_next_request),
		cmocka_unit_test(an_upload_without_a_body_is_none),
		cmocka_unit_test(who_expects_is_told_to_go_on),
		cmocka_unit_test(an_upload_that_is_refused_is_answered_at_once),
		cmocka_unit_test(an_upload_that_is_refused_midway_is_answered),
		cmocka_unit_test(the_limit_is_the_last_byte_that_is_taken),
		cmocka_unit_test(http2_uploads_arrive_in_every_form),
		cmocka_unit_test(http2_trailers_end_an_upload),
		cmocka_unit_test(http2_uploads_go_side_by_side),
		cmocka_unit_test(http2_uploads_are_refused_with_words),
		cmocka_unit_test(an_http2_upload_that_goes_on_and_on_is_ended),
		cmocka_unit_test(a_long_upload_is_never_in_memory),
		cmocka_unit_test(an_upload_that_is_broken_off_leaves_nothing),
		cmocka_unit_test(an_upload_that_is_reset_leaves_the_connection),
		cmocka_unit_test(resets_do_not_add_up_to_noise),
		cmocka_unit_test(an_upload_that_stops_is_ended),
		cmocka_unit_test(an_upload_of_nothing_is_ended),
		cmocka_unit_test(a_server_that_stops_takes_what_has_begun),
	};

	return cmocka_run_group_tests_name("street: uploads", tests, start, stop);
}
