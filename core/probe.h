/*
 * probe.h - proof that the guards stand where they should
 */
#ifndef PROBE_H
#define PROBE_H

#include <stdbool.h>

struct err;

/*
 * Lets the library serve a few requests of our own and looks whether every guard was
 * called.  A library that was built to call its functions directly is found out so.
 * After guard_init. [startup]
 */
bool probe_guards(struct err *);

#endif
