/* fields.c - the head of an answer over HTTP/2 */
#include "fields.h"

#include <string.h>

#include "conn.h"
#include "hpack_write.h"
#include "text.h"

/* Frames (RFC 9113 4.1, 6.2, 6.10). */
enum { FRAME_HEAD = 9, HEADERS = 1, CONTINUATION = 9, END_HEADERS = 4 };

/* Names that answers have: the number in the static table (RFC 7541, appendix A), if they have
 * one, and what of the field comes again.  Of those that are not here nothing does. */
static const struct known {
	struct text name;
	unsigned number;
	enum hpack_lasts lasts;
} names[] = {
	{ { "server", 6 }, 54, HPACK_ALL },
	{ { "date", 4 }, 33, HPACK_ALL },
	{ { "x-request-id", 12 }, 0, HPACK_NAME },
	{ { "etag", 4 }, 34, HPACK_NOTHING },
	{ { "content-type", 12 }, 31, HPACK_ALL },
	{ { "x-content-type-options", 22 }, 0, HPACK_ALL },
	{ { "cache-control", 13 }, 24, HPACK_ALL },
	{ { "location", 8 }, 46, HPACK_NOTHING },
	{ { "x-total-count", 13 }, 0, HPACK_NAME },
	{ { "link", 4 }, 45, HPACK_NOTHING },
	{ { "allow", 5 }, 22, HPACK_NOTHING },
	{ { "accept-ranges", 13 }, 18, HPACK_ALL },
	{ { "content-disposition", 19 }, 25, HPACK_NOTHING },
	{ { "content-range", 13 }, 30, HPACK_NOTHING },
	{ { "last-modified", 13 }, 44, HPACK_NOTHING },
	{ { "retry-after", 11 }, 53, HPACK_NOTHING },
	{ { "vary", 4 }, 59, HPACK_ALL },
	{ { "www-authenticate", 16 }, 61, HPACK_ALL },
};

static struct known
know(struct text name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text_equal(name, names[i].name))
			return names[i];
	return (struct known){ name, 0, HPACK_NOTHING };
}

static struct text
text_in(const h2o_iovec_t *v)
{
	return (struct text){ v->base, v->len };
}

static uint8_t *
put(struct hpack_sender *s, uint8_t *to, struct text name, struct text value)
{
	uint8_t *again = hpack_write_again(s, to, name, value);
	struct known known;

	if (again != NULL)
		return again;
	known = know(name);
	return hpack_write_field(s, to, known.number, name, value, known.lasts);
}

static uint8_t *
put_all(struct conn *c, uint8_t *to, const struct fields *f)
{
	struct hpack_sender *s = conn_sender(c);
	const h2o_headers_t *all = &f->res->headers;
	size_t i;

	to = hpack_write_status(s, to, (unsigned)f->res->status, !c->small_table);
	if (f->server.len > 0)
		to = put(s, to, TEXT("server"), text_in(&f->server));
	to = put(s, to, TEXT("date"),
	    (struct text){ f->at->str->rfc1123, H2O_TIMESTR_RFC1123_LEN });
	for (i = 0; i < all->size; i++)
		to = put(s, to, text_in(all->entries[i].name), text_in(&all->entries[i].value));
	return f->length == SIZE_MAX ? to : hpack_write_length(to, f->length);
}

/* Bytes that put_all takes at most. */
static size_t
room(const struct fields *f)
{
	enum { OWN = 3 };	/* server, date, content-length */
	const h2o_headers_t *all = &f->res->headers;
	size_t i, n = HPACK_STATUS + OWN * (HPACK_FIELD + HPACK_TEXT) + f->server.len;

	for (i = 0; i < all->size; i++)
		n += HPACK_FIELD + all->entries[i].name->len + all->entries[i].value.len;
	return n;
}

static void
put_frame_head(char *at, size_t n, int type, int flags, uint32_t stream)
{
	const unsigned char head[FRAME_HEAD] = {
		(unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n,
		(unsigned char)type, (unsigned char)flags, (unsigned char)(stream >> 24),
		(unsigned char)(stream >> 16), (unsigned char)(stream >> 8), (unsigned char)stream,
	};

	memcpy(at, head, sizeof(head));
}

/* Parts what stands from the offset on into frames: the room for the first one's head is
 * there. */
static void
frame(h2o_buffer_t **buffer, size_t at, const struct fields *f)
{
	size_t n = (*buffer)->size - at - FRAME_HEAD;
	int type = HEADERS;

	for (; n > f->frame; n -= f->frame, type = CONTINUATION) {
		put_frame_head((*buffer)->bytes + at, f->frame, type, 0, f->stream);
		at += FRAME_HEAD + f->frame;
		h2o_buffer_reserve(buffer, FRAME_HEAD);
		memmove((*buffer)->bytes + at + FRAME_HEAD, (*buffer)->bytes + at, n - f->frame);
		(*buffer)->size += FRAME_HEAD;
	}
	put_frame_head((*buffer)->bytes + at, n, type, END_HEADERS, f->stream);
}

void
fields_put(struct conn *c, h2o_buffer_t **buffer, const struct fields *f)
{
	size_t at = (*buffer)->size;
	char *to = h2o_buffer_reserve(buffer, FRAME_HEAD + room(f)).base;

	(*buffer)->size = (size_t)((char *)put_all(c, (uint8_t *)to + FRAME_HEAD, f) -
	    (*buffer)->bytes);
	frame(buffer, at, f);
}
