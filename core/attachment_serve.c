/*
 * attachment_serve.c - what the routes of attachments do: attach, download, detach
 *
 * A file goes to a client only as a file to keep: whatever its media type says, no browser
 * shows it as a page of ours.
 */
#include "attachment.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "arena.h"
#include "audit.h"
#include "cleanup.h"
#include "db.h"
#include "disposition.h"
#include "err.h"
#include "json.h"
#include "key.h"
#include "log.h"
#include "media_type.h"
#include "range.h"
#include "request.h"
#include "resource.h"
#include "row.h"
#include "search.h"
#include "spool.h"
#include "store.h"
#include "type.h"

enum {
	TEXT_MEMORY = 2 * MEDIA_TYPE_TEXT,	/* for the text of one file */
	TAG_DIGITS = 32,			/* of the digest, in an ETag */
	FILES_MOST = 1000			/* that a row may have before one more comes */
};

/* ---- what attaching and detaching share ---- */

/* The audit entry is one of the row that the file hangs at. */
static bool
audit(struct request *req, const char *action, bool attached, int64_t id, struct text filename)
{
	struct out out;

	out_init(&out, &req->arena, SIZE_MAX);
	out_printf(&out, "{\"attachments\":[%s{\"id\":%" PRId64 ",\"filename\":",
	    attached ? "null," : "", id);
	json_text(&out, filename);
	out_string(&out, attached ? "}]}" : "},null]}");
	if (out.failed)
		return request_fail_memory(req);
	return audit_write(req, action, row_resource(req)->parent->audited, row_parent_id(req),
	    (struct text){ out.at, out.len });
}

/* The names and texts of files are searched with the row, if its table says so. */
static bool
refresh_search(struct request *req)
{
	const struct resource *parent = row_resource(req)->parent;
	int i = resource_column_of(parent, HD_ATTACHMENTS);
	struct err e;

	if (!parent->searched || i < 0 || (parent->columns[i].field->flags & HD_SEARCH) == 0 ||
	    search_put(req->db, parent, row_parent_id(req), &e))
		return true;
	return request_fail_inside(req, "%s", e.message);
}

/* ---- attaching ---- */

/* The text of a file that is text; false with the request failed. */
static bool
read_text(struct request *req, const struct attachment *a, struct arena *arena,
    struct text *ret)
{
	struct err e;
	bool good;
	int fd;

	*ret = (struct text){ NULL, 0 };
	if (!media_type_is_text(a->media_type))
		return true;
	fd = store_open_entry(req->files->store, &a->entry, &e);
	good = fd >= 0 && media_type_text(arena, fd, ret, &e);
	if (fd >= 0)
		close(fd);
	return good || request_fail_inside(req, "attached files: %s", e.message);
}

static bool
bind(struct request *req, struct db_stmt *st, const struct attachment *a, struct text text)
{
	struct text folded = text_fold(&req->arena, a->filename);

	if (folded.at == NULL)
		return request_fail_memory(req);
	db_bind_text(st, 1, text_of(row_resource(req)->parent->audited));
	db_bind_int(st, 2, row_parent_id(req));
	db_bind_text(st, 3, a->filename);
	db_bind_text(st, 4, folded);
	db_bind_int(st, 5, (int64_t)a->size);
	db_bind_text(st, 6, text_of(req->now_text));
	db_bind_text(st, 7, (struct text){ a->entry.name, STORE_DIGEST });
	db_bind_text(st, 8, a->media_type);
	if (req->client != NULL && req->client->hd.user != 0)
		db_bind_int(st, 9, req->client->hd.user);
	else
		db_bind_null(st, 9);
	db_bind_text(st, 10, text);
	return true;
}

static bool
insert(struct request *req, const struct attachment *a, int64_t *id)
{
	CLEANUP(db_release) struct db_stmt *st = row_prepare(req, "INSERT INTO core_attachment"
	    " (resource, record, filename, filename_fold, size, uploaded_at, digest, media_type,"
	    " uploaded_by, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
	CLEANUP(arena_fini) struct arena arena;
	enum db_result result;
	struct text text;

	arena_init(&arena, TEXT_MEMORY);
	if (st == NULL || !read_text(req, a, &arena, &text) || !bind(req, st, a, text))
		return false;
	result = db_insert(st, id);
	return result == DB_DONE || request_fail_db(req, result);
}

/* The file is in its place before the row is made. */
static bool
attach(struct request *req, const struct attachment *a, int64_t *id)
{
	struct err e;

	errno = 0;
	if (!store_keep(req->files->store, &a->entry, &e))
		return attachment_fail(req, errno, &e);
	return insert(req, a, id) && audit(req, "attach", true, *id, a->filename);
}

static bool
emit(struct request *req, int64_t id)
{
	CLEANUP(db_release) struct db_stmt *st = row_prepare(req, row_resource(req)->select_one);
	struct value row[RESOURCE_FIELDS];
	enum db_result result;

	if (st == NULL)
		return false;
	db_bind_int(st, 1, id);
	result = db_step(st);
	if (result != DB_ROW)
		return request_fail_db(req, result);
	resource_row(row_resource(req), st, row);
	row_emit(req, row);
	return req->status == 0;
}

/* Only one file has a place of its own to be told. */
static bool
put_location(struct request *req, int64_t id)
{
	const char *location = arena_printf(&req->arena, "%.*s/%" PRId64, (int)req->path.len,
	    req->path.at, id);

	if (location == NULL)
		return request_fail_memory(req);
	answer_header(req, "location", text_of(location));
	return true;
}

/* Whatever is done to a row is done to all its files, while other writes wait. */
static bool
check_number(struct request *req)
{
	CLEANUP(db_release) struct db_stmt *st = row_prepare(req, "SELECT count(*)"
	    " FROM core_attachment WHERE resource = ?1 AND record = ?2");
	enum db_result result;

	if (st == NULL)
		return false;
	db_bind_text(st, 1, text_of(row_resource(req)->parent->audited));
	db_bind_int(st, 2, row_parent_id(req));
	result = db_step(st);
	if (result != DB_ROW)
		return request_fail_db(req, result);
	return db_int(st, 0) < FILES_MOST || request_fail_sentence(req, 409, "too_many",
	    "attachments", "The %s has %d attachments, and takes no more.",
	    row_resource(req)->parent->d->one, FILES_MOST);
}

bool
attachment_create(struct request *req)
{
	const struct attachment *a, *first = req->attachments;
	struct out *out = &req->answer.body;
	int64_t id = 0;

	if (!row_check_parent(req) || !check_number(req))
		return false;
	out_text(out, row_resource(req)->many_open);
	for (a = first; a != NULL; a = a->next) {
		if (a != first)
			out_char(out, ',');
		if (!attach(req, a, &id) || !emit(req, id))
			return false;
	}
	out_string(out, "]}");
	if (!refresh_search(req) || (first != NULL && first->next == NULL &&
	    !put_location(req, id)))
		return false;
	answer_complete(req, 201);
	return true;
}

/* ---- the row that a path names ---- */

/* A member of an attachment's row. */
static const struct value *
member(const struct request *req, const struct value *row, const char *name)
{
	return &row[resource_column(row_resource(req), name)];
}

/* Comes to the row; its texts are the statement's.  Absent: 404. */
static bool
find(struct request *req, struct db_stmt *st, struct value *row)
{
	enum db_result result;

	if (st == NULL)
		return false;
	result = db_step(st);
	if (result == DB_DONE)
		return row_check_parent(req) && row_fail_absent(req, row_id(req));
	if (result != DB_ROW)
		return request_fail_db(req, result);
	resource_row(row_resource(req), st, row);
	return true;
}

/* ---- entity tags ---- */

static bool
add_header(struct request *req, const char *name, struct out *value)
{
	if (value->failed)
		return request_fail_memory(req);
	answer_header(req, name, (struct text){ value->at, value->len });
	return true;
}

static bool
put_tag(struct request *req, struct text digest, struct text *tag)
{
	struct out out;

	out_init(&out, &req->arena, SIZE_MAX);
	out_printf(&out, "\"%.*s\"", TAG_DIGITS, digest.at);
	*tag = (struct text){ out.at, out.len };
	return add_header(req, "etag", &out);
}

/* Preconditions come before everything else (RFC 9110, section 13.2.2). */
static bool
check_match(struct request *req, struct text tag)
{
	if (request_header(req, "if-match").at == NULL ||
	    request_lists_tag(req, "if-match", tag, ETAG_STRONGLY))
		return true;
	return request_fail_sentence(req, 412, "precondition", "If-Match",
	    "The attachment has changed since it was read; fetch it again.");
}

/* The tag that a GET of the file tells is the one that a DELETE is held to. */
static bool
check_tag(struct request *req, struct text digest)
{
	struct out out;

	out_init(&out, &req->arena, SIZE_MAX);
	out_printf(&out, "\"%.*s\"", TAG_DIGITS, digest.len > 0 ? digest.at : "");
	return out.failed ? request_fail_memory(req) :
	    check_match(req, (struct text){ out.at, out.len });
}

/* ---- detaching ---- */

static bool
erase(struct request *req)
{
	CLEANUP(db_release) struct db_stmt *st = row_prepare(req, row_resource(req)->erase);
	enum db_result result;

	if (st == NULL)
		return false;
	db_bind_int(st, 1, row_id(req));
	result = db_step(st);
	return result == DB_DONE || request_fail_db(req, result);
}

static bool
prepare_detach(struct request *req)
{
	CLEANUP(db_release) struct db_stmt *st = row_select(req);
	struct value row[RESOURCE_FIELDS];

	return find(req, st, row) && check_tag(req, member(req, row, "digest")->text) &&
	    attachment_mark(req, member(req, row, "digest")->text) && attachment_marked(req) &&
	    audit(req, "detach", false, row_id(req), member(req, row, "filename")->text);
}

bool
attachment_detach(struct request *req)
{
	if (!prepare_detach(req) || !erase(req) || !refresh_search(req))
		return false;
	out_string(&req->answer.body, "{\"status\":\"deleted\",\"id\":");
	out_int(&req->answer.body, row_id(req));
	out_char(&req->answer.body, '}');
	answer_complete(req, 200);
	return true;
}

/* ---- downloading ---- */

/* What is sent of a file. */
struct piece {
	uint64_t size;			/* of the file */
	struct range range;
	enum range_found found;
};

static enum range_found
find_range(const struct request *req, struct text tag, uint64_t size, struct range *ret)
{
	enum range_found found = RANGE_WHOLE;

	*ret = (struct range){ 0, size };
	/* RFC 9110, section 14.2: for GET alone. */
	if (text_equal(req->method, TEXT("GET")) &&
	    range_counts(request_header(req, "if-range"), tag))
		found = range_find(request_header(req, "range"), size, ret);
	return found;
}

static bool
put_range(struct request *req, const struct piece *p)
{
	struct out out;

	if (p->found == RANGE_WHOLE)
		return true;
	out_init(&out, &req->arena, SIZE_MAX);
	if (p->found == RANGE_PART)
		range_write(&out, p->range, p->size);
	else
		range_write_outside(&out, p->size);
	return add_header(req, "content-range", &out);
}

static bool
fail_outside(struct request *req, const struct piece *p)
{
	req->answer.header_count = 0;
	return put_range(req, p) && request_fail_sentence(req, 416, "range", "Range",
	    "The attachment has %" PRIu64 " bytes; the range is not among them.", p->size);
}

/* Headers of a file to be kept, not shown. */
static bool
put_headers(struct request *req, const struct value *row, const struct piece *p)
{
	struct text type = member(req, row, "media_type")->text;
	struct out out;

	type.at = arena_copy(&req->arena, type.at, type.len);
	if (type.at == NULL)
		return request_fail_memory(req);
	answer_header(req, "content-type", type);
	answer_header(req, "accept-ranges", TEXT("bytes"));
	answer_header(req, "content-security-policy", TEXT("sandbox; default-src 'none'"));
	out_init(&out, &req->arena, SIZE_MAX);
	disposition_write(&out, member(req, row, "filename")->text);
	return add_header(req, "content-disposition", &out) && put_range(req, p);
}

/* Puts the bytes in place of the answer's body, whatever that was made for. */
static bool
put_bytes(struct request *req, struct text digest, const struct piece *p)
{
	struct spool *spool = NULL;
	struct err e;
	int fd = store_open_file(req->files->store, digest.at, &e);

	/* Removed meanwhile, or lost: the log lets tell. */
	if (fd < 0 && errno == ENOENT) {
		log_error("%s attached files: %s", req->id, e.message);
		return row_fail_absent(req, row_id(req));
	}
	if (fd < 0)
		return attachment_fail(req, errno, &e);
	if (!spool_open_file(fd, p->range.from, p->range.size, &spool))
		return request_fail_inside(req, "attached files: %s is shorter than its row says",
		    digest.at);
	spool_close(req->answer.spool);
	req->answer.spool = spool;
	out_init(&req->answer.body, &req->arena, 0);
	if (p->range.size == 0) {	/* nothing is a body, too, but no spool */
		spool_close(spool);
		req->answer.spool = NULL;
	}
	return true;
}

static bool
send(struct request *req, const struct value *row)
{
	struct text digest = member(req, row, "digest")->text;
	struct piece p = { .size = (uint64_t)member(req, row, "size")->integer };
	struct text tag;

	if (!put_tag(req, digest, &tag) || !check_match(req, tag))
		return false;
	if (answer_is_known(req)) {
		answer_complete(req, 304);
		return true;
	}
	p.found = find_range(req, tag, p.size, &p.range);
	if (p.found == RANGE_OUTSIDE)
		return fail_outside(req, &p);
	if (!put_headers(req, row, &p) || !put_bytes(req, digest, &p))
		return false;
	answer_complete(req, p.found == RANGE_PART ? 206 : 200);
	return true;
}

bool
attachment_download(struct request *req)
{
	CLEANUP(db_release) struct db_stmt *st = row_select(req);
	struct value row[RESOURCE_FIELDS];

	if (!find(req, st, row))
		return false;
	if (member(req, row, "digest")->text.len == 0)	/* it is older than the store */
		return request_fail_sentence(req, 404, "not_found", NULL,
		    "Attachment %" PRId64 " has no file.", row_id(req));
	return send(req, row);
}
