/*
 * load.c - the clients that people use, over TLS and in clear text, many requests at once
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "err.h"
#include "place.h"

static const char *build;

static const char one_site[] =
    "sites:\n"
    "  - name: only\n"
    "    database: { engine: sqlite, path: helpdesk.db }\n"
    "    modules: { meta: , tickets: , knowledge: , software: , hardware: }\n";

struct load {
	struct place place;
	char header[160];		/* "X-API-Key: hp_..." */
	char out[64 << 10];		/* of the latest command */
};

static void
must(bool good, const struct err *e)
{
	if (!good)
		fail_msg("%s", e->message);
}

static int
set_up(void **state)
{
	static struct load l;
	char key[128];
	struct err e;

	must(place_make(&l.place, build, &e) && place_certify(&l.place, &e) &&
	    place_configure(&l.place, one_site, &e) &&
	    place_add_user(&l.place, NULL, "maria", &e) &&
	    place_add_key(&l.place, NULL, "Bot", "maria", key, &e) &&
	    place_start(&l.place, &e), &e);
	snprintf(l.header, sizeof l.header, "X-API-Key: %s", key);
	*state = &l;
	return 0;
}

static int
tear_down(void **state)
{
	struct load *l = *state;

	place_remove(&l->place);
	return 0;
}

/* The words that follow are the command, the key's header and the URL, up to NULL. */
static const char *
run(struct load *l, const char *url, const char *const *command)
{
	const char *words[24];
	size_t n = 0;

	while (command[n] != NULL) {
		words[n] = command[n];
		n++;
	}
	words[n++] = "-H";
	words[n++] = l->header;
	words[n++] = url;
	words[n] = NULL;
	assert_int_equal(place_run_program(l->out, sizeof l->out, words), 0);
	return l->out;
}

/* https://localhost:PORT/api/v1/..., or http:// */
static const char *
url(struct load *l, bool tls, const char *path, char out[200])
{
	snprintf(out, 200, "%s://localhost:%u/api/v1/%s", tls ? "https" : "http",
	    tls ? l->place.tls_port : l->place.port, path);
	return out;
}

static void
must_hold(const char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("no \"%s\" in: %s", words, text);
}

static void
ten_thousand_requests_with_32_streams_each_are_all_2xx(void **state)
{
	static const char *const h2load[] = { "h2load", "-n", "10000", "-c", "4", "-m", "32",
	    "-t", "1", NULL };
	static const struct { bool tls; const char *path; } rows[] = {
		{ true, "status" }, { true, "tickets" }, { false, "tickets" },
	};
	char at[200];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *out = run(*state, url(*state, rows[i].tls, rows[i].path, at), h2load);

		must_hold(out, "10000 succeeded, 0 failed, 0 errored, 0 timeout");
		must_hold(out, "status codes: 10000 2xx, 0 3xx, 0 4xx, 0 5xx");
	}
}

static void
ten_thousand_tickets_are_created_with_32_streams(void **state)
{
	struct load *l = *state;
	char body[200], at[200];
	const char *h2load[] = { "h2load", "-n", "10000", "-c", "4", "-m", "32", "-t", "1",
	    "-d", body, "-H", "content-type: application/json", NULL };
	FILE *f;

	snprintf(body, sizeof body, "%s/body", l->place.folder);
	f = fopen(body, "w");
	assert_non_null(f);
	fputs("{\"subject\":\"Load\",\"description\":\"One of many\"}", f);
	fclose(f);
	must_hold(run(l, url(l, true, "tickets", at), h2load),
	    "status codes: 10000 2xx, 0 3xx, 0 4xx, 0 5xx");
}

static void
nghttp_gets_an_answer(void **state)
{
	static const char *const nghttp[] = { "nghttp", "-n", "-s", NULL };
	char at[200];
	const char *out = run(*state, url(*state, true, "status", at), nghttp);

	must_hold(out, " 200 ");
	must_hold(out, "/api/v1/status");
}

static void
curl_speaks_every_version(void **state)
{
	struct load *l = *state;
	char ca[200], at[200];
	const struct { const char *option; bool tls; const char *came; } rows[] = {
		{ "--http2",                 true,  "2 200" },
		{ "--http1.1",               true,  "1.1 200" },
		{ "--http1.1",               false, "1.1 200" },
		{ "--http2-prior-knowledge", false, "2 200" },
		{ "--tlsv1.3",               true,  "2 200" },
		{ "--tls-max=1.2",           true,  "2 200" },
	};

	snprintf(ca, sizeof ca, "%s/cert.pem", l->place.folder);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char option[40], *value;
		const char *curl[12] = { "curl", "-sS", "--cacert", ca, "-o", "/dev/null", "-w",
		    "%{http_version} %{response_code}", option };

		/* curl takes the value of an option as a word of its own. */
		snprintf(option, sizeof option, "%s", rows[i].option);
		if ((value = strchr(option, '=')) != NULL) {
			*value = '\0';
			curl[9] = value + 1;
		}
		assert_string_equal(run(l, url(l, rows[i].tls, "status", at), curl), rows[i].came);
	}
}

static unsigned
count(const char *text, const char *words)
{
	unsigned n = 0;

	for (; (text = strstr(text, words)) != NULL; text += strlen(words))
		n++;
	return n;
}

/* The value behind each of these words differs from all others. */
static void
must_differ(const char *text, const char *words)
{
	char value[200];
	const char *at = text;

	while ((at = strstr(at, words)) != NULL) {
		snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\r") + 1, at);
		if (count(text, value) != 1)
			fail_msg("\"%s\" is there more than once", value);
		at += strlen(words);
	}
}

/* Over HTTP/2 fields of earlier answers are referred to: none may be taken for another. */
static void
each_answer_of_a_connection_has_its_own_fields(void **state)
{
	enum { ANSWERS = 90 };
	static const char *const differ[] = { "\nx-request-id: ", "\netag: \"",
	    "\nlocation: /api/v1/tickets/" };
	static const char *const same[] = { "HTTP/2 201", "\nserver: ", "\ndate: ",
	    "\ncontent-type: application/json\r", "\nx-content-type-options: nosniff\r",
	    "\ncache-control: no-store\r", "\ncontent-length: " };
	struct load *l = *state;
	char ca[200], at[200];
	const char *const curl[] = { "curl", "-sS", "--http2", "--cacert", ca, "-D", "-",
	    "-o", "/dev/null", "--json", "{\"subject\":\"Field\",\"description\":\"Own\"}",
	    NULL };
	const char *out;

	snprintf(ca, sizeof ca, "%s/cert.pem", l->place.folder);
	out = run(l, url(l, true, "tickets?n=[10-99]", at), curl);
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		assert_int_equal(count(out, same[i]), ANSWERS);
	for (size_t i = 0; i < sizeof differ / sizeof *differ; i++) {
		assert_int_equal(count(out, differ[i]), ANSWERS);
		must_differ(out, differ[i]);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(curl_speaks_every_version),
		cmocka_unit_test(nghttp_gets_an_answer),
		cmocka_unit_test(each_answer_of_a_connection_has_its_own_fields),
		cmocka_unit_test(ten_thousand_requests_with_32_streams_each_are_all_2xx),
		cmocka_unit_test(ten_thousand_tickets_are_created_with_32_streams),
	};

	build = argc > 1 ? argv[1] : "build";
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
