/*
 * demo.c - the site of "make run": made, kept on the second run, and as the API document's
 * examples want it
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "err.h"
#include "place.h"

static const char *build;

struct demo {
	struct place place;		/* its folder is the demo's */
	char out[8192];
};

static int
set_up(void **state)
{
	static struct demo d;
	char port[12];
	struct err e;

	if (!place_make(&d.place, build, &e))
		fail_msg("%s", e.message);
	snprintf(port, sizeof port, "%u", place_free_port());
	setenv("PORT", port, 1);
	*state = &d;
	return 0;
}

static int
tear_down(void **state)
{
	struct demo *d = *state;

	place_remove(&d->place);
	return 0;
}

/* Runs the script with what is behind it; standard error is printed, too. */
static int
demo(struct demo *d, const char *word)
{
	char line[900];
	const char *words[] = { "sh", "-c", line, NULL };

	snprintf(line, sizeof line, "sh conf/demo.sh '%s' '%s' %s 2>&1", d->place.build,
	    d->place.folder, word);
	return place_run_program(d->out, sizeof d->out, words);
}

static int
get(struct demo *d, const char *path, const char *filter)
{
	char line[900];
	const char *words[] = { "sh", "-c", line, NULL };

	snprintf(line, sizeof line, "'%s/helpdesk' -c '%s/helpdesk.yaml' get '/api/v1/%s' | %s",
	    d->place.build, d->place.folder, path, filter);
	return place_run_program(d->out, sizeof d->out, words);
}

static void
the_site_is_made_once_and_kept(void **state)
{
	struct demo *d = *state;
	char key[200], path[200], again[200];
	struct stat st;
	FILE *f;

	assert_int_equal(demo(d, "fill"), 0);
	snprintf(path, sizeof path, "%s/key", d->place.folder);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	f = fopen(path, "r");
	assert_non_null(fgets(key, sizeof key, f));
	fclose(f);

	assert_int_equal(demo(d, "fill"), 0);
	f = fopen(path, "r");
	assert_non_null(fgets(again, sizeof again, f));
	fclose(f);
	assert_string_equal(key, again);
	assert_int_equal(get(d, "tickets", "grep -o '\"subject\"' | wc -l"), 0);
	assert_string_equal(d->out, "201\n");
}

static void
the_site_is_as_the_examples_want_it(void **state)
{
	static const struct { const char *path, *holds; } rows[] = {
		{ "knowledge/12",           "\"title\":\"Reset VPN profile\"" },
		{ "knowledge/12",           "\"created_by\":5," },
		{ "inventory/software/15",  "\"id\":15," },
		{ "inventory/hardware/21",  "\"id\":21," },
	};
	static const struct { int id; const char *name; } people[] = {
		{ 5, "alex" }, { 7, "tech01" }, { 18, "maria" },
	};
	struct demo *d = *state;
	char line[900], want[40];
	const char *words[] = { "sh", "-c", line, NULL };

	assert_int_equal(demo(d, "fill"), 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(get(d, rows[i].path, "cat"), 0);
		assert_non_null(strstr(d->out, rows[i].holds));
	}
	assert_int_equal(get(d, "inventory/hardware", "grep -c DL-PRD-005 || :"), 0);
	assert_string_equal(d->out, "0\n");
	snprintf(line, sizeof line, "'%s/helpdesk' -c '%s/helpdesk.yaml' user list | tr -s ' '",
	    d->place.build, d->place.folder);
	assert_int_equal(place_run_program(d->out, sizeof d->out, words), 0);
	for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
		snprintf(want, sizeof want, "\n%d %s ", people[i].id, people[i].name);
		assert_non_null(strstr(d->out, want));
	}
}

static void
what_an_interrupted_run_left_is_made_anew(void **state)
{
	struct demo *d = *state;
	char path[200];

	assert_int_equal(demo(d, "fill"), 0);
	snprintf(path, sizeof path, "%s/complete", d->place.folder);
	assert_int_equal(remove(path), 0);
	assert_int_equal(demo(d, "fill"), 0);
	assert_int_equal(get(d, "tickets", "grep -o '\"subject\"' | wc -l"), 0);
	assert_string_equal(d->out, "201\n");
}

static void
a_port_that_is_taken_is_told(void **state)
{
	struct demo *d = *state;
	struct err e;

	assert_int_equal(demo(d, "fill"), 0);
	snprintf(d->place.conf, sizeof d->place.conf, "%s/helpdesk.yaml", d->place.folder);
	d->place.port = (unsigned)atoi(getenv("PORT"));
	if (!place_start(&d->place, &e))
		fail_msg("%s", e.message);
	assert_int_equal(demo(d, ""), 1);
	assert_non_null(strstr(d->out, "is taken"));
	assert_int_equal(place_stop(&d->place, SIGTERM), 0);
}

int
main(int argc, char **argv)
{
#define WITH_DEMO(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_DEMO(the_site_is_made_once_and_kept),
		WITH_DEMO(the_site_is_as_the_examples_want_it),
		WITH_DEMO(what_an_interrupted_run_left_is_made_anew),
		WITH_DEMO(a_port_that_is_taken_is_told),
	};

	build = argc > 1 ? argv[1] : "build";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
