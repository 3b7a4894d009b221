/*
 * csv.h - rows as comma-separated values (RFC 4180)
 *
 * A line is a list of members in the order of the table, and ends with CRLF.  What has no
 * value is nothing between two commas; a text that is empty is "".
 */
#ifndef CSV_H
#define CSV_H

#include <stdbool.h>

#include "text.h"

struct emission;
struct hd_field;
struct out;
struct value;

/* A text as a cell: in quotes if it needs them. */
void csv_text(struct out *, struct text);

/* A value of a field as a cell: true and false, tags and names of attachments separated
 * by ", ", all else as in JSON but for the quotes.  May fail the request. [request] */
void csv_cell(struct emission *, const struct hd_field *, const struct value *);

#endif
