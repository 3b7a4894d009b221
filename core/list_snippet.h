/*
 * list_snippet.h - what a row of a search has around the text that was searched for
 *
 * Taken from the first text among the searched fields that holds it; the first of all,
 * which is the title, only if no other does.  Of attachments it is the file's name.  What
 * is found in nothing but tags, or without a search, has none.
 */
#ifndef LIST_SNIPPET_H
#define LIST_SNIPPET_H

struct list;
struct value;

/* Write the snippet of a row, as JSON (or null) and as a cell (or nothing).  Much text on
 * an event loop fails the request with DB_OVER_BUDGET. [request] */
void list_snippet_json(struct list *, const struct value *row);
void list_snippet_csv(struct list *, const struct value *row);

#endif
