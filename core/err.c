/*
 * err - why something below the request floor failed
 *
 * Keeps one message and nothing else: no codes, no chains, no logging.  What does
 * not fit is cut between code points, as the message may end up in a JSON answer.
 */
#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

/* The old message may be among the arguments, so the new one is made beside it. */
__attribute__((format(printf, 3, 0))) static void
replace(struct err *e, const char *tail, const char *format, va_list ap)
{
	char made[2 * sizeof e->message];
	struct text cut;
	size_t used;

	if (vsnprintf(made, sizeof made, format, ap) < 0)
		made[0] = '\0';
	used = strlen(made);
	snprintf(made + used, sizeof made - used, "%s", tail);
	cut = text_cut(text_of(made), sizeof e->message - 1);
	memcpy(e->message, cut.at, cut.len);
	e->message[cut.len] = '\0';
}

bool
err_set(struct err *e, const char *format, ...)
{
	va_list ap;

	if (e == NULL)
		return false;
	va_start(ap, format);
	replace(e, "", format, ap);
	va_end(ap);
	return false;
}

bool
err_prefix(struct err *e, const char *format, ...)
{
	va_list ap;

	if (e == NULL)
		return false;
	va_start(ap, format);
	replace(e, e->message, format, ap);
	va_end(ap);
	return false;
}
