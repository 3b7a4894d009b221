/*
 * user_names.c - the names of the users in the rows of a list
 */
#include "user_names.h"

#include "arena.h"
#include "cleanup.h"
#include "db.h"
#include "err.h"

enum { FIRST = 64, MOST = 16384 };	/* places for names */

struct user_name {
	int64_t id;		/* 0: the place is free; ids begin with 1 */
	struct text name;	/* absent: there is no such user */
};

/* Where an id is, or is to be; there is always a free place. */
static struct user_name *
place_of(const struct user_names *n, int64_t id)
{
	size_t mask = n->room - 1, i = (size_t)((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15) >> 32);

	while (n->known[i & mask].id != 0 && n->known[i & mask].id != id)
		i++;
	return &n->known[i & mask];
}

/* Twice as many places; false, with those there were, over the arena's limit. */
static bool
grow(struct user_names *n, struct arena *a)
{
	struct user_names more = { NULL, n->count, n->room == 0 ? FIRST : 2 * n->room };
	size_t i;

	more.known = arena_zero(a, more.room * sizeof(more.known[0]));
	if (more.known == NULL)
		return false;
	for (i = 0; i < n->room; i++)
		if (n->known[i].id != 0)
			*place_of(&more, n->known[i].id) = n->known[i];
	*n = more;
	return true;
}

static bool
look_up(struct db *db, struct arena *a, int64_t id, struct text *name, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = db_prepare(db,
	    "SELECT name FROM core_user WHERE id = ?1", e);
	enum db_result result;
	struct text t;

	*name = (struct text){ NULL, 0 };
	if (st == NULL)
		return false;
	db_bind_int(st, 1, id);
	result = db_step(st);
	if (result != DB_ROW)
		return result == DB_DONE || err_set(e, "%s", db_message(db));
	t = db_text(st, 0);
	*name = (struct text){ arena_copy(a, t.at, t.len), t.len };
	return name->at != NULL || err_set(e, "no memory left for a user's name");
}

bool
user_names_get(struct user_names *n, struct db *db, struct arena *a, int64_t id,
    struct text *name, struct err *e)
{
	struct user_name *place = n->room > 0 ? place_of(n, id) : NULL;

	if (place != NULL && place->id == id) {
		*name = place->name;
		return true;
	}
	if (!look_up(db, a, id, name, e))
		return false;
	if (2 * n->count >= n->room && (n->room == MOST || !grow(n, a)))
		return true;
	*place_of(n, id) = (struct user_name){ id, *name };
	n->count++;
	return true;
}
