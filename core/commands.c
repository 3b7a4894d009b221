/*
 * commands.c - the program as its user sees it: commands, options, help
 *
 * One row per command, one row per option; parsing, help and usage come from them.
 * Long options take "--name VALUE" and "--name=VALUE"; -c and --help stand before or
 * after the command.  What a command does is in command_*.c.
 */
#include "commands.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "command.h"
#include "conf.h"
#include "core_schema.h"
#include "db.h"
#include "err.h"
#include "suggest.h"

#ifndef CONF_FILE_DEFAULT
#define CONF_FILE_DEFAULT "/etc/helpdesk/helpdesk.yaml"
#endif

enum { MEMORY_LIMIT = 16 << 20, PRINT_SIZE = 8192 };

/* ---- tables ---- */

struct option {
	const char *name;
	const char *value;	/* what stands behind it; NULL: nothing does */
	size_t offset;		/* in struct call: const char *, or bool without a value */
	bool required;
	const char *doc;
	bool many;		/* may be given again; the values are then joined by commas */
};

struct command {
	const char *name;	/* one word or two */
	const char *argument;	/* what it takes; NULL: nothing */
	const struct option *options;
	command_function *run;
	const char *doc;
	const char *more;	/* for its own help: paragraphs, or NULL */
};

#define AT(member) offsetof(struct call, member)
#define SITE { "site", "NAME", AT(site), false, "which site; may be left out if there is one" }
#define JSON { "json", NULL, AT(json), false, "as JSON" }

static const struct option everywhere[] = {
	{ "config", "FILE", AT(file), false, "the configuration; also -c FILE (default "
	    CONF_FILE_DEFAULT ")" },
	{ "help", NULL, AT(help), false, "this text; also -h" },
	{ 0 },
};
/* Without a command. */
static const struct option program_options[] = {
	{ "version", NULL, AT(version), false, "the version" },
	{ 0 },
};
static const struct option no_options[] = { { 0 } };
static const struct option site_options[] = { SITE, { 0 } };
static const struct option list_options[] = { SITE, JSON, { 0 } };
static const struct option check_options[] = {
	{ "reference", NULL, AT(reference), false, "print every key with its default instead" },
	{ "files", NULL, AT(files), false, "read every attached file, and say what is wrong" },
	{ "fix", NULL, AT(fix), false, "as --files, and remove files that belong to nothing" },
	{ 0 },
};
static const struct option user_options[] = {
	{ "email", "ADDRESS", AT(email), true, "email address" },
	{ "full-name", "TEXT", AT(full_name), false, "name in full" },
	SITE, { 0 },
};
static const struct option users_options[] = {
	SITE, JSON, { "all", NULL, AT(all), false, "deactivated users too, and who is active" },
	{ 0 },
};
static const struct option edit_options[] = {
	{ "name", "NAME", AT(name), false, "another name; the id stays" },
	{ "email", "ADDRESS", AT(email), false, "email address; \"\" for none" },
	{ "full-name", "TEXT", AT(full_name), false, "name in full; \"\" for none" },
	SITE, { 0 },
};
static const struct option audit_options[] = {
	{ "resource", "NAME", AT(resource), false, "changes of tickets, users ..." },
	{ "id", "ID", AT(id), false, "changes of the one with this id" },
	{ "actor", "USER", AT(actor), false, "by this user, by id or name" },
	{ "since", "TIME", AT(since), false, "from then on: YYYY-MM-DD[THH:MM[:SS][Z]]" },
	{ "until", "TIME", AT(until), false, "before then" },
	{ "limit", "N", AT(limit), false, "so many at most" },
	SITE, { "json", NULL, AT(json), false, "as JSON, one object a line" },
	{ 0 },
};
static const struct option key_options[] = {
	{ "name", "TEXT", AT(name), true, "what the key is for" },
	{ "user", "USER", AT(user), false, "default user, by id or name" },
	{ "scope", "SCOPE", AT(scope), false, "what it may do: MODULE:read, MODULE:write, MODULE:*;"
	    " without it, all", true },
	{ "network", "NETWORK", AT(network), false, "where it works: 10.0.0.0/8, 2001:db8::1;"
	    " without it, everywhere", true },
	{ "expires", "WHEN", AT(expires), false, "date (its beginning) or date-time, in UTC" },
	{ "expires-in", "SPAN", AT(expires_in), false, "likewise, from now on: 12h, 90d" },
	SITE, { 0 },
};
static const struct option rotate_options[] = {
	{ "overlap", "SPAN", AT(overlap), false, "how long the secret before still works: 90m, 24h"
	    " (default), 0" },
	SITE, { 0 },
};
static const struct option new_options[] = {
	{ "dir", "FOLDER", AT(dir), false, "the folder, which is made; without it NAME" },
	{ 0 },
};
static const struct option get_options[] = {
	{ "key", "KEY", AT(key), false, "API key; without it, as administrator" },
	SITE, { 0 },
};

static const struct command commands[] = {
	{ "serve", NULL, no_options, command_serve, "Serves until SIGTERM" },
	{ "check", NULL, check_options, command_check,
	  "Checks configuration and modules; starts nothing, changes nothing without --fix" },
	{ "user add", "NAME", user_options, command_user_add, "Adds a user and prints the id" },
	{ "user list", NULL, users_options, command_user_list, "Lists the users" },
	{ "user show", "NAME|ID", site_options, command_user_show, "Shows a user" },
	{ "user edit", "NAME|ID", edit_options, command_user_edit,
	  "Changes a user; what is not given stays" },
	{ "user deactivate", "NAME|ID", site_options, command_user_deactivate,
	  "Deactivates a user: nothing new is given to it, and its history stays" },
	{ "user activate", "NAME|ID", site_options, command_user_activate,
	  "Activates a user that was deactivated" },
	{ "key create", NULL, key_options, command_key_create,
	  "Makes an API key and prints it, once" },
	{ "key list", NULL, list_options, command_key_list, "Lists the API keys" },
	{ "key rotate", "NAME_OR_PREFIX", rotate_options, command_key_rotate,
	  "Gives an API key another secret and prints it, once" },
	{ "key revoke", "NAME_OR_PREFIX", site_options, command_key_revoke,
	  "Revokes an API key by name or by its 12 hex digits" },
	{ "module list", NULL, list_options, command_module_list,
	  "Lists the modules of the sites by what their files say; runs nothing of them" },
	{ "module new", "NAME", new_options, command_module_new,
	  "Writes a module to begin with, and its test, into a new folder" },
	{ "module check", "FILE.so", no_options, command_module_check,
	  "Loads a module in a process of its own and tells what a server would refuse it for",
	  "Its file and its tables are judged, its part of the OpenAPI document is put together,\n"
	  "its migrations, statements and init are run on an empty database; what looks through a\n"
	  "whole table is noted.  Modules that it needs are looked for beside it, then in the\n"
	  "module_path.  No configuration is read unless -c gives one, for its module_path and\n"
	  "the module's options.  Exits with 0 only if a server would take the module.\n\n" },
	{ "audit", NULL, audit_options, command_audit,
	  "Prints who changed what, and when, newest first" },
	{ "openapi", NULL, site_options, command_openapi, "Prints the OpenAPI document" },
	{ "get", "PATH", get_options, command_get,
	  "Makes one request without a server; fails unless the answer is 2xx" },
	{ "version", NULL, no_options, command_version, "Prints the version" },
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

/* ---- help ---- */

static int
option_width(const struct option *o)
{
	return (int)(strlen(" [--]") + strlen(o->name) + (o->many ? strlen("...") : 0) +
	    (o->value != NULL ? 1 + strlen(o->value) : 0));
}

/* What stands behind "Usage: ", in lines of at most 100 columns. */
static void
print_synopsis(FILE *f, const struct command *c)
{
	int at = (int)strlen("Usage: ");

	at += fprintf(f, "helpdesk [-c FILE] %s", c->name);
	if (c->argument != NULL)
		at += fprintf(f, " %s", c->argument);
	for (const struct option *o = c->options; o->name != NULL; o++) {
		if (at + option_width(o) > 100)
			at = fprintf(f, "\n           ") - 1;
		at += fprintf(f, " %s--%s%s%s%s%s", o->required ? "" : "[", o->name,
		    o->value != NULL ? " " : "", o->value != NULL ? o->value : "",
		    o->required ? "" : "]", o->many ? "..." : "");
	}
	fputs("\n", f);
}

static void
print_options(FILE *f, const struct option *o)
{
	for (; o->name != NULL; o++)
		fprintf(f, "  --%-10s %-8s %s\n", o->name, o->value != NULL ? o->value : "",
		    o->doc);
}

static void
print_help(FILE *f, const struct command *c)
{
	fputs("Usage: ", f);
	print_synopsis(f, c);
	fprintf(f, "\n%s.\n\n%s", c->doc, c->more != NULL ? c->more : "");
	print_options(f, c->options);
	print_options(f, everywhere);
}

/* Of the program, or of the commands that begin with a word. */
static void
print_overview(FILE *f, const char *word)
{
	size_t n = strlen(word);

	fputs("Usage: helpdesk [-c FILE] COMMAND ...\n\n", f);
	for (const struct command *c = commands; c < commands + COMMANDS; c++)
		if (n == 0 || (strncmp(c->name, word, n) == 0 && c->name[n] == ' '))
			fprintf(f, "  %-15s %s\n", c->name, c->doc);
	fputs("\n", f);
	if (n == 0)
		print_options(f, program_options);
	print_options(f, everywhere);
	fputs("\nhelpdesk COMMAND --help tells more.\n", f);
}

/* ---- failing ---- */

bool
command_fail(struct call *call, int status, const char *format, ...)
{
	va_list ap;

	fputs("helpdesk: ", call->err);
	va_start(ap, format);
	vfprintf(call->err, format, ap);
	va_end(ap);
	fputs("\n", call->err);
	call->status = status;
	return false;
}

/* After a sentence about the arguments: how it should have been written. */
static bool
show_usage(struct call *call)
{
	fputs("Usage: ", call->err);
	if (call->command != NULL)
		print_synopsis(call->err, call->command);
	else
		fputs("helpdesk [-c FILE] COMMAND ...; helpdesk --help lists the commands\n",
		    call->err);
	return false;
}

static bool
fail_unknown(struct call *call, const char *what, const char *dashes,
    const struct suggestion *near)
{
	if (near->best != NULL)
		command_fail(call, EXIT_USAGE, "unknown %s %s%s; did you mean %s%s?", what, dashes,
		    near->word, dashes, near->best);
	else
		command_fail(call, EXIT_USAGE, "unknown %s %s%s", what, dashes, near->word);
	return show_usage(call);
}

/* ---- parsing ---- */

/* What is left of the arguments. */
struct words {
	char **at;
	size_t n;
};

static const struct option *
option_in(const struct option *options, const char *name, size_t n)
{
	for (const struct option *o = options; o->name != NULL; o++)
		if (strlen(o->name) == n && strncmp(o->name, name, n) == 0)
			return o;
	return NULL;
}

static const struct option *
option_find(struct call *call, const char *name, size_t n)
{
	const struct option *own = call->command != NULL ? call->command->options : program_options;
	const struct option *o = option_in(own, name, n);

	return o != NULL ? o : option_in(everywhere, name, n);
}

static bool
fail_option(struct call *call, const char *name, const char *equals)
{
	const struct option *own = call->command != NULL ? call->command->options : program_options;
	struct suggestion near = { .word = name };

	if (equals != NULL)
		near.word = arena_copy(&call->arena, name, (size_t)(equals - name));
	if (near.word == NULL)		/* longer than any option */
		near.word = name;
	for (const struct option *o = own; o->name != NULL; o++)
		suggest_offer(&near, o->name);
	for (const struct option *o = everywhere; o->name != NULL; o++)
		suggest_offer(&near, o->name);
	return fail_unknown(call, "option", "--", &near);
}

static bool
store(struct call *call, const struct option *o, const char **slot, const char *value)
{
	if (o->many && *slot != NULL)
		value = arena_printf(&call->arena, "%s,%s", *slot, value);
	if (value == NULL)
		return command_fail(call, EXIT_USAGE, "--%s is too long", o->name);
	*slot = value;
	return true;
}

/* Takes an option; value is what stands behind its '=', or NULL. */
static bool
take_option(struct call *call, const struct option *o, const char *value, struct words *rest)
{
	char *slot = (char *)call + o->offset;

	if (o->value == NULL && value != NULL) {
		command_fail(call, EXIT_USAGE, "--%s takes no value", o->name);
		return show_usage(call);
	}
	if (o->value == NULL) {
		*(bool *)(void *)slot = true;
		return true;
	}
	if (value == NULL && rest->n > 0) {
		value = *rest->at++;
		rest->n--;
	}
	if (value == NULL) {
		command_fail(call, EXIT_USAGE, "--%s needs a value: %s", o->name, o->value);
		return show_usage(call);
	}
	return store(call, o, (const char **)(void *)slot, value);
}

static bool
parse_option(struct call *call, const char *word, struct words *rest)
{
	const char *name = word + 2, *equals = strchr(name, '=');
	const struct option *o;

	if (strcmp(word, "-h") == 0)
		return take_option(call, option_in(everywhere, "help", 4), NULL, rest);
	if (strncmp(word, "-c", 2) == 0)
		return take_option(call, option_in(everywhere, "config", 6),
		    word[2] != '\0' ? word + 2 : NULL, rest);
	if (word[1] != '-') {
		command_fail(call, EXIT_USAGE, "unknown option %s", word);
		return show_usage(call);
	}
	o = option_find(call, name, equals != NULL ? (size_t)(equals - name) : strlen(name));
	if (o == NULL)
		return fail_option(call, name, equals);
	return take_option(call, o, equals != NULL ? equals + 1 : NULL, rest);
}

/* Options up to the next word that is none; it becomes *word, or NULL at the end. */
static bool
parse_to_word(struct call *call, struct words *rest, bool *only_words, const char **word)
{
	*word = NULL;
	while (rest->n > 0) {
		const char *w = *rest->at++;

		rest->n--;
		if (*only_words || w[0] != '-' || w[1] == '\0') {
			*word = w;
			return true;
		}
		if (strcmp(w, "--") == 0)
			*only_words = true;
		else if (!parse_option(call, w, rest))
			return false;
	}
	return true;
}

static bool
is_group(const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i < COMMANDS; i++)
		if (strncmp(commands[i].name, word, n) == 0 && commands[i].name[n] == ' ')
			return true;
	return false;
}

static const char *
first_word(struct call *call, const char *name)
{
	const char *word = arena_copy(&call->arena, name, strcspn(name, " "));

	return word != NULL ? word : name;
}

static bool
choose(struct call *call, const char *name)
{
	struct suggestion near = { .word = name };

	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].name, name) == 0) {
			call->command = &commands[i];
			return true;
		}
		suggest_offer(&near, commands[i].name);
		if (strchr(name, ' ') == NULL)
			suggest_offer(&near, first_word(call, commands[i].name));
	}
	return fail_unknown(call, "command", "", &near);
}

/* "helpdesk user" alone: help if it was asked for, else a fault. */
static bool
show_group(struct call *call, const char *word)
{
	if (!call->help) {
		command_fail(call, EXIT_USAGE, "%s needs one more word", word);
		print_overview(call->err, word);
		return false;
	}
	print_overview(call->out, word);
	return true;
}

/* Reads "serve", or "user" and "add"; leaves the command NULL if only help is wanted. */
static bool
parse_command(struct call *call, struct words *rest)
{
	const char *word, *second, *name;
	bool only_words = false;

	if (!parse_to_word(call, rest, &only_words, &word))
		return false;
	if (word != NULL && is_group(word)) {
		if (!parse_to_word(call, rest, &only_words, &second))
			return false;
		if (second == NULL)
			return show_group(call, word);
		name = arena_printf(&call->arena, "%s %s", word, second);
		return choose(call, name != NULL ? name : word);
	}
	if (word != NULL)
		return choose(call, word);
	if (call->help) {
		print_overview(call->out, "");
		return true;
	}
	if (call->version)
		return command_version(call);
	command_fail(call, EXIT_USAGE, "a command is missing");
	return show_usage(call);
}

static bool
check_complete(struct call *call)
{
	if (call->command->argument != NULL && call->argument == NULL) {
		command_fail(call, EXIT_USAGE, "%s needs %s", call->command->name,
		    call->command->argument);
		return show_usage(call);
	}
	for (const struct option *o = call->command->options; o->name != NULL; o++) {
		const char *slot = (const char *)call + o->offset;

		if (o->required && *(const char *const *)(const void *)slot == NULL) {
			command_fail(call, EXIT_USAGE, "%s needs --%s %s", call->command->name,
			    o->name, o->value);
			return show_usage(call);
		}
	}
	return true;
}

static bool
parse_rest(struct call *call, struct words *rest)
{
	bool only_words = false;
	const char *word;

	for (;;) {
		if (!parse_to_word(call, rest, &only_words, &word))
			return false;
		if (word == NULL)
			return call->help || check_complete(call);
		if (call->command->argument == NULL || call->argument != NULL) {
			command_fail(call, EXIT_USAGE, "\"%s\" is one word too many", word);
			return show_usage(call);
		}
		call->argument = word;
	}
}

/* ---- what commands share ---- */

static bool
drain(void *sink, const char *bytes, size_t n)
{
	return fwrite(bytes, 1, n, sink) == n;
}

bool
command_conf(struct call *call)
{
	if (call->conf != NULL || conf_read(call->file, &call->conf, &call->faults))
		return true;
	call->status = EXIT_CONFIGURATION;
	return false;
}

/* "main, athens and 12 more": enough to choose from. */
static const char *
site_names(struct call *call)
{
	enum { SHOWN = 20 };
	const char *names = call->conf->sites[0].name;
	size_t n = call->conf->site_count;

	for (size_t i = 1; i < n && i < SHOWN && names != NULL; i++)
		names = arena_printf(&call->arena, "%s, %s", names, call->conf->sites[i].name);
	if (n > SHOWN && names != NULL)
		names = arena_printf(&call->arena, "%s and %zu more", names, n - SHOWN);
	return names != NULL ? names : "";
}

const struct conf_site *
command_site(struct call *call)
{
	if (!command_conf(call))
		return NULL;
	if (call->site == NULL && call->conf->site_count == 1)
		return &call->conf->sites[0];
	if (call->site == NULL) {
		command_fail(call, EXIT_USAGE, "which site? --site takes one of: %s",
		    site_names(call));
		return NULL;
	}
	for (size_t i = 0; i < call->conf->site_count; i++)
		if (strcmp(call->conf->sites[i].name, call->site) == 0)
			return &call->conf->sites[i];
	command_fail(call, EXIT_USAGE, "there is no site \"%s\"; there is: %s", call->site,
	    site_names(call));
	return NULL;
}

bool
command_open(struct call *call)
{
	const struct conf_site *site = command_site(call);
	struct err e;

	if (site == NULL)
		return false;
	return core_open(site->path, &call->db, &e) ||
	    command_fail(call, EXIT_FAILED, "%s", e.message);
}

bool
command_version(struct call *call)
{
	fprintf(call->out, "helpdesk %s\n", HELPDESK_VERSION);
	return true;
}

static bool
run(struct call *call, struct words *rest)
{
	if (!parse_command(call, rest))
		return false;
	if (call->command == NULL)	/* help or the version was printed */
		return true;
	if (!parse_rest(call, rest))
		return false;
	if (call->help) {
		print_help(call->out, call->command);
		return true;
	}
	call->configured = call->file != NULL;
	if (!call->configured)
		call->file = CONF_FILE_DEFAULT;
	return call->command->run(call);
}

int
command_run(int argc, char **argv, FILE *out, FILE *err)
{
	struct call call = { .out = out, .err = err, .status = EXIT_FAILED };
	struct words rest = { argv + 1, argc > 0 ? (size_t)argc - 1 : 0 };
	bool ok;

	arena_init(&call.arena, MEMORY_LIMIT);
	out_init_drain(&call.printer, &call.arena, PRINT_SIZE, drain, out);
	out_init_drain(&call.faults, &call.arena, PRINT_SIZE, drain, err);
	ok = run(&call, &rest);
	out_finish(&call.faults);
	/* Who wanted the result has not got it, whatever else went well. */
	if (!out_finish(&call.printer) || fflush(out) != 0 || ferror(out))
		ok = command_fail(&call, ok ? EXIT_FAILED : call.status,
		    "the result could not be written");
	db_close(call.db);
	conf_free(call.conf);
	arena_fini(&call.arena);
	return ok ? EXIT_DONE : call.status;
}
