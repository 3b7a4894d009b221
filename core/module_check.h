/*
 * module_check.h - everything a server would find out about a module, told
 */
#ifndef MODULE_CHECK_H
#define MODULE_CHECK_H

#include <stdbool.h>

struct conf;

enum module_tale {
	MODULE_STAGE,	/* what comes now: "in its init"; if the process ends, it was there */
	MODULE_FAULT,	/* why no server would take it */
	MODULE_REMARK,	/* what its author should know */
	MODULE_FACTS	/* what it is: told once it is known to be a module */
};

struct module_question {
	const char *file;
	const struct conf *conf;	/* for module_path, limits, and the module's options */
	const char *folder;		/* for an empty database */
	void (*tell)(void *context, enum module_tale, const char *sentence);
	void *context;
};

/*
 * Judges a file, loads it, puts a site together of it and what it needs, brings an empty
 * database up for it and starts it there.  True if a server would take it.  Goes on after a
 * fault as far as that makes sense.
 *
 * Runs whatever the module has to run, and leaves it loaded: call it in a process that
 * ends soon.
 */
bool module_check(const struct module_question *);

#endif
