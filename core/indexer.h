/*
 * indexer.h - the search indexes of a site, brought up to date behind the changes' backs
 *
 * A change leaves its rows noted (search.h).  The indexer takes them a piece at a time, each
 * as a change of its own in the writer's queue: soon after the last change, or, where
 * changes never cease, once very many rows are noted, so that what searches have to read
 * stays bounded.
 */
#ifndef INDEXER_H
#define INDEXER_H

struct arena;
struct indexer;
struct site;
struct timetable;

/*
 * For a site that has started; begins with what an earlier run has left.  It lives in the
 * arena and must not be told of changes after the lanes are closed.  NULL if nothing of the
 * site is searched.  [startup]
 */
struct indexer *indexer_open(struct arena *, struct timetable *, struct site *);

/* A change was committed; NULL is fine.  On the writer's thread. */
void indexer_note(struct indexer *);

#endif
