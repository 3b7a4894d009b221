/*
 * conf_yaml.c - a YAML text as a tree of nodes that know their places
 *
 * The part of YAML that a configuration needs: mappings, sequences and scalars.
 * Refuses what makes a short text grow or mean something else than it shows:
 * anchors, aliases, tags, duplicate keys, control characters, several documents.
 * Never recurses; how much it takes of anything is bounded.
 */
#include "conf_yaml.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "arena.h"
#include "conf_fault.h"

/* A mapping or sequence that is still open. */
struct level {
	struct conf_node *node;
	struct conf_node *last;		/* its newest child */
	const char *key;		/* of the value that comes next; NULL: a key comes */
	struct conf_place key_place;
};

struct builder {
	struct arena *arena;
	struct conf_faults *faults;
	struct conf_node *root;
	struct level levels[CONF_DEPTH];
	size_t depth, nodes;
	bool ended;			/* no more events are wanted */
};

static struct conf_place
place_of(const yaml_mark_t *mark)
{
	return (struct conf_place){ .line = (unsigned)mark->line + 1,
		.column = (unsigned)mark->column + 1 };
}

static void
stop(struct builder *b, struct conf_place place, const char *why)
{
	conf_fault(b->faults, place, "%s", why);
	b->ended = true;
}

/* Puts a new node where the text is; NULL if building has to stop. */
static struct conf_node *
add_node(struct builder *b, enum conf_kind kind, struct conf_place place)
{
	struct level *in = b->depth > 0 ? &b->levels[b->depth - 1] : NULL;
	struct conf_node *node = NULL;

	if (b->nodes++ < CONF_NODES)
		node = arena_zero(b->arena, sizeof *node);
	if (node == NULL) {
		stop(b, place, "there is too much in this file");
		return NULL;
	}
	*node = (struct conf_node){ .kind = kind, .place = place };
	if (in == NULL) {
		b->root = node;
		return node;
	}
	node->parent = in->node;
	node->index = in->node->count++;
	node->name = in->key;
	node->name_place = in->key_place;
	in->key = NULL;
	*(in->last != NULL ? &in->last->next : &in->node->first) = node;
	in->last = node;
	return node;
}

/* What begins or stands at an event, whatever its kind, must not bring these along. */
static void
refuse_extras(struct builder *b, struct conf_place place, const yaml_char_t *anchor,
    const yaml_char_t *tag)
{
	if (anchor != NULL)
		conf_fault(b->faults, place,
		    "anchors (&name) and aliases (*name) are not taken; write the value out");
	if (tag != NULL)
		conf_fault(b->faults, place, "tags (!name) are not taken");
}

/* libyaml has checked the UTF-8; this is about what would garble messages and paths. */
static bool
has_control(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return true;
	return false;
}

static bool
awaits_key(const struct builder *b)
{
	const struct level *in = b->depth > 0 ? &b->levels[b->depth - 1] : NULL;

	return in != NULL && in->node->kind == CONF_MAPPING && in->key == NULL;
}

static void
on_scalar(struct builder *b, const yaml_event_t *event)
{
	const char *bytes = (const char *)event->data.scalar.value;
	size_t n = event->data.scalar.length;
	struct conf_place place = place_of(&event->start_mark);
	const char *text = arena_copy(b->arena, bytes, n);
	struct conf_node *node;

	refuse_extras(b, place, event->data.scalar.anchor, event->data.scalar.tag);
	if (has_control(bytes, n))
		conf_fault(b->faults, place, "there is a control character in this text");
	if (text == NULL) {
		stop(b, place, "there is too much in this file");
	} else if (awaits_key(b)) {
		b->levels[b->depth - 1].key = text;
		b->levels[b->depth - 1].key_place = place;
	} else if ((node = add_node(b, CONF_SCALAR, place)) != NULL) {
		node->text = text;
		node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	}
}

static void
open_level(struct builder *b, enum conf_kind kind, struct conf_place place)
{
	struct conf_node *node;

	if (awaits_key(b))
		stop(b, place, "a key must be a word");
	else if (b->depth == CONF_DEPTH)
		stop(b, place, "nested too deep");
	else if ((node = add_node(b, kind, place)) != NULL)
		b->levels[b->depth++] = (struct level){ .node = node };
}

static int
by_name(const void *a, const void *b)
{
	const struct conf_node *p = *(struct conf_node *const *)a;
	const struct conf_node *q = *(struct conf_node *const *)b;
	int order = strcmp(p->name, q->name);

	return order != 0 ? order : (p->index > q->index) - (p->index < q->index);
}

/* By sorting, since a file may hold a hundred thousand keys. */
static void
refuse_duplicates(struct builder *b, const struct conf_node *mapping)
{
	struct conf_node **sorted;
	char path[CONF_PATH];
	size_t n = 0;

	if (mapping->count < 2)
		return;
	sorted = arena_alloc(b->arena, mapping->count * sizeof(struct conf_node *));
	if (sorted == NULL) {
		stop(b, mapping->place, "there is too much in this file");
		return;
	}
	for (struct conf_node *c = mapping->first; c != NULL; c = c->next)
		sorted[n++] = c;
	qsort(sorted, n, sizeof sorted[0], by_name);
	for (size_t i = 1; i < n; i++)
		if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
			conf_fault(b->faults, sorted[i]->name_place, "%s: is given a second time; "
			    "the first is in line %u", conf_yaml_path(sorted[i], path),
			    sorted[i - 1]->name_place.line);
}

static void
close_level(struct builder *b)
{
	const struct conf_node *node = b->levels[--b->depth].node;

	/* NOLINTNEXTLINE(clang-analyzer-core.*): it loses the thread through struct err */
	if (node->kind == CONF_MAPPING)
		refuse_duplicates(b, node);
}

static void
on_event(struct builder *b, const yaml_event_t *event)
{
	struct conf_place place = place_of(&event->start_mark);

	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (b->root != NULL)
			stop(b, place, "a second document begins here; there can be only one");
		break;
	case YAML_SCALAR_EVENT:
		on_scalar(b, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
		refuse_extras(b, place, event->data.sequence_start.anchor,
		    event->data.sequence_start.tag);
		open_level(b, CONF_SEQUENCE, place);
		break;
	case YAML_MAPPING_START_EVENT:
		refuse_extras(b, place, event->data.mapping_start.anchor,
		    event->data.mapping_start.tag);
		open_level(b, CONF_MAPPING, place);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		close_level(b);
		break;
	case YAML_ALIAS_EVENT:	/* nothing stands for it, so the rest would make no sense */
		refuse_extras(b, place, event->data.alias.anchor, NULL);
		b->ended = true;
		break;
	case YAML_STREAM_END_EVENT:
		b->ended = true;
		break;
	default:
		break;
	}
}

static void
tell_syntax(struct builder *b, const yaml_parser_t *parser)
{
	const char *problem = parser->problem != NULL ? parser->problem : "no memory";
	struct conf_place place = place_of(&parser->problem_mark);

	if (parser->error == YAML_READER_ERROR)		/* it knows bytes, not lines */
		place = place_of(&parser->mark);
	if (parser->context != NULL)
		conf_fault(b->faults, place, "this is not YAML: %s, %s", parser->context, problem);
	else
		conf_fault(b->faults, place, "this is not YAML: %s", problem);
	b->ended = true;
}

struct conf_node *
conf_yaml(struct arena *arena, const char *yaml, size_t n, struct conf_faults *faults)
{
	struct builder b = { .arena = arena, .faults = faults };
	size_t before = faults->count;
	yaml_parser_t parser;
	yaml_event_t event;

	if (!yaml_parser_initialize(&parser)) {
		conf_fault(faults, (struct conf_place){ 0 }, "no memory");
		return NULL;
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)yaml, n);
	while (!b.ended) {
		if (!yaml_parser_parse(&parser, &event)) {
			tell_syntax(&b, &parser);
			break;
		}
		on_event(&b, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	if (b.root == NULL && faults->count == before)
		conf_fault(faults, (struct conf_place){ 0 }, "the file is empty; it needs sites");
	return faults->count == before ? b.root : NULL;
}

const struct conf_node *
conf_yaml_find(const struct conf_node *node, const char *name)
{
	if (node->kind != CONF_MAPPING)
		return NULL;
	for (const struct conf_node *c = node->first; c != NULL; c = c->next)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

bool
conf_yaml_is_null(const struct conf_node *node)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	if (node->kind != CONF_SCALAR || !node->plain)
		return false;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(node->text, words[i]) == 0)
			return true;
	return false;
}

const char *
conf_yaml_path(const struct conf_node *node, char buffer[CONF_PATH])
{
	const struct conf_node *chain[CONF_DEPTH + 2];
	size_t n = 0, at = 0;

	for (; node != NULL && n < sizeof chain / sizeof chain[0]; node = node->parent)
		chain[n++] = node;
	buffer[0] = '\0';
	while (n-- > 0 && at < CONF_PATH - 1) {
		const struct conf_node *c = chain[n];
		int more = 0;

		if (c->name != NULL)
			more = snprintf(buffer + at, CONF_PATH - at, "%s%.48s", at > 0 ? "." : "",
			    c->name);
		else if (c->parent != NULL)
			more = snprintf(buffer + at, CONF_PATH - at, "[%zu]", c->index);
		at += (size_t)more;
	}
	return buffer;
}
