/*
 * conf_schema.h - every key of the configuration, as rows
 *
 * Of the configuration alone (conf*.c).  A row is all there is to say of a key: conf.c
 * checks by it and fills struct conf, conf_reference.c prints it.
 */
#ifndef CONF_SCHEMA_H
#define CONF_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

enum conf_type {
	CONF_NONE,
	CONF_BOOLEAN,		/* bool */
	CONF_INTEGER,		/* unsigned */
	CONF_PROCESSORS,	/* likewise, or "auto": one per processor */
	CONF_DURATION,		/* unsigned, in ms: "10s" */
	CONF_SIZE,		/* uint64_t, in bytes: "1MiB" */
	CONF_TEXT,		/* const char * */
	CONF_LOWER,		/* likewise, capitals of ASCII made small */
	CONF_FILE,		/* likewise, taken from the configuration's folder */
	CONF_WORD,		/* likewise, one of .words */
	CONF_LIST,		/* const char **, each of type .item */
	CONF_SECTION,		/* a mapping with keys .rows, in the same struct */
	CONF_ITEMS,		/* an array of structs, each a mapping with keys .rows */
	CONF_NAMED,		/* likewise, each with a name before it; the name is in .rows too */
	CONF_OPTIONS		/* struct conf_option *: whatever other keys there are */
};

enum {
	CONF_REQUIRED = 1 << 0,		/* there is no default */
	CONF_OPTIONAL = 1 << 1,		/* may be absent altogether: NULL */
	CONF_KEY      = 1 << 2		/* the name before a CONF_NAMED's element */
};

/* Kinds of values of which no two in a file may be equal. */
enum conf_unique { CONF_ANY, CONF_ONE_SITE, CONF_ONE_HOST, CONF_ONE_DATABASE, CONF_ONE_ADDRESS };

struct conf_row {
	const char *name;
	enum conf_type type;
	size_t offset;			/* in the struct of its table */
	const char *value;		/* default, as YAML */
	uint64_t least, most;		/* numbers: range; texts: most bytes; lists: entries */
	unsigned flags;			/* CONF_REQUIRED ... */
	enum conf_unique unique;
	enum conf_type item;		/* CONF_LIST */
	const char *const *words;	/* CONF_WORD: ends with NULL */
	const char *(*refusal)(const char *);	/* texts: why it cannot be that, or NULL */
	const struct conf_row *rows;	/* of what is inside */
	size_t size, count, place;	/* CONF_LIST ...: size of an element, offset of their
					 * number; offset of the place in an element */
	const char *unit;		/* for the reference: "thousand" */
	const char *example;		/* for the reference, where there is no default, or where
					 * the build decides on it */
	const char *doc;		/* one line */
};

/* The keys of the file itself; the struct is struct conf. */
extern const struct conf_row conf_schema[];

/* What a number may have behind it: names and factors, ascending, ended by NULL. */
struct conf_unit {
	const char *name;
	uint64_t factor;
};

/* The units of a type: sizes, durations, or only "". */
const struct conf_unit *conf_units(enum conf_type);

/* The number as one would write it: "64KiB", "10s", "100". */
const char *conf_quantity(enum conf_type, uint64_t, char buffer[32]);

#endif
