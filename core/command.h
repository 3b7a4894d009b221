/*
 * command.h - what the commands share; between commands.c and command_*.c
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stdio.h>

#include "arena.h"
#include "out.h"

struct command;
struct conf;
struct conf_site;
struct db;
struct user;

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 64, EXIT_CONFIGURATION = 78 };

/* One call of the program.  Ended by command_run, so that commands clean nothing up. */
struct call {
	FILE *out, *err;
	const struct command *command;
	const char *argument;		/* NAME, PATH ... */
	const char *file;		/* -c, or the usual one */
	bool configured;		/* it was given */
	const char *site, *email, *full_name, *name, *user, *key;
	const char *resource, *id, *actor, *since, *until, *limit;
	const char *scope, *network, *expires, *expires_in, *overlap, *dir;
	bool json, all, files, fix, reference, help, version;
	int status;			/* of the exit, if the command says false */
	struct arena arena;
	struct out printer;		/* to out: lists, and what may be long */
	struct out faults;		/* to err, lines that stand as they are */
	struct conf *conf;		/* command_conf */
	struct db *db;			/* command_open */
};

/* Does what the command is for; false after command_fail. */
typedef bool command_function(struct call *);

command_function command_serve, command_check, command_user_add, command_user_list,
    command_user_show, command_user_edit, command_user_deactivate, command_user_activate,
    command_audit, command_key_create, command_key_list, command_key_rotate, command_key_revoke,
    command_module_list,
    command_module_new, command_module_check, command_openapi, command_get, command_version;

/* A sentence on standard error.  Always returns false. */
bool command_fail(struct call *, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Reads the configuration into the call, or prints all that is wrong with it. */
bool command_conf(struct call *);

/* The site that is meant: --site, or the only one.  Reads the configuration if need
 * be; NULL after a sentence that lists the sites. */
const struct conf_site *command_site(struct call *);

/* Opens the database of the site that is meant, making it if there is none. */
bool command_open(struct call *);

/* The user that a reference (id or name) means, in the open database; its texts are in the
 * call's arena.  False after a sentence. */
bool command_find_user(struct call *, const char *reference, struct user *ret);

#endif
