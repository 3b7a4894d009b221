/*
 * scaffold.h - a new module, written into a folder
 */
#ifndef SCAFFOLD_H
#define SCAFFOLD_H

#include <stdbool.h>

struct arena;
struct err;

/*
 * Writes a module of this name - source, test, Makefile, README - into a folder, which is
 * made.  Fails for a name that no server would take, and for a folder that is there; what
 * fails later leaves what was written until then.
 */
bool scaffold_write(struct arena *, const char *name, const char *folder, struct err *);

#endif
