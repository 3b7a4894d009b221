/*
 * checks.h - memory that modules are handed, and may not use for ever
 *
 * In the checking build (make VARIANT=checks, which defines HD_CHECKS) memory that has been
 * given back is taken out of reach: whoever uses it ends the process at once, with one line
 * that names the module and what it has kept.  In other builds it is the heap's.
 */
#ifndef CHECKS_H
#define CHECKS_H

#include <stdbool.h>
#include <stddef.h>

static inline bool
checks_on(void)
{
#ifdef HD_CHECKS
	return true;
#else
	return false;
#endif
}

/* Zeroed memory.  Never NULL: aborts without memory. [any thread] */
void *checks_alloc(size_t);

/*
 * Gives it back; NULL is fine.  module: "sla 0.3.0", or "" if it was nobody's; what: "a
 * request after its answer"; both are copied. [any thread]
 */
void checks_free(void *, size_t, const char *module, const char *what);

#endif
