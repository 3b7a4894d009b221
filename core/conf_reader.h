/*
 * conf_reader.h - from the tree of the file to struct conf, along the tables
 *
 * Of the configuration alone (conf*.c).
 */
#ifndef CONF_READER_H
#define CONF_READER_H

#include "conf_schema.h"
#include "conf_yaml.h"
#include "text.h"

struct arena;
struct conf_faults;

/* A value of which there may be no second one in the file. */
struct conf_claim {
	enum conf_unique kind;
	const char *text, *path;
	struct conf_place place;
	struct conf_claim *before;
};

struct conf_reader {
	struct arena *arena;
	struct conf_faults *faults;
	struct text folder;		/* of the file, with its '/'; empty: here */
	struct conf_claim *claims;	/* newest first */
	size_t claim_count;
};

/* Stores the node's value in base, a struct of the row's table; faults are kept. */
typedef void conf_read_value(struct conf_reader *, const struct conf_row *,
    const struct conf_node *, char *base);

/* Of the types that are a single value (conf_value.c). */
conf_read_value conf_value_boolean, conf_value_integer, conf_value_processors, conf_value_size,
    conf_value_text, conf_value_word;

/* The node's text as a value of this type, or NULL after a fault. */
const char *conf_value_check(struct conf_reader *, const struct conf_row *, enum conf_type,
    const struct conf_node *);

/* Reads a mapping by the rows of its table: what is there, defaults, what is missing,
 * and keys that no row has (conf_reader.c). */
void conf_reader_rows(struct conf_reader *, const struct conf_row *, const struct conf_node *,
    char *base);

/* The fault of a node: its name, then what is wrong; likewise with the node's text before. */
void conf_reader_fault(struct conf_reader *, const struct conf_node *, const char *why);
void conf_reader_fault_text(struct conf_reader *, const struct conf_node *, const char *why);

/* Zeroed memory that lives as long as the configuration; NULL after a fault. */
void *conf_reader_take(struct conf_reader *, size_t);

#endif
