/*
 * What a site's database tells of the last start.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "core_schema.h"
#include "db.h"
#include "err.h"
#include "module.h"
#include "roster.h"
#include "site.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

/* A site of one module, sla 1.0.0, as a start leaves it. */
struct place {
	char folder[64];
	struct db *db;
	struct arena arena;
	struct conf_module conf;
	struct hd_module descriptor;
	struct module module;
	struct instance instance, *instances[1];
	struct site site;
};

static int
settle(void **state)
{
	struct place *p = *state = calloc(1, sizeof *p);
	char path[80];
	struct err e = { "" };

	strcpy(p->folder, "/tmp/helpdesk-roster-XXXXXX");
	if (mkdtemp(p->folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/x.db", p->folder);
	arena_init(&p->arena, 1 << 20);
	p->conf.name = "sla";
	p->descriptor.version = "1.0.0";
	p->module.d = &p->descriptor;
	p->instance.conf = &p->conf;
	p->instance.module = &p->module;
	p->instance.route_count = 7;
	p->instances[0] = &p->instance;
	p->site.instances = p->instances;
	p->site.instance_count = 1;
	if (core_open(path, &p->db, &e))
		return 0;
	print_error("%s\n", e.message);
	return -1;
}

static int
leave(void **state)
{
	struct place *p = *state;
	char command[100];

	db_close(p->db);
	arena_fini(&p->arena);
	snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
	free(p);
	return system(command);
}

static void
keep(struct place *p)
{
	struct err e = { "" };

	if (!roster_keep(p->db, &p->site, &e))
		fail_msg("%s", e.message);
}

static struct roster_entry
find(struct place *p, const char *name, const char *version)
{
	struct roster_entry entry;
	struct err e = { "" };

	if (!roster_find(p->db, &p->arena, name, version, &entry, &e))
		fail_msg("%s", e.message);
	return entry;
}

static void
expect_served(struct place *p, const char *version, int64_t routes)
{
	struct roster_entry entry = find(p, "sla", version);

	assert_true(entry.found);
	assert_int_equal(entry.routes, routes);
	assert_null(entry.refused);
}

static void
before_the_first_start_nothing_is_known(void **state)
{
	assert_false(find(*state, "sla", "1.0.0").found);
}

static void
the_routes_of_a_module_are_those_of_its_last_start(void **state)
{
	struct place *p = *state;

	keep(p);
	expect_served(p, "1.0.0", 7);
	p->instance.route_count = 9;
	keep(p);
	expect_served(p, "1.0.0", 9);
	assert_false(find(p, "desk", "1.0.0").found);
}

static void
what_another_version_had_is_not_told(void **state)
{
	struct place *p = *state;

	keep(p);
	assert_false(find(p, "sla", "1.1.0").found);
	p->descriptor.version = "1.1.0";
	keep(p);
	expect_served(p, "1.1.0", 7);
	assert_false(find(p, "sla", "1.0.0").found);
}

static void
why_it_was_refused_is_told_until_it_is_taken(void **state)
{
	struct place *p = *state;
	struct roster_entry entry;

	p->instance.refused = "module refused: sla: the moon is full (helpdesk.yaml:8)";
	p->instance.why = "the moon is full";
	keep(p);
	entry = find(p, "sla", "1.0.0");
	assert_true(entry.found);
	assert_int_equal(entry.routes, 0);
	assert_string_equal(entry.refused, "the moon is full");
	p->instance.refused = p->instance.why = NULL;
	keep(p);
	expect_served(p, "1.0.0", 7);
}

/* Its descriptor was not seen; the note of the file is. */
static void
a_file_that_could_not_be_loaded_is_refused_in_whatever_version(void **state)
{
	struct place *p = *state;

	p->instance.module = NULL;
	p->instance.refused = p->instance.why = "cannot be loaded";
	keep(p);
	assert_string_equal(find(p, "sla", "2.3.4").refused, "cannot be loaded");
}

static void
a_start_like_the_last_writes_nothing(void **state)
{
	struct place *p = *state;
	int64_t written = db_written(p->db);

	keep(p);
	assert_int_equal(db_written(p->db), written + 1);
	keep(p);
	assert_int_equal(db_written(p->db), written + 1);
}

static void
a_database_of_before_the_roster_knows_nothing(void **state)
{
	struct place *p = *state;
	struct err e = { "" };

	assert_true(db_begin(p->db, &e) && db_execute(p->db, "DROP TABLE core_module", &e) &&
	    db_commit(p->db, &e));
	assert_false(find(p, "sla", "1.0.0").found);
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, settle, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(before_the_first_start_nothing_is_known),
		WITH_PLACE(the_routes_of_a_module_are_those_of_its_last_start),
		WITH_PLACE(what_another_version_had_is_not_told),
		WITH_PLACE(why_it_was_refused_is_told_until_it_is_taken),
		WITH_PLACE(a_file_that_could_not_be_loaded_is_refused_in_whatever_version),
		WITH_PLACE(a_start_like_the_last_writes_nothing),
		WITH_PLACE(a_database_of_before_the_roster_knows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
