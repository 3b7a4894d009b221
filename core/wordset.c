/*
 * wordset.c - sets of plain words, kept as a JSON array
 */
#include "wordset.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "err.h"
#include "out.h"

/* Takes what stands before a comma off the front of a list. */
static struct text
take_word(struct text *list)
{
	const char *comma = memchr(list->at, ',', list->len);
	struct text word = { list->at, comma != NULL ? (size_t)(comma - list->at) : list->len };
	size_t taken = word.len + (comma != NULL);

	list->at += taken;
	list->len -= taken;
	return text_trim(word);
}

static size_t
count_words(struct text list)
{
	size_t n = list.len > 0;

	for (size_t i = 0; i < list.len; i++)
		n += list.at[i] == ',';
	return n;
}

static int
compare(const void *a, const void *b)
{
	const struct text *s = a, *t = b;
	size_t n = s->len < t->len ? s->len : t->len;
	int order = memcmp(s->at, t->at, n);

	return order != 0 ? order : (s->len > t->len) - (s->len < t->len);
}

/* Whether another word makes this one needless; of equal ones the first stays. */
static bool
is_needless(const struct wordset_kind *kind, const struct text *words, size_t n, size_t i)
{
	for (size_t k = 0; k < n; k++)
		if (k != i && kind->covers(words[k], words[i]) &&
		    (k < i || !text_equal(words[k], words[i])))
			return true;
	return false;
}

static bool
write_set(const struct wordset_kind *kind, struct arena *arena, const struct text *words,
    size_t n, struct text *ret)
{
	struct out out;
	bool first = true;

	out_init(&out, arena, SIZE_MAX);
	for (size_t i = 0; i < n; i++) {
		if (is_needless(kind, words, n, i))
			continue;
		out_string(&out, first ? "[\"" : ",\"");
		out_text(&out, words[i]);
		out_char(&out, '"');
		first = false;
	}
	out_bytes(&out, first ? "[]" : "]", first ? 3 : 2);	/* with its NUL */
	*ret = (struct text){ out.at, out.failed ? 0 : out.len - 1 };
	return !out.failed;
}

bool
wordset_read(const struct wordset_kind *kind, struct arena *arena, struct text list,
    struct text *ret, struct err *e)
{
	struct text *words;
	size_t n = 0;

	if (count_words(list) > WORDSET_MOST)
		return err_set(e, "there are more than %d", WORDSET_MOST);
	words = arena_alloc(arena, WORDSET_MOST * sizeof *words);
	while (words != NULL && list.len > 0) {
		struct text word = take_word(&list);

		if (word.len == 0)
			continue;
		if (!kind->read(arena, word, &words[n], e))
			return false;
		n++;
	}
	if (words != NULL && n > 1)
		qsort(words, n, sizeof *words, compare);
	if (words == NULL || !write_set(kind, arena, words, n, ret))
		return err_set(e, "the list is too long");
	return true;
}

bool
wordset_next(struct text *rest, struct text *word)
{
	const char *begin, *end;

	if (rest->len < 3 || (rest->at[0] != '[' && rest->at[0] != ',') || rest->at[1] != '"')
		return false;
	begin = rest->at + 2;
	end = memchr(begin, '"', rest->len - 2);
	if (end == NULL)
		return false;
	*word = (struct text){ begin, (size_t)(end - begin) };
	rest->len -= (size_t)(end + 1 - rest->at);
	rest->at = end + 1;
	return true;
}

bool
wordset_covers(const struct wordset_kind *kind, struct text set, struct text word)
{
	struct text one;

	while (wordset_next(&set, &one))
		if (kind->covers(one, word))
			return true;
	return false;
}

bool
wordset_within(const struct wordset_kind *kind, struct text inner, struct text outer,
    struct text *beyond)
{
	struct text one;

	while (wordset_next(&inner, &one))
		if (!wordset_covers(kind, outer, one)) {
			*beyond = one;
			return false;
		}
	return true;
}
