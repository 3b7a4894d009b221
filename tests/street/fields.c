/*
 * fields.c - the head of an answer over HTTP/2, byte by byte
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire.h"

enum { HEADERS_MOST = 65536, STATIC = 61 };

/* All frames of the head of a stream's answer, and how many they are. */
struct head {
	uint8_t bytes[HEADERS_MOST];
	size_t n;
	unsigned frames;
};

static struct server server;

static int
start(void **state)
{
	(void)state;
	server_start(&server, "", "", 0);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	assert_int_equal(server_stop(&server), 0);
	return 0;
}

/* Reads a stream's answer to its end, whatever comes between. */
static void
read_head(struct wire *w, uint32_t stream, struct head *head)
{
	struct frame *f = malloc(sizeof(*f));
	bool whole = false;

	assert_non_null(f);
	head->n = head->frames = 0;
	do {
		assert_true(h2_read(w, f, PATIENCE));
		if (f->stream != stream || (f->type != HEADERS && f->type != CONTINUATION))
			continue;
		assert_false(whole);
		assert_int_equal(f->type, head->frames == 0 ? HEADERS : CONTINUATION);
		assert_true(f->length <= sizeof(head->bytes) - head->n);
		memcpy(head->bytes + head->n, f->payload, f->length);
		head->n += f->length;
		head->frames++;
		whole = (f->flags & END_HEADERS) != 0;
	} while (f->stream != stream || f->type != DATA || (f->flags & END_STREAM) == 0);
	assert_true(whole);
	free(f);
}

static void
ask(struct wire *w, uint32_t stream, const char *path, struct head *head)
{
	h2_request(w, stream, "GET", path, true);
	read_head(w, stream, head);
}

/* RFC 7541 5.1. */
static size_t
integer(const struct head *h, size_t *at, unsigned bits)
{
	size_t most = ((size_t)1 << bits) - 1, n;
	unsigned shift = 0;

	assert_true(*at < h->n);
	n = h->bytes[(*at)++] & most;
	if (n < most)
		return n;
	do {
		assert_true(*at < h->n && shift < 28);
		n += (size_t)(h->bytes[*at] & 127) << shift;
		shift += 7;
	} while (h->bytes[(*at)++] & 128);
	return n;
}

static void
skip_string(const struct head *h, size_t *at)
{
	size_t n = integer(h, at, 7);

	assert_true(n <= h->n - *at);
	*at += n;
}

/* What a block asks of the table that both sides keep. */
struct uses {
	unsigned reads, adds, resizes;
};

static struct uses
uses_of(const struct head *h)
{
	struct uses uses = { 0 };

	for (size_t at = 0, number; at < h->n;) {
		uint8_t first = h->bytes[at];
		bool literal = first < 0x80 && (first & 0xe0) != 0x20;

		number = integer(h, &at, first >= 0x80 ? 7 : first >= 0x40 ? 6 : first >= 0x20 ?
		    5 : 4);
		uses.reads += number > STATIC;
		uses.adds += (first & 0xc0) == 0x40;
		uses.resizes += (first & 0xe0) == 0x20;
		if (literal && number == 0)
			skip_string(h, &at);
		if (literal)
			skip_string(h, &at);
	}
	return uses;
}

static void
what_was_sent_before_is_not_sent_again(void **state)
{
	static struct head first, second;
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	h2_open(&w, 65535);
	ask(&w, 1, "/ping", &first);
	ask(&w, 3, "/ping", &second);
	assert_true(uses_of(&first).adds > 0);
	assert_int_equal(uses_of(&first).resizes, 0);
	assert_true(uses_of(&second).reads > 0);
	assert_true(second.n < first.n);
	wire_close(&w);
}

/* SETTINGS_HEADER_TABLE_SIZE, RFC 9113 6.5.2: before the first answer, between two, and only
 * for a moment. */
static void
a_client_without_room_for_a_table_is_heeded(void **state)
{
	static const struct { const char *settings; size_t n; bool late; } rows[] = {
		{ "\0\1\0\0\0\0", 6, false },
		{ "\0\1\0\0\0\0", 6, true },
		{ "\0\1\0\0\x0f\xff", 6, true },
		{ "\0\1\0\0\0\0" "\0\1\0\0\x10\0", 12, true },
	};
	static struct head head;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire w;

		wire_open(&w, server.plain);
		h2_open(&w, 65535);
		if (rows[i].late)
			ask(&w, 1, "/ping", &head);
		h2_send(&w, SETTINGS, 0, 0, rows[i].settings, rows[i].n);
		ask(&w, 3, "/ping", &head);
		assert_int_equal(head.bytes[0], 0x20);
		assert_int_equal(uses_of(&head).resizes, 1);
		assert_int_equal(uses_of(&head).reads + uses_of(&head).adds, 0);
		ask(&w, 5, "/ping", &head);
		assert_int_equal(uses_of(&head).resizes, 0);
		assert_int_equal(uses_of(&head).reads + uses_of(&head).adds, 0);
		wire_close(&w);
	}
}

static void
a_table_of_the_usual_size_is_used(void **state)
{
	static struct head head;
	struct wire w;

	(void)state;
	wire_open(&w, server.plain);
	h2_open(&w, 65535);
	h2_send(&w, SETTINGS, 0, 0, "\0\1\0\0\x10\0" "\0\1\0\1\0\0", 12);
	ask(&w, 1, "/ping", &head);
	assert_int_equal(uses_of(&head).resizes, 0);
	assert_true(uses_of(&head).adds > 0);
	wire_close(&w);
}

/* /wide is answered with one field of 40,000 times 'w'; a frame holds 16,384 bytes. */
static void
a_head_that_fills_three_frames_comes_whole(void **state)
{
	static struct head head;
	struct wire w;
	size_t longest = 0, run = 0;

	(void)state;
	wire_open(&w, server.plain);
	h2_open(&w, 65535);
	ask(&w, 1, "/wide", &head);
	assert_int_equal(head.frames, 3);
	for (size_t i = 0; i < head.n; i++) {
		run = head.bytes[i] == 'w' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	assert_int_equal(longest, 40000);
	(void)uses_of(&head);
	ask(&w, 3, "/ping", &head);
	assert_int_equal(head.frames, 1);
	wire_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sent_before_is_not_sent_again),
		cmocka_unit_test(a_client_without_room_for_a_table_is_heeded),
		cmocka_unit_test(a_table_of_the_usual_size_is_used),
		cmocka_unit_test(a_head_that_fills_three_frames_comes_whole),
	};

	return cmocka_run_group_tests_name("street: fields", tests, start, stop);
}
