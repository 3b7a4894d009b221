/*
 * ownership.c - which tables a module may touch
 */
#include "ownership.h"

#include <stddef.h>
#include <string.h>

#include "db.h"
#include "err.h"

bool
ownership_is(const char *owner, const char *table)
{
	size_t n = strlen(owner);

	return strncmp(table, owner, n) == 0 && (table[n] == '\0' || table[n] == '_');
}

static bool
may_read(const struct ownership *o, const char *table)
{
	const char *const *need;

	if (strcmp(table, "core_user") == 0)
		return true;
	for (need = o->needs; need != NULL && *need != NULL; need++)
		if (ownership_is(*need, table))
			return true;
	return false;
}

static bool
may_touch(void *context, const char *table, bool writes)
{
	struct ownership *o = context;

	if (strcmp(o->owner, "core") == 0 || ownership_is(o->owner, table) ||
	    (!writes && may_read(o, table)))
		return true;
	o->violated = true;
	return false;
}

void
ownership_hold(struct db *db, struct ownership *o)
{
	db_set_permit(db, may_touch, o);
}

void
ownership_lift(struct db *db)
{
	db_set_permit(db, NULL, NULL);
}

bool
ownership_explain(const struct ownership *o, struct err *e)
{
	struct err words = *e;

	if (!o->violated)
		return false;
	return err_set(e, "%s; module %s owns only \"%s\" and \"%s_*\"", words.message, o->owner,
	    o->owner, o->owner);
}
