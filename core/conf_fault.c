/*
 * conf_fault.c - what is wrong with a configuration file, gathered until all is known
 *
 * Faults are found in the order of the checks and told in the order of the file.
 * Keeps CONF_FAULTS of them and counts the rest: nobody reads more, and a hostile
 * file shall not decide how much memory they take.
 */
#include "conf_fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "out.h"

void
conf_fault(struct conf_faults *faults, struct conf_place place, const char *format, ...)
{
	char message[512];
	struct conf_fault *fault;
	va_list ap;

	if (faults->count++ >= CONF_FAULTS)
		return;
	va_start(ap, format);
	vsnprintf(message, sizeof message, format, ap);
	va_end(ap);
	for (char *c = message; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';	/* from the file, and on its way to a terminal */
	fault = arena_alloc(faults->arena, sizeof *fault);
	if (fault == NULL)
		return;
	*fault = (struct conf_fault){
		.place = place,
		.message = arena_printf(faults->arena, "%s", message),
		.before = faults->last,
	};
	if (fault->message == NULL)
		fault->message = "wrong";
	faults->last = fault;
}

static int
by_place(const void *a, const void *b)
{
	const struct conf_place *p = &(*(struct conf_fault *const *)a)->place;
	const struct conf_place *q = &(*(struct conf_fault *const *)b)->place;

	if (p->line != q->line)
		return p->line < q->line ? -1 : 1;
	return (p->column > q->column) - (p->column < q->column);
}

static void
write_one(const struct conf_fault *fault, const char *file, struct out *out)
{
	if (fault->place.line == 0)	/* of the file as a whole */
		out_printf(out, "%s: %s\n", file, fault->message);
	else
		out_printf(out, "%s:%u:%u: %s\n", file, fault->place.line, fault->place.column,
		    fault->message);
}

void
conf_faults_write(const struct conf_faults *faults, const char *file, struct out *out)
{
	const struct conf_fault *sorted[CONF_FAULTS];
	size_t n = 0;

	for (const struct conf_fault *f = faults->last; f != NULL; f = f->before)
		sorted[n++] = f;
	qsort(sorted, n, sizeof sorted[0], by_place);
	for (size_t i = 0; i < n; i++)
		write_one(sorted[i], file, out);
	if (faults->count > n)
		out_printf(out, "%s: and %zu more\n", file, faults->count - n);
}
