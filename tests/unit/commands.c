/*
 * Whether the program does what its user types, and says what is wrong with it.
 * Commands that need modules and a network are tested with the program itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "commands.h"
#include "conf.h"

/* A folder with a configuration of one site, and one of two. */
struct place {
	char folder[64], one[80], two[80];
	char *out, *err;	/* of the last command */
};

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int
settle(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	strcpy(p->folder, "/tmp/helpdesk-commands-XXXXXX");
	if (mkdtemp(p->folder) == NULL)
		return -1;
	snprintf(p->one, sizeof p->one, "%s/one.yaml", p->folder);
	snprintf(p->two, sizeof p->two, "%s/two.yaml", p->folder);
	write_file(p->one, "sites: [{name: main, database: {path: one.db}, modules: {meta: }}]\n");
	write_file(p->two,
	    "sites:\n"
	    "  - {name: athens, hosts: [a.example], database: {path: a.db}, modules: {meta: }}\n"
	    "  - {name: berlin, database: {path: b.db}, modules: {meta: }}\n");
	*state = p;
	return 0;
}

static int
leave(void **state)
{
	struct place *p = *state;
	char command[100];

	snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
	free(p->out);
	free(p->err);
	if (system(command) != 0)
		return -1;
	free(p);
	return 0;
}

/* Runs a line of words; ONE and TWO stand for the configurations. */
static int
run_to(struct place *p, const char *line, FILE *out, FILE *err)
{
	char copy[500], *words[40], *rest = NULL;
	int n = 0;

	snprintf(copy, sizeof copy, "helpdesk %s", line);
	for (char *w = strtok_r(copy, " ", &rest); w != NULL; w = strtok_r(NULL, " ", &rest))
		words[n++] = strcmp(w, "ONE") == 0 ? p->one : strcmp(w, "TWO") == 0 ? p->two : w;
	return command_run(n, words, out, err);
}

/* Likewise, and keeps what was printed. */
static int
run(struct place *p, const char *line)
{
	size_t out_n, err_n;
	FILE *out, *err;
	int status;

	free(p->out);
	free(p->err);
	out = open_memstream(&p->out, &out_n);
	err = open_memstream(&p->err, &err_n);
	status = run_to(p, line, out, err);
	fclose(out);
	fclose(err);
	return status;
}

static const char *
must(struct place *p, const char *line)
{
	int status = run(p, line);

	if (status != 0)
		fail_msg("%s: %d, %s", line, status, p->err);
	assert_string_equal(p->err, "");
	return p->out;
}

static void
wrong_arguments_are_64_with_a_sentence_and_the_usage(void **state)
{
	static const struct { const char *line, *says; } cases[] = {
		{ "", "a command is missing\nUsage: helpdesk" },
		{ "serv", "unknown command serv; did you mean serve?\nUsage: helpdesk" },
		{ "usr list", "unknown command usr; did you mean user?\n" },
		{ "user", "user needs one more word\nUsage: helpdesk" },
		{ "user lst", "unknown command user lst; did you mean user list?\n" },
		{ "frobnicate", "unknown command frobnicate\n" },
		{ "--confg x version", "unknown option --confg; did you mean --config?\n" },
		{ "user list --jsn", "unknown option --jsn; did you mean --json?\n"
		  "Usage: helpdesk [-c FILE] user list [--site NAME] [--json]\n" },
		{ "user list --sit=x", "unknown option --sit; did you mean --site?\n" },
		{ "version --json", "unknown option --json\n" },
		{ "version -x", "unknown option -x\n" },
		{ "version more", "\"more\" is one word too many\n" },
		{ "user list --json=1", "--json takes no value\n" },
		{ "user list --site", "--site needs a value: NAME\n" },
		{ "version -c", "--config needs a value: FILE\n" },
		{ "user add", "user add needs NAME\n" },
		{ "user add maria", "user add needs --email ADDRESS\n" },
		{ "user add maria tom --email x@y", "\"tom\" is one word too many\n" },
		{ "key create", "key create needs --name TEXT\n" },
		{ "key revoke", "key revoke needs NAME_OR_PREFIX\n" },
		{ "get", "get needs PATH\n" },
		{ "get tickets", "a path begins with '/'" },
		{ "-c TWO user list", "which site? --site takes one of: athens, berlin\n" },
		{ "-c TWO user list --site rome",
		  "there is no site \"rome\"; there is: athens, berlin\n" },
		{ "-c ONE user list --site x", "there is no site \"x\"; there is: main\n" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct place *p = *state;
		int status = run(p, cases[i].line);

		if (status != 64 || strstr(p->err, cases[i].says) == NULL)
			fail_msg("%s: %d, %s", cases[i].line, status, p->err);
		assert_string_equal(p->out, "");
	}
}

static void
there_is_help_everywhere(void **state)
{
	static const struct { const char *line, *says; } cases[] = {
		{ "--help", "key revoke" },
		{ "-h", "Serves until SIGTERM" },
		{ "user --help", "user list" },
		{ "serve --help", "Usage: helpdesk [-c FILE] serve\n" },
		{ "--help serve", "Usage: helpdesk [-c FILE] serve\n" },
		{ "check -h", "--reference" },
		{ "user add --help", "user add NAME --email ADDRESS [--full-name TEXT] [--site NAME]\n" },
		{ "user list --help", "user list [--site NAME] [--json]\n" },
		{ "key create --help", "key create --name TEXT [--user USER] [--site NAME]\n" },
		{ "key list --help", "--json" },
		{ "key revoke x --help", "key revoke NAME_OR_PREFIX [--site NAME]\n" },
		{ "module list --help", "--json" },
		{ "openapi --help", "openapi [--site NAME]\n" },
		{ "get --help", "get PATH [--key KEY] [--site NAME]\n" },
		{ "version --help", "Prints the version" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct place *p = *state;

		if (strstr(must(p, cases[i].line), cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].line, p->out);
	}
}

static void
a_wrong_configuration_is_78_with_all_that_is_wrong(void **state)
{
	struct place *p = *state;
	char bad[100], line[200];

	snprintf(bad, sizeof bad, "%s/bad.yaml", p->folder);
	write_file(bad, "server: {threads: 0}\nsites: []\n");
	snprintf(line, sizeof line, "-c %s user list", bad);
	assert_int_equal(run(p, line), 78);
	assert_non_null(strstr(p->err, "bad.yaml:1:19: server.threads: 0 is below 1\n"));
	assert_non_null(strstr(p->err, "bad.yaml:2:8: sites: needs at least 1\n"));
	assert_int_equal(run(p, "-c /nonexistent.yaml check"), 78);
	assert_string_equal(p->err,
	    "/nonexistent.yaml: cannot be read: No such file or directory\n");
}

static void
users_can_be_added_before_the_first_start(void **state)
{
	struct place *p = *state;

	assert_string_equal(must(p, "-c ONE user add maria --email m@x.org --full-name=Maria"),
	    "1\n");
	assert_string_equal(must(p, "user add --email t@x.org -c ONE -- -tech"), "2\n");
	assert_string_equal(must(p, "user list -c ONE"), "ID\tNAME\tEMAIL\tFULL NAME\n"
	    "1\tmaria\tm@x.org\tMaria\n2\t-tech\tt@x.org\t\n");
	assert_string_equal(must(p, "user list --json -c ONE"), "{\"users\":[\n"
	    "{\"id\":1,\"name\":\"maria\",\"email\":\"m@x.org\",\"full_name\":\"Maria\"},\n"
	    "{\"id\":2,\"name\":\"-tech\",\"email\":\"t@x.org\",\"full_name\":null}\n]}\n");
	assert_int_equal(run(p, "-c ONE user add MARIA --email m@x.org"), 1);
	assert_string_equal(p->err, "helpdesk: there is a user 'MARIA' already\n");
	assert_string_equal(p->out, "");
}

static void
a_key_is_printed_alone_and_once(void **state)
{
	struct place *p = *state;
	char key[100];

	must(p, "-c ONE user add maria --email m@x.org");
	snprintf(key, sizeof key, "%s", must(p, "-c ONE key create --name phone --user MARIA"));
	assert_int_equal(strlen(key), 66);
	assert_memory_equal(key, "hp_", 3);
	assert_int_equal(key[65], '\n');
	assert_null(strstr(must(p, "-c ONE key list"), "_"));
	assert_non_null(strstr(p->out, "\tphone\tmaria\t"));
	assert_non_null(strstr(must(p, "-c ONE key list --json"), "\"revoked_at\":null"));
	assert_int_equal(run(p, "-c ONE key create --name phone"), 1);
	assert_non_null(strstr(p->err, "there is a key 'phone' already"));
	assert_string_equal(p->out, "");
	assert_int_equal(run(p, "-c ONE key create --name x --user bob"), 1);
	assert_string_equal(p->err, "helpdesk: there is no user 'bob'\n");
	assert_string_equal(p->out, "");
}

static void
a_key_is_revoked_by_name_or_digits(void **state)
{
	struct place *p = *state;
	char line[100];

	must(p, "-c ONE key create --name a");
	snprintf(line, sizeof line, "-c ONE key revoke %.12s",
	    must(p, "-c ONE key create --name b") + 3);
	assert_string_equal(must(p, line), "");
	assert_string_equal(must(p, "key revoke a -c ONE"), "");
	assert_int_equal(run(p, "key revoke a -c ONE"), 1);
	assert_string_equal(p->err, "helpdesk: the key 'a' is revoked already\n");
	assert_int_equal(run(p, "key revoke nobody -c ONE"), 1);
	assert_string_equal(p->err, "helpdesk: there is no key 'nobody'\n");
}

static void
sites_share_nothing(void **state)
{
	struct place *p = *state;

	assert_string_equal(must(p, "-c TWO user add maria --email m@x.org --site berlin"), "1\n");
	assert_string_equal(must(p, "-c TWO user list --site athens"),
	    "ID\tNAME\tEMAIL\tFULL NAME\n");
	assert_string_equal(must(p, "-c TWO user add maria --email m@x.org --site athens"), "1\n");
}

static void
a_result_that_cannot_be_written_is_a_failure(void **state)
{
	static const char *const lines[] = {
		"version", "--help", "check --reference", "-c ONE user list",
		"-c ONE key create --name phone",
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		FILE *full = fopen("/dev/full", "w"), *err = tmpfile();

		assert_non_null(full);
		assert_int_equal(run_to(p, lines[i], full, err), 1);
		fclose(full);
		fclose(err);
	}
}

static void
check_prints_the_reference(void **state)
{
	struct place *p = *state;
	size_t n;
	char *reference;
	FILE *f = open_memstream(&reference, &n);

	conf_print_reference(f);
	fclose(f);
	assert_string_equal(must(p, "check --reference"), reference);
	free(reference);
}

static void
a_module_that_is_not_there_is_a_line_of_the_list(void **state)
{
	struct place *p = *state;

	write_file(p->one, "module_path: [none]\n"
	    "sites: [{name: main, database: {path: one.db}, modules: {meta: }}]\n");
	assert_non_null(strstr(must(p, "-c ONE module list"), "main\tmeta\tunreadable\t\t\t"));
	assert_non_null(strstr(must(p, "-c ONE module list --json"),
	    "{\"site\":\"main\",\"name\":\"meta\",\"state\":\"unreadable\",\"version\":null"));
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, settle, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(wrong_arguments_are_64_with_a_sentence_and_the_usage),
		WITH_PLACE(there_is_help_everywhere),
		WITH_PLACE(a_wrong_configuration_is_78_with_all_that_is_wrong),
		WITH_PLACE(users_can_be_added_before_the_first_start),
		WITH_PLACE(a_key_is_printed_alone_and_once),
		WITH_PLACE(a_key_is_revoked_by_name_or_digits),
		WITH_PLACE(sites_share_nothing),
		WITH_PLACE(a_result_that_cannot_be_written_is_a_failure),
		WITH_PLACE(check_prints_the_reference),
		WITH_PLACE(a_module_that_is_not_there_is_a_line_of_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
