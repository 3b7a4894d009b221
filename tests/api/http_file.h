/*
 * http_file.h - conversations: files of requests and the answers they must get
 *
 *	# What this file is about.
 *	@site plain
 *
 *	## A ticket is created with the client's user
 *	POST /api/v1/tickets
 *
 *	{ "subject": "Printer jam", "description": "3rd floor" }
 *
 *	HTTP 201
 *	X-Total-Count: -
 *	{ "ticket": { "id": "$id -> printer", "$more": true } }
 *
 *	## What is not text is refused by name
 *	PATCH /api/v1/tickets/$(printer)
 *
 *	{ $(member) }
 *
 *	HTTP 400 $(message)
 *	| member              | message                    |
 *	| "subject": true     | subject: must be text      |
 *	| "subject": []       | subject: must be text      |
 *
 * An exchange begins with "## " and a sentence.  Then come the request line, header
 * fields, an empty line and the body; then "HTTP", the status ("2xx": any of them) and,
 * for an error, its message; then the header fields that the answer must have, and its
 * JSON.  If a table follows, the exchange is done once for each row, in which a column
 * is a name.  A row's cells are between '|'; "\|" is a '|' in a cell.
 *
 * Names: $(name) is replaced anywhere, by a column, by what "-> name" captured, or by
 * what the runner knows ($(key), $(base)).  $(x * 300) is x three hundred times,
 * $(%a b) is "a b" escaped for a query; $(<link) is where the first link of a captured Link
 * leads.
 *
 * Requests: X-API-Key: $(key), Host and (with a body) Content-Type: application/json
 * are sent unless the exchange names them; "Name: -" sends none.  X-API-Key is not
 * sent by itself beside an Authorization.
 *
 * Expected header fields: "*" stands for any characters, "-" as the whole value says
 * that there is no such field, "-> name" at the end captures it.  The message after
 * "HTTP 400" may hold "*" too.  JSON: see expect.h; a JSON string alone is the body of
 * what is no JSON, byte by byte.
 *
 * What holds of every answer (JSON, nosniff, the envelope of errors) is checked always.
 *
 * Between the sentence and the request line may stand
 *	@escaped	\xNN in the target and the body is a byte
 *	@raw		escaped; the lines up to "HTTP" are sent as they are, with CRLF,
 *			over a connection of their own; over the wire only
 *	@wire		over the wire only: what the HTTP layer does
 *	@direct		never through the validating proxy
 *	@forbidden	the validating proxy must find the request's body at fault, too
 *	@times 300	so many times; $(n) is 1, 2 ...
 * and before the first exchange, for the whole file, also
 *	@site demo	(or plain: users and keys alone, and the site "patras" beside it)
 *	@sql STATEMENT	run on the site's database before it is opened
 * In place of a request line "SQL", with the statement below it, asks the database;
 * what must come follows "ROWS", as JSON: a list of rows, which are lists of values.
 *
 * Lines that begin with '#' are comments.
 */
#ifndef HTTP_FILE_H
#define HTTP_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;

enum {
	EXCHANGE_ESCAPED   = 1 << 0,
	EXCHANGE_RAW       = 1 << 1,
	EXCHANGE_WIRE      = 1 << 2,
	EXCHANGE_DIRECT    = 1 << 3,
	EXCHANGE_SQL       = 1 << 4,
	EXCHANGE_FORBIDDEN = 1 << 5
};

enum { HTTP_FILE_COLUMNS = 12 };

struct row {
	unsigned line;
	const char *cells[HTTP_FILE_COLUMNS];	/* as many as there are columns */
	struct row *next;
};

struct exchange {
	unsigned line;			/* of the sentence */
	unsigned flags;
	unsigned times;
	const char *title;
	const char *request;		/* its lines, names not yet replaced */
	const char *answer;		/* from behind "HTTP " or "ROWS" on */
	size_t column_count;
	const char *columns[HTTP_FILE_COLUMNS];
	struct row *rows;		/* NULL: no table, done once */
	struct exchange *next;
};

struct http_file {
	const char *path;
	const char *site;		/* "plain" unless it says otherwise */
	unsigned flags;			/* of all its exchanges */
	const char *sql;		/* all its @sql lines */
	struct exchange *exchanges;
};

/* Reads a file; all of it is in the arena.  The message names the file and the line. */
bool http_file_read(struct arena *, const char *path, struct http_file *ret, struct err *);

#endif
