/*
 * conf_fault.h - what is wrong with a configuration file, gathered until all is known
 *
 * Of the configuration alone (conf*.c).
 */
#ifndef CONF_FAULT_H
#define CONF_FAULT_H

#include <stddef.h>

#include "conf.h"

struct arena;
struct out;

enum { CONF_FAULTS = 1000 };	/* more are counted, but not told */

struct conf_fault {
	struct conf_place place;
	const char *message;
	struct conf_fault *before;	/* the one that was found before */
};

struct conf_faults {
	struct arena *arena;
	struct conf_fault *last;
	size_t count;			/* of all; those beyond CONF_FAULTS are not kept */
};

/* Keeps a fault, its message cut to some 500 bytes. */
void conf_fault(struct conf_faults *, struct conf_place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Writes "file:line:column: message", one a line, in the order of the file. */
void conf_faults_write(const struct conf_faults *, const char *file, struct out *);

#endif
