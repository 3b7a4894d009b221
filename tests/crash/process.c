/*
 * process.c - the server as a process among others: signals, commands beside it, its
 * configuration changed between two lives
 */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <cmocka.h>

#include "arena.h"
#include "ask.h"
#include "db.h"
#include "envelope.h"
#include "err.h"
#include "place.h"
#include "wire.h"

enum { UNDER_WAY = 32, LATE = 12 };

static const char *build;

static const char one_site[] =
    "%s"
    "sites:\n"
    "  - name: only\n"
    "    database: { engine: sqlite, path: helpdesk.db }\n"
    "    modules: { meta: , tickets: , knowledge: , software: , hardware: { enabled: %s } }\n";

struct ground {
	struct place place;
	struct wire wire;
	char key[128];
};

static void
must(bool good, const struct err *e)
{
	if (!good)
		fail_msg("%s", e->message);
}

static void
configure(struct ground *g, const char *before, const char *hardware)
{
	char sites[600];
	struct err e;

	snprintf(sites, sizeof sites, one_site, before, hardware);
	must(place_configure(&g->place, sites, &e), &e);
}

static void
start(struct ground *g)
{
	struct err e;

	must(place_start(&g->place, &e), &e);
	wire_init(&g->wire, "127.0.0.1", g->place.port);
}

static int
set_up(void **state)
{
	static struct ground g;
	struct err e;

	g = (struct ground){ .wire = { .socket = -1 } };
	must(place_make(&g.place, build, &e), &e);
	configure(&g, "", "true");
	must(place_add_user(&g.place, NULL, "maria", &e), &e);
	must(place_add_key(&g.place, NULL, "Bot", "maria", g.key, &e), &e);
	*state = &g;
	return 0;
}

static int
tear_down(void **state)
{
	struct ground *g = *state;

	wire_fini(&g->wire);
	place_remove(&g->place);
	return 0;
}

static int
status(struct ground *g, const char *method, const char *target, const char *body)
{
	return ask_status(&g->wire, method, target, g->key, body);
}

/* The body of a GET that must be answered 200. */
static const char *
get(struct ground *g, struct arena *a, const char *target)
{
	struct reply r;
	struct err e;

	must(ask(&g->wire, a, "GET", target, g->key, NULL, &r, &e), &e);
	assert_int_equal(r.status, 200);
	return arena_copy(a, r.body.at, r.body.len);
}

/* ---- SIGTERM ---- */

/* Sends a request up to its body and waits until the server asks for that. */
static void
begin_request(struct ground *g, struct wire *w, const char *body)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	char head[500], came[sizeof go_on] = "";
	struct err e;

	snprintf(head, sizeof head, "POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n"
	    "Expect: 100-continue\r\n\r\n", g->key, strlen(body));
	must(wire_send(w, text_of(head), &e), &e);
	for (size_t n = 0; n < strlen(go_on); n++)
		assert_int_equal(recv(w->socket, came + n, 1, 0), 1);
	assert_string_equal(came, go_on);
}

static void
serve_ends_with_0_on_sigterm_and_answers_what_is_under_way(void **state)
{
	static const char body[] = "{\"subject\":\"Under way\",\"description\":\"D\"}";
	struct ground *g = *state;
	struct wire wires[UNDER_WAY];
	struct reply r;
	struct arena a;
	struct err e;

	start(g);
	for (int i = 0; i < UNDER_WAY; i++) {
		wire_init(&wires[i], "127.0.0.1", g->place.port);
		begin_request(g, &wires[i], body);
	}
	assert_int_equal(kill(g->place.server, SIGTERM), 0);
	arena_init(&a, 64 << 20);
	for (int i = 0; i < UNDER_WAY; i++) {
		r = (struct reply){ 0 };
		assert_int_equal(send(wires[i].socket, body, strlen(body), MSG_NOSIGNAL),
		    strlen(body));
		must(wire_read(&wires[i], &a, false, &r, &e), &e);
		assert_int_equal(r.status, 201);
		wire_fini(&wires[i]);
	}
	arena_fini(&a);
	assert_int_equal(place_stop(&g->place, 0), 0);
}

static void
serve_ends_with_0_on_sigterm_when_idle(void **state)
{
	struct ground *g = *state;

	start(g);
	assert_int_equal(status(g, "GET", "/api/v1/status", NULL), 200);
	assert_int_equal(place_stop(&g->place, SIGTERM), 0);
	start(g);
	assert_int_equal(place_stop(&g->place, SIGINT), 0);
}

/* ---- commands beside a running server ---- */

static void
new_keys_and_users_are_known_to_a_running_server_at_once(void **state)
{
	struct ground *g = *state;
	char key[128];
	struct err e;

	start(g);
	assert_int_equal(status(g, "GET", "/api/v1/status", NULL), 200);
	for (int i = 0; i < 20; i++) {
		char name[20], body[100];

		snprintf(name, sizeof name, "user%d", i);
		must(place_add_user(&g->place, NULL, name, &e), &e);
		must(place_add_key(&g->place, NULL, name, name, key, &e), &e);
		assert_int_equal(ask_status(&g->wire, "GET", "/api/v1/status", key, NULL), 200);
		snprintf(body, sizeof body, "{\"subject\":\"S\",\"description\":\"D\","
		    "\"assigned_to\":\"%s\"}", name);
		assert_int_equal(status(g, "POST", "/api/v1/tickets", body), 201);
	}
}

/* Asks so often that the key is surely remembered, revokes, waits the promised second. */
static void
a_revoked_key_is_refused_within_a_second(void **state)
{
	static const char *const revoke[] = { "key", "revoke", "Bot", NULL };
	const struct timespec second = { .tv_sec = 1 };
	struct wire wires[8];
	struct ground *g = *state;

	start(g);
	for (int i = 0; i < 8; i++) {
		wire_init(&wires[i], "127.0.0.1", g->place.port);
		for (int n = 0; n < 20; n++)
			assert_int_equal(ask_status(&wires[i], "GET", "/api/v1/status", g->key,
			    NULL), 200);
	}
	assert_int_equal(place_run(&g->place, NULL, 0, revoke), 0);
	nanosleep(&second, NULL);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(ask_status(&wires[i], "GET", "/api/v1/status", g->key, NULL), 401);
		wire_fini(&wires[i]);
	}
}

static void
a_key_may_be_revoked_by_its_12_hex_digits(void **state)
{
	const char *revoke[] = { "key", "revoke", NULL, NULL };
	struct ground *g = *state;
	char digits[13];

	snprintf(digits, sizeof digits, "%.12s", g->key + 3);
	revoke[2] = digits;
	assert_int_equal(place_run(&g->place, NULL, 0, revoke), 0);
	start(g);
	assert_int_equal(status(g, "GET", "/api/v1/status", NULL), 401);
}

/* ---- overload ---- */

/* Waits until so many of the connections have something to read. */
static void
wait_for_answers(struct wire *wires, int n, int wanted)
{
	struct pollfd fds[LATE];
	int ready = 0;

	for (int i = 0; i < n; i++)
		fds[i] = (struct pollfd){ .fd = wires[i].socket, .events = POLLIN };
	while (ready < wanted) {
		ready = 0;
		assert_true(poll(fds, (nfds_t)n, 30000) > 0);
		for (int i = 0; i < n; i++)
			ready += (fds[i].revents & POLLIN) != 0;
	}
}

/* The answer that is there, or comes; a 503 must say when to try again. */
static int
take_answer(struct wire *w, struct arena *a)
{
	struct reply r = { 0 };
	struct err e;

	must(wire_read(w, a, false, &r, &e), &e);
	if (r.status == 503)
		assert_true(reply_field(&r, "retry-after").len > 0);
	must(envelope_check(a, &r, false, &e), &e);
	return r.status;
}

/* Another process holds the database, so that what is to be written must wait. */
static void
overload_is_503_with_retry_after(void **state)
{
	static const char body[] = "{\"subject\":\"Late\",\"description\":\"D\"}";
	struct ground *g = *state;
	struct wire wires[LATE];
	char path[200];
	int late = 0, written = 0;
	struct question q;
	struct arena a;
	struct db *db;
	struct err e;

	snprintf(path, sizeof path, "%s/helpdesk.db", g->place.folder);
	configure(g, "limits: { write_queue: 1 }\n", "true");
	start(g);
	assert_int_equal(status(g, "GET", "/api/v1/status", NULL), 200);
	must(db_open(path, DB_WRITER, &db, &e) && db_begin(db, &e), &e);
	arena_init(&a, 64 << 20);
	q = ask_question("POST", "/api/v1/tickets", g->key, body);
	for (int i = 0; i < LATE; i++) {
		wire_init(&wires[i], "127.0.0.1", g->place.port);
		must(wire_send(&wires[i], wire_bytes(&a, &q), &e), &e);
	}
	wait_for_answers(wires, LATE, LATE - 2);
	db_rollback(db);
	db_close(db);
	for (int i = 0; i < LATE; i++) {
		int status = take_answer(&wires[i], &a);

		late += status == 503;
		written += status == 201;
		wire_fini(&wires[i]);
	}
	/* One is in the writer's hands and one in the queue, or only the latter as yet. */
	assert_in_range(written, 1, 2);
	assert_int_equal(late + written, LATE);
	arena_fini(&a);
}

/* ---- a module that is off ---- */

static void
a_module_that_is_not_enabled_is_404_and_its_data_comes_back(void **state)
{
	struct ground *g = *state;
	struct arena a;

	arena_init(&a, 64 << 20);
	start(g);
	assert_int_equal(status(g, "POST", "/api/v1/inventory/hardware",
	    "{\"asset_tag\":\"KEPT-1\"}"), 201);
	assert_non_null(strstr(get(g, &a, "/api/v1/openapi.json"), "/inventory/hardware"));
	assert_int_equal(place_stop(&g->place, SIGTERM), 0);

	configure(g, "", "false");
	start(g);
	assert_int_equal(status(g, "GET", "/api/v1/inventory/hardware", NULL), 404);
	assert_int_equal(status(g, "GET", "/api/v1/inventory/hardware/1", NULL), 404);
	assert_int_equal(status(g, "POST", "/api/v1/inventory/hardware", "{}"), 404);
	assert_null(strstr(get(g, &a, "/api/v1/openapi.json"), "hardware"));
	assert_int_equal(status(g, "GET", "/api/v1/inventory/software", NULL), 200);
	assert_int_equal(place_stop(&g->place, SIGTERM), 0);

	configure(g, "", "true");
	start(g);
	assert_non_null(strstr(get(g, &a, "/api/v1/inventory/hardware/1"), "KEPT-1"));
	arena_fini(&a);
}

int
main(int argc, char **argv)
{
#define WITH_GROUND(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_GROUND(serve_ends_with_0_on_sigterm_and_answers_what_is_under_way),
		WITH_GROUND(serve_ends_with_0_on_sigterm_when_idle),
		WITH_GROUND(new_keys_and_users_are_known_to_a_running_server_at_once),
		WITH_GROUND(a_revoked_key_is_refused_within_a_second),
		WITH_GROUND(a_key_may_be_revoked_by_its_12_hex_digits),
		WITH_GROUND(overload_is_503_with_retry_after),
		WITH_GROUND(a_module_that_is_not_enabled_is_404_and_its_data_comes_back),
	};

	build = argc > 1 ? argv[1] : "build";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
