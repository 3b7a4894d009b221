/*
 * disposition.c - the name of a file in a header: Content-Disposition
 *
 * A name is a label for people, never a path: what looks like one is cut off, and what
 * cannot be seen or turns the reading direction goes, so that what is shown is what is
 * there.  Encoded words (RFC 2047) are not for HTTP and stay as they are.
 */
#include "disposition.h"

#include <string.h>

#include "arena.h"
#include "err.h"
#include "out.h"

enum { EXTENSION_MOST = 16 };		/* characters, with its point */

static const char no_memory[] = "Content-Disposition takes more memory than there is";

/* A parameter as it stands in the header. */
struct parameter {
	struct text name, value;	/* the value without quotes and their escapes */
	bool quoted;
};

/* ---- the header's parts ---- */

static bool
is_token(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static void
skip(struct text *t, size_t n)
{
	t->at += n;
	t->len -= n;
}

static void
skip_space(struct text *t)
{
	while (t->len > 0 && (t->at[0] == ' ' || t->at[0] == '\t'))
		skip(t, 1);
}

static bool
take(struct text *t, char c)
{
	bool there = t->len > 0 && t->at[0] == c;

	if (there)
		skip(t, 1);
	return there;
}

static struct text
cut_token(struct text *t)
{
	struct text token = { t->at, 0 };

	while (token.len < t->len && is_token(t->at[token.len]))
		token.len++;
	skip(t, token.len);
	return token;
}

/*
 * Cuts a value without quotes.  Raw UTF-8 is not a token, but it is sent; so all counts
 * up to what ends a parameter.
 */
static struct text
cut_bare(struct text *t)
{
	struct text value = { t->at, 0 };

	while (value.len < t->len && strchr("; \t\"", t->at[value.len]) == NULL)
		value.len++;
	skip(t, value.len);
	return value;
}

/*
 * Cuts what is behind an opening quote, up to the closing one; absent if there is none.
 * Only '\"' and '\\' are escapes: some send the backslashes of a path as they are.
 */
static struct text
cut_quoted(struct arena *a, struct text *t)
{
	char *s = arena_alloc(a, t->len + 1), *to = s;

	for (; s != NULL && t->len > 0; skip(t, 1)) {
		if (take(t, '"')) {
			*to = '\0';
			return (struct text){ s, (size_t)(to - s) };
		}
		if (t->len > 1 && t->at[0] == '\\' && (t->at[1] == '"' || t->at[1] == '\\'))
			skip(t, 1);
		*to++ = t->at[0];
	}
	return (struct text){ NULL, 0 };
}

/* Cuts a parameter with the ';' before it. */
static bool
cut_parameter(struct arena *a, struct text *t, struct parameter *ret, struct err *e)
{
	if (!take(t, ';'))
		return err_set(e, "Content-Disposition has something other than ';' between its "
		    "parameters");
	skip_space(t);
	*ret = (struct parameter){ .name = cut_token(t) };
	if (ret->name.len == 0)		/* a ';' too many is common */
		return true;
	skip_space(t);
	if (!take(t, '='))
		return err_set(e, "Content-Disposition has a parameter '%.*s' without a value",
		    TEXT_SHOWN(ret->name));
	skip_space(t);
	ret->quoted = take(t, '"');
	ret->value = ret->quoted ? cut_quoted(a, t) : cut_bare(t);
	skip_space(t);
	return ret->value.at != NULL || err_set(e, "Content-Disposition has a quote that does "
	    "not end");
}

/* ---- a name and its bytes ---- */

/* ISO 8859-1 as UTF-8; absent over the arena's limit. */
static struct text
from_latin1(struct arena *a, struct text t)
{
	char *s = arena_alloc(a, 2 * t.len + 1), *to = s;

	for (size_t i = 0; s != NULL && i < t.len; i++) {
		unsigned char c = (unsigned char)t.at[i];

		if (c >= 0x80)
			*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c);
	}
	return (struct text){ s, s == NULL ? 0 : (size_t)(to - s) };
}

/* The three that browsers write in place of what would end a line or a name (WHATWG HTML,
 * multipart/form-data encoding); no other '%' is an escape there. */
static struct text
from_form(struct arena *a, struct text t)
{
	static const struct { const char *written; char meant; } escapes[] = {
		{ "%22", '"' }, { "%0D", '\r' }, { "%0A", '\n' },
	};
	char *s = arena_copy(a, t.at, t.len), *to = s;

	for (; s != NULL && t.len > 0; skip(&t, 1)) {
		*to = t.at[0];
		for (size_t i = 0; i < sizeof escapes / sizeof escapes[0] && t.len >= 3; i++)
			if (memcmp(t.at, escapes[i].written, 3) == 0) {
				*to = escapes[i].meant;
				skip(&t, 2);
				break;
			}
		to++;
	}
	return (struct text){ s, s == NULL ? 0 : (size_t)(to - s) };
}

/*
 * charset'language'percent-encoded (RFC 8187, section 3.2); absent if it is none, which
 * then does not count.
 */
static struct text
from_extended(struct arena *a, struct text t)
{
	const char *first = t.len > 0 ? memchr(t.at, '\'', t.len) : NULL, *second;
	struct text charset, value;
	const struct text none = { NULL, 0 };

	if (first == NULL)
		return none;
	charset = (struct text){ t.at, (size_t)(first - t.at) };
	skip(&t, charset.len + 1);
	second = t.len > 0 ? memchr(t.at, '\'', t.len) : NULL;
	if (second == NULL)
		return none;
	skip(&t, (size_t)(second - t.at) + 1);
	if (!text_unescape(a, t, false, &value))
		return none;
	if (text_equal_ascii(charset, TEXT("iso-8859-1")))
		return from_latin1(a, value);
	return text_equal_ascii(charset, TEXT("utf-8")) && text_valid(value, NULL) ? value : none;
}

/* ---- a name made clean ---- */

/* Code points, as two bytes and more of UTF-8, that are not shown, or turn the direction
 * of what is: C1 controls, line and paragraph separator, embeddings, overrides, isolates,
 * and the byte order mark. */
static const struct { const char *first, *last; } unseen[] = {
	{ "\xc2\x80", "\xc2\x9f" },
	{ "\xe2\x80\xa8", "\xe2\x80\xae" },
	{ "\xe2\x81\xa6", "\xe2\x81\xa9" },
	{ "\xef\xbb\xbf", "\xef\xbb\xbf" },
};

static size_t
sequence_length(struct text t)
{
	size_t n = 1;

	while (n < t.len && (t.at[n] & 0xc0) == 0x80)
		n++;
	return n;
}

static bool
is_unseen(const char *at, size_t n)
{
	if (n == 1)
		return (unsigned char)at[0] < 0x20 || at[0] == 0x7f;
	for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++)
		if (n == strlen(unseen[i].first) && memcmp(at, unseen[i].first, n) >= 0 &&
		    memcmp(at, unseen[i].last, n) <= 0)
			return true;
	return false;
}

/* In place: what a name is made from is a copy of ours. */
static struct text
drop_unseen(char *s, size_t len)
{
	struct text t = { s, len };
	char *to = s;

	for (size_t n; t.len > 0; skip(&t, n)) {
		n = sequence_length(t);
		if (is_unseen(t.at, n))
			continue;
		memmove(to, t.at, n);
		to += n;
	}
	return (struct text){ s, (size_t)(to - s) };
}

static struct text
last_component(struct text t)
{
	for (size_t i = t.len; i > 0; i--)
		if (t.at[i - 1] == '/' || t.at[i - 1] == '\\') {
			skip(&t, i);
			break;
		}
	return t;
}

/* Where a text's character n begins; its end if it has no more than n. */
static size_t
offset_of(struct text t, size_t n)
{
	struct text rest = t;

	while (n-- > 0 && rest.len > 0)
		skip(&rest, sequence_length(rest));
	return t.len - rest.len;
}

/* ".pdf", or nothing if there is none worth keeping. */
static struct text
extension_of(struct text t)
{
	const char *point = memrchr(t.at, '.', t.len);
	struct text extension = { t.at + t.len, 0 };

	if (point != NULL && point > t.at)
		extension = (struct text){ point, (size_t)(t.at + t.len - point) };
	if (text_count(extension) > EXTENSION_MOST)
		extension = (struct text){ t.at + t.len, 0 };
	return extension;
}

static struct text
shorten(struct arena *a, struct text t)
{
	struct text extension = extension_of(t);
	size_t n;
	char *s;

	if (text_count(t) <= DISPOSITION_NAME)
		return t;
	n = offset_of(t, DISPOSITION_NAME - text_count(extension));
	s = arena_printf(a, "%.*s%.*s", (int)n, t.at, (int)extension.len, extension.at);
	return text_of(s);
}

static bool
clean(struct arena *a, struct text t, struct text *ret, struct err *e)
{
	char *s;

	if (t.at != NULL && !text_valid(t, NULL))
		t = from_latin1(a, t);
	s = t.at == NULL ? NULL : arena_copy(a, t.at, t.len);
	if (s == NULL)
		return err_set(e, no_memory);
	if (memchr(s, '\0', t.len) != NULL)
		return err_set(e, "the file's name has a NUL in it");
	t = text_trim(last_component(drop_unseen(s, t.len)));
	if (t.len == 0 || text_equal(t, TEXT(".")) || text_equal(t, TEXT("..")))
		return err_set(e, "nothing is left of the file's name once folders and control "
		    "characters are taken away");
	*ret = shorten(a, t);
	return ret->at != NULL || err_set(e, no_memory);
}

/* ---- reading ---- */

/* What is known of the header so far. */
struct reading {
	struct arena *arena;
	struct text name, plain, extended;
};

static bool
note(struct text *where, struct text value, const char *what, struct err *e)
{
	if (where->at != NULL)
		return err_set(e, "Content-Disposition has %s twice", what);
	*where = value;
	return value.at != NULL || err_set(e, no_memory);
}

/* A "filename*" that cannot be read is as if it were not there (RFC 6266, section 4.3). */
static bool
note_parameter(struct reading *r, const struct parameter *p, struct err *e)
{
	struct text value;

	if (text_equal_ascii(p->name, TEXT("name")))
		return note(&r->name, from_form(r->arena, p->value), "name", e);
	if (text_equal_ascii(p->name, TEXT("filename")))
		return note(&r->plain, p->quoted ? from_form(r->arena, p->value) : p->value,
		    "filename", e);
	if (!text_equal_ascii(p->name, TEXT("filename*")))
		return true;
	value = from_extended(r->arena, p->value);
	return value.at == NULL || note(&r->extended, value, "filename*", e);
}

static bool
read_parameters(struct reading *r, struct text t, struct err *e)
{
	struct parameter p = { .quoted = false };

	for (skip_space(&t); t.len > 0; skip_space(&t))
		if (!cut_parameter(r->arena, &t, &p, e) || !note_parameter(r, &p, e))
			return false;
	return true;
}

bool
disposition_read(struct arena *a, struct text header, struct disposition *ret, struct err *e)
{
	struct reading r = { .arena = a };
	struct disposition found = { .type = { NULL, 0 } };
	struct text given;

	skip_space(&header);
	found.type = cut_token(&header);
	if (found.type.len == 0)
		return err_set(e, "Content-Disposition has no type, as in 'attachment; "
		    "filename=\"report.pdf\"'");
	if (!read_parameters(&r, header, e))
		return false;
	if (r.name.at != NULL && !text_valid(r.name, NULL))
		return err_set(e, "the name in Content-Disposition is not UTF-8");
	given = r.extended.at != NULL ? r.extended : r.plain;
	found.name = r.name;
	found.filename = given;
	if (given.len > 0 && !clean(a, given, &found.filename, e))
		return false;
	*ret = found;
	return true;
}

/* ---- writing ---- */

/* What stands for itself in an ext-value (RFC 8187, section 3.2.1). */
static bool
is_plain(char c)
{
	return is_token(c) && c != '%' && c != '\'' && c != '*';
}

/* One character for each of the name's; no quote, no escape of any kind. */
static void
write_fallback(struct out *out, struct text t)
{
	for (; t.len > 0; skip(&t, sequence_length(t))) {
		char c = t.at[0];
		bool shown = c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '%';

		out_char(out, shown ? c : '_');
	}
}

void
disposition_write(struct out *out, struct text filename)
{
	out_string(out, "attachment; filename=\"");
	write_fallback(out, filename);
	out_string(out, "\"; filename*=UTF-8''");
	for (size_t i = 0; i < filename.len; i++)
		if (is_plain(filename.at[i]))
			out_char(out, filename.at[i]);
		else
			out_printf(out, "%%%02X", (unsigned)(unsigned char)filename.at[i]);
}
