/*
 * user_names.c - the names of the users in the rows of a list
 */
#include "user_names.h"

#include "cleanup.h"
#include "err.h"

enum { FIRST = 64, MOST = 8192 };	/* places for names; names that are kept */

struct user_name {
	int64_t id;		/* 0: the place is free; ids begin with 1 */
	struct text name;	/* absent: there is no such user */
};

void
user_names_init(struct user_names *n)
{
	*n = (struct user_names){ .known = NULL };
	arena_init(&n->arena, SIZE_MAX);
}

void
user_names_fini(struct user_names *n)
{
	arena_fini(&n->arena);
}

void
user_names_next_row(struct user_names *n)
{
	if (n->count < MOST)
		return;
	user_names_fini(n);
	user_names_init(n);
}

/* Where an id is, or is to be; there is always a free place. */
static struct user_name *
place_of(const struct user_names *n, int64_t id)
{
	size_t mask = n->room - 1, i = (size_t)((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15) >> 32);

	while (n->known[i & mask].id != 0 && n->known[i & mask].id != id)
		i++;
	return &n->known[i & mask];
}

/* Twice as many places. */
static void
grow(struct user_names *n)
{
	struct user_name *old = n->known;
	size_t i, count = n->room;

	n->room = count == 0 ? FIRST : 2 * count;
	n->known = arena_zero(&n->arena, n->room * sizeof(n->known[0]));
	for (i = 0; i < count; i++)
		if (old[i].id != 0)
			*place_of(n, old[i].id) = old[i];
}

static enum db_result
look_up(struct db *db, struct arena *a, int64_t id, struct text *name)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	enum db_result result;
	struct err e;

	*name = (struct text){ NULL, 0 };
	st = db_prepare(db, "SELECT name FROM core_user WHERE id = ?1", &e);
	if (st == NULL)
		return db_last_failure(db);
	db_bind_int(st, 1, id);
	result = db_step(st);
	if (result == DB_ROW) {
		*name = db_text(st, 0);
		name->at = arena_copy(a, name->at, name->len);
	}
	return result;
}

enum db_result
user_names_get(struct user_names *n, struct db *db, int64_t id, struct text *name)
{
	enum db_result result;

	if (2 * n->count >= n->room)
		grow(n);
	if (place_of(n, id)->id == id) {
		*name = place_of(n, id)->name;
		return name->at != NULL ? DB_ROW : DB_DONE;
	}
	result = look_up(db, &n->arena, id, name);
	if (result != DB_ROW && result != DB_DONE)
		return result;
	*place_of(n, id) = (struct user_name){ id, *name };
	n->count++;
	return result;
}
