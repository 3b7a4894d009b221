/*
 * loans - who has which piece of hardware, and until when
 *
 *	POST   /api/v1/inventory/hardware/{id}/lend	to a borrower, until a day
 *	POST   /api/v1/loans/{id}/return
 *	GET    /api/v1/loans			latest first; ?is_open= ?overdue= ?borrower=
 *	GET    /api/v1/loans/{id}		and .../history
 *	PATCH  /api/v1/loans/{id}		another due_on, a note
 *
 * List, filters, reading and the check of a body come from the table of fields.  The code
 * is what no table can say: an asset is lent once at a time; what is lent cannot be deleted
 * from the inventory; a loan becomes overdue by itself.
 *
 * Besides its own rows it changes those of hardware: who has an asset stands there too.
 */
#include <helpdesk/plugin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- tables ---- */

/* What clients change is due_on and note; the rest is written by the code below. */
static const struct hd_field fields[] = {
	{ .name = "id", .type = HD_ID },
	{ .name = "hardware_id", .type = HD_INTEGER,
	  .flags = HD_REQUIRED | HD_CREATE_ONLY | HD_EXACT, .doc = "The asset", .example = "21" },
	{ .name = "borrower", .type = HD_USER, .flags = HD_REQUIRED | HD_CREATE_ONLY | HD_FILTER,
	  .missing = "Borrower not found.", .doc = "Who has it", .example = "18" },
	{ .name = "borrower_name", .type = HD_USER_NAME, .of = "borrower" },
	{ .name = "due_on", .type = HD_DATE, .flags = HD_REQUIRED | HD_SORT,
	  .doc = "The last day on which it is not overdue", .example = "\"2030-03-14\"" },
	{ .name = "note", .type = HD_TEXT, .flags = HD_TRIM, .max = 1000,
	  .example = "\"With charger\"" },
	{ .name = "is_open", .type = HD_BOOLEAN, .flags = HD_READ_ONLY | HD_EXACT,
	  .value = "true", .doc = "Not returned yet" },
	{ .name = "overdue", .type = HD_BOOLEAN, .flags = HD_READ_ONLY | HD_EXACT,
	  .value = "false", .doc = "Not returned by due_on" },
	{ .name = "lent_at", .type = HD_CREATED },
	{ .name = "returned_at", .type = HD_TIME, .flags = HD_READ_ONLY },
	{ .name = "updated_at", .type = HD_UPDATED },
	{ 0 },
};
static const struct hd_resource resources[] = {
	{ .path = "/loans", .table = "loans", .one = "loan", .many = "loans", .title = "Loans",
	  .fields = fields, .order = "lent_at", .verbs = HD_LIST | HD_GET | HD_CHANGE,
	  .with = HD_WITH_HISTORY, .doc = "A piece of hardware in somebody's hands" },
	{ 0 },
};

/* What lists are filtered by has an index anyway.  These are for the code: an asset has one
 * loan that is open, and the job finds what is late without looking through them all. */
static const struct hd_migration migrations[] = {
	{ .number = 1, .name = "create", .tables = resources },
	{ .number = 2, .name = "index", .sql =
	    "CREATE UNIQUE INDEX loans_of_asset ON loans (hardware_id) WHERE is_open = 1;"
	    "CREATE INDEX loans_in_time ON loans (due_on) WHERE is_open = 1 AND overdue = 0;" },
	{ 0 },
};

static const struct hd_option options[] = {
	{ .name = "days", .type = HD_INTEGER, .value = "14", .least = 1, .most = 3650,
	  .doc = "For how long an asset is lent if nobody says until when" },
	{ .name = "look_every", .type = HD_TEXT, .value = "1h",
	  .doc = "How often overdue loans are looked for: 15m, 1h; 0: never" },
	{ 0 },
};

/* The tables of a module that is needed can be read; "hardware" has the columns of its
 * fields. */
enum { FIND_ASSET, FIND_OPEN, FIND_LOAN, FIND_LATE };
static const struct hd_statement statements[] = {
	[FIND_ASSET] = { .sql = "SELECT asset_tag FROM hardware WHERE id = ?1" },
	[FIND_OPEN] = { .sql = "SELECT l.id, u.name, l.due_on FROM loans l"
	    " JOIN core_user u ON u.id = l.borrower WHERE l.hardware_id = ?1 AND l.is_open = 1" },
	[FIND_LOAN] = { .sql = "SELECT hardware_id, returned_at FROM loans WHERE id = ?1" },
	[FIND_LATE] = { .sql = "SELECT id FROM loans"
	    " WHERE is_open = 1 AND overdue = 0 AND due_on < ?1 ORDER BY due_on, id" },
	{ 0 },
};

/* ---- days ---- */

/* The day of a moment; NULL with the request failed. */
static const char *
day_of(struct hd_req *req, const char *moment)
{
	enum { LENGTH = sizeof("2025-02-28") - 1 };
	char *day = moment != NULL ? hd_alloc(req, LENGTH + 1) : NULL;

	if (day != NULL)
		memcpy(day, moment, LENGTH);
	return day;
}

static const char *
today(struct hd_req *req)
{
	return day_of(req, hd_now(req));
}

/* The day that the configuration gives a loan that begins today. */
static const char *
last_day(struct hd_req *req)
{
	const long days = strtol(hd_option(hd_instance(req), "days"), NULL, 10);

	return day_of(req, hd_time_add(req, hd_now(req), days * 86400));
}

/* Days are texts whose order is that of time. */
static bool
check_due(struct hd_req *req, const char *due_on)
{
	const char *first = today(req);

	return due_on != NULL && first != NULL && (strcmp(due_on, first) >= 0 ||
	    hd_fail(req, 400, "due_on", "must not be before today, %s", first));
}

/* ---- lending ---- */

/* Fails the request with why, and what to do about it, if the asset is lent. */
static bool
check_not_lent(struct hd_req *req, int64_t asset, const char *why)
{
	const struct hd_value values[] = { hd_int(asset) };
	struct hd_rows *rows = hd_select(req, FIND_OPEN, values, 1);

	if (rows == NULL)
		return false;
	if (!hd_next(rows))
		return true;
	return hd_fail(req, 409, NULL, "%s: hardware %lld is lent to %s until %s. "
	    "POST /api/v1/loans/%lld/return takes it back.", why, (long long)asset,
	    hd_row_text(rows, 1), hd_row_text(rows, 2), (long long)hd_row_int(rows, 0));
}

static bool
check_asset(struct hd_req *req, int64_t asset)
{
	const struct hd_value values[] = { hd_int(asset) };
	struct hd_rows *rows = hd_select(req, FIND_ASSET, values, 1);

	if (rows == NULL)
		return false;
	if (!hd_next(rows))
		return hd_fail(req, 404, NULL, "There is no hardware %lld.", (long long)asset);
	return check_not_lent(req, asset, "It cannot be lent");
}

/* Makes the loan's row; 0 with the request failed. */
static int64_t
make_loan(struct hd_req *req, int64_t asset, const char *due_on)
{
	const struct hd_member members[] = {
		{ "hardware_id", hd_int(asset) },
		{ "borrower", hd_int(hd_body_int(req, "borrower")) },
		{ "due_on", hd_str(due_on) },
		{ "note", hd_str(hd_body_text(req, "note")) },
	};

	return hd_create(req, "loans", members, sizeof(members) / sizeof(members[0]));
}

/* Notes in the inventory who has an asset, and since when; nobody: null. */
static bool
assign(struct hd_req *req, int64_t asset, struct hd_value who, struct hd_value since)
{
	const struct hd_member members[] = { { "assigned_to", who }, { "assigned_on", since } };

	return hd_change(req, "hardware", asset, members, 2);
}

static bool
answer_new(struct hd_req *req, int64_t loan)
{
	char location[64];

	snprintf(location, sizeof(location), "/api/v1/loans/%lld", (long long)loan);
	return hd_set_header(req, "location", location) &&
	    hd_put_row(req, "loan", "loans", loan) && hd_reply(req, 201);
}

/* POST /inventory/hardware/{id}/lend */
static bool
lend(struct hd_req *req)
{
	const int64_t asset = hd_param_id(req, "id");
	const char *due_on = hd_body_text(req, "due_on");
	int64_t loan;

	if (due_on == NULL)
		due_on = last_day(req);
	if (!check_due(req, due_on) || !check_asset(req, asset))
		return false;
	loan = make_loan(req, asset, due_on);
	return loan != 0 && assign(req, asset, hd_int(hd_body_int(req, "borrower")),
	    hd_str(today(req))) && answer_new(req, loan);
}

/* ---- taking back ---- */

/* The asset of a loan that is open; 0 with the request failed. */
static int64_t
find_lent_asset(struct hd_req *req, int64_t loan)
{
	const struct hd_value values[] = { hd_int(loan) };
	struct hd_rows *rows = hd_select(req, FIND_LOAN, values, 1);

	if (!hd_next(rows))
		return hd_fail(req, 404, NULL, "There is no loan %lld.", (long long)loan);
	if (hd_row_text(rows, 1) != NULL)
		return hd_fail(req, 409, NULL, "Loan %lld was returned at %s.", (long long)loan,
		    hd_row_text(rows, 1));
	return hd_row_int(rows, 0);
}

/* POST /loans/{id}/return */
static bool
take_back(struct hd_req *req)
{
	const int64_t loan = hd_param_id(req, "id");
	const int64_t asset = find_lent_asset(req, loan);
	const struct hd_member members[] = {
		{ "is_open", hd_bool(false) },
		{ "overdue", hd_bool(false) },
		{ "returned_at", hd_str(hd_now(req)) },
	};

	return asset != 0 && hd_check_match(req, "loans", loan) &&
	    hd_change(req, "loans", loan, members, 3) &&
	    assign(req, asset, hd_null(), hd_null()) &&
	    hd_put_row(req, "loan", "loans", loan) && hd_reply(req, 200);
}

/* ---- hooks ---- */

/* Whoever deletes an asset, the loan of it is seen: also by another module, in the same
 * transaction. */
static bool
keep_lent_asset(struct hd_req *req, const struct hd_event *event)
{
	return check_not_lent(req, event->id, "It cannot be deleted");
}

/* A PATCH by a client, and what the code above and below changes. */
static bool
check_change(struct hd_req *req, const struct hd_event *event)
{
	const struct hd_member in_time = { "overdue", hd_bool(false) };

	if (hd_old_int(event, "is_open") == 0)
		return hd_fail(req, 409, NULL, "Loan %lld is closed; lend the asset again.",
		    (long long)event->id);
	if (!hd_changed(event, "due_on"))
		return true;
	/* Who is granted more days is late no longer. */
	return check_due(req, hd_new_text(event, "due_on")) &&
	    (hd_new_int(event, "overdue") == 0 ||
	    hd_change(req, "loans", event->id, &in_time, 1));
}

static const struct hd_hook hooks[] = {
	{ .table = "hardware", .verbs = HD_DELETE, .run = keep_lent_asset },
	{ .table = "loans", .verbs = HD_CHANGE, .run = check_change },
	{ 0 },
};

/* ---- the job ---- */

/* With hd_change, so that it stands in the audit trail and in the loan's history. */
static bool
mark_overdue(struct hd_req *req)
{
	const struct hd_member late = { "overdue", hd_bool(true) };
	const struct hd_value values[] = { hd_str(today(req)) };
	struct hd_rows *rows = hd_select(req, FIND_LATE, values, 1);
	unsigned n = 0;

	if (rows == NULL)
		return false;
	for (; hd_next(rows); n++)
		if (!hd_change(req, "loans", hd_row_int(rows, 0), &late, 1))
			return false;
	if (n > 0)
		hd_log(hd_instance(req), HD_INFO, "%u more loans are overdue", n);
	return true;
}

static const struct hd_job jobs[] = {
	{ .name = "overdue", .every = "1h", .option = "look_every", .run = mark_overdue },
	{ 0 },
};

/* ---- routes ---- */

static const struct hd_field lend_body[] = {
	{ .name = "borrower", .type = HD_USER, .flags = HD_CALLER,
	  .doc = "Who gets it; if absent, the user of the API key", .example = "\"maria\"" },
	{ .name = "due_on", .type = HD_DATE, .doc = "If absent, as the configuration says",
	  .example = "\"2030-03-14\"" },
	{ .name = "note", .type = HD_TEXT, .flags = HD_TRIM, .max = 1000,
	  .example = "\"With charger\"" },
	{ 0 },
};

/* The components Loan are there anyway: the table of fields has made them. */
static const struct hd_route routes[] = {
	{ .method = "POST", .path = "/inventory/hardware/{id}/lend", .access = HD_WRITE,
	  .handler = lend, .body = lend_body, .openapi =
	    "{\"operationId\": \"lendHardware\", \"summary\": \"Lend a piece of hardware\","
	    " \"description\": \"It is assigned to the borrower until it is returned; what is"
	    " lent already is a 409.\","
	    " \"responses\": {\"201\": {\"$ref\": \"#/components/responses/Loan\"}}}" },
	{ .method = "POST", .path = "/loans/{id}/return", .access = HD_WRITE,
	  .handler = take_back, .openapi =
	    "{\"operationId\": \"returnLoan\", \"summary\": \"Take back what was lent\","
	    " \"description\": \"The asset is assigned to nobody then; a second time is a 409.\","
	    " \"parameters\": [{\"$ref\": \"#/components/parameters/IfMatch\"}],"
	    " \"responses\": {\"200\": {\"$ref\": \"#/components/responses/Loan\"},"
	    " \"412\": {\"$ref\": \"#/components/responses/PreconditionFailed\"}}}" },
	{ 0 },
};

static const struct hd_need needs[] = {
	{ .module = "hardware", .version = "1.0.0" },
	{ 0 },
};

HD_MODULE(loans, "1.0.0", .doc = "Hardware that is lent", .resources = resources,
    .routes = routes, .migrations = migrations, .statements = statements,
    .options = options, .needs = needs, .hooks = hooks, .jobs = jobs);
