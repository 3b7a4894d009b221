/*
 * multipart.c - the parts of a form, pulled one by one (RFC 7578; RFC 2046, section 5.1)
 *
 * A window over the body, always larger than a part's header or a delimiter.  A delimiter
 * is CRLF, "--" and the boundary; the body is read as if a CRLF stood before it, so that
 * the first delimiter is like all others.  Behind a delimiter stands "--" or the end of
 * its line; anything else is refused, for some would take it for a delimiter and some
 * for content.
 */
#include "multipart.h"

#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "disposition.h"
#include "err.h"

enum { WINDOW = 4 * MULTIPART_HEAD };

enum state {
	BEFORE,			/* in the preamble */
	INSIDE,			/* in the bytes of a part */
	AFTER			/* at what stands behind a delimiter */
};

struct multipart {
	struct arena *arena;
	multipart_source *source;
	void *context;
	char delimiter[4 + MULTIPART_BOUNDARY];
	size_t delimiter_len;
	enum state state;
	unsigned parts;
	bool ended;			/* the source has no more */
	enum multipart_next fault;	/* MULTIPART_PART: none */
	struct err err;
	size_t at, end;			/* what of the window is not read yet */
	char window[WINDOW];
};

/* ---- the boundary ---- */

/* bchars of RFC 2046; a space is one of them, but not at the end. */
static bool
is_boundary(struct text t)
{
	if (t.len < 1 || t.len > MULTIPART_BOUNDARY || t.at[t.len - 1] == ' ')
		return false;
	for (size_t i = 0; i < t.len; i++) {
		char c = t.at[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') ||
		    (c != '\0' && strchr("'()+_,-./:=? ", c) != NULL)))
			return false;
	}
	return true;
}

static struct text
without_space(struct text t)
{
	while (t.len > 0 && (t.at[0] == ' ' || t.at[0] == '\t'))
		t = (struct text){ t.at + 1, t.len - 1 };
	while (t.len > 0 && (t.at[t.len - 1] == ' ' || t.at[t.len - 1] == '\t'))
		t.len--;
	return t;
}

/* Length of a parameter up to the ';' that ends it, which may not be one in quotes. */
static size_t
parameter_length(struct text t)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < t.len && (quoted || t.at[i] != ';'); i++) {
		if (t.at[i] == '"')
			quoted = !quoted;
		else if (quoted && t.at[i] == '\\' && i + 1 < t.len)
			i++;
	}
	return i;
}

/* The value of a parameter, with its quotes; absent if it goes by another name. */
static struct text
value_of(struct text parameter, struct text name)
{
	const char *sign = parameter.len > 0 ? memchr(parameter.at, '=', parameter.len) : NULL;
	struct text own = parameter;

	if (sign == NULL)
		return (struct text){ NULL, 0 };
	own.len = (size_t)(sign - parameter.at);
	if (!text_equal_ascii(without_space(own), name))
		return (struct text){ NULL, 0 };
	return without_space((struct text){ sign + 1, parameter.len - own.len - 1 });
}

/* What stands in quotes needs no escape: a boundary has no character that would. */
static struct text
unquote(struct text t)
{
	if (t.len >= 2 && t.at[0] == '"' && t.at[t.len - 1] == '"')
		return (struct text){ t.at + 1, t.len - 2 };
	return t;
}

static bool
find_boundary(struct text t, struct text *ret, struct err *e)
{
	struct text found = { NULL, 0 }, value;
	size_t n = parameter_length(t);
	bool is_form = text_equal_ascii(without_space((struct text){ t.at, n }),
	    TEXT("multipart/form-data"));

	if (!is_form)
		return err_set(e, "the body is not multipart/form-data");
	while (n < t.len) {
		t = (struct text){ t.at + n + 1, t.len - n - 1 };
		n = parameter_length(t);
		value = value_of((struct text){ t.at, n }, TEXT("boundary"));
		if (value.at != NULL && found.at != NULL)
			return err_set(e, "Content-Type has two boundaries");
		found = value.at != NULL ? unquote(value) : found;
	}
	if (found.at == NULL)
		return err_set(e, "Content-Type multipart/form-data needs a boundary");
	*ret = found;
	return is_boundary(found) || err_set(e, "the boundary in Content-Type must have 1 to 70 "
	    "of the characters that RFC 2046 allows");
}

bool
multipart_open(struct arena *a, struct text content_type, multipart_source *source,
    void *context, struct multipart **ret, struct err *e)
{
	struct text boundary = { NULL, 0 };
	struct multipart *m;

	if (!find_boundary(content_type, &boundary, e) || boundary.at == NULL)
		return false;
	m = arena_alloc(a, sizeof *m);
	if (m == NULL)
		return err_set(e, "the form takes more memory than there is");
	memset(m, 0, offsetof(struct multipart, window));
	m->arena = a;
	m->source = source;
	m->context = context;
	memcpy(m->delimiter, "\r\n--", 4);
	memcpy(m->delimiter + 4, boundary.at, boundary.len);
	m->delimiter_len = 4 + boundary.len;
	memcpy(m->window, "\r\n", 2);
	m->end = 2;
	*ret = m;
	return true;
}

/* ---- the window ---- */

static bool
fail(struct multipart *m, enum multipart_next how, const char *why)
{
	if (m->fault == MULTIPART_PART) {
		m->fault = how;
		err_set(&m->err, "%s", why);
	}
	return false;
}

static bool
wrong(struct multipart *m, const char *why)
{
	return fail(m, MULTIPART_WRONG, why);
}

/* Has n bytes in the window, or all there are; false on a fault.  n is at most WINDOW. */
static bool
fill(struct multipart *m, size_t n)
{
	long got;

	if (m->end - m->at >= n)
		return true;
	memmove(m->window, m->window + m->at, m->end - m->at);
	m->end -= m->at;
	m->at = 0;
	while (m->end < n && !m->ended) {
		got = m->source(m->context, m->window + m->end, WINDOW - m->end);
		if (got < 0)
			return fail(m, MULTIPART_UNREADABLE, "the body cannot be read");
		m->ended = got == 0;
		m->end += (size_t)got;
	}
	return true;
}

/* Whether what is unread begins so. */
static bool
stands(struct multipart *m, const char *what, size_t n)
{
	return fill(m, n) && m->end - m->at >= n && memcmp(m->window + m->at, what, n) == 0;
}

static bool
at_delimiter(struct multipart *m)
{
	return stands(m, m->delimiter, m->delimiter_len);
}

/*
 * Number of bytes in the window before what is, or may become, a delimiter: before its
 * first CR that is followed by nothing else.
 */
static size_t
content_length(const struct multipart *m)
{
	const char *from = m->window + m->at, *end = m->window + m->end, *at = from;

	while (at < end && (at = memchr(at, '\r', (size_t)(end - at))) != NULL) {
		size_t n = (size_t)(end - at);

		if (memcmp(at, m->delimiter, n < m->delimiter_len ? n : m->delimiter_len) == 0)
			return (size_t)(at - from);
		at++;
	}
	return (size_t)(end - from);
}

/*
 * How many bytes of content can be taken now; 0 at a delimiter.  -1 on a fault, which it
 * is too if the body ends without one.
 */
static long
content(struct multipart *m)
{
	size_t n;

	if (!fill(m, m->delimiter_len))
		return -1;
	n = content_length(m);
	if (n > 0 || at_delimiter(m))
		return (long)n;
	wrong(m, m->state == BEFORE ? "the body has no part with the boundary of Content-Type" :
	    "the body ends before its closing boundary");
	return -1;
}

/* Goes on to what stands behind the next delimiter. */
static bool
pass_content(struct multipart *m)
{
	long n;

	while ((n = content(m)) > 0)
		m->at += (size_t)n;
	if (n < 0)
		return false;
	m->at += m->delimiter_len;
	m->state = AFTER;
	return true;
}

/* ---- a part's header ---- */

/* White space at the end of a delimiter's line, which some gateways add. */
static bool
pass_padding(struct multipart *m)
{
	size_t n = 0;

	while (stands(m, " ", 1) || stands(m, "\t", 1)) {
		m->at++;
		if (++n > MULTIPART_HEAD)
			return wrong(m, "a boundary is followed by too much white space");
	}
	return m->fault == MULTIPART_PART;
}

/* Cuts the header off the window: from the CRLF before it to the CRLF that is its last
 * line's.  The empty line stays; it may be a delimiter's beginning. */
static bool
cut_head(struct multipart *m, struct text *ret)
{
	const char *from, *end;

	if (!fill(m, MULTIPART_HEAD + 4))
		return false;
	from = m->window + m->at;
	end = memmem(from, m->end - m->at, "\r\n\r\n", 4);
	if (end == NULL && m->ended && m->end - m->at < MULTIPART_HEAD + 4)
		return wrong(m, "the body ends in the header of a part");
	if (end == NULL || end - from > MULTIPART_HEAD)
		return wrong(m, "the header of a part is over 8 KiB");
	ret->len = (size_t)(end - from);
	ret->at = arena_copy(m->arena, from, ret->len);
	if (ret->at == NULL)
		return wrong(m, "the form takes more memory than there is");
	m->at += ret->len + 2;
	return true;
}

/* Whether a line has just the characters that a field may have; a line that begins with
 * white space would go on with the one before, which is long out of use. */
static bool
is_field(struct text line)
{
	for (size_t i = 0; i < line.len; i++)
		if (((unsigned char)line.at[i] < 0x20 && line.at[i] != '\t') ||
		    line.at[i] == 0x7f)
			return false;
	return line.len > 0 && line.at[0] != ' ' && line.at[0] != '\t' && line.at[0] != ':' &&
	    memchr(line.at, ':', line.len) != NULL;
}

/* The fields of a part that mean something. */
struct head {
	struct text disposition, type, encoding;
};

static bool
note_field(struct multipart *m, struct text line, struct head *head)
{
	const struct { struct text name; struct text *value; } known[] = {
		{ TEXT("content-disposition"), &head->disposition },
		{ TEXT("content-type"), &head->type },
		{ TEXT("content-transfer-encoding"), &head->encoding },
	};
	struct text name = line;

	if (!is_field(line))
		return wrong(m, "the header of a part has a line that is no field");
	name.len = (size_t)((const char *)memchr(line.at, ':', line.len) - line.at);
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (!text_equal_ascii(name, known[i].name))
			continue;
		if (known[i].value->at != NULL)
			return wrong(m, "the header of a part has a field twice");
		*known[i].value = without_space((struct text){ line.at + name.len + 1,
		    line.len - name.len - 1 });
	}
	return true;
}

/* Each line stands behind a CRLF. */
static bool
read_fields(struct multipart *m, struct text t, struct head *head)
{
	unsigned count = 0;

	while (t.len > 0) {
		struct text line;
		const char *end;

		t = (struct text){ t.at + 2, t.len - 2 };
		end = memmem(t.at, t.len, "\r\n", 2);
		line = (struct text){ t.at, end == NULL ? t.len : (size_t)(end - t.at) };
		if (++count > MULTIPART_FIELDS)
			return wrong(m, "the header of a part has more than 32 fields");
		if (!note_field(m, line, head))
			return false;
		t = (struct text){ t.at + line.len, t.len - line.len };
	}
	return true;
}

/* Out of use in forms (RFC 7578, section 4.7); what would have to be decoded is not. */
static bool
is_plain(struct text encoding)
{
	return encoding.at == NULL || text_equal_ascii(encoding, TEXT("binary")) ||
	    text_equal_ascii(encoding, TEXT("8bit")) || text_equal_ascii(encoding, TEXT("7bit"));
}

static bool
read_head(struct multipart *m, struct text fields, struct part *ret)
{
	struct disposition d = { .type = { NULL, 0 } };
	struct head head = { .type = { NULL, 0 } };
	struct err e;

	if (!read_fields(m, fields, &head))
		return false;
	if (!is_plain(head.encoding))
		return wrong(m, "a part has a Content-Transfer-Encoding; send its bytes as they "
		    "are");
	if (head.disposition.at == NULL)
		return wrong(m, "a part has no Content-Disposition");
	if (!disposition_read(m->arena, head.disposition, &d, &e))
		return wrong(m, e.message);
	if (!text_equal_ascii(d.type, TEXT("form-data")))
		return wrong(m, "the Content-Disposition of a part is not form-data");
	if (d.name.at == NULL)
		return wrong(m, "the Content-Disposition of a part has no name");
	*ret = (struct part){ d.name, d.filename, head.type };
	return true;
}

/* ---- going through ---- */

/* Behind the closing boundary: what follows its line is for nobody. */
static enum multipart_next
close_body(struct multipart *m)
{
	if (pass_padding(m) && fill(m, 2) && m->at < m->end && !stands(m, "\r\n", 2))
		wrong(m, "the closing boundary is followed by something else");
	return m->fault == MULTIPART_PART ? MULTIPART_END : m->fault;
}

static bool
begin_part(struct multipart *m, struct part *ret)
{
	struct text fields;

	if (!pass_padding(m))
		return false;
	if (!stands(m, "\r\n", 2))
		return m->fault == MULTIPART_PART && wrong(m, m->at == m->end ?
		    "the body ends before its closing boundary" :
		    "a boundary is followed by something else");
	if (++m->parts > MULTIPART_PARTS)
		return wrong(m, "the body has more than 100 parts");
	if (!cut_head(m, &fields) || !read_head(m, fields, ret))
		return false;
	if (!at_delimiter(m))		/* else the part has no bytes, not even a line */
		m->at += 2;
	m->state = INSIDE;
	return m->fault == MULTIPART_PART;
}

enum multipart_next
multipart_next(struct multipart *m, struct part *ret, struct err *e)
{
	enum multipart_next next;

	if (m->fault == MULTIPART_PART && pass_content(m)) {
		if (stands(m, "--", 2)) {
			m->at += 2;
			next = close_body(m);
			if (next == MULTIPART_END)
				return next;
		} else if (begin_part(m, ret)) {
			return MULTIPART_PART;
		}
	}
	*e = m->err;
	return m->fault;
}

long
multipart_read(struct multipart *m, char *bytes, size_t n)
{
	long there = m->state == INSIDE && m->fault == MULTIPART_PART ? content(m) : -1;

	if (there <= 0)
		return there;
	n = n < (size_t)there ? n : (size_t)there;
	memcpy(bytes, m->window + m->at, n);
	m->at += n;
	return (long)n;
}
