/*
 * etag.c - a strong entity tag, and the header fields that name some
 */
#include "etag.h"

#include <string.h>

void
etag_begin(struct etag *e)
{
	*e = (struct etag){ .begun = true };
}

void
etag_add(struct etag *e, struct text t)
{
	e->begun = true;
	if (t.at != NULL)
		fingerprint_chain_add(&e->chain, t.at, t.len);
}

void
etag_finish(const struct etag *e, char tag[ETAG_SIZE])
{
	tag[0] = '"';
	fingerprint_chain_write(&e->chain, tag + 1);
	memcpy(tag + FINGERPRINT_SIZE, "\"", 2);
}

/* ---- lists of tags ---- */

static struct text
drop(struct text t, size_t n)
{
	return (struct text){ t.at + n, t.len - n };
}

/* Without the white space and commas in front: elements of a list may be empty. */
static struct text
skip_commas(struct text t)
{
	while (t.len > 0 && (t.at[0] == ',' || t.at[0] == ' ' || t.at[0] == '\t'))
		t = drop(t, 1);
	return t;
}

/* Takes a tag, quotes included, off the front; false if there is none.  A tag may hold
 * commas, and a backslash in it is a backslash. */
static bool
next_tag(struct text *rest, struct text *tag, bool *weak)
{
	const char *end;

	*rest = skip_commas(*rest);
	*weak = rest->len >= 2 && memcmp(rest->at, "W/", 2) == 0;
	if (*weak)
		*rest = drop(*rest, 2);
	if (rest->len < 2 || rest->at[0] != '"')
		return false;
	end = memchr(rest->at + 1, '"', rest->len - 1);
	if (end == NULL)
		return false;
	*tag = (struct text){ rest->at, (size_t)(end - rest->at) + 1 };
	*rest = drop(*rest, tag->len);
	return true;
}

bool
etag_listed(struct text list, struct text tag, enum etag_comparison how)
{
	struct text one;
	bool weak;

	if (list.at == NULL)
		return false;
	if (text_equal(list, tag))	/* the usual one */
		return true;
	if (text_equal(text_trim(list), TEXT("*")))
		return true;
	while (next_tag(&list, &one, &weak))
		if (text_equal(one, tag) && !(weak && how == ETAG_STRONGLY))
			return true;
	return false;
}
