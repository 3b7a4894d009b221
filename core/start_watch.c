/*
 * start_watch.c - a module that crashes while the server starts is named
 */
#include "start_watch.h"

#include <sysexits.h>

#include "arena.h"
#include "crash.h"
#include "out.h"

static void
enter(struct site_watch *watch, const struct instance *i, enum site_stage stage)
{
	struct start_watch *w = (struct start_watch *)(void *)watch;
	const char *before, *after;

	if (w->faults == NULL)
		return;
	out_finish(w->faults);	/* what stands there would be lost */
	before = arena_printf(w->arena, "module refused: %s: crashed (", i->file);
	after = arena_printf(w->arena, ") %s%s (%s:%u)", site_stage_words(stage),
	    i->conf->required || stage == SITE_FINI ? "" :
	    ", which ends the server though it is not required",
	    w->conf->file, i->conf->place.line);
	if (before != NULL && after != NULL)
		w->crash = crash_watch_begin(before, after, EX_CONFIG);
}

static void
leave(struct site_watch *watch)
{
	struct start_watch *w = (struct start_watch *)(void *)watch;

	crash_watch_end(w->crash);
	w->crash = NULL;
}

void
start_watch_init(struct start_watch *w, const struct conf *conf, struct arena *arena,
    struct out *faults)
{
	*w = (struct start_watch){ { enter, leave }, conf, arena, faults, NULL };
}

void
start_watch_end(struct start_watch *w)
{
	w->faults = NULL;
}
