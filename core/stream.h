/*
 * stream.h - what we know of the library's HTTP/2 structures
 *
 * Their header cannot be included (it needs khash.h, which is not packaged), so their
 * heads are repeated here as they are in 2.2.5.  probe.c proves at start that they are
 * like this in the library that is really loaded.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <h2o.h>
#include <h2o/http2.h>

enum stream_state {
	STREAM_IDLE,
	STREAM_RECV_HEADERS,
	STREAM_RECV_BODY,
	STREAM_REQ_PENDING,
	STREAM_SEND_HEADERS,
	STREAM_SEND_BODY,
	STREAM_SEND_BODY_IS_FINAL,
	STREAM_END_STREAM
};

struct stream {			/* h2o_http2_stream_t */
	uint32_t id;
	h2o_ostream_t ostr_final;
	int state;		/* enum stream_state */
	ssize_t output_window, input_window;
	h2o_http2_priority_t priority;
	h2o_buffer_t *body;	/* NULL: none will come */
	size_t expected_length;	/* SIZE_MAX: not said */
};

struct stream_conn {		/* h2o_http2_conn_t */
	h2o_conn_t super;
	h2o_socket_t *sock;
	h2o_http2_settings_t peer;
};

struct stream_frame {		/* h2o_http2_frame_t */
	uint32_t length;
	uint8_t type, flags;
	uint32_t stream_id;
	const uint8_t *payload;
};

#endif
