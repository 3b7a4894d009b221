/*
 * choice.h - the members that a client wants of rows: ?fields=id,subject
 */
#ifndef CHOICE_H
#define CHOICE_H

#include <stdbool.h>

struct request;
struct value;

/*
 * Reads names of members, separated by commas, into req->chosen; an absent value or no
 * name chooses all.  False with the request failed: a name that is none.  [request]
 */
bool choice_read(struct request *, const struct value *names);

/* Whether rows are answered with a column. */
bool choice_has(const struct request *, unsigned column);

#endif
