/*
 * conf_reader.c - from the tree of the file to struct conf, along the tables
 *
 * Sections, lists and what is missing or too much in them.  Knows types, not keys:
 * what a key is, its row says.
 */
#include "conf_reader.h"

#include <string.h>

#include "arena.h"
#include "conf_fault.h"
#include "suggest.h"

void
conf_reader_fault(struct conf_reader *r, const struct conf_node *node, const char *why)
{
	char path[CONF_PATH];

	conf_fault(r->faults, node->place, "%s: %s", conf_yaml_path(node, path), why);
}

void
conf_reader_fault_text(struct conf_reader *r, const struct conf_node *node, const char *why)
{
	char path[CONF_PATH];

	conf_fault(r->faults, node->place, "%s: \"%.60s\" %s", conf_yaml_path(node, path),
	    node->text, why);
}

void *
conf_reader_take(struct conf_reader *r, size_t size)
{
	void *memory = arena_zero(r->arena, size > 0 ? size : 1);

	if (memory == NULL)
		conf_fault(r->faults, (struct conf_place){ 0 }, "there is too much in this file");
	return memory;
}

/* ---- lists and sections ---- */

/* Room for the node's children, its address and their number stored in base. */
static char *
take_elements(struct conf_reader *r, const struct conf_row *row, const struct conf_node *node,
    char *base)
{
	char *elements = NULL, path[CONF_PATH];

	if (node->count < row->least)
		conf_fault(r->faults, node->place, "%s: needs at least %u",
		    conf_yaml_path(node, path), (unsigned)row->least);
	else if (row->most > 0 && node->count > row->most)
		conf_fault(r->faults, node->place, "%s: takes at most %u",
		    conf_yaml_path(node, path), (unsigned)row->most);
	else
		elements = conf_reader_take(r, node->count * row->size);
	if (elements != NULL) {
		*(void **)(void *)(base + row->offset) = elements;
		*(size_t *)(void *)(base + row->count) = node->count;
	}
	return elements;
}

/* Whether the node is of this kind; a section may be left empty. */
static bool
check_kind(struct conf_reader *r, const struct conf_node *node, enum conf_kind kind)
{
	static const char *const wrong[] = {
		[CONF_SCALAR] = "must be a single value",
		[CONF_SEQUENCE] = "must be a list: [ ... ], or lines that begin with '-'",
		[CONF_MAPPING] = "must be a section with keys",
	};

	if (conf_yaml_is_null(node)) {
		if (kind != CONF_MAPPING)
			conf_reader_fault(r, node, "has no value");
		return kind == CONF_MAPPING;
	}
	if (node->kind != kind)
		conf_reader_fault(r, node, wrong[kind]);
	return node->kind == kind;
}

static void
read_list(struct conf_reader *r, const struct conf_row *row, const struct conf_node *node,
    char *base)
{
	const char **texts = (const char **)(void *)take_elements(r, row, node, base);

	for (node = node->first; texts != NULL && node != NULL; node = node->next)
		if (check_kind(r, node, CONF_SCALAR))
			texts[node->index] = conf_value_check(r, row, row->item, node);
}

static void
read_section(struct conf_reader *r, const struct conf_row *row, const struct conf_node *node,
    char *base)
{
	conf_reader_rows(r, row->rows, node, base + row->offset);
}

/* A mapping's keys are names of elements, to be stored and checked like values. */
static void
read_name(struct conf_reader *r, const struct conf_row *rows, const struct conf_node *node,
    char *base)
{
	struct conf_node key = *node;

	if (node->name == NULL)
		return;
	key.kind = CONF_SCALAR;
	key.text = node->name;
	key.place = node->name_place;
	for (; rows->name != NULL; rows++)
		if (rows->flags & CONF_KEY)
			conf_value_text(r, rows, &key, base);
}

static void
read_items(struct conf_reader *r, const struct conf_row *row, const struct conf_node *node,
    char *base)
{
	char *element = take_elements(r, row, node, base);

	if (element == NULL)
		return;
	for (node = node->first; node != NULL; node = node->next, element += row->size) {
		if (!check_kind(r, node, CONF_MAPPING))
			continue;
		*(struct conf_place *)(void *)(element + row->place) =
		    node->name != NULL ? node->name_place : node->place;
		read_name(r, row->rows, node, element);
		conf_reader_rows(r, row->rows, node, element);
	}
}

static const struct {
	enum conf_kind kind;
	conf_read_value *read;
} types[] = {
	[CONF_BOOLEAN]    = { CONF_SCALAR,   conf_value_boolean },
	[CONF_INTEGER]    = { CONF_SCALAR,   conf_value_integer },
	[CONF_PROCESSORS] = { CONF_SCALAR,   conf_value_processors },
	[CONF_DURATION]   = { CONF_SCALAR,   conf_value_integer },
	[CONF_SIZE]       = { CONF_SCALAR,   conf_value_size },
	[CONF_TEXT]       = { CONF_SCALAR,   conf_value_text },
	[CONF_LOWER]      = { CONF_SCALAR,   conf_value_text },
	[CONF_FILE]       = { CONF_SCALAR,   conf_value_text },
	[CONF_WORD]       = { CONF_SCALAR,   conf_value_word },
	[CONF_LIST]       = { CONF_SEQUENCE, read_list },
	[CONF_SECTION]    = { CONF_MAPPING,  read_section },
	[CONF_ITEMS]      = { CONF_SEQUENCE, read_items },
	[CONF_NAMED]      = { CONF_MAPPING,  read_items },
};

/* ---- a table against a mapping ---- */

/* Whether a key of the file can name this row. */
static bool
is_written(const struct conf_row *row)
{
	return row->type != CONF_OPTIONS && !(row->flags & CONF_KEY);
}

static const struct conf_row *
row_of(const struct conf_row *rows, const char *name)
{
	for (; rows->name != NULL; rows++)
		if (is_written(rows) && strcmp(rows->name, name) == 0)
			return rows;
	return NULL;
}

static void
fault_unknown(struct conf_reader *r, const struct conf_row *rows, const struct conf_node *node)
{
	struct suggestion near = { .word = node->name };
	char path[CONF_PATH];

	for (; rows->name != NULL && r->faults->count < CONF_FAULTS; rows++)
		if (is_written(rows))
			suggest_offer(&near, rows->name);
	conf_yaml_path(node, path);
	if (near.best != NULL)
		conf_fault(r->faults, node->name_place, "%s: unknown key; did you mean \"%s\"?",
		    path, near.best);
	else
		conf_fault(r->faults, node->name_place, "%s: unknown key", path);
}

/* The keys of the mapping that are no rows: faults, or options if the table takes them. */
static void
read_others(struct conf_reader *r, const struct conf_row *rows, const struct conf_node *mapping,
    char *base)
{
	const struct conf_row *options = rows;
	struct conf_option *option;
	size_t *count;

	while (options->name != NULL && options->type != CONF_OPTIONS)
		options++;
	option = options->name != NULL ? (struct conf_option *)(void *)take_elements(r, options,
	    mapping, base) : NULL;
	count = (size_t *)(void *)(base + options->count);
	if (option != NULL)
		*count = 0;
	for (const struct conf_node *c = mapping->first; c != NULL; c = c->next) {
		if (row_of(rows, c->name) != NULL)
			continue;
		if (options->name == NULL)
			fault_unknown(r, rows, c);
		else if (option != NULL && check_kind(r, c, CONF_SCALAR))
			option[(*count)++] = (struct conf_option){ c->name, c->text,
			    c->name_place };
	}
}

static void
forget_places(struct conf_node *node)
{
	node->place = node->name_place = (struct conf_place){ 0 };
	for (struct conf_node *c = node->first; c != NULL; c = c->next)
		forget_places(c);
}

/* What the row says of a key that is not in the mapping. */
static void
read_absent(struct conf_reader *r, const struct conf_row *row, const struct conf_node *mapping,
    char *base)
{
	struct conf_node node = { .name = row->name, .parent = mapping, .place = mapping->place };

	if (row->flags & CONF_REQUIRED) {
		conf_reader_fault(r, &node, "is missing");
	} else if (row->type == CONF_SECTION && !(row->flags & CONF_OPTIONAL)) {
		node.kind = CONF_MAPPING;
		read_section(r, row, &node, base);
	} else if (row->value != NULL && types[row->type].kind == CONF_SCALAR) {
		node = (struct conf_node){ .text = row->value, .plain = true };
		types[row->type].read(r, row, &node, base);
	} else if (row->value != NULL) {
		struct conf_node *made = conf_yaml(r->arena, row->value, strlen(row->value),
		    r->faults);

		if (made == NULL)
			return;
		forget_places(made);
		types[row->type].read(r, row, made, base);
	}
}

void
conf_reader_rows(struct conf_reader *r, const struct conf_row *rows,
    const struct conf_node *mapping,
    char *base)
{
	for (const struct conf_row *row = rows; row->name != NULL; row++) {
		const struct conf_node *node = conf_yaml_find(mapping, row->name);

		if (!is_written(row))
			continue;
		if (node == NULL)
			read_absent(r, row, mapping, base);
		else if (check_kind(r, node, types[row->type].kind))
			types[row->type].read(r, row, node, base);
	}
	read_others(r, rows, mapping, base);
}
