/*
 * names.c - replacing names and escapes in the text of a conversation
 */
#include "names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "err.h"
#include "out.h"

enum { EXPANDED_MAX = 32 << 20 };

void
names_set(struct names *names, const char *name, struct text value)
{
	struct name *n = arena_zero(names->arena, sizeof *n);

	n->name = arena_copy(names->arena, name, strlen(name));
	n->value = arena_copy(names->arena, value.at, value.len);
	n->next = names->first;
	names->first = n;
}

const char *
names_get(const struct names *names, const char *name)
{
	for (const struct name *n = names->first; n != NULL; n = n->next)
		if (strcmp(n->name, name) == 0)
			return n->value;
	return NULL;
}

/* "x * 3": x three times.  False if the name has no such form. */
static bool
repeat(const char *name, struct out *out)
{
	const char *star = strrchr(name, '*');
	char *end;
	unsigned long times;

	if (star == NULL || star < name + 2 || star[-1] != ' ' || star[1] != ' ')
		return false;
	times = strtoul(star + 2, &end, 10);
	if (*end != '\0')
		return false;
	while (times-- > 0)
		out_bytes(out, name, (size_t)(star - 1 - name));
	return true;
}

/* "%text": the text as it stands in a query, everything but letters and digits escaped. */
static bool
escape(const char *name, struct out *out)
{
	if (name[0] != '%')
		return false;
	for (const char *c = name + 1; *c != '\0'; c++)
		if (isalnum((unsigned char)*c))
			out_char(out, *c);
		else
			out_printf(out, "%%%02X", (unsigned char)*c);
	return true;
}

/* "<link": where the first link of a header field Link leads, which link stands for. */
static bool
follow(const struct names *names, const char *name, struct out *out)
{
	const char *link = name[0] == '<' ? names_get(names, name + 1) : NULL;
	const char *open = link != NULL ? strchr(link, '<') : NULL;
	const char *end = open != NULL ? strchr(open, '>') : NULL;

	if (end != NULL)
		out_bytes(out, open + 1, (size_t)(end - open - 1));
	return end != NULL;
}

static bool
replace(const struct names *names, const char *name, struct out *out, struct err *e)
{
	const char *value = names_get(names, name);

	if (value != NULL) {
		out_string(out, value);
		return true;
	}
	return repeat(name, out) || escape(name, out) || follow(names, name, out) || err_set(e,
	    "$(%s) stands for nothing", name);
}

/* The last "$(" before the end: names may hold names. */
static const char *
innermost(const char *dollar, const char *end)
{
	const char *next;

	while ((next = strstr(dollar + 1, "$(")) != NULL && next < end)
		dollar = next;
	return dollar;
}

/* Names may hold names, and so may what they stand for: up to this depth. */
enum { DEPTH = 6 };

static bool
expand(const struct names *names, struct arena *a, const char *text, unsigned depth,
    struct text *ret, struct err *e)
{
	struct out out;
	const char *dollar, *end, *name;

	out_init(&out, a, EXPANDED_MAX);
	while ((dollar = strstr(text, "$(")) != NULL && (end = strchr(dollar, ')')) != NULL) {
		dollar = innermost(dollar, end);
		out_bytes(&out, text, (size_t)(dollar - text));
		name = arena_copy(a, dollar + 2, (size_t)(end - dollar - 2));
		if (!replace(names, name, &out, e))
			return false;
		text = end + 1;
	}
	out_string(&out, text);
	out_char(&out, '\0');
	if (out.failed)
		return err_set(e, "too long when expanded");
	*ret = (struct text){ out.at, out.len - 1 };
	if (depth < DEPTH && memmem(out.at, out.len, "$(", 2) != NULL)
		return expand(names, a, out.at, depth + 1, ret, e);
	return true;
}

bool
names_expand(const struct names *names, struct arena *a, const char *text, struct text *ret,
    struct err *e)
{
	return expand(names, a, text, 0, ret, e);
}

static int
digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

struct text
names_unescape(struct arena *a, struct text in)
{
	char *s = arena_copy(a, in.at, in.len), *put = s;

	for (size_t i = 0; i < in.len; i++) {
		if (in.at[i] == '\\' && i + 3 < in.len && in.at[i + 1] == 'x' &&
		    isxdigit((unsigned char)in.at[i + 2]) &&
		    isxdigit((unsigned char)in.at[i + 3])) {
			*put++ = (char)(digit(in.at[i + 2]) << 4 | digit(in.at[i + 3]));
			i += 3;
		} else {
			*put++ = in.at[i];
		}
	}
	return (struct text){ s, (size_t)(put - s) };
}
