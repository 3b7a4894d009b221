/*
 * attachment.h - the files that belong to a row
 */
#ifndef ATTACHMENT_H
#define ATTACHMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

struct db;
struct err;
struct out;
struct request;

/* Writes the attachments of a row as JSON array, newest first. */
void attachment_emit(struct request *, struct out *, const char *table, int64_t record);

/* Calls each with the file names of a row's attachments, newest first; a text lasts until
 * each returns.  False with the request failed. [request] */
typedef void attachment_each(void *context, struct text filename);
bool attachment_names(struct request *, const char *table, int64_t record, attachment_each *,
    void *context);

/* Removes the attachments of a row, inside the caller's transaction. */
bool attachment_erase(struct db *, const char *table, int64_t record, struct err *);

#endif
