/*
 * module.h - a shared object on the way to becoming a module
 *
 * A file is judged from outside in: it is a regular file that only root or the
 * server's user can write, in folders of which the same holds; it has the digest the
 * configuration pins, if it pins one; it is an ELF shared object of this machine whose
 * note says ABI, name and version; it exports one symbol and links nothing of the
 * server.  Only then is it loaded, and its descriptor checked.  Modules are loaded
 * once per process and never unloaded.
 */
#ifndef MODULE_H
#define MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <helpdesk/plugin.h>

struct arena;
struct err;

/* What a file says of itself without being run. */
struct module_note {
	uint32_t major, target;
	char name[32], version[24];
};

struct module {
	const char *file;		/* real path */
	const struct hd_module *d;	/* the descriptor, its tables copied out to the sizes of
					 * this server's structs */
};

/*
 * Finds NAME.so in the folders; *file is its path in the arena.  The message names
 * the folders that were searched.
 */
bool module_find(struct arena *, const char *const *folders, size_t n, const char *name,
    const char **file, struct err *);

/* Reads the note of a file; runs nothing of it.  Damaged files of every kind fail. */
bool module_read_note(const char *file, struct module_note *ret, struct err *);

/* Takes a sentence that goes on behind the name of a file: "is no ELF file". */
typedef void module_say(void *context, const char *sentence);

/*
 * All that is wrong with a file as far as it can be known without running a line of it; true
 * if nothing is.  name NULL: whatever its note says.  *note is what it says of itself, all
 * zero if it says nothing.
 */
bool module_inspect(const char *file, const char *name, const char *sha256,
    struct module_note *note, module_say *, void *context);

/*
 * Judges, loads and checks a file.  name is what the configuration calls it; sha256
 * NULL or 64 hex digits.  The module lives in the arena.  Messages are sentences that go
 * on behind the name of the file: "sla 0.3.0 needs plugin ABI 2.0, this server offers 0.0
 * to 0.0".  A file that is opened twice is loaded once, and gives two equal modules.
 */
bool module_open(struct arena *, const char *file, const char *name, const char *sha256,
    struct module **ret, struct err *);

/*
 * Whether a descriptor is sound, as the rest of the server relies on it: every
 * table, name, type, flag and reference.  Its rows have the sizes of this server.  No
 * code of the module is run.
 */
bool module_check_descriptor(const struct hd_module *, struct err *);

/*
 * Puts modules into the order of their needs: each after those that it needs.  The
 * message names a missing one, one whose version is too old, the cycle, or two of which one
 * would own the tables of the other, and goes on behind the file of *whose, which is the
 * module that stands in the way.  Modules that do not need each other stay in their
 * order; on failure all do.
 */
bool module_order(struct module **modules, size_t n, struct module **whose, struct err *);

/* Compares two versions by semver (2.0.0 section 11): below 0, 0, above 0. */
int module_compare_versions(const char *, const char *);

/* Whether a version will do for who needs another: of the same major, and at least that. */
bool module_will_do(const char *version, const char *needed);

#endif
