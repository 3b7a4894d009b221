/*
 * life.c - starting, ending, and requests that do not live to see their answer
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire.h"

#define GET(path) "GET " path " HTTP/1.1\r\nhost: a\r\n\r\n"

/* Two threads; a client that opens connections at once and keeps them has both of them. */
static void
connections_that_stay_are_shared_out(void **state)
{
	enum { MANY = 16, FAIR = 6 };
	struct wire w[MANY];
	struct server s;
	struct answer first, a;
	int of_first = 0;

	(void)state;
	server_start(&s, "", "", 0);
	for (int i = 0; i < MANY; i++)
		wire_open(&w[i], s.plain);
	for (int i = 0; i < MANY; i++) {
		wire_send_text(&w[i], GET("/thread"));
		assert_true(wire_answer(&w[i], &a, false));
		assert_int_equal(a.status, 200);
		first = i == 0 ? a : first;
		of_first += strcmp(a.body, first.body) == 0;
	}
	assert_in_range(of_first, FAIR, MANY - FAIR);
	for (int i = 0; i < MANY; i++)
		wire_close(&w[i]);
	assert_int_equal(server_stop(&s), 0);
}

/* What is on its way from one thread to another when the server ends. */
static void
connections_may_come_while_it_drains(void **state)
{
	enum { TURNS = 10, MANY = 60 };
	struct wire w[MANY];
	struct server s;

	(void)state;
	for (int turn = 0; turn < TURNS; turn++) {
		int n = 0;

		server_start(&s, "", "", 0);
		while (n < MANY && wire_try(&w[n], s.plain)) {
			if (n == MANY / 2 + turn)
				kill(s.pid, SIGTERM);
			n++;
		}
		for (int i = 0; i < n; i++)
			assert_true(wire_closes(&w[i], PATIENCE));
		assert_int_equal(server_wait(&s), 0);
		for (int i = 0; i < n; i++)
			wire_close(&w[i]);
	}
}

static void
a_drain_lets_answers_leave(void **state)
{
	struct wire busy, idle, late, h2;
	struct server s;
	struct answer a;
	char body[256];
	int i;

	(void)state;
	server_start(&s, "", "", 0);
	wire_open(&busy, s.plain);
	wire_open(&idle, s.plain);
	wire_open(&h2, s.plain);
	wire_expect(&idle, GET("/ping"), 200);
	h2_open(&h2, 65535);
	h2_request(&h2, 1, "GET", "/slow/1500", true);
	wire_send_text(&busy, GET("/slow/1500"));
	usleep(200000);
	kill(s.pid, SIGTERM);
	assert_true(wire_closes(&idle, PATIENCE));
	for (i = 0; i < 500 && wire_try(&late, s.plain); i++) {
		wire_close(&late);
		usleep(1000);
	}
	assert_true(i < 500);
	assert_true(wire_answer(&busy, &a, false));
	assert_int_equal(a.status, 200);
	assert_true(wire_closes(&busy, PATIENCE));
	assert_int_equal(h2_status(&h2, 1, body, sizeof(body)), 200);
	assert_true(wire_closes(&h2, PATIENCE));
	assert_int_equal(server_wait(&s), 0);
	wire_close(&busy);
	wire_close(&idle);
	wire_close(&h2);
}

static void
a_drain_ends_when_its_time_is_over(void **state)
{
	struct server s;
	struct wire w;

	(void)state;
	server_start(&s, "", "  stall: 1h\n  slow_bytes: 1h\n", 0);
	wire_open_slow(&w, s.plain);
	wire_send_text(&w, GET("/blob"));
	usleep(200000);
	assert_int_equal(server_stop(&s), 0);	/* after 5 s: the client reads nothing */
	wire_close(&w);
}

static void
a_loop_outlives_who_wakes_it(void **state)
{
	struct server s;
	struct wire w;

	(void)state;
	setenv("SLOW_RING", "yes", 1);
	server_start(&s, "", "", 0);
	wire_open(&w, s.plain);
	wire_send_text(&w, GET("/slow/10"));	/* its answer is rung for while all drains */
	usleep(50000);
	assert_int_equal(server_stop(&s), 0);
	wire_close(&w);
	unsetenv("SLOW_RING");
}

static void
a_second_signal_ends_at_once(void **state)
{
	struct server s;
	struct wire w;

	(void)state;
	server_start(&s, "", "", 0);
	wire_open(&w, s.plain);
	wire_send_text(&w, GET("/slow/60000"));
	usleep(200000);
	kill(s.pid, SIGTERM);
	usleep(200000);
	assert_true(server_alive(&s));
	kill(s.pid, SIGTERM);
	assert_int_equal(server_wait(&s), 1);
	wire_close(&w);
}

static bool
certificate_is(const struct server *s, const char *name)
{
	X509 *certificate;
	char text[256];
	struct wire w;

	wire_open_tls(&w, s->tls, "http/1.1");
	certificate = SSL_get1_peer_certificate(w.ssl);
	X509_NAME_oneline(X509_get_subject_name(certificate), text, sizeof(text));
	X509_free(certificate);
	wire_close(&w);
	return strstr(text, name) != NULL;
}

static void
sighup_reads_the_certificate_again(void **state)
{
	char command[256];
	struct wire old, half;
	struct server s;
	int i;

	(void)state;
	server_start(&s, "", "", 0);
	assert_true(certificate_is(&s, "first"));
	wire_open_tls(&old, s.tls, "http/1.1");
	wire_open(&half, s.tls);		/* its handshake has not begun */
	usleep(100000);
	server_make_certificate(&s, "second");
	kill(s.pid, SIGHUP);
	for (i = 0; i < 300 && !certificate_is(&s, "second"); i++)
		usleep(10000);
	assert_true(i < 300);
	wire_expect(&old, GET("/ping"), 200);	/* connections keep the one they have */

	snprintf(command, sizeof(command), "echo broken > %s/cert.pem", s.folder);
	assert_int_equal(system(command), 0);
	kill(s.pid, SIGHUP);
	for (i = 0; i < 300 && !server_log_has(&s, "the old certificate stays"); i++)
		usleep(10000);
	assert_true(server_log_has(&s, "cert.pem"));
	assert_true(certificate_is(&s, "second"));
	wire_close(&old);
	wire_close(&half);
	assert_int_equal(server_stop(&s), 0);
}

static void
read_slowly(struct server *s, bool tls, bool http2)
{
	enum { SPOOL = 20 << 20, WINDOW = 1 << 30 };
	long before = server_rss(s), most = 0;
	struct frame *f = malloc(sizeof(*f));
	struct answer a;
	struct wire w;
	size_t n = 0;

	assert_non_null(f);
	if (tls)
		wire_open_tls(&w, s->tls, http2 ? "h2" : "http/1.1");
	else
		wire_open_slow(&w, s->plain);
	if (http2) {
		h2_open(&w, WINDOW);
		h2_request(&w, 1, "GET", "/spool", true);
		while (n < SPOOL && h2_read(&w, f, PATIENCE)) {
			n += f->type == DATA ? f->length : 0;
			if (n % 512 == 0)
				usleep(100);
			most = server_rss(s) > most ? server_rss(s) : most;
		}
	} else {
		wire_send_text(&w, "HEAD /spool HTTP/1.1\r\nhost: a\r\n\r\n" GET("/spool"));
		assert_true(wire_answer(&w, &a, true));
		while (w.n < SPOOL && wire_read(&w, PATIENCE)) {
			usleep(100);
			most = server_rss(s) > most ? server_rss(s) : most;
		}
		n = w.n;
	}
	assert_true(n >= SPOOL);
	if (most > before)
		server_is_no_larger(s, before, 1);
	wire_close(&w);
	free(f);
}

static void
a_slow_reader_gets_all_of_a_long_answer(void **state)
{
	struct server s;

	(void)state;
	server_start(&s, "", "", 0);
	server_serves(&s);
	read_slowly(&s, false, false);
	read_slowly(&s, false, true);
	read_slowly(&s, true, false);
	read_slowly(&s, true, true);
	assert_int_equal(server_stop(&s), 0);
}

/* Jobs are out when their requests go: by RST_STREAM, by a close, by a reset. */
static void
requests_may_vanish_while_they_are_served(void **state)
{
	struct server s;
	struct wire w;
	uint32_t stream;
	int i;

	(void)state;
	server_start(&s, "  cancelled: 1000000\n", "", 0);
	for (i = 0; i < 60; i++) {
		if (i % 2 == 0)
			wire_open(&w, s.plain);
		else
			wire_open_tls(&w, s.tls, i % 4 == 1 ? "h2" : "http/1.1");
		if (i % 4 == 3) {
			wire_send_text(&w, GET("/slow/20"));
		} else {
			h2_open(&w, 65535);
			for (stream = 1; stream < 100; stream += 2) {
				h2_request(&w, stream, "GET",
				    stream % 3 == 0 ? "/slow/0" : "/slow/15", true);
				if (stream % 4 == 1)
					h2_send(&w, RST_STREAM, 0, stream, "\0\0\0\x8", 4);
			}
		}
		usleep((useconds_t)(i % 5) * 5000);
		if (i % 3 == 0)
			wire_reset(&w);
		else
			wire_close(&w);
	}
	server_serves(&s);
	assert_int_equal(server_stop(&s), 0);
}

static void
a_server_may_end_while_all_of_it_is_busy(void **state)
{
	struct wire w[20];
	struct server s;
	uint32_t stream;
	size_t i;

	(void)state;
	server_start(&s, "", "", 0);
	for (i = 0; i < sizeof(w) / sizeof(w[0]); i++) {
		wire_open(&w[i], s.plain);
		h2_open(&w[i], 65535);
		for (stream = 1; stream < 60; stream += 2)
			h2_request(&w[i], stream, "GET",
			    stream % 3 == 0 ? "/slow/700" : "/blob", true);
	}
	usleep(100000);
	kill(s.pid, SIGTERM);
	for (i = 0; i < sizeof(w) / sizeof(w[0]); i += 2)
		wire_reset(&w[i]);
	assert_int_equal(server_wait(&s), 0);
	for (i = 1; i < sizeof(w) / sizeof(w[0]); i += 2)
		wire_close(&w[i]);
}

static void
http2_requests_are_refused_in_json_too(void **state)
{
	static const struct {
		const char *method, *path, *body;
		uint64_t length;
		int status;
	} cases[] = {
		{ "GET", "/ping", NULL, 0, 200 },
		{ "GET", "", NULL, 0, 400 },
		{ "GET", "ping", NULL, 0, 400 },
		{ "GET", "/a b", NULL, 0, 400 },
		{ "G T", "/ping", NULL, 0, 400 },
		{ "OPTIONS", "*", NULL, 0, 404 },
	};
	char body[1024], *path = malloc(12000);
	uint8_t block[16384];
	struct server s;
	struct wire w;
	size_t i, n;

	(void)state;
	server_start(&s, "", "", 0);
	assert_non_null(path);
	wire_open(&w, s.plain);
	h2_open(&w, 65535);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		h2_request(&w, (uint32_t)(2 * i + 1), cases[i].method, cases[i].path, true);
		assert_int_equal(h2_status(&w, (uint32_t)(2 * i + 1), body, sizeof(body)),
		    cases[i].status);
		if (cases[i].status >= 400)
			assert_non_null(strstr(body, "{\"error\":\""));
	}
	memset(path, 'x', 11999);
	path[0] = '/';
	path[11999] = '\0';
	h2_request(&w, 101, "GET", path, true);
	assert_int_equal(h2_status(&w, 101, body, sizeof(body)), 414);
	/* 120 fields, and upper-case in a name */
	n = h2_block(block, "GET", "/ping");
	for (i = 0; i < 120; i++, n += 4)
		memcpy(block + n, "\x00\x01x\x00", 4);
	h2_send(&w, HEADERS, END_HEADERS | END_STREAM, 103, block, n);
	assert_int_equal(h2_status(&w, 103, body, sizeof(body)), 431);
	assert_non_null(strstr(body, "{\"error\":\""));
	n = h2_block(block, "GET", "/ping");
	memcpy(block + n, "\x00\x01x\x01\x02", 5);
	h2_send(&w, HEADERS, END_HEADERS | END_STREAM, 105, block, n + 5);
	assert_int_equal(h2_status(&w, 105, body, sizeof(body)), 400);
	assert_non_null(strstr(body, "{\"error\":\""));
	/* A body over the limit, and one that is not as long as it said. */
	h2_request(&w, 107, "POST", "/ping", false);
	for (i = 0; i < 65; i++)
		h2_send(&w, DATA, i == 64 ? END_STREAM : 0, 107, block, 16384);
	assert_int_equal(h2_status(&w, 107, body, sizeof(body)), 413);
	assert_non_null(strstr(body, "{\"error\":\""));
	n = h2_block(block, "POST", "/ping");
	memcpy(block + n, "\x0f\x0d\x01" "5", 4);
	h2_send(&w, HEADERS, END_HEADERS | END_STREAM, 109, block, n + 4);
	assert_int_equal(h2_status(&w, 109, body, sizeof(body)), 400);
	wire_close(&w);
	free(path);
	assert_int_equal(server_stop(&s), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connections_that_stay_are_shared_out),
		cmocka_unit_test(connections_may_come_while_it_drains),
		cmocka_unit_test(http2_requests_are_refused_in_json_too),
		cmocka_unit_test(a_drain_lets_answers_leave),
		cmocka_unit_test(a_drain_ends_when_its_time_is_over),
		cmocka_unit_test(a_loop_outlives_who_wakes_it),
		cmocka_unit_test(a_second_signal_ends_at_once),
		cmocka_unit_test(sighup_reads_the_certificate_again),
		cmocka_unit_test(a_slow_reader_gets_all_of_a_long_answer),
		cmocka_unit_test(requests_may_vanish_while_they_are_served),
		cmocka_unit_test(a_server_may_end_while_all_of_it_is_busy),
	};

	return cmocka_run_group_tests_name("street: life", tests, NULL, NULL);
}
