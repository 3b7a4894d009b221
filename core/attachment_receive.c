/*
 * attachment_receive.c - the body of an upload becomes files
 *
 * In the slow lane, at constant memory: from the body, which may be a spool, through the
 * parser of forms if it is one, into the store.  Nothing of it is in its place yet, and
 * nothing is in the database.
 */
#include "attachment.h"

#include <errno.h>
#include <string.h>

#include "arena.h"
#include "disposition.h"
#include "err.h"
#include "idempotency.h"
#include "media_type.h"
#include "multipart.h"
#include "request.h"
#include "row.h"
#include "spool.h"

enum { PIECE = 64 * 1024 };

/* The body, and where in it we are. */
struct body {
	struct request *req;
	uint64_t at;
	char *piece;
};

/* Bytes of a file, as multipart_source. */
struct file {
	struct text filename, content_type;
	long (*read)(void *context, char *bytes, size_t n);
	void *context;
};

static long
read_body(void *context, char *bytes, size_t n)
{
	struct body *b = context;
	const struct request *req = b->req;
	long got;

	if (req->upload == NULL) {
		n = n < req->body.len - b->at ? n : req->body.len - b->at;
		if (n > 0)
			memcpy(bytes, req->body.at + b->at, n);
		got = (long)n;
	} else {
		got = spool_read(req->upload, b->at, bytes, n);
	}
	b->at += got > 0 ? (uint64_t)got : 0;
	return got;
}

static long
read_part(void *context, char *bytes, size_t n)
{
	return multipart_read(context, bytes, n);
}

/* ---- one file ---- */

static bool
fail_long(struct request *req, struct text filename)
{
	return request_fail_sentence(req, 413, "too_large", "attachments",
	    "'%.*s' is longer than the %llu bytes that an attached file may have.",
	    TEXT_SHOWN(filename), (unsigned long long)req->files->most);
}

/* What a source says with -1: for a form, multipart_next knows more. */
static bool
fail_read(struct request *req, const struct file *f)
{
	if (f->read == read_part)
		return false;
	return request_fail_inside(req, "an upload: %s", spool_fault(req->upload));
}

/* Copies a file into the store; false, with the request failed but by a form's fault. */
static bool
copy(struct body *b, const struct file *f, struct store_upload *u)
{
	struct request *req = b->req;
	struct err e;
	long n;

	while ((n = f->read(f->context, b->piece, PIECE)) > 0) {
		idempotency_add(req, b->piece, (size_t)n);
		if ((uint64_t)n > req->files->most - store_size(u))
			return fail_long(req, f->filename);
		errno = 0;
		if (!store_write(u, b->piece, (size_t)n, &e))
			return attachment_fail(req, errno, &e);
	}
	return n == 0 || fail_read(req, f);
}

static bool
note(struct request *req, const struct file *f, const struct store_entry *entry, uint64_t size)
{
	struct attachment *a = attachment_add(req, entry);

	if (a == NULL) {
		store_give_up(req->files->store, entry);
		return false;
	}
	a->filename = f->filename;
	a->media_type = media_type_keep(&req->arena, f->content_type);
	a->size = size;
	return a->media_type.at != NULL || request_fail_memory(req);
}

static bool
receive(struct body *b, const struct file *f)
{
	struct request *req = b->req;
	struct store_upload *u;
	struct store_entry entry;
	uint64_t size;
	struct err e;

	idempotency_add(req, f->filename.at, f->filename.len);
	idempotency_add(req, "\n", 1);
	errno = 0;
	if (!store_begin(req->files->store, &u, &e))
		return attachment_fail(req, errno, &e);
	if (!copy(b, f, u)) {
		store_drop(u);
		return false;
	}
	size = store_size(u);
	idempotency_add(req, (const char *)&size, sizeof(size));
	errno = 0;
	if (!store_finish(u, &entry, &e))
		return attachment_fail(req, errno, &e);
	return note(req, f, &entry, size);
}

/* ---- a form ---- */

/* A part without a file's name is a field of the form; with an empty one, a file that
 * nobody chose. */
static bool
receive_part(struct body *b, struct multipart *m, const struct part *part)
{
	const struct file file = { part->filename, part->content_type, read_part, m };

	if (part->filename.len == 0)
		return true;
	return receive(b, &file) || b->req->status == 0;
}

/* A fault of the form stops a part, too, but multipart_next is who says it. */
static bool
receive_form(struct body *b, struct text content_type)
{
	struct request *req = b->req;
	enum multipart_next next;
	struct multipart *m;
	struct part part;
	struct err e;

	if (!multipart_open(&req->arena, content_type, read_body, b, &m, &e))
		return request_fail_sentence(req, 400, "malformed", NULL, "%s.", e.message);
	while ((next = multipart_next(m, &part, &e)) == MULTIPART_PART)
		if (!receive_part(b, m, &part))
			return false;
	if (next == MULTIPART_UNREADABLE)
		return request_fail_inside(req, "an upload: %s", spool_fault(req->upload));
	if (next == MULTIPART_WRONG)
		return request_fail_sentence(req, 400, "malformed", NULL, "%s.", e.message);
	return req->attachments != NULL || request_fail_sentence(req, 400, "no_file", NULL,
	    "The form has no file: no part of it has a filename.");
}

/* ---- the body itself ---- */

static bool
receive_raw(struct body *b, struct text content_type)
{
	struct request *req = b->req;
	struct text header = request_header(req, "content-disposition");
	struct disposition d = { .filename = { NULL, 0 } };
	struct err e;

	if (header.at != NULL && !disposition_read(&req->arena, header, &d, &e))
		return request_fail_sentence(req, 400, "malformed", NULL, "%s.", e.message);
	if (d.filename.len == 0)
		return request_fail_sentence(req, 400, "no_filename", NULL,
		    "The file needs a name: send multipart/form-data, or the file alone with "
		    "Content-Disposition: attachment; filename=\"report.pdf\".");
	return receive(b, &(struct file){ d.filename, content_type, read_body, b });
}

static bool
is_form(struct text content_type)
{
	const char *end = content_type.len == 0 ? NULL :
	    memchr(content_type.at, ';', content_type.len);

	if (end != NULL)
		content_type.len = (size_t)(end - content_type.at);
	return content_type.at != NULL && text_valid(content_type, NULL) &&
	    text_equal_ascii(text_trim(content_type), TEXT("multipart/form-data"));
}

/*
 * What can be said before anything is copied.  Whether the row that it is for is there is
 * asked again by the writer; under an Idempotency-Key by him alone, for what was done before
 * is answered again whatever has become of the row.
 */
static bool
check_coming(struct request *req)
{
	if (req->body_lost)
		return request_fail(req, 503, "busy", NULL, "The file was not taken; try again.");
	if (request_header(req, "content-encoding").len > 0)
		return request_fail(req, 415, "encoding", NULL,
		    "A file is taken as it is; leave Content-Encoding away.");
	return req->idempotency.name.at != NULL || row_check_parent(req);
}

bool
attachment_receive(struct request *req)
{
	struct text type = request_header(req, "content-type");
	struct body b = { .req = req };
	bool good;

	if (!check_coming(req))
		return false;
	b.piece = arena_alloc(&req->arena, PIECE);
	if (b.piece == NULL)
		return request_fail_memory(req);
	good = is_form(type) ? receive_form(&b, type) : receive_raw(&b, type);
	spool_close(req->upload);
	req->upload = NULL;
	return good;
}
