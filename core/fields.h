/*
 * fields.h - the head of an answer over HTTP/2
 *
 * In place of the library's own way, which keeps each field that it sends in a table of 32
 * and looks through it for each field of each answer; what is never the same, like the id of
 * a request, drives all others out of it.  Nor does it heed a client that says how much room
 * it has for such a table (SETTINGS_HEADER_TABLE_SIZE, RFC 9113 6.5.2).
 */
#ifndef FIELDS_H
#define FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include <h2o.h>

struct conn;

/* What the library knows of an answer whose head is sent. */
struct fields {
	const h2o_res_t *res;
	uint32_t stream;
	size_t frame;			/* bytes of a frame at most, by the client's word */
	const h2o_timestamp_t *at;
	h2o_iovec_t server;		/* nothing: no field */
	size_t length;			/* SIZE_MAX: no field */
};

/* Puts the frames of a head behind what is in the buffer of a connection. */
void fields_put(struct conn *, h2o_buffer_t **, const struct fields *);

#endif
