/*
 * attachment.h - the files that belong to a row
 */
#ifndef ATTACHMENT_H
#define ATTACHMENT_H

#include <stdbool.h>
#include <stdint.h>

struct db;
struct err;
struct out;
struct request;

/* Writes the attachments of a row as JSON array, newest first. */
void attachment_emit(struct request *, struct out *, const char *table, int64_t record);

/* Removes the attachments of a row, inside the caller's transaction. */
bool attachment_erase(struct db *, const char *table, int64_t record, struct err *);

#endif
