/*
 * Whether a configuration is taken as it was meant, and every fault of one told with
 * its place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "conf.h"
#include "out.h"

#define SITE "sites: [{name: main, database: {path: x.db}, modules: {meta: , tickets: }}]\n"

/* What a text of YAML gave. */
struct result {
	struct conf *conf;	/* NULL: faults */
	char faults[16384];
};

static struct result
parse_bytes(const char *yaml, size_t n)
{
	struct result r = { NULL, "" };
	struct arena arena;
	struct out out;
	bool ok;

	arena_init(&arena, 4 << 20);
	out_init(&out, &arena, 2 << 20);
	ok = conf_parse("etc/h.yaml", yaml, n, &r.conf, &out);
	assert_int_equal(ok, out.len == 0);
	assert_int_equal(ok, r.conf != NULL);
	snprintf(r.faults, sizeof r.faults, "%.*s", (int)out.len, out.len > 0 ? out.at : "");
	arena_fini(&arena);
	return r;
}

static struct result
parse(const char *yaml)
{
	return parse_bytes(yaml, strlen(yaml));
}

static struct conf *
take(const char *yaml)
{
	struct result r = parse(yaml);

	if (r.conf == NULL)
		fail_msg("%s", r.faults);
	return r.conf;
}

static void
the_least_file_has_safe_defaults(void **state)
{
	struct conf *c = take(SITE);

	(void)state;
	assert_string_equal(c->file, "etc/h.yaml");
	assert_int_equal(c->server.listen_count, 1);
	assert_string_equal(c->server.listens[0].host, "127.0.0.1");
	assert_string_equal(c->server.listens[0].port, "8080");
	assert_null(c->server.listens[0].certificate);
	assert_int_equal(c->server.listens[0].place.line, 0);
	assert_true(c->server.threads >= 1);
	assert_true(c->server.access_log);
	assert_string_equal(c->server.log_level, "info");
	assert_int_equal(c->server.drain, 10000);
	assert_int_equal(c->limits.connections, 10000);
	assert_int_equal(c->limits.streams, 100);
	assert_int_equal(c->limits.cancelled, 100);
	assert_int_equal(c->limits.body, 1048576);
	assert_int_equal(c->limits.unfinished, 67108864);
	assert_int_equal(c->limits.unfinished_per_connection, 3145728);
	assert_int_equal(c->limits.target, 8192);
	assert_int_equal(c->limits.header_bytes, 32768);
	assert_int_equal(c->limits.header_fields, 100);
	assert_int_equal(c->limits.write_queue, 4096);
	assert_int_equal(c->limits.slow_queue, 256);
	assert_int_equal(c->limits.read_steps, 100000);
	assert_int_equal(c->limits.spool, 4294967296);
	assert_int_equal(c->limits.request_memory, 67108864);
	assert_int_equal(c->timeouts.handshake, 5000);
	assert_int_equal(c->timeouts.header, 10000);
	assert_int_equal(c->timeouts.keep_alive, 60000);
	assert_int_equal(c->timeouts.idle, 20000);
	assert_int_equal(c->timeouts.stall, 15000);
	assert_int_equal(c->timeouts.slow_bytes, 10000);
	assert_int_equal(c->module_path_count, 1);
	conf_free(c);
}

static void
a_site_is_read_as_it_was_written(void **state)
{
	struct conf *c = take(
	    "sites:\n"
	    "  - name: athens\n"
	    "    hosts: [ Helpdesk.Athens.Example.COM, '[::1]' ]\n"
	    "    public_url: https://helpdesk.athens.example.com\n"
	    "    database: { engine: sqlite, path: /var/lib/athens.db }\n"
	    "    modules:\n"
	    "      meta:\n"
	    "      hardware: { required: false, colour: dark green, shelves: 12 }\n"
	    "      software:\n"
	    "        enabled: false\n");
	const struct conf_site *s = &c->sites[0];
	const struct conf_module *hardware = &s->modules[1];

	(void)state;
	assert_string_equal(s->name, "athens");
	assert_int_equal(s->place.line, 2);
	assert_int_equal(s->place.column, 5);
	assert_int_equal(s->host_count, 2);
	assert_string_equal(s->hosts[0], "helpdesk.athens.example.com");
	assert_string_equal(s->hosts[1], "[::1]");
	assert_string_equal(s->public_url, "https://helpdesk.athens.example.com");
	assert_string_equal(s->engine, "sqlite");
	assert_string_equal(s->path, "/var/lib/athens.db");
	assert_int_equal(s->module_count, 3);
	assert_string_equal(s->modules[0].name, "meta");
	assert_true(s->modules[0].enabled && s->modules[0].required);
	assert_string_equal(hardware->name, "hardware");
	assert_int_equal(hardware->place.line, 8);
	assert_true(hardware->enabled && !hardware->required);
	assert_int_equal(hardware->option_count, 2);
	assert_string_equal(hardware->options[0].name, "colour");
	assert_string_equal(hardware->options[0].value, "dark green");
	assert_string_equal(hardware->options[1].value, "12");
	assert_int_equal(hardware->options[1].place.column, 56);
	assert_false(s->modules[2].enabled);
	conf_free(c);
}

static void
listeners_have_their_parts(void **state)
{
	struct conf *c = take(SITE
	    "server:\n"
	    "  listen:\n"
	    "    - { address: '[::]:443', tls: { certificate: a.pem, key: /b.pem } }\n"
	    "    - address: localhost:0\n");

	(void)state;
	assert_int_equal(c->server.listen_count, 2);
	assert_string_equal(c->server.listens[0].address, "[::]:443");
	assert_string_equal(c->server.listens[0].host, "::");
	assert_string_equal(c->server.listens[0].port, "443");
	assert_string_equal(c->server.listens[0].certificate, "etc/a.pem");
	assert_string_equal(c->server.listens[0].key, "/b.pem");
	assert_string_equal(c->server.listens[1].host, "localhost");
	assert_string_equal(c->server.listens[1].port, "0");
	assert_null(c->server.listens[1].key);
	conf_free(c);
}

static void
relative_paths_begin_at_the_folder_of_the_file(void **state)
{
	struct conf *c = take(SITE "module_path: [modules, ../m, /opt/m]\n");

	(void)state;
	assert_string_equal(c->sites[0].path, "etc/x.db");
	assert_string_equal(c->module_path[0], "etc/modules");
	assert_string_equal(c->module_path[1], "etc/../m");
	assert_string_equal(c->module_path[2], "/opt/m");
	conf_free(c);
}

static void
times_and_sizes_have_units(void **state)
{
	struct conf *c = take(SITE
	    "timeouts: { handshake: 500ms, header: 2m, idle: 1h }\n"
	    "limits: { target: 512, body: 64KiB, unfinished: 1GiB, spool: 2TiB }\n");

	(void)state;
	assert_int_equal(c->timeouts.handshake, 500);
	assert_int_equal(c->timeouts.header, 120000);
	assert_int_equal(c->timeouts.idle, 3600000);
	assert_int_equal(c->limits.target, 512);
	assert_int_equal(c->limits.body, 65536);
	assert_int_equal(c->limits.unfinished, 1073741824);
	assert_int_equal(c->limits.spool, 2199023255552);
	conf_free(c);
}

static const struct { const char *yaml, *fault; } cases[] = {
	/* numbers */
	{ SITE "server: {threads: 0}", ":2:19: server.threads: 0 is below 1\n" },
	{ SITE "server: {threads: -3}", ":2:19: server.threads: -3 is below 1\n" },
	{ SITE "server: {threads: 257}", ":2:19: server.threads: 257 is above 256\n" },
	{ SITE "server: {threads: 99999999999999999999999}", "999 is above 256\n" },
	{ SITE "server: {threads: many}", "\"many\" is neither auto nor a whole number\n" },
	{ SITE "server: {slow_threads: auto}", "\"auto\" is not a whole number\n" },
	{ SITE "server: {slow_threads: 1.5}", "\"1.5\" is not a whole number\n" },
	{ SITE "server: {slow_threads: '3'}", "\"3\" is not a whole number\n" },
	{ SITE "server: {slow_threads: 0x10}", "\"0x10\" is not a whole number\n" },
	{ SITE "limits: {streams: 32}", "limits.streams: 32 is below 100\n" },
	{ SITE "limits: {body: 1MB}", "limits.body: \"1MB\" is not a size such as" },
	{ SITE "limits: {body: 1}", "limits.body: 1 is below 1KiB\n" },
	{ SITE "limits: {body: 20000000TiB}", "20000000TiB is above 1GiB\n" },
	{ SITE "limits: {body: 16MiB}",
	  "limits.body: 16MiB is above limits.unfinished_per_connection, which is 3MiB\n" },
	{ SITE "timeouts: {idle: 10}", "timeouts.idle: \"10\" is not a time such as" },
	{ SITE "timeouts: {idle: 1ms}", "timeouts.idle: 1ms is below 100ms\n" },
	/* words and kinds */
	{ SITE "server: {access_log: yes}", "server.access_log: \"yes\" is not true or false\n" },
	{ SITE "server: {log_level: warnin}", "debug; did you mean \"warning\"?\n" },
	{ SITE "server: {log_level: }", "server.log_level: has no value\n" },
	{ SITE "server: 3", ":2:9: server: must be a section with keys\n" },
	{ SITE "server: [1]", "server: must be a section with keys\n" },
	{ SITE "server: {listen: 8080}", "server.listen: must be a list" },
	{ SITE "server: {threads: [1]}", "server.threads: must be a single value\n" },
	{ SITE "server: {listen: []}", "server.listen: needs at least 1\n" },
	{ "3", ":1:1: must be a section with keys, such as sites\n" },
	{ "", "etc/h.yaml: the file is empty; it needs sites\n" },
	{ "# nothing\n", "the file is empty" },
	{ "server: {}\n", ":1:1: sites: is missing\n" },
	{ "sites: []", "sites: needs at least 1\n" },
	/* keys */
	{ SITE "server: {thread: 3}",
	  ":2:10: server.thread: unknown key; did you mean \"threads\"?\n" },
	{ SITE "servers: {}", ":2:1: servers: unknown key; did you mean \"server\"?\n" },
	{ SITE "xyzzy: 1", ":2:1: xyzzy: unknown key\n" },
	{ SITE "<<: {server: 1}", "<<: unknown key\n" },
	{ SITE "server: {threads: 1, threads: 2}",
	  ":2:22: server.threads: is given a second time; the first is in line 2\n" },
	{ SITE "[a]: 1", "a key must be a word\n" },
	{ "sites: [{name: a, database: {path: x}, modules: {tickets: , tickets: }}]",
	  "sites[0].modules.tickets: is given a second time" },
	/* YAML that is refused */
	{ SITE "server: &a {}", ":2:9: anchors (&name) and aliases (*name) are not taken" },
	{ SITE "server: *a", ":2:9: anchors (&name) and aliases (*name) are not taken" },
	{ SITE "server: !!map {}", ":2:9: tags (!name) are not taken\n" },
	{ SITE "server: {log_level: \"in\\0fo\"}", "there is a control character in this text\n" },
	{ SITE "\"a\\e[31m\": 1", "there is a control character in this text\n" },
	{ SITE "---\n" SITE, "a second document begins here; there can be only one\n" },
	{ SITE "server: {", "this is not YAML: " },
	{ SITE "server: \t- a\n b", "this is not YAML: " },
	{ "a: \"\xff\"", "this is not YAML: " },
	{ "[[[[[[[[[[[[[[[[[[[[[[[[[[", "nested too deep\n" },
	/* listeners */
	{ SITE "server: {listen: [{address: '8080'}]}", "an address is HOST:PORT" },
	{ SITE "server: {listen: [{address: 'a:99999'}]}", "an address is HOST:PORT" },
	{ SITE "server: {listen: [{address: '::1:80'}]}", "an address is HOST:PORT" },
	{ SITE "server: {listen: [{}]}", "server.listen[0].address: is missing\n" },
	{ SITE "server: {listen: [{address: 'a:1', tls: {key: k}}]}",
	  "server.listen[0].tls.certificate: is missing\n" },
	{ SITE "server: {listen: [{address: 'a:1'}, {address: 'a:1'}]}",
	  "server.listen[1].address: \"a:1\" is listened on already, see line 2\n" },
	/* sites */
	{ "sites: [{}]", ":1:9: sites[0].database.path: is missing\n" },
	{ "sites: [{name: , database: {path: x}, modules: {a: }}]", "sites[0].name: has no value\n" },
	{ "sites: [{name: '', database: {path: x}, modules: {a: }}]", "sites[0].name: is empty\n" },
	{ "sites: [{name: A b, database: {path: x}, modules: {a: }}]",
	  "sites[0].name: \"A b\": a site's name is of a-z, 0-9 and '-'" },
	{ "sites: [{name: a, database: {path: x}, modules: {}}]",
	  "sites[0].modules: needs at least 1\n" },
	{ "sites: [{name: a, database: {path: x}, modules: {../x: }}]",
	  "sites[0].modules.../x: \"../x\": a module's name is of" },
	{ "sites: [{name: a, database: {path: x}, modules: {x: {sha256: 12}}}]",
	  "sites[0].modules.x.sha256: \"12\": a SHA-256 is 64 hex digits\n" },
	{ "sites: [{name: a, database: {path: x}, modules: {x: {depth: [1]}}}]",
	  "sites[0].modules.x.depth: must be a single value\n" },
	{ "sites: [{name: a, database: {path: x, engine: mysql}, modules: {x: }}]",
	  "sites[0].database.engine: \"mysql\" is none of sqlite" },
	{ "sites: [{name: a, hosts: ['a:80'], database: {path: x}, modules: {x: }}]",
	  "sites[0].hosts[0]: \"a:80\": a host name is given without scheme and port\n" },
	{ "sites: [{name: a, hosts: [a..b], database: {path: x}, modules: {x: }}]",
	  "a host name is of letters" },
	{ "sites: [{name: a, public_url: 'ftp://x', database: {path: x}, modules: {x: }}]",
	  "a public URL begins with https:// or http:// and a host name\n" },
	{ "sites: [{name: a, public_url: 'https://x/', database: {path: x}, modules: {x: }}]",
	  "a public URL ends without '/'\n" },
};

static void
every_fault_is_told_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct result r = parse(cases[i].yaml);

		if (r.conf != NULL || strstr(r.faults, cases[i].fault) == NULL)
			fail_msg("case %zu: %s\nwant: %s\ngot: %s", i, cases[i].yaml,
			    cases[i].fault, r.faults);
	}
}

static void
all_faults_are_told_at_once_in_the_order_of_the_file(void **state)
{
	struct result r = parse(
	    "server:\n"
	    "  threads: 0\n"
	    "limits:\n"
	    "  bodi: 1MiB\n"
	    "sites:\n"
	    "  - name: a\n"
	    "    hosts: [x.example]\n"
	    "    database: { path: ./a.db }\n"
	    "    modules: { meta: }\n"
	    "  - name: a\n"
	    "    hosts: [y.example, X.example]\n"
	    "    database: { path: b/../a.db }\n"
	    "    modules: { meta: }\n"
	    "  - name: c\n"
	    "    database: { path: c.db }\n"
	    "    modules: { meta: }\n"
	    "  - name: d\n"
	    "    database: { path: d.db }\n"
	    "    modules: { meta: }\n");

	(void)state;
	assert_string_equal(r.faults,
	    "etc/h.yaml:2:12: server.threads: 0 is below 1\n"
	    "etc/h.yaml:4:3: limits.bodi: unknown key; did you mean \"body\"?\n"
	    "etc/h.yaml:10:11: sites[1].name: \"a\" is the name of another site already, "
	    "see line 6\n"
	    "etc/h.yaml:11:24: sites[1].hosts[1]: \"x.example\" is a host of a site already, "
	    "see line 7\n"
	    "etc/h.yaml:12:23: sites[1].database.path: \"etc/a.db\" is the database of another "
	    "site already, see line 8\n"
	    "etc/h.yaml:17:5: sites[3]: needs hosts; the site in line 14 has none already, and "
	    "so every other host\n");
}

static char *
repeated(const char *begin, const char *piece, size_t times, const char *end)
{
	size_t n = strlen(piece);
	char *text = malloc(strlen(begin) + n * times + strlen(end) + 1), *at;

	assert_non_null(text);
	at = stpcpy(text, begin);
	for (size_t i = 0; i < times; i++)
		at = stpcpy(at, piece);
	strcpy(at, end);
	return text;
}

static void
a_hostile_file_is_refused_and_costs_little(void **state)
{
	static const struct { const char *begin, *piece; size_t times; const char *end, *fault; }
	hostile[] = {
		{ "", "a", (1 << 20) + 1, "", "etc/h.yaml: is larger than 1 MiB\n" },
		{ "", "[", 1 << 20, "", "nested too deep\n" },
		{ "", "- ", 1 << 19, "", "nested too deep\n" },
		{ "", "{", 1 << 20, "", "a key must be a word\n" },
		{ "sites: [", "{},", 300000, "]", "there is too much in this file\n" },
		{ "", "a: &b c\n", 100000, "", "anchors (&name)" },
		{ "server: {", "x: 1,", 40000, "}", "server.x: is given a second time" },
		{ "sites: [", "x,", 20000, "]", "sites: takes at most 10000\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
		char *text = repeated(hostile[i].begin, hostile[i].piece, hostile[i].times,
		    hostile[i].end);
		struct result r = parse(text);

		if (r.conf != NULL || strstr(r.faults, hostile[i].fault) == NULL)
			fail_msg("case %zu: got: %.300s", i, r.faults);
		free(text);
	}
}

static void
beyond_a_thousand_faults_they_are_counted(void **state)
{
	char *text = repeated("sites: [", "{name: X},", 2000, "]");
	struct arena arena;
	struct conf *conf;
	struct out out;
	size_t lines = 0;
	const char *last;

	(void)state;
	arena_init(&arena, 8 << 20);
	out_init(&out, &arena, 4 << 20);
	assert_false(conf_parse("h.yaml", text, strlen(text), &conf, &out));
	for (size_t i = 0; i < out.len; i++)
		lines += out.at[i] == '\n';
	assert_int_equal(lines, 1001);
	/* Of each site: name, path and modules; and all but the first need hosts. */
	last = "h.yaml: and 6999 more\n";
	assert_true(out.len > strlen(last));
	assert_memory_equal(out.at + out.len - strlen(last), last, strlen(last));
	arena_fini(&arena);
	free(text);
}

/* All of a file; the caller frees it. */
static char *
slurp(const char *path, size_t *n)
{
	FILE *f = fopen(path, "r");
	char *text = malloc(1 << 20);

	assert_non_null(text);
	if (f == NULL)
		fail_msg("%s cannot be opened; run the test in the project's folder", path);
	*n = fread(text, 1, 1 << 20, f);
	fclose(f);
	return text;
}

static void
the_reference_in_the_repository_is_what_the_program_prints(void **state)
{
	char *printed, *kept;
	size_t printed_n, kept_n;
	FILE *f = open_memstream(&printed, &printed_n);

	(void)state;
	conf_print_reference(f);
	fclose(f);
	kept = slurp("conf/helpdesk.yaml", &kept_n);
	kept[kept_n] = '\0';
	assert_string_equal(printed, kept);
	free(printed);
	free(kept);
}

static void
the_reference_says_what_holds_without_it(void **state)
{
	struct conf *least = take(SITE), *all;
	size_t n;
	char *kept = slurp("conf/helpdesk.yaml", &n);
	struct result r = parse_bytes(kept, n);

	(void)state;
	if (r.conf == NULL)
		fail_msg("%s", r.faults);
	all = r.conf;
	assert_memory_equal(&all->limits, &least->limits, sizeof all->limits);
	assert_memory_equal(&all->timeouts, &least->timeouts, sizeof all->timeouts);
	assert_int_equal(all->server.threads, least->server.threads);
	assert_string_equal(all->server.listens[0].address, least->server.listens[0].address);
	assert_string_equal(all->module_path[0], least->module_path[0]);
	assert_int_equal(all->sites[0].host_count, 0);
	assert_int_equal(all->sites[0].module_count, 8);
	conf_free(all);
	conf_free(least);
	free(kept);
}

static void
a_file_that_cannot_be_read_is_a_fault(void **state)
{
	static const char *const files[] = { "/nonexistent/h.yaml", "/" };

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct arena arena;
		struct conf *conf;
		struct out out;

		arena_init(&arena, 1 << 20);
		out_init(&out, &arena, 1 << 16);
		assert_false(conf_read(files[i], &conf, &out));
		assert_true(out.len > 0 && memmem(out.at, out.len, "cannot be read: ", 16) != NULL);
		arena_fini(&arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least_file_has_safe_defaults),
		cmocka_unit_test(a_site_is_read_as_it_was_written),
		cmocka_unit_test(listeners_have_their_parts),
		cmocka_unit_test(relative_paths_begin_at_the_folder_of_the_file),
		cmocka_unit_test(times_and_sizes_have_units),
		cmocka_unit_test(every_fault_is_told_with_its_place),
		cmocka_unit_test(all_faults_are_told_at_once_in_the_order_of_the_file),
		cmocka_unit_test(a_hostile_file_is_refused_and_costs_little),
		cmocka_unit_test(beyond_a_thousand_faults_they_are_counted),
		cmocka_unit_test(the_reference_in_the_repository_is_what_the_program_prints),
		cmocka_unit_test(the_reference_says_what_holds_without_it),
		cmocka_unit_test(a_file_that_cannot_be_read_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
