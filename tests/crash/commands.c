/*
 * commands.c - the section "Commands" of the contract, and what the API document says of
 * keys: the program as its administrator uses it
 */
#include <ctype.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"
#include "json.h"
#include "place.h"

static const char *build;

static const char one_site[] =
    "sites:\n"
    "  - name: only\n"
    "    database: { engine: sqlite, path: helpdesk.db }\n"
    "    modules: { meta: , tickets: , knowledge: , software: , hardware: }\n";

static void
must(bool good, const struct err *e)
{
	if (!good)
		fail_msg("%s", e->message);
}

static int
set_up(void **state)
{
	static struct place p;
	struct err e;

	must(place_make(&p, build, &e) && place_configure(&p, one_site, &e), &e);
	*state = &p;
	return 0;
}

static int
tear_down(void **state)
{
	place_remove(*state);
	return 0;
}

/*
 * Runs a line of the shell in which "helpdesk" is the program and $C the configuration.
 * Its exit status; out: what it printed.
 */
static int
shell(struct place *p, char *out, size_t size, const char *line)
{
	char script[1500];
	const char *words[] = { "sh", "-c", script, NULL };

	snprintf(script, sizeof script, "C='%s'; cd '%s'; helpdesk() { '%s/helpdesk' \"$@\"; }\n%s",
	    p->conf, p->folder, p->build, line);
	return place_run_program(out, size, words);
}

struct row {
	const char *line;
	int status;
	const char *printed;	/* must be in what it prints; NULL: anything */
};

static void
check_rows(struct place *p, const struct row *rows, size_t n)
{
	char out[64 << 10];

	for (size_t i = 0; i < n; i++) {
		int status = shell(p, out, sizeof out, rows[i].line);

		if (status != rows[i].status)
			fail_msg("%s: %d instead of %d: %s", rows[i].line, status, rows[i].status,
			    out);
		if (rows[i].printed != NULL && strstr(out, rows[i].printed) == NULL)
			fail_msg("%s: no \"%s\" in: %s", rows[i].line, rows[i].printed, out);
	}
}

#define CHECK_ROWS(p, rows) check_rows(p, rows, sizeof rows / sizeof *rows)

static void
they_work_before_the_first_start(void **state)
{
	static const struct row rows[] = {
		{ "test ! -e helpdesk.db", 0, NULL },
		{ "helpdesk -c $C user add maria --email maria@example.com", 0, NULL },
		{ "test -s helpdesk.db", 0, NULL },
		{ "helpdesk -c $C key create --name Bot --user MARIA", 0, "hp_" },
		{ "helpdesk -c $C user list", 0, "maria" },
		{ "helpdesk -c $C key list", 0, "Bot" },
	};

	CHECK_ROWS(*state, rows);
}

static void
the_configuration_is_named_before_or_after_the_command(void **state)
{
	static const struct row rows[] = {
		{ "helpdesk -c $C check", 0, NULL },
		{ "helpdesk check -c $C", 0, NULL },
		{ "helpdesk user -c $C list", 0, NULL },
		{ "helpdesk user list -c $C", 0, NULL },
		{ "helpdesk --config $C user list", 0, NULL },
	};

	CHECK_ROWS(*state, rows);
}

static void
a_duplicate_user_and_an_unknown_user_are_a_sentence_and_exit_1(void **state)
{
	static const struct row rows[] = {
		{ "helpdesk -c $C user add maria --email m@example.com", 0, NULL },
		{ "helpdesk -c $C user add maria --email m2@example.com 2>&1 >/dev/null", 1, "maria" },
		{ "helpdesk -c $C user add MARIA --email m2@example.com 2>&1 >/dev/null", 1, "MARIA" },
		{ "helpdesk -c $C user add 12345 --email m2@example.com 2>&1 >/dev/null", 1, "12345" },
		{ "helpdesk -c $C user add '' --email m2@example.com 2>&1 >/dev/null", 1, NULL },
		{ "helpdesk -c $C key create --name X --user bob 2>&1 >/dev/null", 1, "bob" },
		{ "helpdesk -c $C key create --name X --user bob 2>/dev/null", 1, NULL },
		{ "helpdesk -c $C key revoke Nobody 2>&1 >/dev/null", 1, "Nobody" },
		{ "helpdesk -c $C key revoke 0123456789ab 2>&1 >/dev/null", 1, "0123456789ab" },
		{ "helpdesk -c $C user list | wc -l", 0, "2\n" },
	};

	CHECK_ROWS(*state, rows);
}

static void
a_revoked_key_is_not_revoked_twice_and_its_name_is_free(void **state)
{
	static const struct row rows[] = {
		{ "helpdesk -c $C key create --name Bot", 0, NULL },
		{ "helpdesk -c $C key create --name Bot 2>&1 >/dev/null", 1, "Bot" },
		{ "helpdesk -c $C key revoke Bot", 0, NULL },
		{ "helpdesk -c $C key revoke Bot 2>&1 >/dev/null", 1, "Bot" },
		{ "helpdesk -c $C key create --name Bot", 0, "hp_" },
	};

	CHECK_ROWS(*state, rows);
}

static void
wrong_usage_is_64_and_a_wrong_configuration_78(void **state)
{
	static const struct row rows[] = {
		{ "helpdesk", 64, NULL },
		{ "helpdesk frobnicate 2>&1", 64, "frobnicate" },
		{ "helpdesk -c $C user", 64, NULL },
		{ "helpdesk -c $C user add", 64, NULL },
		{ "helpdesk -c $C user list extra", 64, NULL },
		{ "helpdesk -c $C user list --frob 2>&1", 64, "--frob" },
		{ "helpdesk -c $C key create", 64, NULL },
		{ "helpdesk -c $C key revoke", 64, NULL },
		{ "helpdesk -c $C get", 64, NULL },
		{ "helpdesk -c", 64, NULL },
		{ "helpdesk -c missing.yaml check 2>&1", 78, "missing.yaml" },
		{ "echo 'server: { treads: 2 }' > w.yaml; helpdesk -c w.yaml check 2>&1", 78,
		  "w.yaml:1:11: " },
		{ "echo 'server: { treads: 2 }' > w.yaml; helpdesk -c w.yaml check 2>&1", 78,
		  "threads" },
		{ "echo '[' > w.yaml; helpdesk -c w.yaml serve 2>&1", 78, "w.yaml:" },
		{ "helpdesk -c w.yaml user list 2>&1", 78, "w.yaml:" },
	};

	CHECK_ROWS(*state, rows);
}

static void
help_is_there_for_everything(void **state)
{
	static const struct row rows[] = {
		{ "helpdesk --help", 0, "key create" },
		{ "helpdesk serve --help", 0, "serve" },
		{ "helpdesk check --help", 0, "check" },
		{ "helpdesk user --help", 0, "user add" },
		{ "helpdesk user add --help", 0, "--email" },
		{ "helpdesk user list --help", 0, "--json" },
		{ "helpdesk key create --help", 0, "--user" },
		{ "helpdesk key list --help", 0, "--json" },
		{ "helpdesk key revoke --help", 0, "revoke" },
		{ "helpdesk module list --help", 0, "--json" },
		{ "helpdesk module new --help", 0, "NAME" },
		{ "helpdesk module check --help", 0, "FILE.so" },
		{ "helpdesk openapi --help", 0, "openapi" },
		{ "helpdesk get --help", 0, "PATH" },
	};

	CHECK_ROWS(*state, rows);
}

static void
lists_are_json_on_demand(void **state)
{
	static const char *const lists[] = { "user list", "key list", "module list" };
	struct place *p = *state;
	char out[64 << 10], line[100];
	const struct json *v;
	struct arena a;
	struct err e;

	assert_int_equal(shell(p, out, sizeof out, "helpdesk -c $C user add 'Αθηνά'"
	    " --email a@example.com --full-name 'A \"quoted\" name'"), 0);
	assert_int_equal(shell(p, out, sizeof out, "helpdesk -c $C key create --name 'B\\\"'"), 0);
	arena_init(&a, 16 << 20);
	for (size_t i = 0; i < 3; i++) {
		snprintf(line, sizeof line, "helpdesk -c $C %s --json", lists[i]);
		assert_int_equal(shell(p, out, sizeof out, line), 0);
		must(json_parse(&a, text_of(out), &v, &e), &e);
	}
	arena_fini(&a);
}

/* "hp_", 12 hex digits, "_", 49 base62 characters, a line's end. */
static bool
is_key_alone(const char *s)
{
	if (strlen(s) != 66 || strncmp(s, "hp_", 3) != 0 || s[15] != '_' || s[65] != '\n')
		return false;
	for (int i = 3; i < 15; i++)
		if (!isxdigit((unsigned char)s[i]) || isupper((unsigned char)s[i]))
			return false;
	for (int i = 16; i < 65; i++)
		if (!isalnum((unsigned char)s[i]))
			return false;
	return true;
}

static void
a_key_is_printed_alone_once_and_kept_nowhere(void **state)
{
	struct place *p = *state;
	char key[200], second[200], line[300], out[4096];

	assert_int_equal(shell(p, key, sizeof key, "helpdesk -c $C key create --name One"), 0);
	assert_true(is_key_alone(key));
	assert_int_equal(shell(p, second, sizeof second,
	    "helpdesk -c $C key create --name Two"), 0);
	assert_true(is_key_alone(second));
	assert_string_not_equal(key + 16, second + 16);
	key[65] = '\0';
	snprintf(line, sizeof line, "cat helpdesk.db* | grep -c -F -a '%s'", key + 16);
	assert_int_equal(shell(p, out, sizeof out, line), 1);
	assert_string_equal(out, "0\n");
	assert_int_equal(shell(p, out, sizeof out, "helpdesk -c $C key list --json"), 0);
	assert_null(strstr(out, key + 16));
}

static void
get_asks_without_a_server_and_fails_unless_2xx(void **state)
{
	static const struct row rows[] = {
		{ "helpdesk -c $C get /api/v1/status", 0, "\"status\":\"ok\"" },
		{ "helpdesk -c $C get /api/v1/tickets", 0, "{\"tickets\":[]}" },
		{ "helpdesk -c $C get /api/v1/tickets/1", 1, NULL },
		{ "helpdesk -c $C get /api/v1/nothing", 1, NULL },
		{ "helpdesk -c $C get /healthz", 0, NULL },
		{ "helpdesk -c $C get /readyz", 0, NULL },
	};

	CHECK_ROWS(*state, rows);
}

static void
openapi_prints_the_document(void **state)
{
	static const struct row rows[] = {
		{ "helpdesk -c $C openapi", 0, "\"openapi\":\"3.0.3\"" },
		{ "helpdesk -c $C openapi", 0, "/api/v1/inventory/hardware/{id}" },
		{ "helpdesk -c $C module list", 0, "hardware" },
	};

	CHECK_ROWS(*state, rows);
}

static void
commands_work_while_the_server_runs(void **state)
{
	static const struct row rows[] = {
		{ "helpdesk -c $C user add maria --email m@example.com", 0, NULL },
		{ "helpdesk -c $C key create --name Bot --user maria", 0, "hp_" },
		{ "helpdesk -c $C user list", 0, "maria" },
		{ "helpdesk -c $C key list", 0, "Bot" },
		{ "helpdesk -c $C check", 0, NULL },
		{ "helpdesk -c $C get /api/v1/status", 0, NULL },
		{ "helpdesk -c $C openapi", 0, NULL },
		{ "helpdesk -c $C module list", 0, "tickets" },
		{ "helpdesk -c $C key revoke Bot", 0, NULL },
	};
	struct err e;

	must(place_start(*state, &e), &e);
	CHECK_ROWS(*state, rows);
	assert_int_equal(place_stop(*state, SIGTERM), 0);
}

static void
last_used_at_is_kept(void **state)
{
	static const struct row rows[] = {
		{ "helpdesk -c $C key create --name Bot > key; "
		  "helpdesk -c $C key list --json", 0, "\"last_used_at\":null" },
		{ "curl -sf http://127.0.0.1:$PORT/api/v1/status -H \"X-API-Key: $(cat key)\"", 0, "Bot" },
	};
	struct place *p = *state;
	char out[4096], line[400];
	struct err e;

	must(place_start(p, &e), &e);
	assert_int_equal(shell(p, out, sizeof out, rows[0].line), 0);
	assert_non_null(strstr(out, rows[0].printed));
	snprintf(line, sizeof line, "PORT=%u; %s", p->port, rows[1].line);
	assert_int_equal(shell(p, out, sizeof out, line), 0);
	assert_non_null(strstr(out, rows[1].printed));
	assert_int_equal(place_stop(p, SIGTERM), 0);
	assert_int_equal(shell(p, out, sizeof out, "helpdesk -c $C key list --json"), 0);
	assert_null(strstr(out, "\"last_used_at\":null"));
}

int
main(int argc, char **argv)
{
#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_PLACE(they_work_before_the_first_start),
		WITH_PLACE(the_configuration_is_named_before_or_after_the_command),
		WITH_PLACE(a_duplicate_user_and_an_unknown_user_are_a_sentence_and_exit_1),
		WITH_PLACE(a_revoked_key_is_not_revoked_twice_and_its_name_is_free),
		WITH_PLACE(wrong_usage_is_64_and_a_wrong_configuration_78),
		WITH_PLACE(help_is_there_for_everything),
		WITH_PLACE(lists_are_json_on_demand),
		WITH_PLACE(a_key_is_printed_alone_once_and_kept_nowhere),
		WITH_PLACE(get_asks_without_a_server_and_fails_unless_2xx),
		WITH_PLACE(openapi_prints_the_document),
		WITH_PLACE(commands_work_while_the_server_runs),
		WITH_PLACE(last_used_at_is_kept),
	};

	build = argc > 1 ? argv[1] : "build";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
