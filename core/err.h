/*
 * err.h - why something below the request floor failed
 *
 * A function that can fail takes a struct err * as its last argument and returns
 * false; on success the err is untouched.  It never logs: whoever stops passing
 * the failure on does, once.
 */
#ifndef ERR_H
#define ERR_H

#include <stdbool.h>

struct err {
	char message[1024];	/* a sentence for a person, without full stop or newline */
};

/* Sets the message, cut to fit; e may be NULL.  Always returns false.  [any thread] */
bool err_set(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts words before what is there: "helpdesk.yaml: " + message.  Always returns false. */
bool err_prefix(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
