/*
 * Whether a client that keeps to RFC 7541 reads the fields that were written.
 *
 * The decoder here is made from the RFC and knows nothing of the writer: its table is as
 * large as every client's is at first, and forgets by size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hpack_write.h"

enum { STATIC = 61, OVERHEAD = 32, BLOCK = 4096, FIELDS = 40, ENTRIES_MOST = 200 };

/* Of appendix A, what these tests write. */
static const struct { unsigned number; const char *name, *value; } known[] = {
	{ 8, ":status", "200" }, { 9, ":status", "204" }, { 10, ":status", "206" },
	{ 11, ":status", "304" }, { 12, ":status", "400" }, { 13, ":status", "404" },
	{ 14, ":status", "500" }, { 24, "cache-control", "" }, { 28, "content-length", "" },
	{ 31, "content-type", "" }, { 33, "date", "" }, { 34, "etag", "" }, { 54, "server", "" },
};

struct field {
	char name[100], value[200];
};

/* ---- a client ---- */

struct client {
	size_t most, size;		/* of the table */
	struct field table[ENTRIES_MOST];	/* the latest first */
	unsigned entries;
	struct field got[FIELDS];
	unsigned fields;
	const uint8_t *at, *end;
};

static void
evict(struct client *c)
{
	while (c->size > c->most) {
		const struct field *f = &c->table[--c->entries];

		c->size -= OVERHEAD + strlen(f->name) + strlen(f->value);
	}
}

static void
insert(struct client *c, const struct field *f)
{
	assert_in_range(c->entries, 0, ENTRIES_MOST - 1);
	memmove(c->table + 1, c->table, c->entries * sizeof(*f));
	c->table[0] = *f;
	c->entries++;
	c->size += OVERHEAD + strlen(f->name) + strlen(f->value);
	evict(c);
}

static unsigned
integer(struct client *c, unsigned bits)
{
	unsigned most = (1u << bits) - 1, n, shift = 0;

	assert_true(c->at < c->end);
	n = *c->at++ & most;
	if (n < most)
		return n;
	do {
		assert_true(c->at < c->end && shift < 28);
		n += (unsigned)(*c->at & 127) << shift;
		shift += 7;
	} while (*c->at++ & 128);
	return n;
}

static void
string(struct client *c, char *to, size_t size)
{
	unsigned n;

	assert_true(c->at < c->end);
	assert_int_equal(*c->at & 128, 0);	/* Huffman's code is not what we write */
	n = integer(c, 7);
	assert_true(n < size && n <= (size_t)(c->end - c->at));
	memcpy(to, c->at, n);
	to[n] = '\0';
	c->at += n;
}

static struct field
entry(const struct client *c, unsigned number)
{
	struct field f = { "", "" };

	if (number > STATIC) {
		assert_in_range(number - STATIC, 1, c->entries);
		return c->table[number - STATIC - 1];
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].number == number) {
			strcpy(f.name, known[i].name);
			strcpy(f.value, known[i].value);
		}
	assert_string_not_equal(f.name, "");
	return f;
}

static void
literal(struct client *c, unsigned bits, bool keeps)
{
	struct field *f = &c->got[c->fields++];
	unsigned number = integer(c, bits);

	if (number != 0)
		*f = entry(c, number);
	else
		string(c, f->name, sizeof(f->name));
	string(c, f->value, sizeof(f->value));
	if (keeps)
		insert(c, f);
}

static void
representation(struct client *c)
{
	assert_in_range(c->fields, 0, FIELDS - 1);
	if (*c->at & 0x80) {
		c->got[c->fields] = entry(c, integer(c, 7));
		c->fields++;
	} else if (*c->at & 0x40) {
		literal(c, 6, true);
	} else if (*c->at & 0x20) {
		assert_int_equal(c->fields, 0);		/* at the beginning of a block alone */
		c->most = integer(c, 5);
		evict(c);
	} else {
		literal(c, 4, false);
	}
}

static void
receive(struct client *c, const uint8_t *block, const uint8_t *end)
{
	c->fields = 0;
	c->at = block;
	c->end = end;
	while (c->at < c->end)
		representation(c);
}

/* ---- both ends ---- */

struct place {
	struct hpack_sender sender;
	struct client client;
	uint8_t block[BLOCK], *end;
	struct field sent[FIELDS];
	unsigned fields;
};

static int
settle(void **state)
{
	struct place *p = *state = calloc(1, sizeof(struct place));

	p->client.most = HPACK_TABLE;
	return 0;
}

static int
leave(void **state)
{
	free(*state);
	return 0;
}

static void
note(struct place *p, const char *name, const char *value)
{
	strcpy(p->sent[p->fields].name, name);
	strcpy(p->sent[p->fields++].value, value);
}

static void
begin(struct place *p, unsigned status, const char *digits, bool table)
{
	p->fields = 0;
	p->end = hpack_write_status(&p->sender, p->block, status, table);
	assert_true(p->end - p->block <= HPACK_STATUS);
	note(p, ":status", digits);
}

/* As callers do: again, or anew.  Returns the bytes that it took. */
static size_t
put(struct place *p, unsigned number, const char *name, const char *value,
    enum hpack_lasts lasts)
{
	uint8_t *at = p->end;

	p->end = hpack_write_again(&p->sender, at, text_of(name), text_of(value));
	if (p->end == NULL)
		p->end = hpack_write_field(&p->sender, at, number, text_of(name), text_of(value),
		    lasts);
	assert_true((size_t)(p->end - at) <= HPACK_FIELD + strlen(name) + strlen(value));
	note(p, name, value);
	return (size_t)(p->end - at);
}

static void
expect_read(struct place *p)
{
	receive(&p->client, p->block, p->end);
	assert_int_equal(p->client.fields, p->fields);
	for (unsigned i = 0; i < p->fields; i++) {
		assert_string_equal(p->client.got[i].name, p->sent[i].name);
		assert_string_equal(p->client.got[i].value, p->sent[i].value);
	}
}

static void
every_status_is_read(void **state)
{
	struct place *p = *state;
	char digits[8];

	for (unsigned status = 100; status < 600; status++) {
		snprintf(digits, sizeof(digits), "%u", status);
		begin(p, status, digits, true);
		expect_read(p);
	}
}

static void
every_length_is_read(void **state)
{
	static const uint64_t lengths[] = { 0, 9, 10, 410, UINT64_MAX };
	struct place *p = *state;
	char digits[24];

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		begin(p, 200, "200", true);
		p->end = hpack_write_length(p->end, lengths[i]);
		snprintf(digits, sizeof(digits), "%llu", (unsigned long long)lengths[i]);
		note(p, "content-length", digits);
		expect_read(p);
	}
}

static void
what_comes_again_is_one_byte(void **state)
{
	struct place *p = *state;

	for (int turn = 0; turn < 3; turn++) {
		size_t bytes;

		begin(p, 200, "200", true);
		bytes = put(p, 54, "server", "helpdesk", HPACK_ALL);
		assert_int_equal(bytes, turn == 0 ? 1 + 1 + 8 : 1);
		bytes = put(p, 0, "x-content-type-options", "nosniff", HPACK_ALL);
		assert_int_equal(bytes, turn == 0 ? 1 + 1 + 22 + 1 + 7 : 1);
		expect_read(p);
	}
}

static void
a_name_that_comes_again_is_sent_once(void **state)
{
	struct place *p = *state;

	begin(p, 200, "200", true);
	assert_int_equal(put(p, 0, "x-request-id", "0011", HPACK_NAME), 1 + 1 + 12 + 1 + 4);
	expect_read(p);
	begin(p, 200, "200", true);
	assert_int_equal(put(p, 0, "x-request-id", "2233", HPACK_NAME), 2 + 1 + 4);
	expect_read(p);
}

static void
what_passes_leaves_the_table_alone(void **state)
{
	struct place *p = *state;

	begin(p, 200, "200", true);
	put(p, 34, "etag", "\"1\"", HPACK_NOTHING);
	put(p, 0, "x-other", "1", HPACK_NOTHING);
	expect_read(p);
	assert_int_equal(p->client.entries, 0);
}

/* A date that is another each second drives out what stands before it, in both tables. */
static void
a_table_that_runs_over_is_still_read(void **state)
{
	struct place *p = *state;
	char date[40];

	for (int second = 0; second < 500; second++) {
		begin(p, 200, "200", true);
		put(p, 54, "server", "helpdesk", HPACK_ALL);
		snprintf(date, sizeof(date), "Sun, 29 Nov 2026 %02d:%02d:%02d GMT", second / 3600,
		    second / 60 % 60, second % 60);
		put(p, 33, "date", date, HPACK_ALL);
		put(p, 31, "content-type", "application/json", HPACK_ALL);
		put(p, 0, "x-request-id", date + 17, HPACK_NAME);
		expect_read(p);
	}
}

static void
a_client_without_a_table_is_told_once_and_reads_on(void **state)
{
	struct place *p = *state;

	begin(p, 200, "200", true);
	put(p, 54, "server", "helpdesk", HPACK_ALL);
	expect_read(p);
	for (int turn = 0; turn < 3; turn++) {
		begin(p, 200, "200", turn == 2);	/* that it has one again changes nothing */
		assert_int_equal(p->block[0], turn == 0 ? 0x20 : 0x88);
		assert_int_equal(put(p, 54, "server", "helpdesk", HPACK_ALL), 2 + 1 + 8);
		put(p, 0, "x-request-id", "0011", HPACK_NAME);
		expect_read(p);
		assert_int_equal(p->client.entries, 0);
	}
}

/* ---- whatever comes ---- */

static unsigned
draw(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16) % n;
}

/* Names and values of all lengths up to beyond what is remembered; more places than are. */
static void
put_any(struct place *p, unsigned *seed)
{
	static const struct { unsigned number; const char *name; } names[] = {
		{ 24, "cache-control" }, { 31, "content-type" }, { 34, "etag" }, { 0, "x-one" },
		{ 0, "x-two" },
		{ 0, "x-a-name-that-is-longer-than-what-is-remembered-of-both-name-and-value" },
	};
	unsigned i = draw(seed, sizeof(names) / sizeof(names[0])), n = draw(seed, 80);
	char value[100];

	memset(value, 'a' + (int)draw(seed, 3), n);
	value[n] = '\0';
	put(p, names[i].number, names[i].name, value, (enum hpack_lasts)draw(seed, 3));
}

static void
whatever_is_sent_is_read(void **state)
{
	struct place *p = *state;
	unsigned seed = 1;

	for (int turn = 0; turn < 20000; turn++) {
		begin(p, 200, "200", turn < 15000);
		for (unsigned n = draw(&seed, 22); n > 0; n--)
			put_any(p, &seed);
		expect_read(p);
	}
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, settle, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(every_status_is_read),
		WITH_PLACE(every_length_is_read),
		WITH_PLACE(what_comes_again_is_one_byte),
		WITH_PLACE(a_name_that_comes_again_is_sent_once),
		WITH_PLACE(what_passes_leaves_the_table_alone),
		WITH_PLACE(a_table_that_runs_over_is_still_read),
		WITH_PLACE(a_client_without_a_table_is_told_once_and_reads_on),
		WITH_PLACE(whatever_is_sent_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
