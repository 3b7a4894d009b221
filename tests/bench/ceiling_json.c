/*
 * ceiling_json.c - tickets as JSON, written by hand, since a generator takes seven times
 * as long, and read by yajl
 */
#include "ceiling_json.h"

#include <string.h>

#include <yajl/yajl_parse.h>

enum {
	MEMBERS_ROOM = 320,	/* names of the members, three integers, punctuation */
	ESCAPED = 6,		/* \u001f: the most that one byte becomes */
	DIGITS = 20,		/* of a 64-bit integer */
};

static const unsigned char is_escaped[256] = { [0 ... 31] = 1, ['"'] = 1, ['\\'] = 1 };

char *
json_raw(char *d, struct words w)
{
	memcpy(d, w.at, w.len);
	return d + w.len;
}

static char *
escape(char *d, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char brief[256] = { ['"'] = '"', ['\\'] = '\\', ['\n'] = 'n', ['\r'] = 'r',
	    ['\t'] = 't' };

	*d++ = '\\';
	if (brief[c] != 0) {
		*d++ = brief[c];
		return d;
	}
	d = json_raw(d, WORDS("u00"));
	*d++ = hex[c >> 4];
	*d++ = hex[c & 15];
	return d;
}

char *
json_words(char *d, struct words w)
{
	const char *at = w.at, *end = w.at + w.len, *run;

	if (at == NULL)
		return json_raw(d, WORDS("null"));
	*d++ = '"';
	for (;;) {
		for (run = at; at < end && !is_escaped[(unsigned char)*at]; at++)
			;
		d = json_raw(d, (struct words){ run, (size_t)(at - run) });
		if (at == end)
			break;
		d = escape(d, (unsigned char)*at++);
	}
	*d++ = '"';
	return d;
}

char *
json_integer(char *d, int64_t n)
{
	char digits[DIGITS], *at = digits + DIGITS;
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;

	do
		*--at = (char)('0' + left % 10);
	while ((left /= 10) != 0);
	if (n < 0)
		*d++ = '-';
	return json_raw(d, (struct words){ at, (size_t)(digits + DIGITS - at) });
}

static char *
user(char *d, int64_t id)
{
	return id == 0 ? json_raw(d, WORDS("null")) : json_integer(d, id);
}

char *
json_ticket(char *d, const struct ticket *t)
{
	d = json_integer(json_raw(d, WORDS("{\"id\":")), t->id);
	d = json_words(json_raw(d, WORDS(",\"subject\":")), t->subject);
	d = json_words(json_raw(d, WORDS(",\"description\":")), t->description);
	d = json_words(json_raw(d, WORDS(",\"status\":")), t->status);
	d = json_words(json_raw(d, WORDS(",\"priority\":")), t->priority);
	d = json_words(json_raw(d, WORDS(",\"department\":")), t->department);
	d = user(json_raw(d, WORDS(",\"created_by\":")), t->created_by);
	d = user(json_raw(d, WORDS(",\"assigned_to\":")), t->assigned_to);
	d = json_words(json_raw(d, WORDS(",\"assignee\":")), t->assignee);
	d = json_words(json_raw(d, WORDS(",\"created_at\":")), t->created_at);
	d = json_words(json_raw(d, WORDS(",\"updated_at\":")), t->updated_at);
	d = json_words(json_raw(d, WORDS(",\"closed_at\":")), t->closed_at);
	*d++ = '}';
	return d;
}

size_t
json_words_room(struct words w)
{
	return ESCAPED * w.len + sizeof "null";
}

size_t
json_ticket_room(const struct ticket *t)
{
	return MEMBERS_ROOM + ESCAPED * (t->subject.len + t->description.len + t->status.len +
	    t->priority.len + t->department.len + t->assignee.len + t->created_at.len +
	    t->updated_at.len + t->closed_at.len);
}

/* ---- reading ---- */

struct reading {
	struct ticket *t;
	struct words *words;	/* where the next value goes, one of them or none */
	int64_t *integer;
	char *strings;
};

static int
take_name(void *context, const unsigned char *name, size_t len)
{
	struct reading *r = context;
	const struct {
		struct words name, *words;
		int64_t *integer;
	} members[] = {
		{ WORDS("subject"), &r->t->subject, NULL },
		{ WORDS("description"), &r->t->description, NULL },
		{ WORDS("status"), &r->t->status, NULL },
		{ WORDS("priority"), &r->t->priority, NULL },
		{ WORDS("department"), &r->t->department, NULL },
		{ WORDS("assigned_to"), NULL, &r->t->assigned_to },
	};

	r->words = NULL;
	r->integer = NULL;
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		if (members[i].name.len != len || memcmp(members[i].name.at, name, len) != 0)
			continue;
		r->words = members[i].words;
		r->integer = members[i].integer;
	}
	return 1;
}

static int
take_text(void *context, const unsigned char *text, size_t len)
{
	struct reading *r = context;

	if (r->words == NULL)
		return 0;
	memcpy(r->strings, text, len);
	*r->words = (struct words){ r->strings, len };
	r->strings += len;
	return 1;
}

static int
take_integer(void *context, long long n)
{
	struct reading *r = context;

	if (r->integer == NULL)
		return 0;
	*r->integer = n;
	return 1;
}

bool
json_read(const char *body, size_t len, char *strings, struct ticket *t)
{
	static const yajl_callbacks callbacks = { .yajl_map_key = take_name,
	    .yajl_string = take_text, .yajl_integer = take_integer };
	struct reading r = { .t = t, .strings = strings };
	yajl_handle h = yajl_alloc(&callbacks, NULL, &r);
	bool ok;

	ok = h != NULL && yajl_parse(h, (const unsigned char *)body, len) == yajl_status_ok &&
	    yajl_complete_parse(h) == yajl_status_ok;
	if (h != NULL)
		yajl_free(h);
	return ok;
}
