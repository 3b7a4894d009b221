/*
 * schema.h - the tables that field tables ask for
 *
 * A resource's columns are made by the module's migrations, once and for good.  What
 * can be recomputed from them (folded copies for filters, indexes, the search index) is
 * derived: made, or made anew, at any start that finds it missing.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include <stdbool.h>

#include <helpdesk/plugin.h>

#include "migrate.h"

struct arena;
struct db;
struct err;
struct resource;

/*
 * A module's migration as the database runs it: its SQL, or that which its field
 * tables ask for.  Its identity is then the columns, not the SQL, so that the server
 * may learn to say it better.
 */
bool schema_migration(struct arena *, const struct hd_migration *, struct migration *ret,
    struct err *);

/* Makes what is derived and missing; the columns are there.  Outside a transaction. */
bool schema_derive(struct db *, const struct resource *, struct err *);

#endif
