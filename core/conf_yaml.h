/*
 * conf_yaml.h - a YAML text as a tree of nodes that know their places
 *
 * Of the configuration alone (conf*.c).
 */
#ifndef CONF_YAML_H
#define CONF_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"

struct arena;
struct conf_faults;

enum { CONF_DEPTH = 16, CONF_NODES = 100000, CONF_PATH = 256 };

enum conf_kind { CONF_SCALAR, CONF_SEQUENCE, CONF_MAPPING };

struct conf_node {
	enum conf_kind kind;
	bool plain;			/* a scalar without quotes */
	struct conf_place place;	/* of the value; the key's is name_place */
	const char *text;		/* of a scalar, printable UTF-8; else NULL */
	const char *name;		/* its key, if it is in a mapping */
	struct conf_place name_place;
	size_t index, count;		/* place in a sequence; number of children */
	const struct conf_node *parent;
	struct conf_node *first, *next;
};

/*
 * The root of the text, or NULL after a fault.  All of it is in the arena.  Anchors,
 * aliases, tags, duplicate keys, control characters, a second document, nesting
 * beyond CONF_DEPTH and more than CONF_NODES nodes are faults.
 */
struct conf_node *conf_yaml(struct arena *, const char *yaml, size_t n, struct conf_faults *);

/* The value of a key; NULL if the node is no mapping or has none. */
const struct conf_node *conf_yaml_find(const struct conf_node *, const char *name);

/* Whether nothing was written for the value: "key:", "key: ~", "key: null". */
bool conf_yaml_is_null(const struct conf_node *);

/* The node's name in messages: "sites[1].database.path", cut to fit. */
const char *conf_yaml_path(const struct conf_node *, char buffer[CONF_PATH]);

#endif
