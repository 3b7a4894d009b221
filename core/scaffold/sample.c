/*
 * sample - entries that are made, changed, and one day finished
 *
 *	GET    /api/v1/sample			newest first; ?title= finds whole titles
 *	POST   /api/v1/sample
 *	GET    /api/v1/sample/{id}
 *	PATCH  /api/v1/sample/{id}
 *	DELETE /api/v1/sample/{id}
 *	POST   /api/v1/sample/{id}/finish	with a note
 *
 * All but the last come from the table of fields.  That an entry is finished once, and
 * for a reason, no table can say: that is the code.
 */
#include <helpdesk/plugin.h>

#include <stdlib.h>
#include <string.h>

static const struct hd_field fields[] = {
	{ .name = "id", .type = HD_ID },
	{ .name = "title", .type = HD_TEXT, .flags = HD_REQUIRED | HD_TRIM | HD_FILTER,
	  .max = 80, .doc = "What it is about", .example = "\"Move to the new building\"" },
	{ .name = "due_on", .type = HD_DATE, .doc = "When it should be finished" },
	{ .name = "created_at", .type = HD_CREATED },
	{ 0 },
};
static const struct hd_resource resources[] = {
	{ .path = "/sample", .table = "sample", .one = "sample_entry", .many = "sample",
	  .fields = fields, .doc = "An entry of the module sample" },
	{ 0 },
};

/* An applied step never changes: what comes later is a step of its own. */
static const struct hd_migration migrations[] = {
	{ .number = 1, .name = "create", .tables = resources },
	{ .number = 2, .name = "finish", .sql =
	    "CREATE TABLE sample_finish ("
	    "entry INTEGER PRIMARY KEY REFERENCES sample (id) ON DELETE CASCADE, "
	    "note TEXT NOT NULL, finished_at TEXT NOT NULL);" },
	{ 0 },
};

static const struct hd_option options[] = {
	{ .name = "least_note", .type = HD_INTEGER, .value = "3", .least = 1, .most = 1000,
	  .doc = "Bytes that the note of a finished entry must have" },
	{ 0 },
};

/* Prepared at start, so that a slip of the pen refuses the module then. */
enum { FIND, FINISH };
static const struct hd_statement statements[] = {
	[FIND] = { .sql = "SELECT f.finished_at FROM sample t LEFT JOIN sample_finish f"
	    " ON f.entry = t.id WHERE t.id = ?1" },
	[FINISH] = { .sql =
	    "INSERT INTO sample_finish (entry, note, finished_at) VALUES (?1, ?2, ?3)" },
	{ 0 },
};

/* Whether the entry is there and not finished yet; else the request is failed. */
static bool
is_open(struct hd_req *req, int64_t id)
{
	const struct hd_value values[] = { hd_int(id) };
	struct hd_rows *rows = hd_select(req, FIND, values, 1);

	if (!hd_next(rows))
		return hd_fail(req, 404, NULL, "There is no entry %lld.", (long long)id);
	if (hd_row_text(rows, 0) != NULL)
		return hd_fail(req, 409, NULL, "Entry %lld was finished at %s.", (long long)id,
		    hd_row_text(rows, 0));
	return true;
}

static bool
finish(struct hd_req *req)
{
	const struct hd_instance *instance = hd_instance(req);
	int64_t id = hd_param_id(req, "id");
	const char *note = hd_body_text(req, "note"), *least = hd_option(instance, "least_note");
	const struct hd_value values[] = { hd_int(id), hd_str(note), hd_str(hd_now(req)) };

	if (strlen(note) < strtoul(least, NULL, 10))
		return hd_fail(req, 400, "note", "must have %s characters or more", least);
	if (!is_open(req, id) || !hd_execute(req, FINISH, values, 3) ||
	    !hd_audit(req, "finish", "sample", id, NULL, NULL, NULL))
		return false;
	hd_put_int(req, "id", id);
	hd_put_text(req, "note", note);
	hd_put_text(req, "finished_at", hd_now(req));
	return hd_reply(req, 201);
}

static const struct hd_field finish_body[] = {
	{ .name = "note", .type = HD_TEXT, .flags = HD_REQUIRED | HD_TRIM, .max = 1000,
	  .doc = "What came of it", .example = "\"Moved\"" },
	{ 0 },
};
static const struct hd_route routes[] = {
	{ .method = "POST", .path = "/sample/{id}/finish", .access = HD_WRITE,
	  .handler = finish, .body = finish_body, .openapi =
	    "{\"operationId\": \"finish_sample\", \"summary\": \"Finish an entry\","
	    " \"responses\": {\"201\": {\"description\": \"It is finished\","
	    " \"content\": {\"application/json\": {\"schema\": {\"type\": \"object\","
	    " \"required\": [\"id\", \"note\", \"finished_at\"], \"properties\": {"
	    "\"id\": {\"type\": \"integer\"}, \"note\": {\"type\": \"string\"},"
	    " \"finished_at\": {\"type\": \"string\"}}}}}}}}" },
	{ 0 },
};

HD_MODULE(sample, "0.1.0", .doc = "Entries that are finished once", .resources = resources,
    .migrations = migrations, .options = options, .statements = statements, .routes = routes);
