/*
 * head.c - the head of an HTTP/1 request, judged
 *
 * The library's parser takes what two servers could understand in two ways: more than
 * one length, folded lines, no host.  All of that is refused here, before the library
 * acts on it.  Allocates nothing, keeps nothing, never changes a byte.
 */
#include "head.h"

#include <stdint.h>
#include <string.h>

/* Method, version and spaces around the target. */
enum { LINE_EXTRA = 64, METHOD_MAX = 32 };

/* Whether all of a text is letters and digits of ASCII, and what is among others. */
static bool
consists_of(struct text t, const char *others)
{
	size_t i;

	for (i = 0; i < t.len; i++) {
		char c = t.at[i];

		if ((c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') &&
		    (c == '\0' || strchr(others, c) == NULL))
			return false;
	}
	return true;
}

static bool
is_token(struct text t)
{
	return t.len > 0 && consists_of(t, "!#$%&'*+-.^_`|~");
}

bool
head_method_fits(struct text method)
{
	return method.len <= METHOD_MAX && is_token(method);
}

bool
head_authority_fits(struct text t)
{
	return t.len <= 512 && consists_of(t, "-._~%!$&'()*+,;=:[]");
}

static bool
begins_with(struct text t, const char *prefix)
{
	size_t n = strlen(prefix);

	return t.len >= n && text_equal_ascii((struct text){ t.at, n }, (struct text){ prefix, n });
}

bool
head_absolute(struct text target, struct text *authority, struct text *rest)
{
	size_t start, end;

	if (target.len > 0 && target.at[0] == '/')	/* as nearly always */
		return false;
	start = begins_with(target, "http://") ? 7 : begins_with(target, "https://") ? 8 : 0;
	if (start == 0)
		return false;
	end = start;
	while (end < target.len && memchr("/?#", target.at[end], 3) == NULL)
		end++;
	*authority = (struct text){ target.at + start, end - start };
	*rest = (struct text){ target.at + end, target.len - end };
	return true;
}

bool
head_target_fits(struct text method, struct text target)
{
	struct text authority, rest;

	if (target.len > 0 && target.at[0] == '/')
		return true;
	if (text_equal(target, TEXT("*")))
		return text_equal(method, TEXT("OPTIONS"));
	return head_absolute(target, &authority, &rest) && authority.len > 0 &&
	    head_authority_fits(authority);
}

static struct text
name_of(const struct phr_header *h)
{
	return (struct text){ h->name, h->name_len };
}

static struct text
value_of(const struct phr_header *h)
{
	size_t n = h->value_len;

	while (n > 0 && (h->value[n - 1] == ' ' || h->value[n - 1] == '\t'))
		n--;
	return (struct text){ h->value, n };
}

/* How often a field is there; *last is the last of them. */
static unsigned
find(const struct head *head, struct text name, struct text *last)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < head->count; i++)
		if (text_equal_ascii(name_of(&head->fields[i]), name)) {
			*last = value_of(&head->fields[i]);
			n++;
		}
	return n;
}

/* ---- one rule each ---- */

typedef enum refusal rule(const struct head *, const struct head_limits *);

static enum refusal
request_line(const struct head *head, const struct head_limits *limits)
{
	if (!head_method_fits(head->method))
		return REFUSAL_METHOD;
	if (head->target.len > limits->target)
		return REFUSAL_TARGET_LONG;
	if (text_equal(head->method, TEXT("CONNECT")))
		return REFUSAL_CONNECT;
	return head_target_fits(head->method, head->target) ? REFUSAL_NONE : REFUSAL_TARGET;
}

static enum refusal
lines(const struct head *head, const struct head_limits *limits)
{
	const char *at = head->raw.at, *end = at + head->raw.len, *lf;
	size_t i;

	for (; (lf = memchr(at, '\n', (size_t)(end - at))) != NULL; at = lf + 1)
		if (lf == head->raw.at || lf[-1] != '\r')
			return REFUSAL_BARE_LF;
	lf = memchr(head->target.at, '\n', (size_t)(end - head->target.at));
	if (lf != NULL && (size_t)(end - lf) > limits->bytes)
		return REFUSAL_HEADER_LONG;
	if (head->count > limits->fields)
		return REFUSAL_HEADER_MANY;
	for (i = 0; i < head->count; i++)
		if (head->fields[i].name == NULL)
			return REFUSAL_FOLD;
	return REFUSAL_NONE;
}

static enum refusal
host(const struct head *head, const struct head_limits *limits)
{
	struct text value = { NULL, 0 };
	unsigned n = find(head, TEXT("host"), &value);

	(void)limits;
	if (n > 1)
		return REFUSAL_HOST_TWICE;
	if (n == 0)
		return head->minor >= 1 ? REFUSAL_HOST_MISSING : REFUSAL_NONE;
	return head_authority_fits(value) ? REFUSAL_NONE : REFUSAL_HOST;
}

/* A number; false if it is none.  What does not fit is SIZE_MAX / 10: too long in any case. */
static bool
length_of(struct text t, size_t *ret)
{
	size_t i, n = 0;

	for (i = 0; i < t.len; i++) {
		if (t.at[i] < '0' || t.at[i] > '9')
			return false;
		n = n > SIZE_MAX / 10 - 1 ? SIZE_MAX / 10 : n * 10 + (size_t)(t.at[i] - '0');
	}
	*ret = n;
	return t.len > 0;
}

static enum refusal
framing(const struct head *head, const struct head_limits *limits)
{
	struct text coding = { NULL, 0 }, length = { NULL, 0 };
	unsigned codings = find(head, TEXT("transfer-encoding"), &coding);
	unsigned lengths = find(head, TEXT("content-length"), &length);
	size_t n;

	(void)limits;
	if (lengths > 1)
		return REFUSAL_LENGTH_TWICE;
	if (lengths > 0 && codings > 0)
		return REFUSAL_CODING_LENGTH;
	if (codings > 1)
		return REFUSAL_CODING;
	if (codings > 0 && head->minor == 0)
		return REFUSAL_CODING_VERSION;
	if (codings > 0 && !text_equal_ascii(coding, TEXT("chunked")))
		return REFUSAL_CODING_UNKNOWN;
	if (lengths > 0 && !length_of(length, &n))
		return REFUSAL_LENGTH;
	return REFUSAL_NONE;
}

static enum refusal
expect(const struct head *head, const struct head_limits *limits)
{
	struct text value = { NULL, 0 };
	unsigned n = find(head, TEXT("expect"), &value);

	(void)limits;
	if (n == 0 || head->minor == 0)
		return REFUSAL_NONE;
	return n == 1 && text_equal_ascii(value, TEXT("100-continue")) ? REFUSAL_NONE :
	    REFUSAL_EXPECT;
}

/* ---- all of them ---- */

enum refusal
head_refusal(const struct head *head, const struct head_limits *limits)
{
	static rule *const rules[] = { request_line, lines, host, framing, expect };
	enum refusal refusal = REFUSAL_NONE;
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]) && refusal == REFUSAL_NONE; i++)
		refusal = rules[i](head, limits);
	return refusal;
}

enum refusal
head_refusal_early(struct text raw, const struct head_limits *limits)
{
	size_t line = limits->target + LINE_EXTRA;
	size_t seen = raw.len < line + 2 ? raw.len : line + 2;

	/* Two bytes more: one empty line is allowed before the request line. */
	if (raw.len >= line + 2 && memchr(raw.at + 2, '\n', seen - 2) == NULL)
		return REFUSAL_TARGET_LONG;
	if (raw.len > line + limits->bytes)
		return REFUSAL_HEADER_LONG;
	return REFUSAL_NONE;
}

enum refusal
head_refusal_broken(struct text raw, size_t count, size_t most)
{
	const char *lf = memchr(raw.at, '\n', raw.len < 3 ? raw.len : 2);
	const char *start = lf == NULL ? raw.at : lf + 1, *end;
	struct text line;
	size_t n;

	if (count >= most)
		return REFUSAL_HEADER_MANY;
	n = raw.len - (size_t)(start - raw.at);
	end = memchr(start, '\n', n);
	line = (struct text){ start, end == NULL ? n : (size_t)(end - start) };
	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	/* "GET / HTTP/3": two spaces, and behind the second a version that is not 1.x. */
	for (n = line.len; n > 0 && line.at[n - 1] != ' '; n--)
		continue;
	if (n == 0)
		return REFUSAL_REQUEST_LINE;
	line = (struct text){ line.at + n, line.len - n };
	if (begins_with(line, "HTTP/1.") && line.len == 8 && end != NULL)
		return REFUSAL_HEADER_LINE;
	if (begins_with(line, "HTTP/") && line.len >= 6 && line.len <= 8 && line.at[5] >= '0' &&
	    line.at[5] <= '9' && line.at[5] != '1')
		return REFUSAL_VERSION;
	return REFUSAL_REQUEST_LINE;
}

void
head_tidy(struct head *head)
{
	size_t i, kept = 0;

	for (i = 0; i < head->count; i++) {
		struct phr_header *h = &head->fields[i];

		if (text_equal_ascii(name_of(h), TEXT("upgrade")) ||
		    (head->minor == 0 && text_equal_ascii(name_of(h), TEXT("expect"))))
			continue;
		h->value_len = value_of(h).len;
		head->fields[kept++] = *h;
	}
	head->count = kept;
}

/* ---- the body ---- */

struct head_body
head_body(const struct head *head)
{
	struct head_body body = { NULL };
	size_t i;

	for (i = 0; i < head->count; i++) {
		struct phr_header *h = &head->fields[i];

		if (text_equal_ascii(name_of(h), TEXT("transfer-encoding"))) {
			body.field = h;
			body.chunked = true;
		} else if (text_equal_ascii(name_of(h), TEXT("content-length"))) {
			body.field = h;
			length_of(value_of(h), &body.length);
		}
	}
	return body;
}

void
head_drop_body(struct head *head)
{
	static const struct text dropped[] = {
		{ "content-length", 14 }, { "transfer-encoding", 17 }, { "expect", 6 },
		{ "connection", 10 },
	};
	size_t i, k, kept = 0;

	for (i = 0; i < head->count; i++) {
		for (k = 0; k < sizeof(dropped) / sizeof(dropped[0]); k++)
			if (text_equal_ascii(name_of(&head->fields[i]), dropped[k]))
				break;
		if (k == sizeof(dropped) / sizeof(dropped[0]))
			head->fields[kept++] = head->fields[i];
	}
	head->count = kept;
}
