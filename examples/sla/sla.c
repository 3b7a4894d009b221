/*
 * sla - when tickets are due, by their priority
 *
 *	GET /api/v1/tickets/{id}/sla
 *	GET /api/v1/sla/breached	open tickets whose time is up, longest first
 *
 * and for other modules the service in sla.h.  There is no table of fields here: nobody
 * writes these rows but the hook, which sees each ticket come, change and go, in the same
 * transaction.  Tickets that were there before the module was are found by the job.
 *
 * A time once given stays: other times in the configuration count for new tickets, and for
 * those whose priority or status changes.
 */
#include "sla.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- tables ---- */

static const struct hd_migration migrations[] = {
	{ .number = 1, .name = "create", .sql =
	    "CREATE TABLE sla (ticket INTEGER PRIMARY KEY, due_at TEXT NOT NULL, met_at TEXT);"
	    "CREATE INDEX sla_open ON sla (due_at) WHERE met_at IS NULL;" },
	{ 0 },
};

static const struct hd_option options[] = {
	{ .name = "times", .type = HD_TEXT, .value = "Urgent=4h, High=8h, Medium=1d, Low=3d",
	  .doc = "How long a ticket of each priority may take: 90s, 30m, 4h, 1d" },
	{ .name = "otherwise", .type = HD_TEXT, .value = "2d",
	  .doc = "Likewise for another priority, or none" },
	{ .name = "done", .type = HD_TEXT, .value = "Resolved, Closed",
	  .doc = "The statuses of a ticket that is done with" },
	{ 0 },
};

/* Tickets can be read, for the module is needed; "tickets" has the columns of its fields. */
enum { FIND, KEEP, ADOPT, FORGET, BREACHED, UNSEEN };
static const struct hd_statement statements[] = {
	[FIND] = { .sql = "SELECT ticket, due_at, met_at FROM sla WHERE ticket = ?1" },
	[KEEP] = { .sql = "INSERT INTO sla (ticket, due_at, met_at) VALUES (?1, ?2, ?3)"
	    " ON CONFLICT (ticket) DO UPDATE"
	    " SET due_at = excluded.due_at, met_at = excluded.met_at" },
	[ADOPT] = { .sql = "INSERT INTO sla (ticket, due_at, met_at) VALUES (?1, ?2, ?3)"
	    " ON CONFLICT (ticket) DO NOTHING" },
	[FORGET] = { .sql = "DELETE FROM sla WHERE ticket = ?1" },
	[BREACHED] = { .sql = "SELECT ticket, due_at, met_at FROM sla"
	    " WHERE met_at IS NULL AND due_at < ?1 ORDER BY due_at, ticket LIMIT ?2" },
	[UNSEEN] = { .sql = "SELECT t.id, t.created_at, t.priority, t.status,"
	    " coalesce(t.closed_at, t.updated_at) FROM tickets t"
	    " LEFT JOIN sla s ON s.ticket = t.id WHERE s.ticket IS NULL ORDER BY t.id LIMIT ?1" },
	{ 0 },
};

/* ---- what the configuration says, read once a site ---- */

enum { TERMS = 32, WORD = 51 };	/* a priority or status has at most 50 bytes here */

/* A word of a list, with a span of time behind it or without. */
struct term {
	char word[WORD];
	int64_t seconds;
};

struct terms {
	struct term times[TERMS];
	struct term done[TERMS];
	int64_t otherwise;
};

/* A span of so many bytes, "90s" to "9999d", in seconds; 0: it is none. */
static int64_t
read_span(const char *at, size_t n)
{
	static const struct { char unit; int64_t seconds; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
	};
	size_t digits = strspn(at, "0123456789"), i;

	if (digits == 0 || digits > 4 || digits + 1 != n)
		return 0;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].unit == at[digits])
			return strtol(at, NULL, 10) * units[i].seconds;
	return 0;
}

/* Without the blanks behind. */
static size_t
trim(const char *at, size_t n)
{
	while (n > 0 && at[n - 1] == ' ')
		n--;
	return n;
}

/* Puts "Urgent=4h" or "Closed" where it is kept; false if it is none. */
static bool
read_term(const char *at, size_t n, bool with_time, struct term *term)
{
	const char *equals = memchr(at, '=', n);
	size_t word = trim(at, equals != NULL ? (size_t)(equals - at) : n);

	if ((equals != NULL) != with_time || word == 0 || word >= WORD)
		return false;
	memcpy(term->word, at, word);
	if (!with_time)
		return true;
	equals += 1 + strspn(equals + 1, " ");
	term->seconds = read_span(equals, trim(equals, (size_t)(at + n - equals)));
	return term->seconds > 0;
}

/* Reads an option that is a list of terms; on failure the instance has said why. */
static bool
read_terms(struct hd_instance *instance, const char *option, bool with_time,
    struct term terms[TERMS])
{
	const char *at = hd_option(instance, option);
	size_t n, count = 0;

	for (;; at += n + 1) {
		at += strspn(at, " ");
		n = strcspn(at, ",");
		if (count == TERMS - 1 || !read_term(at, n, with_time, &terms[count++])) {
			hd_refuse(instance, "option %s: '%.*s' is no %s, or there are too many",
			    option, (int)n, at, with_time ? "PRIORITY=4h" : "status");
			return false;
		}
		if (at[n] == '\0')
			return true;
	}
}

static bool
read_options(struct hd_instance *instance, struct terms *terms)
{
	const char *otherwise = hd_option(instance, "otherwise");

	terms->otherwise = read_span(otherwise, strlen(otherwise));
	if (terms->otherwise == 0) {
		hd_refuse(instance, "option otherwise: '%s' is no span like 30m, 4h, 1d",
		    otherwise);
		return false;
	}
	return read_terms(instance, "times", true, terms->times) &&
	    read_terms(instance, "done", false, terms->done);
}

static bool
sla_init(struct hd_instance *instance)
{
	struct terms *terms = calloc(1, sizeof(*terms));

	if (terms == NULL || !read_options(instance, terms)) {
		free(terms);
		return false;
	}
	instance->state = terms;
	return true;
}

static void
sla_fini(struct hd_instance *instance)
{
	free(hd_state(instance));
}

/* The term for a word, its case ignored; NULL: there is none. */
static const struct term *
find_term(const struct term *terms, const char *word)
{
	for (; word != NULL && terms->word[0] != '\0'; terms++)
		if (strcasecmp(terms->word, word) == 0)
			return terms;
	return NULL;
}

static const struct terms *
terms_of(struct hd_req *req)
{
	return hd_state(hd_instance(req));
}

static bool
is_done(struct hd_req *req, const char *status)
{
	return find_term(terms_of(req)->done, status) != NULL;
}

/* So long after a moment as the priority says; NULL with the request failed. */
static const char *
due_after(struct hd_req *req, const char *moment, const char *priority)
{
	const struct terms *terms = terms_of(req);
	const struct term *term = find_term(terms->times, priority);

	return hd_time_add(req, moment, term != NULL ? term->seconds : terms->otherwise);
}

/* ---- a ticket and its time ---- */

/* A copy until the reply has left; a text of a row lives until the next row. */
static const char *
keep_text(struct hd_req *req, const char *text)
{
	size_t size = text != NULL ? strlen(text) + 1 : 0;
	char *copy = text != NULL ? hd_alloc(req, size) : NULL;

	return copy != NULL ? memcpy(copy, text, size) : NULL;
}

/* Times are texts whose order is that of time. */
static const char *
state_of(const char *due_at, const char *met_at, const char *now)
{
	if (met_at == NULL)
		return strcmp(now, due_at) <= 0 ? "running" : "breached";
	return strcmp(met_at, due_at) <= 0 ? "met" : "met_late";
}

/* What a row of ticket, due_at, met_at says; false with the request failed. */
static bool
read_due(struct hd_req *req, struct hd_rows *rows, struct sla_due *due)
{
	const char *met_at = hd_row_text(rows, 2);

	due->ticket = hd_row_int(rows, 0);
	due->due_at = keep_text(req, hd_row_text(rows, 1));
	due->met_at = keep_text(req, met_at);
	if (due->due_at == NULL || (due->met_at == NULL && met_at != NULL))
		return false;
	due->state = state_of(due->due_at, due->met_at, hd_now(req));
	return true;
}

/* The service sla.due/1. */
static bool
find_due(struct hd_req *req, void *argument)
{
	struct sla_due *due = argument;
	const struct hd_value values[] = { hd_int(due->ticket) };
	struct hd_rows *rows = hd_select(req, FIND, values, 1);

	if (!hd_next(rows))
		return hd_fail(req, 404, NULL, "There is no due time of a ticket %lld.",
		    (long long)due->ticket);
	return read_due(req, rows, due);
}

static const struct hd_service services[] = {
	{ .id = SLA_DUE, .call = find_due, .doc = "When a ticket is due" },
	{ 0 },
};

/* ---- routes ---- */

static void
put_due(struct hd_req *req, const char *name, const struct sla_due *due)
{
	hd_open_object(req, name);
	hd_put_int(req, "ticket_id", due->ticket);
	hd_put_text(req, "due_at", due->due_at);
	hd_put_text(req, "met_at", due->met_at);
	hd_put_text(req, "state", due->state);
	hd_close_object(req);
}

/* GET /tickets/{id}/sla */
static bool
get_due(struct hd_req *req)
{
	struct sla_due due = { .ticket = hd_param_id(req, "id") };

	if (!find_due(req, &due))
		return false;
	put_due(req, "sla", &due);
	return hd_reply(req, 200);
}

/* GET /sla/breached */
static bool
list_breached(struct hd_req *req)
{
	const char *limit = hd_query(req, "limit");
	const struct hd_value values[] = {
		hd_str(hd_now(req)), hd_int(limit != NULL ? strtol(limit, NULL, 10) : 100),
	};
	struct hd_rows *rows = hd_select(req, BREACHED, values, 2);
	struct sla_due due;

	hd_open_array(req, "breached");
	while (hd_next(rows)) {
		if (!read_due(req, rows, &due))
			return false;
		put_due(req, NULL, &due);
	}
	hd_close_array(req);
	return hd_reply(req, 200);
}

static const struct hd_field breached_query[] = {
	{ .name = "limit", .type = HD_INTEGER, .least = 1, .most = 1000,
	  .doc = "At most so many; if absent, 100", .example = "20" },
	{ 0 },
};

#define DUE "{\"$ref\": \"#/components/schemas/Sla\"}"
#define ANSWER(description, member, schema)                                                  \
	"\"responses\": {\"200\": {\"description\": \"" description "\", \"content\": "        \
	"{\"application/json\": {\"schema\": {\"type\": \"object\", "                          \
	"\"required\": [\"" member "\"], \"properties\": {\"" member "\": " schema "}}}}}}"

static const struct hd_route routes[] = {
	{ .method = "GET", .path = "/tickets/{id}/sla", .handler = get_due, .openapi =
	    "{\"operationId\": \"getTicketSla\", \"summary\": \"When a ticket is due\","
	    ANSWER("Its time", "sla", DUE) "}" },
	{ .method = "GET", .path = "/sla/breached", .handler = list_breached,
	  .query = breached_query, .openapi =
	    "{\"operationId\": \"listBreachedSla\", \"summary\": \"Tickets whose time is up\","
	    "\"description\": \"Those that are not done with; longest first.\","
	    ANSWER("The tickets", "breached", "{\"type\": \"array\", \"items\": " DUE "}") "}" },
	{ 0 },
};

/* What answers consist of; merged into the document. */
static const char components[] =
    "{\"components\": {\"schemas\": {\"Sla\": {\"type\": \"object\","
    "\"description\": \"When a ticket is due, and whether that was kept\","
    "\"required\": [\"ticket_id\", \"due_at\", \"met_at\", \"state\"], \"properties\": {"
    "\"ticket_id\": {\"type\": \"integer\", \"format\": \"int64\", \"example\": 202},"
    "\"due_at\": {\"type\": \"string\", \"example\": \"2025-02-28T13:45:03.104281\"},"
    "\"met_at\": {\"type\": \"string\", \"nullable\": true,"
    " \"description\": \"When it was done with; null: it is not\"},"
    "\"state\": {\"type\": \"string\","
    " \"enum\": [\"running\", \"breached\", \"met\", \"met_late\"]}}}}}}";

/* ---- the hook ---- */

/* When a ticket that has changed was done with: as before, if it was and that is known; else
 * now. */
static bool
find_met(struct hd_req *req, const struct hd_event *event, const char **met_at)
{
	const char *was = event->verb == HD_CHANGE ? hd_old_text(event, "status") : NULL;
	const struct hd_value values[] = { hd_int(event->id) };
	struct hd_rows *rows;

	*met_at = is_done(req, hd_new_text(event, "status")) ? hd_now(req) : NULL;
	if (*met_at == NULL || !is_done(req, was))
		return true;
	rows = hd_select(req, FIND, values, 1);
	if (hd_next(rows) && hd_row_text(rows, 2) != NULL)
		*met_at = keep_text(req, hd_row_text(rows, 2));
	return rows != NULL && *met_at != NULL;
}

static bool
forget(struct hd_req *req, int64_t ticket)
{
	const struct hd_value values[] = { hd_int(ticket) };

	return hd_execute(req, FORGET, values, 1);
}

/* A change that decides nothing costs nothing. */
static bool
watch(struct hd_req *req, const struct hd_event *event)
{
	const char *due_at, *met_at;

	if (event->verb == HD_DELETE)
		return forget(req, event->id);
	if (event->verb == HD_CHANGE && !hd_changed(event, "priority") &&
	    !hd_changed(event, "status"))
		return true;
	due_at = due_after(req, hd_new_text(event, "created_at"), hd_new_text(event, "priority"));
	if (due_at == NULL || !find_met(req, event, &met_at))
		return false;
	return hd_execute(req, KEEP, (const struct hd_value[]){ hd_int(event->id),
	    hd_str(due_at), hd_str(met_at) }, 3);
}

static const struct hd_hook hooks[] = {
	{ .table = "tickets", .run = watch },
	{ 0 },
};

/* ---- the job: tickets from before the module's time ---- */

enum { AT_ONCE = 500 };		/* the rest waits for the next run */

struct unseen {
	size_t count;
	struct sla_due tickets[AT_ONCE];
};

/* Looked for where it delays nobody; what is found is carried to where it is written. */
static bool
look_for_unseen(struct hd_req *req)
{
	const struct hd_value values[] = { hd_int(AT_ONCE) };
	struct unseen *u = hd_alloc(req, sizeof(*u));
	struct hd_rows *rows = u != NULL ? hd_select(req, UNSEEN, values, 1) : NULL;
	struct sla_due *due;

	if (rows == NULL)
		return false;
	while (u->count < AT_ONCE && hd_next(rows)) {
		due = &u->tickets[u->count++];
		due->ticket = hd_row_int(rows, 0);
		due->due_at = due_after(req, hd_row_text(rows, 1), hd_row_text(rows, 2));
		if (is_done(req, hd_row_text(rows, 3)))
			due->met_at = keep_text(req, hd_row_text(rows, 4));
		if (due->due_at == NULL)
			return false;
	}
	hd_carry(req, u);
	return true;
}

/* The hook may have been there meanwhile; then what it has written stays. */
static bool
adopt_unseen(struct hd_req *req)
{
	const struct unseen *u = hd_carried(req);
	const struct sla_due *due;
	size_t i;

	for (i = 0; i < u->count; i++) {
		due = &u->tickets[i];
		if (!hd_execute(req, ADOPT, (const struct hd_value[]){ hd_int(due->ticket),
		    hd_str(due->due_at), hd_str(due->met_at) }, 3))
			return false;
	}
	if (u->count > 0)
		hd_log(hd_instance(req), HD_INFO, "%zu tickets have got a due time", u->count);
	return true;
}

static const struct hd_job jobs[] = {
	{ .name = "adopt", .every = "1m", .before = look_for_unseen, .run = adopt_unseen },
	{ 0 },
};

/* ---- the module ---- */

static const struct hd_need needs[] = {
	{ .module = "tickets", .version = "1.0.0" },
	{ 0 },
};

HD_MODULE(sla, "1.0.0", .doc = "When tickets are due, by their priority", .routes = routes,
    .migrations = migrations, .statements = statements, .options = options, .needs = needs,
    .hooks = hooks, .jobs = jobs, .services = services, .openapi = components,
    .init = sla_init, .fini = sla_fini);
