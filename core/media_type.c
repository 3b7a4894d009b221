/*
 * media_type.c - what a client says a file is, and what text there is in it
 *
 * What is kept goes back into a header of ours, so only characters of tokens are: no
 * quotes, no parameters that we do not know.  Nobody looks into a file to guess.
 */
#include "media_type.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "err.h"

static bool
is_token(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static struct text
cut(struct text t, size_t n)
{
	return (struct text){ t.at + n, t.len - n };
}

static struct text
skip_space(struct text t)
{
	while (t.len > 0 && (t.at[0] == ' ' || t.at[0] == '\t'))
		t = cut(t, 1);
	return t;
}

/* Cuts a token off the front; empty if there is none. */
static struct text
cut_token(struct text *t)
{
	struct text token = { t->at, 0 };

	while (token.len < t->len && is_token(t->at[token.len]))
		token.len++;
	*t = cut(*t, token.len);
	return token;
}

/* A token, or one in quotes; empty for everything else. */
static struct text
cut_value(struct text *t)
{
	bool quoted = t->len > 0 && t->at[0] == '"';
	struct text value;

	if (quoted)
		*t = cut(*t, 1);
	value = cut_token(t);
	if (quoted && (t->len == 0 || t->at[0] != '"'))
		return (struct text){ "", 0 };
	if (quoted)
		*t = cut(*t, 1);
	return value;
}

/* The value of charset among the parameters; empty if there is none to be trusted. */
static struct text
find_charset(struct text t)
{
	struct text name, value;

	while ((t = skip_space(t)).len > 0 && t.at[0] == ';') {
		t = skip_space(cut(t, 1));
		name = cut_token(&t);
		if (name.len == 0 || t.len == 0 || t.at[0] != '=')
			break;
		t = cut(t, 1);
		value = cut_value(&t);
		if (value.len == 0)
			break;
		if (text_equal_ascii(name, TEXT("charset")))
			return value;
	}
	return (struct text){ "", 0 };
}

struct text
media_type_keep(struct arena *a, struct text t)
{
	static const char charset_is[] = "; charset=";
	struct text none = TEXT("application/octet-stream"), type, subtype, charset, kept;
	bool parted;

	t = skip_space(t);
	type = cut_token(&t);
	parted = t.len > 0 && t.at[0] == '/';
	if (parted)
		t = cut(t, 1);
	subtype = cut_token(&t);
	t = skip_space(t);
	kept.len = type.len + 1 + subtype.len;
	if (!parted || type.len == 0 || subtype.len == 0 || (t.len > 0 && t.at[0] != ';') ||
	    kept.len > MEDIA_TYPE_MOST)
		return none;
	kept = text_fold(a, (struct text){ type.at, kept.len });
	charset = find_charset(t);
	if (kept.at == NULL || charset.len == 0 ||
	    kept.len + sizeof charset_is - 1 + charset.len > MEDIA_TYPE_MOST)
		return kept;
	kept.at = arena_printf(a, "%.*s%s%.*s", (int)kept.len, kept.at, charset_is,
	    (int)charset.len, charset.at);
	return text_of(kept.at);
}

bool
media_type_is_text(struct text t)
{
	return t.len > 5 && text_equal_ascii((struct text){ t.at, 5 }, TEXT("text/"));
}

/* As much as there is, up to n bytes; -1 on a fault. */
static long
read_all(int fd, char *bytes, size_t n)
{
	size_t got = 0;
	ssize_t done;

	while (got < n && (done = read(fd, bytes + got, n - got)) != 0) {
		if (done < 0 && errno != EINTR)
			return -1;
		got += done > 0 ? (size_t)done : 0;
	}
	return (long)got;
}

bool
media_type_text(struct arena *a, int fd, struct text *ret, struct err *e)
{
	char *bytes = arena_alloc(a, MEDIA_TYPE_TEXT);
	struct text t = { bytes, 0 };
	long n;

	if (bytes == NULL)
		return err_set(e, "no memory for the text of a file");
	n = read_all(fd, bytes, MEDIA_TYPE_TEXT);
	if (n < 0)
		return err_set(e, "cannot read a file: %s", strerrordesc_np(errno));
	t.len = (size_t)n;
	if (t.len >= 3 && memcmp(t.at, "\xef\xbb\xbf", 3) == 0)
		t = cut(t, 3);
	if (t.len > 0)
		(void)(text_valid(t, &t.len));
	if (t.len == 0 || memchr(t.at, '\0', t.len) != NULL)
		t = (struct text){ NULL, 0 };
	*ret = t;
	return true;
}
