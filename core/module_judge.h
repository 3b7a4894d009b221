/*
 * module_judge.h - what module.c asks of a file and of a descriptor, in this order
 *
 * Private to the module*.c files.  Messages are sentences after the name of the file:
 * "is no ELF file", "links libsqlite3.so.0; a module links nothing of the server".
 */
#ifndef MODULE_JUDGE_H
#define MODULE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include <helpdesk/plugin.h>

#include "module.h"
#include "text.h"

struct arena;
struct err;
struct json;

#define MODULE_STRING_(x) #x
#define MODULE_STRING(x) MODULE_STRING_(x)
#define MODULE_SYMBOL "hd_module_v" MODULE_STRING(HD_ABI_MAJOR)

/* Bytes of struct hd_module at ABI x.0: no descriptor is smaller. */
enum { MODULE_LEAST = offsetof(struct hd_module, fini) + sizeof(void (*)(void)) };

/* ---- module_trust.c ---- */

/*
 * Whether only root and the server's user can change the file: it and every folder
 * above it belong to one of them and are not writable by group or others (also by an
 * ACL, whose mask is the group's bits).  A folder of root's with the sticky bit, such
 * as /tmp, may be writable: nobody can rename there what is not his, and what is next
 * on the path is not.  real has no symbolic links.
 */
bool module_check_trust(const char *real, struct err *);

/* Whether the content has the digest, 64 hex digits of either case. */
bool module_check_digest(struct text content, const char *sha256, struct err *);

/* ---- module_elf.c ---- */

/* The note in the content of a file, whatever that is. */
bool module_find_note(struct text content, struct module_note *ret, struct err *);

/* Whether it exports MODULE_SYMBOL alone, and has nothing to do with the server's libraries. */
bool module_check_linkage(struct text content, struct err *);

/* ---- module_copy.c ---- */

/*
 * A copy of a descriptor in the arena, all tables with it, in the sizes of this server's
 * structs: what the module was compiled without is zero.  Texts and functions stay where
 * they are.  The ABI has been judged; everything else is read with distrust.
 */
bool module_copy(struct arena *, const struct hd_module *, const struct hd_module **ret,
    struct err *);

/* ---- module_descriptor.c ---- */

bool module_is_among(const char *, const char *const *words, size_t n);

/* Whether a name is owner's: owner, or owner_*. */
bool module_is_owned(const char *name, const char *owner);

/* Whether a text that need not be there is valid if it is. */
bool module_is_fine(const char *);

/* The number of its migrations. */
unsigned module_count_steps(const struct hd_module *);

/* ---- module_resource.c ---- */

/* Whether the module's own resources, or those of a migration's table, are sound. */
bool module_check_resources(const struct hd_module *, struct err *);
bool module_check_resource_table(const struct hd_module *, const struct hd_resource *,
    struct err *);

/* ---- module_field.c ---- */

enum module_place { MODULE_RESOURCE, MODULE_QUERY, MODULE_BODY };

/*
 * Checks a table of fields, one by one and among themselves.  where begins the message:
 * "resource /rooms"; steps is the number of migrations.
 */
bool module_check_fields(const struct hd_field *, enum module_place, const char *where,
    unsigned steps, struct err *);

/* Parses constant JSON of a module and asks about it; false also if it is none. */
typedef bool module_ask_json(const void *context, const struct json *);
bool module_json(const char *json, module_ask_json *, const void *context);

/* [a-z][a-z0-9_]*, at most so many bytes. */
bool module_is_word(const char *, size_t most);

/* Whether SQLite or PostgreSQL reserves a word, in lower case: it names no column or table. */
bool module_is_reserved(const char *word);

/* Whether a text is there and more than white space. */
bool module_is_said(const char *);

/* ---- module_offers.c ---- */

/* Whether hooks, jobs and services are well said. */
bool module_check_offers(const struct hd_module *, struct err *);

/* ---- module_order.c ---- */

/* Whether it is a version by semver. */
bool module_is_version(const char *);

#endif
