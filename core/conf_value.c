/*
 * conf_value.c - single values of the configuration: numbers with units, words, texts
 *
 * What a type takes is decided here, what a key takes by its row.
 */
#include "conf_reader.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "conf_fault.h"
#include "suggest.h"

enum { TEXT_LIMIT = 1000 };	/* bytes of a text whose row says nothing */

/* ---- scalars ---- */

void
conf_value_boolean(struct conf_reader *r, const struct conf_row *row, const struct conf_node *node,
    char *base)
{
	bool *slot = (bool *)(void *)(base + row->offset);

	*slot = strcmp(node->text, "true") == 0;
	if (!*slot && strcmp(node->text, "false") != 0)
		conf_reader_fault_text(r, node, "is not true or false");
}

/* A number and its unit; too large a number is UINT64_MAX. */
static bool
parse_quantity(const char *text, const struct conf_unit *units, uint64_t *ret)
{
	size_t digits = strspn(text, "0123456789");
	const struct conf_unit *u = units;
	uint64_t number;

	while (u->name != NULL && strcmp(u->name, text + digits) != 0)
		u++;
	if (digits == 0 || u->name == NULL)
		return false;
	errno = 0;
	number = strtoull(text, NULL, 10);
	if (errno == ERANGE || __builtin_mul_overflow(number, u->factor, &number))
		number = UINT64_MAX;
	*ret = number;
	return true;
}

/* "0 is below 1": the text as written, then the bound that it breaks. */
static void
fault_range(struct conf_reader *r, const struct conf_row *row, const struct conf_node *node,
    bool below)
{
	char bound[32], path[CONF_PATH];

	conf_fault(r->faults, node->place, "%s: %.60s is %s %s", conf_yaml_path(node, path),
	    node->text, below ? "below" : "above",
	    conf_quantity(row->type, below ? row->least : row->most, bound));
}

static bool
read_quantity(struct conf_reader *r, const struct conf_row *row, const struct conf_node *node,
    uint64_t *ret)
{
	static const char *const wrong[] = {
		[CONF_INTEGER] = "is not a whole number",
		[CONF_PROCESSORS] = "is neither auto nor a whole number",
		[CONF_DURATION] = "is not a time such as 500ms, 10s, 5m or 1h",
		[CONF_SIZE] = "is not a size such as 512, 64KiB, 1MiB or 4GiB",
	};
	const struct conf_unit *units = conf_units(row->type);
	bool negative = node->text[0] == '-' && parse_quantity(node->text + 1, units, ret);

	if (!negative && (!node->plain || !parse_quantity(node->text, units, ret)))
		conf_reader_fault_text(r, node, wrong[row->type]);
	else if (negative || *ret < row->least)
		fault_range(r, row, node, true);
	else if (*ret > row->most)
		fault_range(r, row, node, false);
	else
		return true;
	return false;
}

void
conf_value_integer(struct conf_reader *r, const struct conf_row *row, const struct conf_node *node,
    char *base)
{
	uint64_t number;

	if (read_quantity(r, row, node, &number))
		*(unsigned *)(void *)(base + row->offset) = (unsigned)number;
}

void
conf_value_size(struct conf_reader *r, const struct conf_row *row, const struct conf_node *node,
    char *base)
{
	uint64_t number;

	if (read_quantity(r, row, node, &number))
		*(uint64_t *)(void *)(base + row->offset) = number;
}

/* Those that this process may use, which in a container are fewer. */
static unsigned
processors(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

	return n > 0 ? (unsigned)n : 1;
}

void
conf_value_processors(struct conf_reader *r, const struct conf_row *row,
    const struct conf_node *node,
    char *base)
{
	unsigned n;

	if (strcmp(node->text, "auto") != 0) {
		conf_value_integer(r, row, node, base);
		return;
	}
	n = processors();
	*(unsigned *)(void *)(base + row->offset) = n < row->most ? n : (unsigned)row->most;
}

/* ---- texts ---- */

static char *
lowered(struct arena *arena, const char *text)
{
	char *copy = arena_copy(arena, text, strlen(text));

	for (char *c = copy; c != NULL && *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return copy;
}

static const char *
converted(struct conf_reader *r, enum conf_type type, const char *text)
{
	if (type == CONF_LOWER)
		return lowered(r->arena, text);
	if (type == CONF_FILE && text[0] != '/' && r->folder.len > 0)
		return arena_printf(r->arena, "%.*s%s", (int)r->folder.len, r->folder.at, text);
	return text;
}

/* One spelling of a path: without "//", "/./" and "x/..". */
static char *
one_spelling(struct arena *arena, const char *path)
{
	char *out = arena_zero(arena, strlen(path) + 2);
	size_t n = 0;

	for (const char *part = path; out != NULL && *part != '\0';) {
		size_t length = strcspn(part, "/");
		bool up = length == 2 && memcmp(part, "..", 2) == 0;
		const char *last = memrchr(out, '/', n);

		if (up && n > 0 && strcmp(last != NULL ? last + 1 : out, "..") != 0) {
			n = last != NULL ? (size_t)(last - out) : 0;
		} else if (length > 0 && !(length == 1 && *part == '.')) {
			if (n > 0 || path[0] == '/')
				out[n++] = '/';
			memcpy(out + n, part, length);
			n += length;
		}
		out[n] = '\0';
		part += length + strspn(part + length, "/");
	}
	return out;
}

static void
claim(struct conf_reader *r, const struct conf_row *row, enum conf_type type,
    const struct conf_node *node, const char *text)
{
	struct conf_claim *c;
	char path[CONF_PATH];

	if (row->unique == CONF_ANY || (c = conf_reader_take(r, sizeof *c)) == NULL)
		return;
	*c = (struct conf_claim){
		.kind = row->unique,
		.text = type == CONF_FILE ? one_spelling(r->arena, text) : text,
		.path = arena_printf(r->arena, "%s", conf_yaml_path(node, path)),
		.place = node->place,
		.before = r->claims,
	};
	if (c->text == NULL || c->path == NULL)
		return;
	r->claims = c;
	r->claim_count++;
}

const char *
conf_value_check(struct conf_reader *r, const struct conf_row *row, enum conf_type type,
    const struct conf_node *node)
{
	size_t most = row->type != CONF_LIST && row->most > 0 ? row->most : TEXT_LIMIT;
	const char *text = node->text, *why = NULL;
	char path[CONF_PATH];

	if (text[0] == '\0') {
		conf_reader_fault(r, node, "is empty");
		return NULL;
	}
	if (strlen(text) > most) {
		conf_reader_fault(r, node, "is too long");
		return NULL;
	}
	text = converted(r, type, text);
	if (text != NULL && row->refusal != NULL)
		why = row->refusal(text);
	if (why != NULL) {
		conf_fault(r->faults, node->place, "%s: \"%.60s\": %s", conf_yaml_path(node, path),
		    node->text, why);
		return NULL;
	}
	if (text != NULL)
		claim(r, row, type, node, text);
	return text;
}

void
conf_value_text(struct conf_reader *r, const struct conf_row *row, const struct conf_node *node,
    char *base)
{
	*(const char **)(void *)(base + row->offset) = conf_value_check(r, row, row->type, node);
}

void
conf_value_word(struct conf_reader *r, const struct conf_row *row, const struct conf_node *node,
    char *base)
{
	struct suggestion near = { .word = node->text };
	char why[200] = "is none of", path[CONF_PATH];
	size_t n = strlen(why);

	for (const char *const *w = row->words; *w != NULL; w++) {
		if (strcmp(*w, node->text) == 0) {
			*(const char **)(void *)(base + row->offset) = *w;
			return;
		}
		suggest_offer(&near, *w);
		n += (size_t)snprintf(why + n, sizeof why - n, "%s %s", n > 10 ? "," : "", *w);
	}
	if (near.best == NULL)
		conf_reader_fault_text(r, node, why);
	else
		conf_fault(r->faults, node->place, "%s: \"%.60s\" %s; did you mean \"%s\"?",
		    conf_yaml_path(node, path), node->text, why, near.best);
}
