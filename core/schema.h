/*
 * schema.h - the tables that field tables ask for
 *
 * A resource's columns are made by the module's migrations, once and for good.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include <stdbool.h>

#include <helpdesk/plugin.h>

#include "migrate.h"

struct arena;
struct err;

/*
 * A module's migration as the database runs it: its SQL, or that which its field
 * tables ask for.  Its identity is then the columns, not the SQL, so that the server
 * may learn to say it better.
 */
bool schema_migration(struct arena *, const struct hd_migration *, struct migration *ret,
    struct err *);

#endif
