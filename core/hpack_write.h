/*
 * hpack_write.h - fields on their way to a client, as HPACK (RFC 7541)
 *
 * What a client was sent before is one byte, since both sides keep a table of it.  Which
 * field comes again, and which never does, is the caller's to know: a field that is kept
 * for nothing drives out another.  Texts go as they are, without Huffman's code, which
 * would cost both sides more than the bytes that it saves.
 */
#ifndef HPACK_WRITE_H
#define HPACK_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

enum {
	HPACK_TABLE = 4096,	/* what every client has room for at first (RFC 9113 6.5.2) */
	HPACK_ENTRIES = 16,	/* that are remembered */
	HPACK_TEXT = 64,	/* bytes of one that is: its name and its value */
	HPACK_PLACES = 16,	/* fields of a block whose entries are remembered */
	HPACK_STATUS = 6,	/* bytes that a status takes at most, */
	HPACK_FIELD = 16	/* and a field beside its name and value */
};

/* What of a field comes again in the answers that follow. */
enum hpack_lasts { HPACK_NOTHING, HPACK_NAME, HPACK_ALL };

/* What the client's table holds of a connection's answers; all zero at first. */
struct hpack_sender {
	bool closed;		/* nothing more goes into the table */
	unsigned inserted;	/* entries so far; the latest are below */
	unsigned place;		/* of the next field in its block */
	unsigned last[HPACK_PLACES];	/* which entry, of those so far, each place last was */
	struct { uint8_t name, value; } length[HPACK_ENTRIES];
	char text[HPACK_ENTRIES][HPACK_TEXT];
};

/*
 * Begins a block of fields; takes HPACK_STATUS bytes at most.  What is returned here and
 * below is where the next byte goes.  Without a table, as for a client that has said that it
 * has less room than HPACK_TABLE, no field is kept from then on.
 */
uint8_t *hpack_write_status(struct hpack_sender *, uint8_t *to, unsigned status, bool table);

/* Writes the next field of a block if it is the one that stood in its place in the last, as
 * most are; else NULL.  Takes HPACK_FIELD bytes at most. */
uint8_t *hpack_write_again(struct hpack_sender *, uint8_t *to, struct text name,
    struct text value);

/*
 * Writes the next field of a block, whatever it is.  Takes HPACK_FIELD, the name and the value
 * in bytes at most.  The name is in lower case; known: its number in the static table
 * (appendix A), 0 if it has none.
 */
uint8_t *hpack_write_field(struct hpack_sender *, uint8_t *to, unsigned known, struct text name,
    struct text value, enum hpack_lasts);

/* A length of content, which is another each time; HPACK_FIELD and 20 bytes at most. */
uint8_t *hpack_write_length(uint8_t *to, uint64_t length);

#endif
