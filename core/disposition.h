/*
 * disposition.h - the name of a file in a header: Content-Disposition
 *
 * RFC 6266 with RFC 8187 for HTTP, RFC 7578 for the parts of a form, and what browsers
 * really send.
 */
#ifndef DISPOSITION_H
#define DISPOSITION_H

#include <stdbool.h>

#include "text.h"

struct arena;
struct err;
struct out;

enum { DISPOSITION_NAME = 255 };	/* characters of a file's name */

struct disposition {
	struct text type;	/* "form-data", "attachment": as written */
	struct text name;	/* of a form's field; absent if there is none */
	struct text filename;	/* cleaned; absent if there is none, empty if it was */
};

/*
 * Reads the header's value; texts are in the arena.  filename* counts before filename.
 * The file's name is what is behind the last '/' or '\', without control characters and
 * white space at its ends, at most DISPOSITION_NAME characters of valid UTF-8, the
 * extension kept; bytes that are not UTF-8 are taken as ISO 8859-1.  False with a sentence
 * for a client if the header is malformed or the name comes to nothing, "." or "..".
 */
bool disposition_read(struct arena *, struct text header, struct disposition *ret,
    struct err *);

/*
 * Writes the header's value for a download: attachment, the name in ASCII for those who
 * know no better, and in full.  Any bytes are fine: nothing breaks out of the header.
 */
void disposition_write(struct out *, struct text filename);

#endif
