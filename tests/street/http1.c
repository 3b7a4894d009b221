/*
 * http1.c - HTTP/1 over the wire: what is served, and what is refused with which words
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire.h"

static struct server server;

static int
start(void **state)
{
	(void)state;
	server_start(&server, "  unfinished_per_connection: 2MiB\n",
	    "  header: 2s\n  keep_alive: 2s\n", 0);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	assert_int_equal(server_stop(&server), 0);
	return 0;
}

/* ---- one request, one status; 4xx and 5xx are JSON ---- */

#define HOST "host: a\r\n"
#define END "\r\n"

static const struct {
	const char *what, *request;
	int status;
} cases[] = {
	{ "plain", "GET /ping HTTP/1.1\r\n" HOST END, 200 },
	{ "an empty line first", "\r\nGET /ping HTTP/1.1\r\n" HOST END, 200 },
	{ "HTTP/1.0 without host", "GET /ping HTTP/1.0\r\n" END, 200 },
	{ "an empty host", "GET /ping HTTP/1.1\r\nhost:\r\n" END, 200 },
	{ "a host with port", "GET /ping HTTP/1.1\r\nHost: [::1]:80\r\n" END, 200 },
	{ "spaces around a value", "GET /ping HTTP/1.1\r\nhost: \t a \t \r\n" END, 200 },
	{ "a length with a space behind", "POST /ping HTTP/1.1\r\n" HOST "content-length: 0 \r\n" END, 200 },
	{ "absolute form", "GET http://b/ping HTTP/1.1\r\n" HOST END, 200 },
	{ "absolute form without path", "GET http://b HTTP/1.1\r\n" HOST END, 404 },
	{ "asterisk form", "OPTIONS * HTTP/1.1\r\n" HOST END, 404 },
	{ "an unknown method", "BREW /ping HTTP/1.1\r\n" HOST END, 200 },
	{ "an upgrade nobody wants", "GET /ping HTTP/1.1\r\n" HOST "connection: upgrade, http2-settings\r\n"
	  "upgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n" END, 200 },
	{ "chunked", "POST /ping HTTP/1.1\r\n" HOST "transfer-encoding: chunked\r\n" END "3\r\nabc\r\n0\r\n\r\n",
	  200 },
	{ "chunked, in capitals", "POST /ping HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n" END
	  "0\r\n\r\n", 200 },
	{ "chunked with a trailer", "POST /ping HTTP/1.1\r\n" HOST "transfer-encoding: chunked\r\n" END
	  "1\r\na\r\n0\r\nx: y\r\n\r\n", 200 },
	{ "100-continue", "POST /ping HTTP/1.1\r\n" HOST "expect: 100-continue\r\ncontent-length: 1\r\n" END
	  "a", 200 },
	{ "an expectation of HTTP/1.0", "POST /ping HTTP/1.0\r\nexpect: x\r\ncontent-length: 1\r\n" END "a", 200 },
	{ "raw UTF-8 in the target", "GET /ping?q=\xce\xb1 HTTP/1.1\r\n" HOST END, 200 },
	{ "not found", "GET /no HTTP/1.1\r\n" HOST END, 404 },
	{ "dots in the path", "GET /../../%2e%2e/etc/passwd HTTP/1.1\r\n" HOST END, 404 },
	{ "an escaped NUL", "GET /%00 HTTP/1.1\r\n" HOST END, 404 },

	{ "no version", "GET /ping\r\n" HOST END, 400 },
	{ "no target", "GET HTTP/1.1\r\n" HOST END, 400 },
	{ "two spaces before the target", "GET  /ping HTTP/1.1\r\n" HOST END, 400 },
	{ "two spaces behind the target", "GET /ping  HTTP/1.1\r\n" HOST END, 400 },
	{ "a space in the target", "GET /pi ng HTTP/1.1\r\n" HOST END, 400 },
	{ "a space behind the version", "GET /ping HTTP/1.1 \r\n" HOST END, 400 },
	{ "a space before the method", " GET /ping HTTP/1.1\r\n" HOST END, 400 },
	{ "a tab for a space", "GET\t/ping\tHTTP/1.1\r\n" HOST END, 400 },
	{ "two empty lines first", "\r\n\r\nGET /ping HTTP/1.1\r\n" HOST END, 400 },
	{ "a method that is no token", "G(T /ping HTTP/1.1\r\n" HOST END, 400 },
	{ "a method of 40 letters", "ABCDEFGHIJABCDEFGHIJABCDEFGHIJABCDEFGHIJ /ping HTTP/1.1\r\n" HOST END, 400 },
	{ "a control character in the target", "GET /\x01 HTTP/1.1\r\n" HOST END, 400 },
	{ "a relative target", "GET ping HTTP/1.1\r\n" HOST END, 400 },
	{ "an asterisk for GET", "GET * HTTP/1.1\r\n" HOST END, 400 },
	{ "another scheme", "GET ftp://a/ping HTTP/1.1\r\n" HOST END, 400 },
	{ "a user in the URL", "GET http://me@a/ping HTTP/1.1\r\n" HOST END, 400 },
	{ "a URL without host", "GET http:///ping HTTP/1.1\r\n" HOST END, 400 },
	{ "HTTP/2.0", "GET /ping HTTP/2.0\r\n" HOST END, 505 },
	{ "HTTP/3", "GET /ping HTTP/3\r\n" HOST END, 505 },
	{ "HTTP/0.9", "GET /ping HTTP/0.9\r\n" HOST END, 505 },
	{ "lower-case http", "GET /ping http/1.1\r\n" HOST END, 400 },
	{ "another protocol", "GET /ping ICAP/1.0\r\n" HOST END, 400 },
	{ "TLS on a clear port", "\x16\x03\x01\x02\x00\x01\r\n\r\n", 400 },
	{ "CONNECT", "CONNECT a:443 HTTP/1.1\r\n" HOST END, 501 },

	{ "no host", "GET /ping HTTP/1.1\r\n" END, 400 },
	{ "two hosts", "GET /ping HTTP/1.1\r\n" HOST HOST END, 400 },
	{ "a host with a path", "GET /ping HTTP/1.1\r\nhost: a/b\r\n" END, 400 },
	{ "a host with a user", "GET /ping HTTP/1.1\r\nhost: me@a\r\n" END, 400 },
	{ "a host with a space", "GET /ping HTTP/1.1\r\nhost: a b\r\n" END, 400 },
	{ "a folded line", "GET /ping HTTP/1.1\r\n" HOST "x: a\r\n b\r\n" END, 400 },
	{ "a line that begins with a space", "GET /ping HTTP/1.1\r\n " HOST END, 400 },
	{ "a space before the colon", "GET /ping HTTP/1.1\r\nhost : a\r\n" END, 400 },
	{ "no colon", "GET /ping HTTP/1.1\r\n" HOST "x\r\n" END, 400 },
	{ "no name", "GET /ping HTTP/1.1\r\n" HOST ": x\r\n" END, 400 },
	{ "a control character in a value", "GET /ping HTTP/1.1\r\n" HOST "x: \x02\r\n" END, 400 },
	{ "a bare CR", "GET /ping HTTP/1.1\r\n" HOST "x: a\rb\r\n" END, 400 },
	{ "a bare LF", "GET /ping HTTP/1.1\n" HOST END, 400 },
	{ "a bare LF in the headers", "GET /ping HTTP/1.1\r\n" HOST "x: y\n" END, 400 },

	{ "two lengths", "POST /ping HTTP/1.1\r\n" HOST "content-length: 1\r\ncontent-length: 2\r\n" END, 400 },
	{ "twice the same length", "POST /ping HTTP/1.1\r\n" HOST "content-length: 1\r\ncontent-length: 1\r\n"
	  END, 400 },
	{ "a list of lengths", "POST /ping HTTP/1.1\r\n" HOST "content-length: 1, 1\r\n" END, 400 },
	{ "a negative length", "POST /ping HTTP/1.1\r\n" HOST "content-length: -1\r\n" END, 400 },
	{ "a length with a plus", "POST /ping HTTP/1.1\r\n" HOST "content-length: +1\r\n" END, 400 },
	{ "a length in hexadecimal", "POST /ping HTTP/1.1\r\n" HOST "content-length: 0x1\r\n" END, 400 },
	{ "an empty length", "POST /ping HTTP/1.1\r\n" HOST "content-length:\r\n" END, 400 },
	{ "length and coding", "POST /ping HTTP/1.1\r\n" HOST "content-length: 1\r\n"
	  "transfer-encoding: chunked\r\n" END, 400 },
	{ "coding and length", "POST /ping HTTP/1.1\r\n" HOST "transfer-encoding: chunked\r\n"
	  "content-length: 1\r\n" END, 400 },
	{ "two codings", "POST /ping HTTP/1.1\r\n" HOST "transfer-encoding: gzip\r\n"
	  "transfer-encoding: chunked\r\n" END, 400 },
	{ "an unknown coding", "POST /ping HTTP/1.1\r\n" HOST "transfer-encoding: gzip, chunked\r\n" END, 501 },
	{ "a coding of HTTP/1.0", "POST /ping HTTP/1.0\r\ntransfer-encoding: chunked\r\n" END, 400 },
	{ "a broken chunk", "POST /ping HTTP/1.1\r\n" HOST "transfer-encoding: chunked\r\n" END "zz\r\n", 400 },
	{ "an expectation that is none", "POST /ping HTTP/1.1\r\n" HOST "expect: more\r\n" END, 417 },
	{ "an expectation with a body", "POST /ping HTTP/1.1\r\n" HOST "expect: more\r\ncontent-length: 1\r\n" END,
	  417 },
	{ "a length over the limit", "POST /ping HTTP/1.1\r\n" HOST "content-length: 1048577\r\n" END, 413 },
	{ "a length over every limit", "POST /ping HTTP/1.1\r\n" HOST
	  "content-length: 99999999999999999999999999\r\n" END, 413 },
	{ "a length over the limit, expecting", "POST /ping HTTP/1.1\r\n" HOST
	  "expect: 100-continue\r\ncontent-length: 2000000\r\n" END, 413 },
};

static void
a_request_gets_its_status(void **state)
{
	struct answer a;
	struct wire w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		wire_open(&w, server.plain);
		wire_send_text(&w, cases[i].request);
		if (!wire_answer(&w, &a, false) || a.status != cases[i].status)
			fail_msg("%s: %d, not %d", cases[i].what, a.status, cases[i].status);
		if (a.status >= 400 && (strstr(a.body, "{\"error\":\"") == NULL ||
		    strstr(a.head, "content-type: application/json") == NULL))
			fail_msg("%s: no JSON: %s%s", cases[i].what, a.head, a.body);
		wire_close(&w);
	}
}

/* Whether there is nothing yet but perhaps word to go on (RFC 9110 10.1.1). */
static bool
goes_on(const struct wire *w)
{
	static const char word[] = "HTTP/1.1 100 ";

	return w->n == 0 ||
	    (w->n >= sizeof(word) - 1 && memcmp(w->in, word, sizeof(word) - 1) == 0);
}

/* The same byte by byte: nothing depends on what comes in one read. */
static void
a_request_may_come_in_pieces(void **state)
{
	const char *at;
	struct answer a;
	struct wire w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		wire_open(&w, server.plain);
		for (at = cases[i].request; *at != '\0' && goes_on(&w); at++) {
			wire_send(&w, at, 1);
			wire_read(&w, 0);
		}
		if (!wire_answer(&w, &a, false) || a.status != cases[i].status)
			fail_msg("%s: %d, not %d", cases[i].what, a.status, cases[i].status);
		wire_close(&w);
	}
}

static void
what_is_refused_is_closed(void **state)
{
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	wire_expect(&w, "GET /ping HTTP/1.1\r\n" END "GET /ping HTTP/1.1\r\n" HOST END, 400);
	assert_true(wire_closes(&w, PATIENCE));
	wire_close(&w);
}

static void
head_has_a_length_and_no_body(void **state)
{
	struct answer a;
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	wire_send_text(&w, "HEAD /ping HTTP/1.1\r\n" HOST END "GET /ping HTTP/1.1\r\n" HOST END);
	assert_true(wire_answer(&w, &a, true));
	assert_non_null(strstr(a.head, "content-length: 15"));
	assert_true(wire_answer(&w, &a, false));
	assert_string_equal(a.body, "{\"status\":\"ok\"}");
	wire_send_text(&w, "HEAD /ping HTTP/1.1\r\n" END);
	assert_true(wire_answer(&w, &a, true));
	assert_int_equal(a.status, 400);
	assert_true(wire_closes(&w, PATIENCE));
	assert_int_equal(w.n, 0);
	wire_close(&w);
}

static void
head_of_a_spool_has_its_length(void **state)
{
	struct answer a;
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	wire_send_text(&w, "HEAD /spool HTTP/1.1\r\n" HOST END "HEAD /piece HTTP/1.1\r\n" HOST END
	    "GET /ping HTTP/1.1\r\n" HOST END);
	assert_true(wire_answer(&w, &a, true));
	assert_non_null(strstr(a.head, "content-length: 20971520\r\n"));
	assert_true(wire_answer(&w, &a, true));
	assert_int_equal(a.status, 206);
	assert_non_null(strstr(a.head, "content-length: 1000000\r\n"));
	assert_true(wire_answer(&w, &a, false));
	assert_string_equal(a.body, "{\"status\":\"ok\"}");
	wire_close(&w);
}

static void
a_piece_of_a_file_is_sent_as_that(void **state)
{
	struct answer a;
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	wire_send_text(&w, "GET /piece HTTP/1.1\r\n" HOST END "GET /ping HTTP/1.1\r\n" HOST END);
	assert_true(wire_answer(&w, &a, false));
	assert_non_null(strstr(a.head, "http/1.1 206 partial content\r\n"));
	assert_non_null(strstr(a.head, "content-range: bytes 2000-1001999/1002000\r\n"));
	assert_int_equal(a.length, 1000000);
	assert_memory_equal(a.body, "[------piece------]bbb", 22);
	assert_memory_equal(a.body + 3000, "[------piece------]bbb", 22);
	assert_true(wire_answer(&w, &a, false));
	assert_string_equal(a.body, "{\"status\":\"ok\"}");
	wire_close(&w);
}

static void
nothing_and_unchanged_have_no_body(void **state)
{
	struct answer a;
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	wire_send_text(&w, "GET /nothing HTTP/1.1\r\n" HOST END
	    "GET /unchanged HTTP/1.1\r\n" HOST END
	    "GET /ping HTTP/1.1\r\n" HOST END);
	assert_true(wire_answer(&w, &a, false));
	assert_int_equal(a.status, 204);
	assert_null(strstr(a.head, "content-length"));
	assert_null(strstr(a.head, "transfer-encoding"));
	assert_true(wire_answer(&w, &a, false));
	assert_int_equal(a.status, 304);
	assert_true(wire_answer(&w, &a, false));
	assert_int_equal(a.status, 200);
	wire_close(&w);
}

static void
a_thousand_pipelined_requests_are_answered_in_order(void **state)
{
	enum { MANY = 1000 };
	char *all = malloc(MANY * 64), want[32];
	struct answer a;
	struct wire w;
	size_t n = 0;
	int i;

	(void)state;
	assert_non_null(all);
	for (i = 0; i < MANY; i++)
		n += (size_t)sprintf(all + n, i % 100 == 99 ? "GET /slow/%d HTTP/1.1\r\n" HOST END :
		    "GET /echo?%d HTTP/1.1\r\n" HOST END, i % 100 == 99 ? 5 : i);
	wire_open(&w, server.plain);
	assert_true(wire_send(&w, all, n));
	for (i = 0; i < MANY; i++) {
		assert_true(wire_answer(&w, &a, false));
		snprintf(want, sizeof(want), i % 100 == 99 ? "\"late\"" : "\"/echo?%d\"", i);
		assert_non_null(strstr(a.body, want));
	}
	wire_close(&w);
	free(all);
}

/* Whether it goes on afterwards is looked at when the server ends. */
static void
the_clock_stands_still_while_a_read_is_worked_on(void **state)
{
	struct answer a;
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	for (int i = 0; i < 3; i++) {
		wire_send_text(&w, "GET /frozen HTTP/1.1\r\n" HOST END);
		assert_true(wire_answer(&w, &a, false));
		assert_string_equal(a.body, "yes");
	}
	wire_close(&w);
}

static void
absolute_form_counts_before_host(void **state)
{
	struct answer a;
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	wire_send_text(&w, "GET http://other:81/echo?x HTTP/1.1\r\n" HOST END);
	assert_true(wire_answer(&w, &a, false));
	assert_non_null(strstr(a.body, "\"target\":\"/echo?x\",\"authority\":\"other:81\""));
	wire_close(&w);
}

static void
a_client_may_close_its_half(void **state)
{
	struct answer a;
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	wire_send_text(&w, "GET /slow/200 HTTP/1.1\r\n" HOST END "GET /ping HTTP/1.1\r\n" HOST END);
	wire_half_close(&w);
	assert_true(wire_answer(&w, &a, false));
	assert_int_equal(a.status, 200);
	assert_true(wire_answer(&w, &a, false));
	assert_true(wire_closes(&w, PATIENCE));
	wire_close(&w);
}

static void
what_is_too_long_is_told_so(void **state)
{
	static const struct {
		const char *before;
		size_t n;
		const char *after;
		int status;
	} longs[] = {
		{ "GET /ping?", 8192 - 6, " HTTP/1.1\r\n" HOST END, 200 },
		{ "GET /ping?", 8192 - 5, " HTTP/1.1\r\n" HOST END, 414 },
		{ "GET /ping?", 100000, " HTTP/1.1\r\n" HOST END, 414 },
		{ "GET /ping?", 100000, "", 414 },
		{ "GET /ping HTTP/1.1\r\n" HOST "x: ", 30000, "\r\n" END, 200 },
		{ "GET /ping HTTP/1.1\r\n" HOST "x: ", 32768, "\r\n" END, 431 },
		{ "GET /ping HTTP/1.1\r\n" HOST "x: ", 200000, "", 431 },
	};
	char *text = malloc(300000);
	struct wire w;
	size_t i, n;

	(void)state;
	assert_non_null(text);
	for (i = 0; i < sizeof(longs) / sizeof(longs[0]); i++) {
		n = (size_t)sprintf(text, "%s", longs[i].before);
		memset(text + n, 'x', longs[i].n);
		strcpy(text + n + longs[i].n, longs[i].after);
		wire_open(&w, server.plain);
		wire_expect(&w, text, longs[i].status);
		wire_close(&w);
	}
	n = (size_t)sprintf(text, "GET /ping HTTP/1.1\r\n" HOST);
	for (i = 0; i < 100; i++)
		n += (size_t)sprintf(text + n, "x: y\r\n");
	strcpy(text + n, END);
	wire_open(&w, server.plain);
	wire_expect(&w, text, 431);
	wire_close(&w);
	free(text);
}

static void
send_body(const char *head, size_t bytes, int status)
{
	char *body = calloc(1, bytes + 1);
	struct wire w;

	assert_non_null(body);
	wire_open(&w, server.plain);
	wire_send_text(&w, head);
	wire_send(&w, body, bytes);
	wire_expect(&w, "\r\n0\r\n\r\n", status);
	wire_close(&w);
	free(body);
}

static void
a_body_may_have_a_mebibyte_and_no_more(void **state)
{
	(void)state;
	send_body("POST /ping HTTP/1.1\r\n" HOST "content-length: 1048576\r\n" END, 1048576, 200);
	send_body("POST /ping HTTP/1.1\r\n" HOST "content-length: 4194304\r\n" END, 4194304, 413);
	send_body("POST /ping HTTP/1.1\r\n" HOST "transfer-encoding: chunked\r\n" END "100000\r\n",
	    0x100000, 200);
	send_body("POST /ping HTTP/1.1\r\n" HOST "transfer-encoding: chunked\r\n" END "100001\r\n",
	    0x100001, 413);
}

static void
tls_speaks_http1_too(void **state)
{
	struct answer a;
	struct wire w;

	(void)state;
	wire_open_tls(&w, server.tls, "http/1.1");
	wire_expect(&w, "GET /ping HTTP/1.1\r\n" HOST END, 200);
	wire_send_text(&w, "GET /echo HTTP/1.1\r\n" HOST END);
	assert_true(wire_answer(&w, &a, false));
	assert_non_null(strstr(a.body, "\"https\":1"));
	wire_expect(&w, "GET /ping HTTP/1.1\r\n" END, 400);
	assert_true(wire_closes(&w, PATIENCE));
	wire_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_gets_its_status),
		cmocka_unit_test(a_request_may_come_in_pieces),
		cmocka_unit_test(what_is_refused_is_closed),
		cmocka_unit_test(head_has_a_length_and_no_body),
		cmocka_unit_test(head_of_a_spool_has_its_length),
		cmocka_unit_test(a_piece_of_a_file_is_sent_as_that),
		cmocka_unit_test(nothing_and_unchanged_have_no_body),
		cmocka_unit_test(a_thousand_pipelined_requests_are_answered_in_order),
		cmocka_unit_test(the_clock_stands_still_while_a_read_is_worked_on),
		cmocka_unit_test(absolute_form_counts_before_host),
		cmocka_unit_test(a_client_may_close_its_half),
		cmocka_unit_test(what_is_too_long_is_told_so),
		cmocka_unit_test(a_body_may_have_a_mebibyte_and_no_more),
		cmocka_unit_test(tls_speaks_http1_too),
	};

	return cmocka_run_group_tests_name("street: HTTP/1", tests, start, stop);
}
