/*
 * indexer.c - the search indexes of a site, brought up to date behind the changes' backs
 */
#include "indexer.h"

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "log.h"
#include "resource.h"
#include "search.h"
#include "site.h"
#include "timetable.h"
#include "writer.h"

enum {
	DELAY = 250 * 1000,	/* microseconds after a change, if no others wait then */
	OVERDUE = 200 * 1000	/* changes, after which others have to wait for a piece */
};

/*
 * Either it rests, or it is in the timetable, or in the writer's queue: whoever finds it
 * resting, on the writer's thread, puts it into the timetable.
 */
struct indexer {
	struct change change;		/* first */
	struct due due;
	struct site *site;
	struct timetable *timetable;
	bool resting, more;
	unsigned changes;		/* since it was last up to date */
	uint64_t faulty;		/* resources left out until it rests: a bit each */
	bool stumbled;			/* over one of them, in this run */
};

/* The next resource of the site that is searched; NULL after the last. */
static const struct resource *
next_searched(const struct site *s, size_t *instance, size_t *resource)
{
	const struct resource *r;

	for (; *instance < s->instance_count; (*instance)++, *resource = 0) {
		const struct instance *i = s->instances[*instance];

		while (i->refused == NULL && (r = i->resources[*resource]) != NULL) {
			(*resource)++;
			if (r->searched && !r->core)
				return r;
		}
	}
	return NULL;
}

/* A piece of each resource's rows.  One whose index is broken must not hold up the others. */
static bool
run(struct change *c, struct db *db)
{
	struct indexer *x = (struct indexer *)(void *)c;
	const struct resource *r;
	size_t instance = 0, resource = 0;
	unsigned order = 0;
	struct err e;
	bool more;

	x->more = x->stumbled = false;
	while ((r = next_searched(x->site, &instance, &resource)) != NULL) {
		const uint64_t bit = UINT64_C(1) << order++ % 64;

		if (x->faulty & bit)
			continue;
		if (!search_catch_up(db, r, &more, &e)) {
			x->faulty |= bit;
			x->stumbled = true;
			log_error("%s: the search index of %s: %s", x->site->conf->name,
			    r->d->table, e.message);
			return false;
		}
		x->more |= more;
	}
	return true;
}

static void
put_off(struct indexer *x)
{
	timetable_put(x->timetable, &x->due, DELAY);
}

/* If the piece could not be kept, what is noted is still noted; the next change asks again. */
static void
done(struct change *c, enum change_end end, enum db_result why, const char *message)
{
	struct indexer *x = (struct indexer *)(void *)c;
	bool others = writer_waiting(x->site->writer) > 1;

	(void)why;
	(void)message;
	if (end == CHANGE_UNDONE && x->stumbled) {
		put_off(x);
	} else if (end != CHANGE_COMMITTED || !x->more) {
		x->faulty = 0;
		x->resting = true;
		x->changes = 0;
	} else if ((others && x->changes < OVERDUE) ||
	    !writer_push(x->site->writer, &x->change)) {
		put_off(x);
	}
}

/* On the timetable's thread. */
static void
on_due(struct due *due)
{
	struct indexer *x = (struct indexer *)(void *)((char *)due - offsetof(struct indexer, due));

	if (!writer_push(x->site->writer, &x->change))
		put_off(x);
}

/* Whether an earlier run has left anything; a fault will show when it is asked again. */
static bool
is_behind(const struct site *s)
{
	const struct resource *r;
	size_t instance = 0, resource = 0;
	bool behind = false;
	struct err e;

	while (!behind && (r = next_searched(s, &instance, &resource)) != NULL)
		if (!search_is_behind(writer_db(s->writer), r, &behind, &e))
			return true;
	return behind;
}

struct indexer *
indexer_open(struct arena *a, struct timetable *timetable, struct site *s)
{
	static const struct change_kind kind = { run, done };
	size_t instance = 0, resource = 0;
	struct indexer *x;

	if (timetable == NULL || next_searched(s, &instance, &resource) == NULL)
		return NULL;
	x = arena_zero(a, sizeof(*x));
	*x = (struct indexer){ .change = { .kind = &kind, .again = true }, .due.call = on_due,
			       .site = s, .timetable = timetable, .resting = true };
	if (is_behind(s))
		indexer_note(x);
	return x;
}

void
indexer_note(struct indexer *x)
{
	if (x == NULL)
		return;
	x->changes++;
	if (!x->resting)
		return;
	x->resting = false;
	put_off(x);
}
