/*
 * attacks.c - what hostile clients do to HTTP servers
 *
 * After each the server is alive, serves others, has about the memory that it had, and
 * the hostile connection is closed.  Each is a hole of the bare library.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire.h"

static struct server server;

static int
start(void **state)
{
	(void)state;
	server_start(&server, "  unfinished_per_connection: 2MiB\n  unfinished: 8MiB\n"
	    "  connections_per_address: 200\n  handshakes_per_address: 8\n"
	    "  jobs_per_connection: 20\n",
	    "  handshake: 2s\n  header: 2s\n  keep_alive: 3s\n  idle: 3s\n  stall: 2s\n"
	    "  slow_bytes: 3s\n", 0);
	server_serves(&server);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	assert_int_equal(server_stop(&server), 0);
	return 0;
}

/* ---- each is given a connection and misbehaves on it ---- */

typedef void attack(struct wire *);

static uint8_t *
repeated(const uint8_t *unit, size_t n, size_t times)
{
	uint8_t *all = malloc(n * times);
	size_t i;

	assert_non_null(all);
	for (i = 0; i < times; i++)
		memcpy(all + i * n, unit, n);
	return all;
}

/* Sends it again and again until nobody takes it any more. */
static void
flood(struct wire *w, const uint8_t *unit, size_t n, size_t megabytes)
{
	size_t times = (1 << 20) / n, i;
	uint8_t *all = repeated(unit, n, times);

	for (i = 0; i < megabytes && wire_send(w, all, n * times); i++)
		continue;
	free(all);
}

static void
frame_flood(struct wire *w, uint8_t type, uint8_t flags, uint32_t stream, const void *payload,
    size_t n)
{
	uint8_t unit[64];

	flood(w, unit, h2_frame(unit, type, flags, stream, payload, n), 64);
}

static void
header_bomb(struct wire *w)
{
	uint8_t block[16384], *at = block + h2_block(block, "GET", "/ping");
	uint32_t stream;

	/* Into the table: "x: " and 3,900 bytes; then all the rest refers to it. */
	memcpy(at, "\x40\x01x\x7f\xbd\x1d", 6);
	memset(at + 6, 'y', 3900);
	memset(at + 3906, 0xbe, (size_t)(block + sizeof(block) - at - 3906));
	h2_open(w, 65535);
	for (stream = 1; stream < 2000; stream += 2)
		if (!h2_send(w, HEADERS, END_HEADERS | END_STREAM, stream, block, sizeof(block)))
			return;
}

static void
header_bomb_in_pieces(struct wire *w)
{
	uint8_t piece[16384];

	memset(piece, 0x82, sizeof(piece));
	h2_open(w, 65535);
	h2_send(w, HEADERS, END_STREAM, 1, piece, sizeof(piece));
	frame_flood(w, CONTINUATION, 0, 1, piece, 32);
}

static void
empty_continuations(struct wire *w)
{
	h2_open(w, 65535);
	h2_send(w, HEADERS, END_STREAM, 1, "\x82", 1);
	frame_flood(w, CONTINUATION, 0, 1, "", 0);
}

static void
unknown_frames(struct wire *w)
{
	h2_open(w, 65535);
	frame_flood(w, 0x42, 0, 0, "abc", 3);
}

static void
pings(struct wire *w)
{
	h2_open(w, 65535);
	frame_flood(w, PING, 0, 0, "12345678", 8);
}

static void
settings(struct wire *w)
{
	h2_open(w, 65535);
	frame_flood(w, SETTINGS, 0, 0, "", 0);
}

static void
priorities(struct wire *w)
{
	h2_open(w, 65535);
	h2_request(w, 1, "POST", "/ping", false);
	frame_flood(w, PRIORITY, 0, 1, "\0\0\0\0\1", 5);
}

static void
empty_data(struct wire *w)
{
	h2_open(w, 65535);
	h2_request(w, 1, "POST", "/ping", false);
	frame_flood(w, DATA, 0, 1, "", 0);
}

static void
window_updates(struct wire *w)
{
	h2_open(w, 65535);
	h2_request(w, 1, "POST", "/ping", false);
	frame_flood(w, WINDOW_UPDATE, 0, 1, "\0\0\0\1", 4);
}

/* Requests that are begun and broken off: by RST_STREAM, or so that the server resets. */
static void
break_off(struct wire *w, const char *path, bool end, uint8_t type, const void *payload, size_t n)
{
	uint32_t stream;

	h2_open(w, 65535);
	for (stream = 1; stream < 20000; stream += 2)
		if (!h2_request(w, stream, "POST", path, end) ||
		    !h2_send(w, type, 0, stream, payload, n))
			return;
}

static void
rapid_reset(struct wire *w)
{
	break_off(w, "/ping", true, RST_STREAM, "\0\0\0\x8", 4);
}

static void
rapid_reset_of_jobs(struct wire *w)
{
	break_off(w, "/slow/50", true, RST_STREAM, "\0\0\0\x8", 4);
}

static void
rapid_reset_of_bodies(struct wire *w)
{
	break_off(w, "/ping", false, RST_STREAM, "\0\0\0\x8", 4);
}

static void
made_you_reset(struct wire *w)
{
	break_off(w, "/slow/50", true, WINDOW_UPDATE, "\0\0\0\0", 4);
}

static void
made_you_reset_by_data(struct wire *w)
{
	break_off(w, "/slow/50", true, DATA, "x", 1);
}

static void
unfinished_bodies(struct wire *w)
{
	static const uint8_t zeros[16384];
	uint32_t stream;
	int i;

	h2_open(w, 65535);
	for (stream = 1; stream < 200; stream += 2)
		h2_request(w, stream, "POST", "/ping", false);
	for (i = 0; i < 60; i++)
		for (stream = 1; stream < 200; stream += 2)
			if (!h2_send(w, DATA, 0, stream, zeros, sizeof(zeros)))
				return;
}

static void
unfinished_heads(struct wire *w)
{
	char path[8000];
	uint32_t stream;

	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	h2_open(w, 65535);
	for (stream = 1; stream < 200; stream += 2)
		if (!h2_request(w, stream, "POST", path, false))
			return;
}

static void
zero_window(struct wire *w)
{
	uint32_t stream;

	h2_open(w, 0);
	for (stream = 1; stream < 40; stream += 2)
		h2_request(w, stream, "GET", "/blob", true);
}

static void
http2_reader_that_does_not_read(struct wire *w)
{
	uint32_t stream;

	h2_open(w, 1 << 30);
	for (stream = 1; stream < 40; stream += 2)
		h2_request(w, stream, "GET", "/spool", true);
	sleep(8);
}

static void
http1_reader_that_does_not_read(struct wire *w)
{
	wire_send_text(w, "GET /blob HTTP/1.1\r\nhost: a\r\n\r\n");
	sleep(8);
}

static void
pipelining_that_does_not_read(struct wire *w)
{
	static const char one[] = "GET /ping HTTP/1.1\r\nhost: a\r\n\r\n";
	uint8_t *all = repeated((const uint8_t *)one, sizeof(one) - 1, 32768);
	int i;

	for (i = 0; i < 64 && wire_send_for(w, all, (sizeof(one) - 1) * 32768, 5000); i++)
		continue;
	free(all);
	sleep(3);
}

static void
dripping_reader(struct wire *w)
{
	int i;

	wire_send_text(w, "GET /blob HTTP/1.1\r\nhost: a\r\n\r\n");
	for (i = 0; i < 100 && !w->eof; i++) {
		char some[512];

		usleep(100000);
		if (recv(w->fd, some, sizeof(some), MSG_DONTWAIT) == 0)
			break;
	}
}

/* Sends n bytes for ever, a piece each tenth of a second, until it is told to stop. */
static void
dribble(struct wire *w, const void *piece, size_t n)
{
	int i;

	for (i = 0; i < PATIENCE / 100 && !w->eof; i++) {
		if (!wire_send(w, piece, n))
			return;
		wire_read(w, 100);
	}
}

static void
dribbled_head(struct wire *w)
{
	wire_send_text(w, "GET / HTTP/1.1\r\nx: ");
	dribble(w, "a", 1);
}

static void
dribbled_body(struct wire *w)
{
	wire_send_text(w, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n");
	dribble(w, "a", 1);
}

static void
dribbled_data(struct wire *w)
{
	uint8_t frame[16];

	h2_open(w, 65535);
	h2_request(w, 1, "POST", "/ping", false);
	dribble(w, frame, h2_frame(frame, DATA, 0, 1, "a", 1));
}

static void
dribbled_continuation(struct wire *w)
{
	uint8_t frame[16];

	h2_open(w, 65535);
	h2_send(w, HEADERS, END_STREAM, 1, "\x82", 1);
	dribble(w, frame, h2_frame(frame, CONTINUATION, 0, 1, "\x82", 1));
}

static void
pings_to_stay(struct wire *w)
{
	uint8_t frame[32];

	h2_open(w, 65535);
	h2_request(w, 1, "GET", "/ping", true);
	dribble(w, frame, h2_frame(frame, PING, 0, 0, "12345678", 8));
}

static void
chunk_extensions(struct wire *w)
{
	wire_send_text(w, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1;");
	flood(w, (const uint8_t *)"xxxxxxxxxxxxxxxx", 16, 64);
}

static void
trailers(struct wire *w)
{
	wire_send_text(w, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n");
	flood(w, (const uint8_t *)"x: yyyyyyyyyyy\r\n", 16, 64);
}

static void
nothing_at_all(struct wire *w)
{
	wire_send_text(w, "G");
}

static void
an_idle_connection(struct wire *w)
{
	wire_send_text(w, "GET /ping HTTP/1.1\r\nhost: a\r\n\r\n");
}

static void
a_preface_and_no_more(struct wire *w)
{
	h2_open(w, 65535);
}

static const struct {
	const char *what;
	attack *run;
	bool slow;		/* with a small receive buffer */
} attacks[] = {
	{ "header bomb", header_bomb, false },
	{ "header bomb in pieces", header_bomb_in_pieces, false },
	{ "empty CONTINUATION flood", empty_continuations, false },
	{ "unknown frames", unknown_frames, false },
	{ "PING flood", pings, false },
	{ "PING flood, answers not read", pings, true },
	{ "SETTINGS flood", settings, false },
	{ "PRIORITY flood", priorities, false },
	{ "empty DATA flood", empty_data, false },
	{ "WINDOW_UPDATE flood", window_updates, false },
	{ "rapid reset", rapid_reset, false },
	{ "rapid reset of jobs", rapid_reset_of_jobs, false },
	{ "rapid reset of bodies", rapid_reset_of_bodies, false },
	{ "made you reset", made_you_reset, false },
	{ "made you reset, by DATA", made_you_reset_by_data, false },
	{ "unfinished bodies", unfinished_bodies, false },
	{ "unfinished heads", unfinished_heads, false },
	{ "zero window", zero_window, false },
	{ "HTTP/2 reader that does not read", http2_reader_that_does_not_read, true },
	{ "HTTP/1 reader that does not read", http1_reader_that_does_not_read, true },
	{ "pipelining that does not read", pipelining_that_does_not_read, true },
	{ "dripping reader", dripping_reader, true },
	{ "dribbled head", dribbled_head, false },
	{ "dribbled body", dribbled_body, false },
	{ "dribbled DATA", dribbled_data, false },
	{ "dribbled CONTINUATION", dribbled_continuation, false },
	{ "PING to stay", pings_to_stay, false },
	{ "chunk extensions", chunk_extensions, false },
	{ "trailers", trailers, false },
	{ "nothing", nothing_at_all, false },
	{ "idle", an_idle_connection, false },
	{ "a preface", a_preface_and_no_more, false },
};


static void
an_attack_is_closed_and_costs_little(void **state)
{
	long before, log = server_log_size(&server);
	struct wire w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		before = server_rss(&server);
		print_message("  %s\n", attacks[i].what);
		if (attacks[i].slow)
			wire_open_slow(&w, server.plain);
		else
			wire_open(&w, server.plain);
		attacks[i].run(&w);
		if (!server_alive(&server))
			fail_msg("%s: the server has died", attacks[i].what);
		server_serves(&server);
		server_is_no_larger(&server, before, 1);
		if (!wire_closes(&w, PATIENCE))
			fail_msg("%s: not closed", attacks[i].what);
		wire_close(&w);
	}
	assert_true(server_log_size(&server) < log + 4096);
}

/* Over TLS what is sent is the same, but other code reads and writes it. */
static void
an_attack_over_tls_is_no_better(void **state)
{
	static attack *const some[] = { header_bomb, unknown_frames, pings, rapid_reset,
					unfinished_bodies, zero_window };
	struct wire w;
	size_t i;
	long before;

	(void)state;
	for (i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		before = server_rss(&server);
		wire_open_tls(&w, server.tls, "h2");
		some[i](&w);
		server_serves(&server);
		server_is_no_larger(&server, before, 1);
		assert_true(wire_closes(&w, PATIENCE));
		wire_close(&w);
	}
}

/*
 * The abort of update_stream_output_window(): answers that use up their window exactly,
 * left in a write that waits, and then the window grows.
 */
static void
windows_that_grow_late(struct server *s, bool tls)
{
	char path[1024], body[2048];
	uint32_t stream;
	struct wire w;
	int i;

	memset(path, 'a', sizeof(path) - 1);
	memcpy(path, "/echo?", 6);
	path[sizeof(path) - 1] = '\0';
	/* How long the answer is. */
	wire_open(&w, s->plain);
	h2_open(&w, 65535);
	h2_request(&w, 1, "GET", path, true);
	assert_int_equal(h2_status(&w, 1, body, sizeof(body)), 200);
	wire_close(&w);

	if (tls)
		wire_open_tls(&w, s->tls, "h2");
	else
		wire_open_slow(&w, s->plain);
	h2_open(&w, (uint32_t)strlen(body));
	for (stream = 1; stream < 4000; stream += 2) {
		h2_request(&w, stream, "GET", path, true);
		if (stream % 40 == 39)
			usleep(1000);
	}
	for (i = 0; i < 20; i++) {
		h2_send(&w, SETTINGS, 0, 0, i % 2 == 0 ? "\0\4\0\1\0\0" : "\0\4\0\0\0\0", 6);
		for (stream = 1; stream < 4000; stream += 40)
			h2_send(&w, WINDOW_UPDATE, 0, stream, "\0\0\1\0", 4);
		usleep(1000);
	}
	usleep(200000);
	assert_true(server_alive(s));
	server_serves(s);
	wire_reset(&w);
}

static void
a_window_may_grow_when_all_is_sent(void **state)
{
	struct server patient;

	(void)state;
	server_start(&patient, "  cancelled: 1000000\n", "", 0);
	windows_that_grow_late(&patient, false);
	windows_that_grow_late(&patient, true);
	assert_int_equal(server_stop(&patient), 0);
}

static void
all_unfinished_bodies_have_one_budget(void **state)
{
	enum { MANY = 16 };
	static const uint8_t zeros[1000000];
	long before = server_rss(&server);
	struct wire w[MANY];
	int i, closed = 0;

	(void)state;
	for (i = 0; i < MANY; i++) {
		wire_open(&w[i], server.plain);
		wire_send_text(&w[i], "POST /ping HTTP/1.1\r\nhost: a\r\n"
		    "content-length: 1000001\r\n\r\n");
		wire_send(&w[i], zeros, sizeof(zeros));
	}
	usleep(300000);
	server_serves(&server);
	server_is_no_larger(&server, before, 4);
	for (i = 0; i < MANY; i++) {
		closed += wire_closes(&w[i], 10);
		wire_close(&w[i]);
	}
	assert_true(closed >= MANY / 2 - 1);
}

static void
too_many_jobs_are_told_to_come_later(void **state)
{
	enum { MANY = 30 };
	int i, busy = 0, late = 0;
	char body[256];
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	h2_open(&w, 65535);
	for (i = 0; i < MANY; i++)
		h2_request(&w, (uint32_t)(2 * i + 1), "GET",
		    i < MANY - 1 ? "/slow/300" : "/ping", true);
	/* The last is among those that are refused at once. */
	assert_int_equal(h2_status(&w, 2 * MANY - 1, body, sizeof(body)), 503);
	assert_non_null(strstr(body, "{\"error\":\""));
	wire_close(&w);
	wire_open(&w, server.plain);
	h2_open(&w, 65535);
	for (i = 0; i < 20; i++)
		h2_request(&w, (uint32_t)(2 * i + 1), "GET", "/slow/300", true);
	late = h2_status(&w, 39, body, sizeof(body));
	busy = h2_request(&w, 41, "GET", "/ping", true) ? h2_status(&w, 41, body, sizeof(body)) : 0;
	assert_int_equal(late, 200);
	assert_int_equal(busy, 200);
	wire_close(&w);
}

static void
one_address_has_so_many_connections(void **state)
{
	enum { MANY = 260 };
	static struct wire w[MANY];
	int i, closed = 0;

	(void)state;
	for (i = 0; i < MANY; i++)
		wire_open(&w[i], server.plain);
	for (i = 0; i < MANY; i++)
		closed += wire_closes(&w[i], i == 0 ? 300 : 3);
	assert_true(closed >= 60);
	for (i = 0; i < MANY; i++)
		wire_close(&w[i]);
	usleep(300000);
	server_serves(&server);
}

static void
one_address_has_so_many_handshakes(void **state)
{
	enum { MANY = 32 };
	struct wire w[MANY], good;
	int i, closed = 0;

	(void)state;
	for (i = 0; i < MANY; i++)
		wire_open(&w[i], server.tls);
	for (i = 0; i < MANY; i++)
		closed += wire_closes(&w[i], i == 0 ? 300 : 3);
	assert_true(closed >= MANY - 8);
	server_serves(&server);
	for (i = 0; i < MANY; i++)
		assert_true(wire_closes(&w[i], PATIENCE));	/* timeouts.handshake */
	wire_open_tls(&good, server.tls, "http/1.1");
	wire_expect(&good, "GET /ping HTTP/1.1\r\nhost: a\r\n\r\n", 200);
	wire_close(&good);
	for (i = 0; i < MANY; i++)
		wire_close(&w[i]);
}

/* Processor time of the server, in clock ticks. */
static long
ticks(const struct server *s)
{
	unsigned long user = 0, system = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)s->pid);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u"
	    " %lu %lu", &user, &system), 2);
	fclose(f);
	return (long)(user + system);
}

static void
a_full_table_of_descriptors_is_no_end(void **state)
{
	enum { MANY = 400 };
	static struct wire w[MANY];
	struct server small;
	long before;
	int i;

	(void)state;
	server_start(&small, "  connections_per_address: 0\n", "  header: 3s\n", 256);
	before = ticks(&small);
	for (i = 0; i < MANY; i++)
		wire_open(&w[i], small.plain);
	sleep(2);
	assert_true(ticks(&small) - before < sysconf(_SC_CLK_TCK));	/* it does not spin */
	assert_true(server_log_has(&small, "descriptors"));
	for (i = 0; i < MANY; i++)
		wire_close(&w[i]);
	server_serves(&small);
	assert_int_equal(server_stop(&small), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_attack_is_closed_and_costs_little),
		cmocka_unit_test(an_attack_over_tls_is_no_better),
		cmocka_unit_test(a_window_may_grow_when_all_is_sent),
		cmocka_unit_test(all_unfinished_bodies_have_one_budget),
		cmocka_unit_test(too_many_jobs_are_told_to_come_later),
		cmocka_unit_test(one_address_has_so_many_connections),
		cmocka_unit_test(one_address_has_so_many_handshakes),
		cmocka_unit_test(a_full_table_of_descriptors_is_no_end),
	};

	return cmocka_run_group_tests_name("street: attacks", tests, start, stop);
}
