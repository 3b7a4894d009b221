/*
 * gate.c - every module that the server cannot take is refused with one exact line
 *
 * The tables hold the whole line that the program prints, through a real file, a real
 * configuration and a real process.  Each plugin of tests/modules/ says in its first line
 * what is wrong with it.  All rows but crashes are gone through twice: as they are, where the
 * start ends with 78, and with "required: false" on every module, where it goes on and says
 * so.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "cleanup.h"
#include "db.h"
#include "err.h"
#include "module_judge.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { PATIENCE = 120, SHOWN = 8192, CONFIGURATION = 78 };

/* A folder with a configuration, modules, and a database after the first start. */
struct place {
	char build[PATH_MAX], folder[64], trace[128];
	char out[SHOWN], err[SHOWN];	/* of the last command */
};

/* What a module is refused for. */
struct row {
	const char *what;
	const char *modules;	/* of the site, one a line; the first is line 8 of the file */
	const char *line;	/* @: the folder; ~: SHA-256 of sla.so; ^: any digit */
	const char *plugin;	/* what is found under the last module's name; NULL: its own */
	const char *before;	/* the plugin of that name with which the site was served before */
	void (*spoil)(struct place *);	/* what is done to sla.so, or around it */
};

/* ---- the place ---- */

static int
enter(void **state)
{
	const char *build = getenv("HELPDESK_BUILD");
	struct place *p = calloc(1, sizeof *p);

	*state = p;
	if (p == NULL || realpath(build != NULL ? build : "build", p->build) == NULL)
		return -1;
	strcpy(p->folder, "/tmp/helpdesk-gate-XXXXXX");
	umask(022);
	if (mkdtemp(p->folder) == NULL)
		return -1;
	snprintf(p->trace, sizeof p->trace, "%s/trace", p->folder);
	return setenv("HELPDESK_TEST_TRACE", p->trace, 1) | unsetenv("JOURNAL_STREAM");
}

__attribute__((format(printf, 1, 2))) static int
shell(const char *format, ...)
{
	char command[3 * PATH_MAX];
	va_list ap;

	va_start(ap, format);
	vsnprintf(command, sizeof command, format, ap);
	va_end(ap);
	return system(command);
}

static int
leave(void **state)
{
	struct place *p = *state;
	int status = shell("rm -rf '%s'", p->folder);

	free(p);
	return status;
}

/* Makes the place empty again, but for what is apart from the modules in question. */
static void
clear(struct place *p)
{
	assert_int_equal(shell("cd '%s' && rm -rf * && mkdir modules base && "
	    "install -m 644 '%s/modules/meta.so' '%s/modules/tickets.so' base", p->folder,
	    p->build, p->build), 0);
}

/* Puts a plugin under a name; a ghost is none. */
static void
put(struct place *p, const char *plugin, const char *name)
{
	assert_int_equal(shell("from='%s/tests/modules/%s.so'; [ ! -e \"$from\" ] || "
	    "install -m 644 \"$from\" '%s/modules/%s.so'", p->build, plugin, p->folder, name), 0);
}

static void
configure(struct place *p, const char *sites)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/helpdesk.yaml", p->folder);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "server: { listen: [ { address: \"127.0.0.1:0\" } ] }\n"
	    "module_path: [ modules, base ]\n"
	    "sites:\n%s", sites);
	assert_int_equal(fclose(f), 0);
}

/* One site with these modules; their files are there. */
static void
settle(struct place *p, const char *modules)
{
	char sites[2048], name[32];
	const char *at;
	int n = snprintf(sites, sizeof sites, "  - name: main\n"
	    "    database: { path: main.db }\n"
	    "    modules:\n"
	    "      meta:\n");

	for (at = modules; *at != '\0'; at += strcspn(at, "\n"), at += *at == '\n') {
		n += snprintf(sites + n, sizeof sites - (size_t)n, "      %.*s\n",
		    (int)strcspn(at, "\n"), at);
		snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ":"), at);
		put(p, name, name);
	}
	configure(p, sites);
}

/* The name in the last line of modules. */
static const char *
last_name(const char *modules, char ret[32])
{
	const char *line = strrchr(modules, '\n');

	line = line != NULL ? line + 1 : modules;
	snprintf(ret, 32, "%.*s", (int)strcspn(line, ":"), line);
	return ret;
}

/* ---- the program ---- */

static void
read_shown(const struct place *p, const char *name, char ret[SHOWN])
{
	char path[128];
	size_t n;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", p->folder, name);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(ret, 1, SHOWN - 1, f);
	ret[n] = '\0';
	fclose(f);
}

_Noreturn static void
be_program(const struct place *p, const char *const words[2])
{
	char program[PATH_MAX + 16];
	int out, err;

	snprintf(program, sizeof program, "%s/helpdesk", p->build);
	if (chdir(p->folder) != 0)
		_exit(99);
	out = open("out", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	err = open("err", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
		_exit(99);
	alarm(PATIENCE);	/* a server that is not refused would wait for ever */
	execl(program, program, "-c", "helpdesk.yaml", words[0], words[1], NULL);
	_exit(99);
}

/* Runs a command; its exit status. */
static int
run(struct place *p, const char *word, const char *more)
{
	const char *const words[2] = { word, more };
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		be_program(p, words);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	read_shown(p, "out", p->out);
	read_shown(p, "err", p->err);
	if (!WIFEXITED(status))
		fail_msg("%s ends by signal %d: %s", word, WTERMSIG(status), p->err);
	return WEXITSTATUS(status);
}

static void
expect_run(struct place *p, const char *word, const char *more, int status)
{
	int got = run(p, word, more);

	if (got != status)
		fail_msg("%s %s: %d in place of %d: %s%s", word, more != NULL ? more : "", got,
		    status, p->err, p->out);
}

/* ---- what is said ---- */

static const char *
digest(const struct place *p, char ret[65])
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	char path[128], *content = calloc(1, 1 << 20);
	size_t n;
	FILE *f;

	snprintf(path, sizeof path, "%s/modules/sla.so", p->folder);
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(content, 1, 1 << 20, f);
	fclose(f);
	assert_int_equal(EVP_Digest(content, n, bytes, NULL, EVP_sha256(), NULL), 1);
	free(content);
	for (int i = 0; i < 32; i++)
		snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
	return ret;
}

/* The line with what only this run knows. */
static void
expand(const struct place *p, const char *line, char ret[SHOWN])
{
	char sum[65];
	size_t n = 0;

	for (; *line != '\0'; line++)
		n += (size_t)snprintf(ret + n, SHOWN - n, "%.*s", *line == '@' || *line == '~' ?
		    -1 : 1, *line == '@' ? p->folder : *line == '~' ? digest(p, sum) : line);
}

static bool
is_like(const char *got, const char *want)
{
	while (*want != '\0' && (*got == *want || (*want == '^' && *got >= '0' && *got <= '9'))) {
		got++;
		want++;
	}
	return *got == *want;
}

/* What was printed on standard error: these words, the line, and nothing else. */
static void
expect_said(const struct place *p, const struct row *row, const char *before, const char *line)
{
	char want[SHOWN], whole[SHOWN + 64];

	expand(p, line, want);
	snprintf(whole, sizeof whole, "%s%s\n", before, want);
	if (!is_like(p->err, whole))
		fail_msg("%s:\n%s in place of\n%s", row->what, p->err, whole);
}

/* ---- the gate ---- */

static void
prepare(struct place *p, const struct row *row, const char *modules)
{
	char name[32];

	clear(p);
	settle(p, modules);
	last_name(modules, name);
	if (row->before != NULL) {
		put(p, row->before, name);
		expect_run(p, "get", "/readyz", 0);
	}
	if (row->plugin != NULL)
		put(p, row->plugin, name);
	if (row->spoil != NULL)
		row->spoil(p);
}

/* "sla:" becomes "sla: { required: false }". */
static void
loosen(const char *modules, char ret[1024])
{
	size_t n = 0;

	for (size_t i = 0; i < strlen(modules); i++) {
		bool ends = modules[i + 1] == '\n' || modules[i + 1] == '\0';

		ret[n++] = modules[i];
		if (modules[i] == '{' || (modules[i] == ':' && ends))
			n += (size_t)sprintf(ret + n, "%s", modules[i] == '{' ?
			    " required: false," : " { required: false }");
	}
	ret[n] = '\0';
}

static void
check_stops(struct place *p, const struct row *row, const char *command)
{
	prepare(p, row, row->modules);
	expect_run(p, command, NULL, CONFIGURATION);
	expect_said(p, row, "", row->line);
	assert_string_equal(p->out, "");
}

/* The name of the file in "module refused: modules/NAME.so: ...", or of what has none. */
static const char *
refused_name(const char *line, char ret[32])
{
	const char *at = line + strlen("module refused: ");

	if (strncmp(at, "modules/", 8) == 0)
		at += 8;
	snprintf(ret, 32, "%.*s", (int)strcspn(at, ".:"), at);
	return ret;
}

/* The sentence in "module refused: FILE: sentence (PLACE)". */
static void
refused_why(const struct place *p, const char *line, char ret[SHOWN])
{
	char whole[SHOWN];

	expand(p, line, whole);
	*strrchr(whole, '(') = '\0';
	strcpy(ret, strchr(whole + strlen("module refused: "), ':') + 2);
	ret[strlen(ret) - 1] = '\n';
}

/* "module list" says of the module: refused, and why. */
static void
expect_listed(struct place *p, const struct row *row)
{
	static const char refused[] = "  refused: ", last_start[] = "at the last start: ";
	char start[64], name[32], why[SHOWN], *is;

	expect_run(p, "module", "list", 0);
	refused_why(p, row->line, why);
	snprintf(start, sizeof start, "\nmain  %s ", refused_name(row->line, name));
	is = strstr(p->out, start);
	is = is != NULL ? strstr(is + 1, refused) : NULL;
	is = is != NULL ? is + strlen(refused) : p->out;
	is += strncmp(is, last_start, strlen(last_start)) == 0 ? strlen(last_start) : 0;
	is[strcspn(is, "\n") + 1] = '\0';
	if (!is_like(is, why))
		fail_msg("%s: %s is listed as\n%s", row->what, name, is);
}

/* Not required, it is left out, and whoever asks is told. */
static void
check_goes_on(struct place *p, const struct row *row)
{
	char loose[1024], name[32], sentence[128], first[SHOWN];

	loosen(row->modules, loose);
	prepare(p, row, loose);
	expect_run(p, "get", "/readyz", 1);
	snprintf(sentence, sizeof sentence, "module %s is refused",
	    refused_name(row->line, name));
	if (strstr(p->out, sentence) == NULL)
		fail_msg("%s: /readyz says %s", row->what, p->out);
	strcpy(first, p->err);
	first[strcspn(first, "\n") + 1] = '\0';
	strcpy(p->err, first);
	expect_said(p, row, "warning: main: ", row->line);
	expect_run(p, "get", "/healthz", 0);
	expect_listed(p, row);
}

static void
check_rows(struct place *p, const struct row *rows, size_t n, const char *command)
{
	for (size_t i = 0; i < n; i++) {
		check_stops(p, &rows[i], command);
		check_goes_on(p, &rows[i]);
	}
}

/* ---- the file ---- */

static void
write_to_sla(struct place *p, long at, const void *bytes, size_t n)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/modules/sla.so", p->folder);
	f = fopen(path, "r+b");
	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void
make_text(struct place *p)
{
	write_to_sla(p, 0, "#!/bin/sh\n", 10);
}

static void
make_foreign(struct place *p)
{
	write_to_sla(p, offsetof(Elf64_Ehdr, e_machine), "\xb7", 2);	/* EM_AARCH64 */
}

static void
cut(struct place *p)
{
	assert_int_equal(shell("truncate -s -100 '%s/modules/sla.so'", p->folder), 0);
}

static void
open_to_group(struct place *p)
{
	assert_int_equal(shell("chmod 664 '%s/modules/sla.so'", p->folder), 0);
}

static void
open_to_all(struct place *p)
{
	assert_int_equal(shell("chmod 646 '%s/modules/sla.so'", p->folder), 0);
}

static void
open_folder(struct place *p)
{
	assert_int_equal(shell("chmod 777 '%s/modules'", p->folder), 0);
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define OFFERS "this server offers " MODULE_STRING(HD_ABI_MAJOR) ".0 to " \
	MODULE_STRING(HD_ABI_MAJOR) "." MODULE_STRING(HD_ABI_MINOR)

/* The whole line, with the line of the configuration. */
#define REFUSED(name, why, line) \
	"module refused: modules/" name ".so: " why " (helpdesk.yaml:" #line ")"

static const struct row files[] = {
	{ "there is none", "ghost:",
	  "module refused: ghost: there is no ghost.so in modules, base (helpdesk.yaml:8)" },
	{ "no ELF file", "sla:", REFUSED("sla", "is no ELF file", 8), .spoil = make_text },
	{ "another machine", "sla:",
	  REFUSED("sla", "is built for aarch64, this server runs on x86-64", 8),
	  .spoil = make_foreign },
	{ "truncated", "sla:",
	  REFUSED("sla", "is cut short or damaged: section headers", 8), .spoil = cut },
	{ "no note", "no_note:",
	  REFUSED("no_note", "has no note of helpdesk; a module is made by HD_MODULE", 8) },
	{ "two notes", "two_notes:",
	  REFUSED("two_notes", "has more than one note of helpdesk", 8) },
	{ "another major", "other_major:",
	  REFUSED("other_major", "other_major 0.3.0 needs plugin ABI 2.0, " OFFERS, 8) },
	{ "a newer minor", "newer_minor:",
	  REFUSED("newer_minor", "newer_minor 0.3.0 needs plugin ABI "
	  MODULE_STRING(HD_ABI_MAJOR) ".7, " OFFERS, 8) },
	{ "another name", "desk:",
	  REFUSED("desk", "calls itself sla, the configuration calls it desk", 8),
	  .plugin = "sla" },
	{ "two symbols", "two_symbols:",
	  REFUSED("two_symbols", "exports two_symbols_answer; a module exports " MODULE_SYMBOL
	  " alone, build it with -fvisibility=hidden", 8) },
	{ "no symbol", "no_symbol:", REFUSED("no_symbol", "exports no " MODULE_SYMBOL, 8) },
	{ "a symbol that is too small", "small_symbol:",
	  REFUSED("small_symbol", "exports a " MODULE_SYMBOL " that is no descriptor", 8) },
	{ "a symbol that is a function", "function_symbol:",
	  REFUSED("function_symbol", "exports a " MODULE_SYMBOL " that is no descriptor", 8) },
	{ "it links SQLite", "links_sqlite:", REFUSED("links_sqlite",
	  "links libsqlite3.so.0; a module links nothing of the server", 8) },
	{ "it calls SQLite", "calls_sqlite:", REFUSED("calls_sqlite",
	  "calls sqlite3_libversion; a module sees nothing of the server but plugin.h", 8) },
	{ "a group can write it", "sla:", REFUSED("sla", "can be written by a group", 8),
	  .spoil = open_to_group },
	{ "everybody can write it", "sla:", REFUSED("sla", "can be written by everybody", 8),
	  .spoil = open_to_all },
	{ "everybody can write its folder", "sla:", REFUSED("sla",
	  "is in the folder @/modules, which can be written by everybody", 8),
	  .spoil = open_folder },
	{ "another digest", "sla: { sha256: \"" ZEROS "\" }", REFUSED("sla",
	  "has the SHA-256 ~, not " ZEROS " as the configuration says", 8) },
};

/* "module list" runs no module, and knows all this. */
static void
check_listed(struct place *p, const struct row *row)
{
	prepare(p, row, row->modules);
	expect_listed(p, row);
}

static void
a_file_that_is_no_module_of_this_server_is_refused(void **state)
{
	check_rows(*state, files, COUNT(files), "check");
}

static void
what_a_file_says_of_itself_is_seen_by_the_list_too(void **state)
{
	for (size_t i = 0; i < COUNT(files); i++)
		check_listed(*state, &files[i]);
}

/* ---- code before its time ---- */

static bool
has_run(const struct place *p)
{
	return access(p->trace, F_OK) == 0;
}

static void
expect_no_code_runs(struct place *p, const char *name, unsigned major, unsigned minor)
{
	char modules[64], line[256];
	const struct row row = { name, modules, line };

	snprintf(modules, sizeof modules, "%s:", name);
	snprintf(line, sizeof line, "module refused: modules/%s.so: %s 0.3.0 needs plugin ABI "
	    "%u.%u, " OFFERS " (helpdesk.yaml:8)", name, name, major, minor);
	check_stops(p, &row, "check");
	assert_false(has_run(p));
	check_stops(p, &row, "serve");
	assert_false(has_run(p));
	check_goes_on(p, &row);
	assert_false(has_run(p));
	expect_run(p, "module", "list", 0);
	assert_false(has_run(p));
}

static void
the_next_major_and_minor_are_refused_before_a_line_of_them_runs(void **state)
{
	struct place *p = *state;

	clear(p);
	settle(p, "traced:");
	expect_run(p, "module", "list", 0);
	assert_false(has_run(p));
	expect_run(p, "check", NULL, 0);
	assert_true(has_run(p));
	expect_no_code_runs(p, "next_minor", HD_ABI_MAJOR, HD_ABI_MINOR + 1);
	expect_no_code_runs(p, "next_major", HD_ABI_MAJOR + 1, 0);
}

/* ---- what it declares ---- */

static const struct row descriptors[] = {
	{ "it calls a function that is nowhere", "undefined:",
	  REFUSED("undefined", "cannot be loaded: undefined symbol: no_such_function", 8) },
	{ "note and descriptor differ", "two_names:", REFUSED("two_names",
	  "is two_names 1.0.1 by its descriptor, but two_names 1.0.0 by its note", 8) },
	{ "rows of a size that never was", "odd_size:", REFUSED("odd_size",
	  "has a struct hd_field of 4096 bytes, which is none of ABI "
	  MODULE_STRING(HD_ABI_MAJOR) ".0 to " MODULE_STRING(HD_ABI_MAJOR) "."
	  MODULE_STRING(HD_ABI_MINOR), 8) },
	{ "a type that never was", "bad_field:", REFUSED("bad_field",
	  "resource /rooms: field colour has a type that cannot be there", 8) },
	{ "a migration is missing", "gap:", REFUSED("gap",
	  "migrations must be numbered 1, 2, 3 ...: 2 is missing", 8) },
	{ "a route without operation", "no_operation:", REFUSED("no_operation",
	  "route GET /no-operation has no OpenAPI operation", 8) },
	{ "an operation without route", "no_route:", REFUSED("no_route",
	  "its OpenAPI text is not an object with \"components\" alone", 8) },
	{ "a reference to nothing", "no_target:", REFUSED("no_target",
	  "GET /api/v1/no-target: $ref \"#/components/schemas/Nothing\" leads to no component",
	  8) },
};

static void
a_module_that_is_not_sound_is_refused(void **state)
{
	check_rows(*state, descriptors, COUNT(descriptors), "check");
}

/* ---- what it is told ---- */

static const struct row options[] = {
	{ "an option that it has not", "optioned: { url: here, colour: red }",
	  REFUSED("optioned", "option colour: the module has no such option", 8) },
	{ "no number", "optioned: { url: here, limit: ten }",
	  REFUSED("optioned", "option limit: must be a whole number", 8) },
	{ "neither true nor false", "sla:\noptioned: { url: here, loud: perhaps }",
	  REFUSED("optioned", "option loud: must be true or false", 9) },
	{ "below the least", "optioned: { url: here, limit: 0 }",
	  REFUSED("optioned", "option limit: 0 is not between 1 and 100", 8) },
	{ "above the most", "optioned: { url: here, limit: 101 }",
	  REFUSED("optioned", "option limit: 101 is not between 1 and 100", 8) },
	{ "one that must be given", "optioned: { limit: 5 }",
	  REFUSED("optioned", "option url must be given", 8) },
};

static void
a_module_whose_options_are_wrong_is_refused(void **state)
{
	check_rows(*state, options, COUNT(options), "check");
}

/* ---- the other modules ---- */

static const struct row needs[] = {
	{ "what it needs is not there", "wants_ghost:", REFUSED("wants_ghost",
	  "wants_ghost 1.0.0 needs module ghost, which this site does not have", 8) },
	{ "what it needs is off", "sla: { enabled: false }\nwants_newer:",
	  REFUSED("wants_newer",
	  "wants_newer 1.0.0 needs module sla, which this site does not have", 9) },
	{ "what it needs is too old", "sla:\nwants_newer:", REFUSED("wants_newer",
	  "wants_newer 1.0.0 needs module sla 0.4.0 or later, of the same major; this site "
	  "has 0.3.0", 9) },
	{ "needs go in a circle", "ring_a:\nring_b:",
	  REFUSED("ring_a", "ring_a needs ring_b, ring_b needs ring_a", 8) },
	{ "its tables would be another's", "sla:\nsla_more:", REFUSED("sla_more",
	  "sla_more begins with the name of module sla, which owns all tables called sla_*", 9) },
};

static const struct row conflicts[] = {
	{ "the same route but for the parameter's name", "sla:\nsame_route:",
	  REFUSED("same_route", "GET /tickets/{t}/sla is already served by module sla 0.3.0 as "
	  "/tickets/{id}/sla", 9) },
	{ "another method of a path", "sla:\nsame_path:", REFUSED("same_path",
	  "DELETE /tickets/{id}/sla has a path that belongs to module sla 0.3.0 as "
	  "/tickets/{id}/sla", 9) },
	{ "the same operationId", "sla:\nsame_operation:", REFUSED("same_operation",
	  "operationId \"getTicketSla\" of GET /api/v1/again is already used by module sla 0.3.0 "
	  "for GET /api/v1/tickets/{id}/sla", 9) },
	{ "a component that differs", "sla:\nother_schema:", REFUSED("other_schema",
	  "component schema \"Asset\" differs from the one of module sla at properties.id.type",
	  9) },
};

static void
a_module_without_what_it_needs_is_refused(void **state)
{
	check_rows(*state, needs, COUNT(needs), "check");
}

static void
a_module_that_does_not_agree_with_another_is_refused(void **state)
{
	check_rows(*state, conflicts, COUNT(conflicts), "check");
}

/* Whichever comes first in the configuration, the one that can be done without is. */
static void
of_two_that_do_not_agree_the_one_that_is_not_required_is_left_out(void **state)
{
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(conflicts); i++) {
		char name[32], modules[128], line[SHOWN];
		const struct row row = { conflicts[i].what, modules, line };

		snprintf(modules, sizeof modules, "%s: { required: false }\nsla:",
		    last_name(conflicts[i].modules, name));
		strcpy(line, conflicts[i].line);
		strcpy(strrchr(line, ':'), ":8)");
		prepare(p, &row, modules);
		expect_run(p, "get", "/api/v1/slas", 0);
		expect_said(p, &row, "warning: main: ", line);
	}
}

/* ---- the database ---- */

static const struct row histories[] = {
	{ "a migration was changed after it was applied", "history:", REFUSED("history",
	  "migration 2 (add_until) was applied on ^^^^-^^-^^ with other SQL; add a new "
	  "migration instead", 8), .before = "history", .plugin = "history_changed" },
	{ "the database is newer", "history:", REFUSED("history",
	  "the database is at migration 2, this module knows only 1", 8),
	  .before = "history", .plugin = "history_older" },
	{ "a migration touches a foreign table", "tickets:\ntakes_tickets:",
	  REFUSED("takes_tickets", "migration 1 (create) touches table \"tickets\"; module "
	  "takes_tickets owns only \"takes_tickets\" and \"takes_tickets_*\"", 9) },
	{ "a migration fails", "half_way:", REFUSED("half_way",
	  "migration 2 (add_more): table half_way_more has no column named colour", 8) },
	{ "a statement touches a foreign table", "reads_keys:", REFUSED("reads_keys",
	  "statement 1: touches table \"core_key\"; module reads_keys owns only \"reads_keys\" "
	  "and \"reads_keys_*\"", 8) },
	{ "a statement is wrong", "misspelt:",
	  REFUSED("misspelt", "statement 0: no such column: nmae", 8) },
	{ "its init fails", "init_fails:",
	  REFUSED("init_fails", "init failed: there is nobody to page", 8) },
};

static void
a_module_that_does_not_fit_the_database_is_refused(void **state)
{
	check_rows(*state, histories, COUNT(histories), "serve");
}

/* What the SQL says of a database in the folder. */
static int64_t
count(const struct place *p, const char *file, const char *sql)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	struct err e = { "" };
	struct db *db;
	char path[128];
	int64_t n;

	snprintf(path, sizeof path, "%s/%s", p->folder, file);
	if (!db_open(path, DB_READ_ONLY, &db, &e) || (st = db_prepare(db, sql, &e)) == NULL)
		fail_msg("%s: %s", sql, e.message);
	assert_int_equal(db_step(st), DB_ROW);
	n = db_int(st, 0);
	db_release(&st);
	db_close(db);
	return n;
}

/* Tables, indexes and steps that are a module's. */
#define TABLES(name) "SELECT count(*) FROM sqlite_schema WHERE tbl_name LIKE '" name "%'"
#define STEPS(name) "SELECT count(*) FROM core_migration WHERE owner = '" name "'"

/* The first step is whole and stays; of the second nothing does. */
static void
of_a_migration_that_fails_in_the_middle_nothing_stays(void **state)
{
	struct place *p = *state;

	clear(p);
	settle(p, "half_way:");
	for (int again = 0; again < 2; again++) {
		expect_run(p, "serve", NULL, CONFIGURATION);
		assert_int_equal(count(p, "main.db", STEPS("half_way")), 1);
		assert_int_equal(count(p, "main.db", TABLES("half_way")), 1);
		assert_int_equal(count(p, "main.db", "SELECT count(*) FROM half_way"), 0);
	}
}

static void
of_a_migration_that_touches_a_foreign_table_nothing_stays(void **state)
{
	struct place *p = *state;

	clear(p);
	settle(p, "tickets:\ntakes_tickets:");
	expect_run(p, "serve", NULL, CONFIGURATION);
	assert_int_equal(count(p, "main.db", TABLES("takes_tickets")), 0);
	assert_int_equal(count(p, "main.db", STEPS("takes_tickets")), 0);
	assert_true(count(p, "main.db", STEPS("tickets")) > 0);
}

/* The modules are judged together, and only then is a database touched. */
static void
a_conflict_in_the_second_module_leaves_the_first_unmigrated(void **state)
{
	struct place *p = *state;
	char modules[128], name[32];

	for (size_t i = 0; i < COUNT(conflicts); i++) {
		clear(p);
		settle(p, "sla: { enabled: false }");
		expect_run(p, "get", "/healthz", 0);
		settle(p, conflicts[i].modules);
		expect_run(p, "serve", NULL, CONFIGURATION);
		assert_int_equal(count(p, "main.db", STEPS("sla")), 0);
		assert_int_equal(count(p, "main.db", TABLES("sla")), 0);
		/* As the test can see: without the conflict it is migrated. */
		snprintf(modules, sizeof modules, "sla:\n%s: { enabled: false }",
		    last_name(conflicts[i].modules, name));
		settle(p, modules);
		expect_run(p, "get", "/healthz", 0);
		assert_int_equal(count(p, "main.db", STEPS("sla")), 1);
		assert_int_equal(count(p, "main.db", TABLES("sla")), 1);
	}
}

static void
a_conflict_in_the_second_site_leaves_the_first_unmigrated(void **state)
{
	struct place *p = *state;
	char path[128];

	clear(p);
	put(p, "sla", "sla");
	put(p, "same_route", "same_route");
	configure(p, "  - name: athens\n"
	    "    hosts: [ athens.example.com ]\n"
	    "    database: { path: athens.db }\n"
	    "    modules: { sla: }\n"
	    "  - name: patras\n"
	    "    hosts: [ patras.example.com ]\n"
	    "    database: { path: patras.db }\n"
	    "    modules: { sla: , same_route: }\n");
	expect_run(p, "serve", NULL, CONFIGURATION);
	assert_non_null(strstr(p->err, "modules/same_route.so"));
	snprintf(path, sizeof path, "%s/athens.db", p->folder);
	assert_int_not_equal(access(path, F_OK), 0);
}

/* ---- crashes ---- */

static const struct row crashes_at_load[] = {
	{ "it crashes in its constructor", "sla:\ncrash_loading:",
	  REFUSED("crash_loading", "crashed (SIGSEGV) while it was loaded", 9) },
	{ "it is not required", "crash_loading: { required: false }", REFUSED("crash_loading",
	  "crashed (SIGSEGV) while it was loaded, which ends the server though it is not "
	  "required", 8) },
};

static const struct row crashes_at_init[] = {
	{ "it writes where there is nothing", "sla:\ncrash_init: { how: segfault }",
	  REFUSED("crash_init", "crashed (SIGSEGV) in its init", 9) },
	{ "it aborts", "crash_init: { how: abort }",
	  REFUSED("crash_init", "crashed (SIGABRT) in its init", 8) },
	{ "it uses up the stack", "crash_init: { how: overflow }",
	  REFUSED("crash_init", "crashed (SIGSEGV) in its init", 8) },
	{ "it comes where it must not", "crash_init: { how: trap }",
	  REFUSED("crash_init", "crashed (SIGILL) in its init", 8) },
	{ "it is not required", "crash_init: { how: abort, required: false }",
	  REFUSED("crash_init", "crashed (SIGABRT) in its init, which ends the server though it "
	  "is not required", 8) },
};

static void
a_module_that_crashes_is_named(void **state)
{
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(crashes_at_load); i++) {
		check_stops(p, &crashes_at_load[i], "check");
		check_stops(p, &crashes_at_load[i], "serve");
	}
	for (size_t i = 0; i < COUNT(crashes_at_init); i++)
		check_stops(p, &crashes_at_init[i], "serve");
}

/* What was said before the crash is said; and as it can be seen, it does not always crash. */
static void
a_crash_takes_no_other_line_with_it(void **state)
{
	const struct row both = { "two faults", "ghost:\ncrash_loading:",
		"module refused: ghost: there is no ghost.so in modules, base (helpdesk.yaml:8)\n"
		REFUSED("crash_loading", "crashed (SIGSEGV) while it was loaded", 9) };
	const struct row undone = { "the start is given up", "crash_fini:\ninit_fails:",
		REFUSED("init_fails", "init failed: there is nobody to page", 9) "\n"
		REFUSED("crash_fini", "crashed (SIGSEGV) in its fini", 8) };
	struct place *p = *state;

	check_stops(p, &both, "serve");
	check_stops(p, &undone, "serve");
	clear(p);
	settle(p, "crash_init: { how: not }");
	expect_run(p, "get", "/readyz", 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)
	static const struct CMUnitTest tests[] = {
		TEST(a_file_that_is_no_module_of_this_server_is_refused),
		TEST(what_a_file_says_of_itself_is_seen_by_the_list_too),
		TEST(the_next_major_and_minor_are_refused_before_a_line_of_them_runs),
		TEST(a_module_that_is_not_sound_is_refused),
		TEST(a_module_whose_options_are_wrong_is_refused),
		TEST(a_module_without_what_it_needs_is_refused),
		TEST(a_module_that_does_not_agree_with_another_is_refused),
		TEST(of_two_that_do_not_agree_the_one_that_is_not_required_is_left_out),
		TEST(a_module_that_does_not_fit_the_database_is_refused),
		TEST(of_a_migration_that_fails_in_the_middle_nothing_stays),
		TEST(of_a_migration_that_touches_a_foreign_table_nothing_stays),
		TEST(a_conflict_in_the_second_module_leaves_the_first_unmigrated),
		TEST(a_conflict_in_the_second_site_leaves_the_first_unmigrated),
		TEST(a_module_that_crashes_is_named),
		TEST(a_crash_takes_no_other_line_with_it),
	};

	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
