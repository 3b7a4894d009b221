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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "commands.h"
#include "conf.h"
#include "core_schema.h"
#include "db.h"
#include "err.h"

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
	write_file(p->one, "sites: [{name: main, database: {path: one.db},"
	    " modules: {meta: , tickets: , hardware: {enabled: false}}}]\n");
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
		  "Usage: helpdesk [-c FILE] user list [--site NAME] [--json] [--all]\n" },
		{ "user list --sit=x", "unknown option --sit; did you mean --site?\n" },
		{ "version --json", "unknown option --json\n" },
		{ "--versoin", "unknown option --versoin; did you mean --version?\n" },
		{ "user list --version", "unknown option --version\n" },
		{ "--version=1", "--version takes no value\n" },
		{ "version -x", "unknown option -x\n" },
		{ "version more", "\"more\" is one word too many\n" },
		{ "user list --json=1", "--json takes no value\n" },
		{ "user list --site", "--site needs a value: NAME\n" },
		{ "version -c", "--config needs a value: FILE\n" },
		{ "user add", "user add needs NAME\n" },
		{ "user add maria", "user add needs --email ADDRESS\n" },
		{ "user add maria tom --email x@y", "\"tom\" is one word too many\n" },
		{ "user show", "user show needs NAME|ID\n" },
		{ "user edit maria -c ONE", "user edit needs --name, --email or --full-name\n" },
		{ "user deactivate", "user deactivate needs NAME|ID\n" },
		{ "audit tickets", "\"tickets\" is one word too many\n" },
		{ "audit --limit 0 -c ONE", "--limit takes a number from 1 on, not \"0\"\n" },
		{ "audit --id x -c ONE", "--id takes a number from 1 on, not \"x\"\n" },
		{ "audit --since today -c ONE", "--since takes YYYY-MM-DD" },
		{ "audit --until 2025-02-30 -c ONE", "--until takes YYYY-MM-DD" },
		{ "key create", "key create needs --name TEXT\n" },
		{ "key revoke", "key revoke needs NAME_OR_PREFIX\n" },
		{ "key rotate", "key rotate needs NAME_OR_PREFIX\n" },
		{ "-c ONE key create --name x --scope tickets", "--scope: 'tickets' is no scope; " },
		{ "-c ONE key create --name x --scope tickets:read --scope y",
		  "--scope: 'y' is no scope; " },
		{ "-c ONE key create --name x --network 10.0.0.1/8",
		  "--network: '10.0.0.1/8' has bits beyond its prefix; is 10.0.0.0/8 meant?\n" },
		{ "-c ONE key create --name x --expires soon",
		  "--expires: 'soon' is no date or date-time\n" },
		{ "-c ONE key create --name x --expires-in 90",
		  "--expires-in: '90' is no span of time; one is 90s, 15m, 24h, 90d or 0\n" },
		{ "-c ONE key create --name x --expires-in 1d --expires 2099-01-01",
		  "--expires and --expires-in cannot both be given\n" },
		{ "-c ONE key rotate x --overlap day", "--overlap: 'day' is no span of time; " },
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
		{ "user list --help", "user list [--site NAME] [--json] [--all]\n" },
		{ "user show --help", "user show NAME|ID [--site NAME]\n" },
		{ "user edit --help", "user edit NAME|ID [--name NAME] [--email ADDRESS]"
		  " [--full-name TEXT]\n            [--site NAME]\n" },
		{ "user deactivate --help", "user deactivate NAME|ID [--site NAME]\n" },
		{ "user activate --help", "user activate NAME|ID [--site NAME]\n" },
		{ "audit --help", "audit [--resource NAME] [--id ID] [--actor USER] [--since TIME]\n"
		  "            [--until TIME] [--limit N] [--site NAME] [--json]\n" },
		{ "key create --help", "key create --name TEXT [--user USER] [--scope SCOPE]...\n"
		  "            [--network NETWORK]... [--expires WHEN] [--expires-in SPAN] "
		  "[--site NAME]\n" },
		{ "key rotate --help", "key rotate NAME_OR_PREFIX [--overlap SPAN] [--site NAME]\n" },
		{ "key list --help", "--json" },
		{ "key revoke x --help", "key revoke NAME_OR_PREFIX [--site NAME]\n" },
		{ "module list --help", "--json" },
		{ "module new --help", "module new NAME [--dir FOLDER]\n" },
		{ "module check --help", "Exits with 0 only if a server would take the module." },
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
	assert_string_equal(must(p, "user list -c ONE"),
	    "ID    NAME                EMAIL                           FULL NAME\n"
	    "1     maria               m@x.org                         Maria\n"
	    "2     -tech               t@x.org                         -\n");
	assert_string_equal(must(p, "user list --json -c ONE"), "{\"users\":[\n"
	    "{\"id\":1,\"name\":\"maria\",\"email\":\"m@x.org\",\"full_name\":\"Maria\","
	    "\"active\":true},\n"
	    "{\"id\":2,\"name\":\"-tech\",\"email\":\"t@x.org\",\"full_name\":null,"
	    "\"active\":true}\n]}\n");
	assert_int_equal(run(p, "-c ONE user add MARIA --email m@x.org"), 1);
	assert_string_equal(p->err, "helpdesk: there is a user 'MARIA' already\n");
	assert_string_equal(p->out, "");
}

static void
a_user_is_edited_by_name_or_id(void **state)
{
	struct place *p = *state;

	must(p, "-c ONE user add maria --email m@x.org --full-name Maria");
	assert_string_equal(must(p, "-c ONE user edit MARIA --name maro --email="), "");
	assert_string_equal(must(p, "-c ONE user edit 1 --full-name Maro"), "");
	assert_string_equal(must(p, "-c ONE user list"),
	    "ID    NAME                EMAIL                           FULL NAME\n"
	    "1     maro                -                               Maro\n");
	assert_int_equal(run(p, "-c ONE user edit maria --name x"), 1);
	assert_string_equal(p->err, "helpdesk: there is no user 'maria'\n");
	must(p, "-c ONE user add tom --email t@x.org");
	assert_int_equal(run(p, "-c ONE user edit tom --name MARO"), 1);
	assert_string_equal(p->err, "helpdesk: there is a user 'MARO' already\n");
	assert_int_equal(run(p, "-c ONE user edit tom --name 12"), 1);
	assert_int_equal(run(p, "-c ONE user edit tom --email x"), 1);
	assert_string_equal(p->err,
	    "helpdesk: the email address must look like name@example.com\n");
}

static void
a_deactivated_user_is_shown_but_listed_on_demand_alone(void **state)
{
	struct place *p = *state;

	must(p, "-c ONE user add maria --email m@x.org --full-name Maria");
	must(p, "-c ONE user add tom --email t@x.org");
	assert_string_equal(must(p, "-c ONE user deactivate Maria"), "");
	assert_string_equal(must(p, "-c ONE user list"),
	    "ID    NAME                EMAIL                           FULL NAME\n"
	    "2     tom                 t@x.org                         -\n");
	assert_string_equal(must(p, "-c ONE user list --all"),
	    "ID    NAME                EMAIL                           ACTIVE  FULL NAME\n"
	    "1     maria               m@x.org                         no      Maria\n"
	    "2     tom                 t@x.org                         yes     -\n");
	assert_null(strstr(must(p, "-c ONE user list --json"), "maria"));
	assert_non_null(strstr(must(p, "-c ONE user list --json --all"), "\"active\":false},\n"));
	assert_non_null(strstr(must(p, "-c ONE user show maria"),
	    "id\t1\nname\tmaria\nfull name\tMaria\nemail\tm@x.org\nactive\tno\ncreated\t2"));
	assert_int_equal(run(p, "-c ONE user deactivate 1"), 1);
	assert_string_equal(p->err, "helpdesk: the user 'maria' is deactivated already\n");
	must(p, "-c ONE user activate 1");
	assert_non_null(strstr(must(p, "-c ONE user show 1"), "\nactive\tyes\n"));
	assert_int_equal(run(p, "-c ONE user activate maria"), 1);
	assert_string_equal(p->err, "helpdesk: the user 'maria' is active already\n");
	assert_int_equal(run(p, "-c ONE user show bob"), 1);
	assert_string_equal(p->err, "helpdesk: there is no user 'bob'\n");
}

/* What stands behind the time of the nth entry; NULL: there is none. */
static const char *
behind_time(const char *out, size_t n)
{
	for (; n > 0 && out != NULL; n--) {
		out = strchr(out, '\n');
		while (out != NULL && strncmp(out, "\n    ", 5) == 0)
			out = strchr(out + 1, '\n');
		out = out != NULL ? out + 1 : NULL;
	}
	return out != NULL && strlen(out) > 26 ? out + strlen("2025-02-28T09:45:03.104281") : NULL;
}

static void
each_change_by_command_is_in_the_audit_trail(void **state)
{
	static const char *const entries[] = {
		"  local  local  activate users/1\n    active: false -> true\n",
		"  local  local  deactivate users/1\n    active: true -> false\n",
		"  local  local  update users/1\n    name: \"maria\" -> \"maro\"\n"
		    "    email: \"m@x.org\" -> null\n",
		"  local  local  create users/1\n    name: null -> \"maria\"\n"
		    "    email: null -> \"m@x.org\"\n    active: null -> true\n",
	};
	struct place *p = *state;
	const char *out;

	must(p, "-c ONE user add maria --email m@x.org");
	must(p, "-c ONE user edit 1 --name maro --email=");
	must(p, "-c ONE user edit 1 --name maro --full-name=");
	assert_int_equal(run(p, "-c ONE user edit 1 --name 1"), 1);
	must(p, "-c ONE user deactivate 1");
	must(p, "-c ONE user activate 1");
	out = must(p, "-c ONE audit");
	for (size_t i = 0; i < 4; i++)
		assert_memory_equal(behind_time(out, i), entries[i], strlen(entries[i]));
	assert_null(behind_time(out, 4));
	assert_non_null(strstr(must(p, "-c ONE audit --json --limit 1"),
	    "\",\"request_id\":null,\"key_id\":null,\"key\":null,\"user_id\":null,\"actor\":null,"
	    "\"address\":\"local\",\"resource\":\"users\",\"record\":1,\"action\":\"activate\","
	    "\"changes\":{\"active\":[false,true]}}\n"));
	assert_ptr_equal(strchr(p->out, '\n') + 1, p->out + strlen(p->out));
}

/* An entry that a request made; the JSON is written in SQL. */
static void
write_entry(struct place *p, const char *changes)
{
	char path[100], sql[2000];
	struct db *db;
	struct err e;

	snprintf(path, sizeof path, "%s/one.db", p->folder);
	snprintf(sql, sizeof sql, "INSERT INTO core_user (name, name_fold, created_at)"
	    " VALUES ('maria', 'maria', '') ON CONFLICT DO NOTHING;"
	    "INSERT INTO core_key (name, prefix, digest, created_at) VALUES ('Phone', '', '', '')"
	    " ON CONFLICT DO NOTHING;"
	    "INSERT INTO core_audit (at, request_id, key_id, user_id, address, resource, record,"
	    " action, changes) VALUES ('2025-02-28T09:45:03.104281', 'r-1', 1, 1, '10.0.0.7',"
	    " 'tickets', 12, 'update', %s)", changes);
	assert_true(core_open(path, &db, &e));
	if (!db_begin(db, &e) || !db_execute(db, sql, &e) || !db_commit(db, &e))
		fail_msg("%s", e.message);
	db_close(db);
}

static void
an_audit_entry_tells_who_from_where_and_what(void **state)
{
	struct place *p = *state;

	write_entry(p, "'{\"status\":[\"Open\",null],\"tags\":[[],[\"a\",1]]}'");
	assert_string_equal(must(p, "-c ONE audit"),
	    "2025-02-28T09:45:03.104281  maria, key Phone  10.0.0.7  update tickets/12\n"
	    "    status: \"Open\" -> null\n"
	    "    tags: [] -> [\"a\",1]\n"
	    "    request r-1\n");
	assert_non_null(strstr(must(p, "-c ONE audit --json --actor MARIA"),
	    "\"request_id\":\"r-1\",\"key_id\":1,\"key\":\"Phone\",\"user_id\":1,"
	    "\"actor\":\"maria\",\"address\":\"10.0.0.7\",\"resource\":\"tickets\",\"record\":12,"
	    "\"action\":\"update\",\"changes\":{\"status\":"));
}

/* ESC, DEL, a newline, and U+009B, which some terminals take for ESC and '['. */
static void
what_clients_wrote_does_not_steer_the_terminal(void **state)
{
	struct place *p = *state;

	write_entry(p, "'{\"a\":[\"\\u001b[2Jx\\u007f\\u009b2J\\n\",\"\\u00e9\\u03b1\"]}'");
	assert_non_null(strstr(must(p, "-c ONE audit"),
	    "\n    a: \"\\u001b[2Jx??2J\\n\" -> \"\u00e9\u03b1\"\n"));
	write_entry(p, "'{\"a\":\n[1,2]}'");
	must(p, "-c ONE audit --json --limit 1");
	assert_int_equal(strcspn(p->out, "\n"), strlen(p->out) - 1);
}

static void
long_values_are_cut_for_people_and_whole_for_programs(void **state)
{
	struct place *p = *state;

	write_entry(p, "'{\"a\":[\"' || hex(zeroblob(500)) || '\",\"y\"]}'");
	assert_non_null(strstr(must(p, "-c ONE audit"), "00... -> \"y\"\n"));
	assert_true(strlen(p->out) < 500);
	assert_true(strlen(must(p, "-c ONE audit --json")) > 1000);
}

static void
the_audit_trail_is_narrowed_down(void **state)
{
	static const struct { const char *line; size_t entries; } cases[] = {
		{ "audit", 3 },
		{ "audit --resource users", 3 }, { "audit --resource tickets", 0 },
		{ "audit --resource core_user", 0 },
		{ "audit --id 2", 1 }, { "audit --resource users --id 2", 1 },
		{ "audit --actor tom", 0 }, { "audit --limit 2", 2 },
		{ "audit --since 2020-01-01", 3 }, { "audit --since 9000-01-01", 0 },
		{ "audit --until 2020-01-01", 0 }, { "audit --until 9000-01-01T00:00Z", 3 },
		{ "audit --since 2020-01-01 --until 9000-01-01 --resource users --id 1 --limit 5", 1 },
	};
	struct place *p = *state;

	must(p, "-c ONE user add maria --email m@x.org");
	must(p, "-c ONE user add tom --email t@x.org");
	must(p, "-c ONE user add zoe --email z@x.org");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char line[200];
		size_t n = 0;

		snprintf(line, sizeof line, "%s --json -c ONE", cases[i].line);
		for (const char *c = must(p, line); *c != '\0'; c++)
			n += *c == '\n';
		if (n != cases[i].entries)
			fail_msg("%s: %zu entries", cases[i].line, n);
	}
	assert_int_equal(run(p, "-c ONE audit --actor bob"), 1);
	assert_string_equal(p->err, "helpdesk: there is no user 'bob'\n");
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
	assert_non_null(strstr(p->out, "  phone               maria           never "));
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

/* Columns of the longest line. */
static size_t
width_of(const char *out)
{
	size_t most = 0;

	for (const char *line = out; *line != '\0'; line += strcspn(line, "\n") + 1)
		if (strcspn(line, "\n") > most)
			most = strcspn(line, "\n");
	return most;
}

static void
a_list_of_keys_says_what_each_is_good_for(void **state)
{
	struct place *p = *state;
	char old[100], limits[400];

	must(p, "-c ONE key create --name all");
	snprintf(old, sizeof old, "%s", must(p, "-c ONE key create --name some "
	    "--scope tickets:write --scope hardware:*,tickets:read --network 10.0.0.0/8 "
	    "--network=2001:DB8::/32 --expires 2099-12-31"));
	must(p, "-c ONE key create --name dead --expires-in 1d");
	must(p, "-c ONE key revoke dead");
	assert_string_not_equal(must(p, "-c ONE key rotate some --overlap 30d"), old);
	must(p, "-c ONE key list");
	assert_true(width_of(p->out) <= 100);
	snprintf(limits, sizeof limits,
	    "  2099-12-31 00:00  rotating\n"
	    "      may hardware:* tickets:read tickets:write\n"
	    "      from 10.0.0.0/8 2001:db8::/32\n"
	    "      until ");
	assert_non_null(strstr(p->out, limits));
	snprintf(limits, sizeof limits, " also with the secret of %.12s\n", old + 3);
	assert_non_null(strstr(p->out, limits));
	assert_non_null(strstr(p->out, "  never             never             active\n2 "));
	assert_non_null(strstr(p->out, "  revoked\n"));
	must(p, "-c ONE key list --json");
	assert_non_null(strstr(p->out, "\"scopes\":[\"*\"],\"networks\":[],"));
	assert_non_null(strstr(p->out,
	    "\"scopes\":[\"hardware:*\",\"tickets:read\",\"tickets:write\"],"
	    "\"networks\":[\"10.0.0.0/8\",\"2001:db8::/32\"],"));
	assert_non_null(strstr(p->out, "\"expires_at\":\"2099-12-31T00:00:00.000000\""));
	snprintf(limits, sizeof limits, "\"old_prefix\":\"%.12s\",\"old_until\":\"2", old + 3);
	assert_non_null(strstr(p->out, limits));
}

static void
a_rotated_key_is_printed_alone(void **state)
{
	struct place *p = *state;
	char first[100];

	snprintf(first, sizeof first, "%s", must(p, "-c ONE key create --name a"));
	assert_string_not_equal(must(p, "-c ONE key rotate a --overlap 0"), first);
	assert_int_equal(strlen(p->out), 66);
	assert_non_null(strstr(must(p, "-c ONE key list --json"), "\"old_prefix\":null"));
	assert_non_null(strstr(must(p, "-c ONE key list"), "  active\n"));
	must(p, "-c ONE key revoke a");
	must(p, "-c ONE audit --resource keys --json");
	assert_non_null(strstr(p->out, "\"action\":\"create\""));
	assert_non_null(strstr(p->out, "\"action\":\"rotate\""));
	assert_non_null(strstr(p->out, "\"action\":\"revoke\""));
	assert_non_null(strstr(p->out, "\"changes\":{\"revoked_at\":[null,\""));
	assert_null(strstr(p->out, "hp_"));
	assert_int_equal(run(p, "-c ONE key rotate nobody"), 1);
	assert_string_equal(p->err, "helpdesk: there is no key 'nobody'\n");
	assert_int_equal(run(p, "-c ONE key create --name b --expires 2020-01-01"), 1);
	assert_string_equal(p->err, "helpdesk: the key would have expired already\n");
}

static void
a_scope_of_no_module_of_the_site_is_warned_of(void **state)
{
	static const struct { const char *scope, *says; } cases[] = {
		{ "ticket:read", "helpdesk: warning: no module of site main is called 'ticket'; "
		    "did you mean 'tickets'?\n" },
		{ "tickets:read,payroll:*",
		    "helpdesk: warning: no module of site main is called 'payroll'\n" },
		{ "hardware:write", "" },	/* it is switched off, and may be on tomorrow */
		{ "*", "" },
	};
	struct place *p = *state;
	char line[100];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(line, sizeof line, "-c ONE key create --name k%zu --scope %s", i,
		    cases[i].scope);
		assert_int_equal(run(p, line), 0);
		assert_string_equal(p->err, cases[i].says);
		assert_true(strncmp(p->out, "hp_", 3) == 0);
	}
}

static void
the_version_is_told_without_a_command(void **state)
{
	static const char *const lines[] = { "--version", "-c ONE --version", "version" };
	struct place *p = *state;

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		assert_string_equal(must(p, lines[i]), "helpdesk " HELPDESK_VERSION "\n");
	assert_non_null(strstr(must(p, "--help"), "  --version "));
	assert_null(strstr(must(p, "user --help"), "--version"));
}

static void
sites_share_nothing(void **state)
{
	struct place *p = *state;

	assert_string_equal(must(p, "-c TWO user add maria --email m@x.org --site berlin"), "1\n");
	assert_string_equal(must(p, "-c TWO user list --site athens"),
	    "ID    NAME                EMAIL                           FULL NAME\n");
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
	assert_non_null(strstr(must(p, "-c ONE module list"),
	    "SITE  NAME  VERSION  ABI  ROUTES  STATE\n"
	    "main  meta  -        -    -       refused: there is no "));
	assert_non_null(strstr(must(p, "-c ONE module list --json"),
	    "{\"site\":\"main\",\"name\":\"meta\",\"version\":null,\"abi\":null,"
	    "\"routes\":null,\"state\":\"refused\",\"why\":\"there is no "));
}

static void
a_list_makes_no_database(void **state)
{
	struct place *p = *state;
	char path[80];

	snprintf(path, sizeof path, "%s/one.db", p->folder);
	must(p, "-c ONE module list");
	assert_int_not_equal(access(path, F_OK), 0);
}

static void
the_list_does_without_a_database_that_cannot_be_read(void **state)
{
	struct place *p = *state;
	char path[80];

	snprintf(path, sizeof path, "%s/one.db", p->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(run(p, "-c ONE module list"), 0);
	assert_non_null(strstr(p->out, "main  hardware "));
	assert_non_null(strstr(p->err, "warning: site main: its last start is not known: "));
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
		WITH_PLACE(a_user_is_edited_by_name_or_id),
		WITH_PLACE(a_deactivated_user_is_shown_but_listed_on_demand_alone),
		WITH_PLACE(each_change_by_command_is_in_the_audit_trail),
		WITH_PLACE(an_audit_entry_tells_who_from_where_and_what),
		WITH_PLACE(what_clients_wrote_does_not_steer_the_terminal),
		WITH_PLACE(long_values_are_cut_for_people_and_whole_for_programs),
		WITH_PLACE(the_audit_trail_is_narrowed_down),
		WITH_PLACE(a_key_is_printed_alone_and_once),
		WITH_PLACE(a_key_is_revoked_by_name_or_digits),
		WITH_PLACE(a_list_of_keys_says_what_each_is_good_for),
		WITH_PLACE(a_rotated_key_is_printed_alone),
		WITH_PLACE(a_scope_of_no_module_of_the_site_is_warned_of),
		WITH_PLACE(the_version_is_told_without_a_command),
		WITH_PLACE(sites_share_nothing),
		WITH_PLACE(a_result_that_cannot_be_written_is_a_failure),
		WITH_PLACE(check_prints_the_reference),
		WITH_PLACE(a_module_that_is_not_there_is_a_line_of_the_list),
		WITH_PLACE(a_list_makes_no_database),
		WITH_PLACE(the_list_does_without_a_database_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
