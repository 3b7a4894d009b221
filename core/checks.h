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

/* Whether what was given back may be handed out again: not where it is to be found out that
 * somebody has kept it, which the address sanitizer does, too. */
static inline bool
checks_reuse(void)
{
#ifdef __SANITIZE_ADDRESS__
	return false;
#else
	return !checks_on();
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
