/*
 * core_schema.h - the tables that every site has: users, keys, audit trail, attachments
 */
#ifndef CORE_SCHEMA_H
#define CORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

struct db;
struct err;
struct migration;

/* The steps for migrate_apply(db, "core", ...) and migrate_check.  Constant. */
const struct migration *core_migrations(size_t *n);

/*
 * Opens a site's database for changes, makes it if there is none, and brings the
 * core's tables up to date.  For commands; the message names the path.
 */
bool core_open(const char *path, struct db **ret, struct err *);

#endif
