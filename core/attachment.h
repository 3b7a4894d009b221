/*
 * attachment.h - the files that belong to a row
 *
 * A row of core_attachment says which file, under which name; the bytes are in the site's
 * store (store.h).  An upload is received in the slow lane, before the write: there it
 * becomes a pending file.  The write puts it in its place and makes the row, and when the
 * transaction has ended, however it has, what was pending is settled.
 */
#ifndef ATTACHMENT_H
#define ATTACHMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "store.h"
#include "text.h"

struct arena;
struct conf_site;
struct db;
struct err;
struct out;
struct request;

/* Where the files of a site are, and how long one may be; lives as long as the site. */
struct attachment_terms {
	struct store *store;
	uint64_t most;			/* bytes */
};

/* A file that came with a request, or goes with it: something pending in the store. */
struct attachment {
	struct store_entry entry;
	struct text filename;		/* absent: it goes */
	struct text media_type;
	uint64_t size;
	struct attachment *next;	/* in the order of the body */
};

/* ---- what rows have ---- */

/* Writes the attachments of a row as JSON array, newest first. */
void attachment_emit(struct request *, struct out *, const char *table, int64_t record);

/* Calls each with the file names of a row's attachments, newest first; a text lasts until
 * each returns.  False with the request failed. [request] */
typedef void attachment_each(void *context, struct text filename);
bool attachment_names(struct request *, const char *table, int64_t record, attachment_each *,
    void *context);

/* Removes the attachments of a row; false with the request failed.  [writer] */
bool attachment_erase(struct request *, const char *table, int64_t record);

/* ---- routes; as resource_serve.h has it ---- */

/*
 * Receives the body of an upload into the store: every file of a multipart/form-data, or
 * the body itself, which Content-Disposition names.  In the slow lane, before the write.
 */
bool attachment_receive(struct request *);

/* Makes the rows of what was received, and answers with them.  [writer] */
bool attachment_create(struct request *);

/* Answers with a file, or a part of it (RFC 9110, sections 13 and 14). */
bool attachment_download(struct request *);

/* Removes one.  [writer] */
bool attachment_detach(struct request *);

/* ---- what is pending ---- */

/* Adds to what the request has pending; NULL with the request failed for want of memory. */
struct attachment *attachment_add(struct request *, const struct store_entry *);

/* Notes in the store that a row of this digest goes; false with the request failed. */
bool attachment_mark(struct request *, struct text digest);

/* Makes what was marked durable; before the transaction ends.  Likewise. */
bool attachment_marked(struct request *);

/* Fails the request for what the store has said; why: errno, behind a full disk. */
bool attachment_fail(struct request *, int why, const struct err *);

/*
 * Settles what the request has pending, after the end of its transaction and outside of
 * any.  What cannot be settled now is at the next start.  [writer]
 */
void attachment_settle(struct request *, struct db *);

/* Forgets what never came to the writer.  [any thread] */
void attachment_give_up(struct request *);

/* Whether a row has the digest: a store_refers whose context is a struct db. */
store_refers attachment_refers;

/* The folder of a site's files; in the arena. */
const char *attachment_folder(struct arena *, const struct conf_site *);

#endif
