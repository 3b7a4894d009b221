/*
 * row.h - one row of a resource, on its way to a client
 */
#ifndef ROW_H
#define ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

struct db_stmt;
struct request;
struct resource;
struct value;

/* The resource that the request's route serves. */
const struct resource *row_resource(const struct request *);

/* The number in the path that names the row, and that of the row it hangs at; the router
 * has seen that they are numbers. */
int64_t row_id(const struct request *);
int64_t row_parent_id(const struct request *);

/* Fails the request with 404 unless the row that the path says is above is there; true
 * for a resource that stands alone. */
bool row_check_parent(struct request *);

/* Fails the request with the 404 of a row that is not there. */
bool row_fail_absent(struct request *, int64_t id);

/* The statement that selects the row of the path, bound; NULL with the request failed. */
struct db_stmt *row_select(struct request *);

/*
 * A statement on the request's connection, to be released; NULL with the request failed.
 * sql may be NULL: the arena in which it was to be made is used up.
 */
struct db_stmt *row_prepare(struct request *, const char *sql);

/* A row as JSON object with all its members, in a buffer that serves one row of the request
 * after the other.  Absent over the arena's limit. */
struct text row_json(struct request *, const struct value *row);

/* Likewise for an answer: its tag is taken here, and an absent one makes the body fail. */
struct text row_whole(struct request *, const struct value *row);

/*
 * Appends a row as JSON object to the answer's body: all its members, or those of
 * req->chosen.  All rows of an answer together have one ETag, which answer_complete adds;
 * who answers with none at all calls etag_begin.
 */
void row_emit(struct request *, const struct value *row);

/* Likewise, but without the closing brace. */
void row_emit_members(struct request *, const struct value *row);

/*
 * Whether a change of this row, as the writer has it, is what the client wants (If-Match,
 * RFC 9110 13.1.1; If-None-Match, 13.1.2).  Else false, with the request failed: 412.
 * [writer]
 */
bool row_check_tag(struct request *, const struct value *row);

/*
 * Answers with one row in its envelope, a new one (201) with its Location below the
 * request's own path; false if the request has failed meanwhile.
 */
bool row_answer(struct request *, int status, const struct value *row);

#endif
