/*
 * plugin.h - everything that a helpdesk module may see
 *
 * A module is one shared object that serves resources of the REST API.  It is
 * mostly data: tables that the server reads.  Code is needed only for what a
 * table cannot say.  The smallest complete module:
 *
 *	#include <helpdesk/plugin.h>
 *
 *	static const struct hd_field fields[] = {
 *		{ "id",   HD_ID },
 *		{ "name", HD_TEXT, HD_REQUIRED, .max = 80, .doc = "What the room is called" },
 *		{ 0 },
 *	};
 *	static const struct hd_resource resources[] = {
 *		{ .path = "/rooms", .table = "rooms", .one = "room", .many = "rooms",
 *		  .fields = fields },
 *		{ 0 },
 *	};
 *	static const struct hd_migration migrations[] = {
 *		{ 1, "create", .tables = resources },
 *		{ 0 },
 *	};
 *	HD_MODULE(rooms, "1.0.0", .resources = resources, .migrations = migrations);
 *
 * Built with "cc -shared -fPIC -fvisibility=hidden $(pkg-config --cflags
 * helpdesk-plugin) -o rooms.so rooms.c", this serves GET and POST on
 * /api/v1/rooms and GET, PATCH, PUT and DELETE on /api/v1/rooms/{id}, creates
 * its table, checks every body, writes the audit trail, and documents itself in
 * /api/v1/openapi.json.
 *
 * Rules that hold everywhere
 *  - All text is UTF-8, NUL-terminated, valid, and without U+0000.
 *  - Every table ends with a row whose first member is zero ({ 0 }).  Rows grow with later
 *    minors, so members are best given by name: compilers then have nothing to warn of.
 *  - Tables and the texts in them are constant and live as long as the process.
 *  - What the server hands out to a handler lives until the reply has left, unless
 *    it is said otherwise; a module frees nothing, ever.
 *  - Modules link nothing of the server and export exactly one symbol, which
 *    HD_MODULE defines.  Build with -fvisibility=hidden.
 *  - State belongs to an instance (one per site, see hd_state), never to a
 *    static variable: one process serves many sites, on several threads.
 *
 * Where a call may be made is said in brackets: [request] inside a handler,
 * on the thread that the handler was called on; [startup] inside init and fini;
 * [any] in both.
 *
 * Versions.  A server takes a module if the major is its own and the minor that
 * the module targets is not above its own.  A module that needs something of a
 * later minor says so before it includes this header:
 *
 *	#define HD_ABI_TARGET 2
 *
 * What is newer than the target is not declared, so a module that compiles
 * never meets a server that lacks something.  Structs grow at the end only, and
 * each module carries the sizes it was compiled with.  What this header declares for
 * a target never changes; another major, if there ever is one, is another header.
 *
 * Threads.  A module may start threads in init.  They block all signals, end in fini, and
 * call nothing but hd_log, hd_option and hd_state.  Those of the server are called street,
 * slow-N, blocking-N, write-N and timetable.  The ABI is one of 64-bit systems only.
 *
 * Limits.  At most 64 resources, options, needs, hooks, jobs and services; 64 fields in a
 * table; 512 routes; 4096 migrations and statements; 8 path parameters; 8 headers of a
 * module's own; hooks and services 16 deep, the handler among them.
 *
 * C++.  Name all members of a row, in the order of the struct, also those of HD_MODULE:
 * the mixture above is C's.  Before C++20 that is an extension, which g++ and clang++ take;
 * for a strict compiler keep the tables in a C file.  Write struct hd_client and struct
 * hd_instance in full: functions have the same names.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HELPDESK_PLUGIN_H
#define HELPDESK_PLUGIN_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HD_ABI_MAJOR 1
#define HD_ABI_MINOR 0

#ifndef HD_ABI_TARGET
#define HD_ABI_TARGET 0
#endif

struct hd_req;
struct hd_rows;
struct hd_instance;

/*
 * What a field holds.  The type decides the column, what is accepted in a
 * body, how the value is written, and the schema in the OpenAPI document.
 */
enum hd_type {
	HD_NONE,
	HD_ID,		/* the resource's own number; given by the server, never used again */
	HD_TEXT,	/* text; a JSON number is taken as its text */
	HD_INTEGER,	/* whole number, -2^63 to 2^63-1, also as its text; "" is null */
	HD_BOOLEAN,	/* true or false only */
	HD_DATE,	/* YYYY-MM-DD; "" is null */
	HD_TIME,	/* ISO 8601 date-time, kept in UTC, written without zone; "" is null */
	HD_USER,	/* a user: id or name is taken, the id is written; "" is null */
	HD_USER_NAME,	/* the name of the user in the field that .of names; read-only */
	HD_TAGS,	/* list of text: an array or a comma-separated text is taken */
	HD_CREATED,	/* when the row was made; read-only */
	HD_UPDATED,	/* when the row last really changed; read-only */
	HD_EDITOR,	/* the user of the API client that last changed the row; read-only */
	HD_ATTACHMENTS,	/* the files attached to the row, newest first; read-only */
	HD_PARENT,	/* the row that this one belongs to (.parent); from the path, read-only */
	HD_JSON		/* a JSON object, as the database has it; read-only */
};

/* With -fshort-enums the structs below would be others than the server's. */
typedef char hd_enums_are_ints[sizeof(enum hd_type) == sizeof(int) ? 1 : -1];

/* What is peculiar to a field; or-ed together. */
enum {
	HD_REQUIRED    = 1 << 0, /* must be given on POST and can never become null or blank */
	HD_TRIM        = 1 << 1, /* HD_TEXT: white space around the value is dropped */
	HD_UNIQUE      = 1 << 2, /* no two rows share a value, byte for byte; "" is null; a
				  * duplicate is a 409 */
	HD_FILTER      = 1 << 3, /* a query parameter of this name: whole value, case ignored */
	HD_CONTAINS    = 1 << 4, /* likewise, but finds a part of the value */
	HD_SEARCH      = 1 << 5, /* looked into by the resource's .search parameter */
	HD_CREATE_ONLY = 1 << 6, /* taken on POST, ignored later */
	HD_CALLER      = 1 << 7, /* HD_USER: defaults to the API client's user; without one, 400 */
	HD_SORT        = 1 << 8, /* lists can be sorted by it; an index is kept for it; HD_TEXT
				  * needs a .max of at most 255 */
	HD_EXACT       = 1 << 9, /* a query parameter of this name: whole value, as it stands */
	HD_SPAN        = 1 << 10, /* HD_CREATED, HD_TIME: query parameters since and until */
	HD_READ_ONLY   = 1 << 11 /* no client can give it; hd_create and hd_change can */
};

/* One member of a resource's JSON object; members appear in the table's order. */
struct hd_field {
	const char *name;	 /* JSON member and column: [a-z][a-z0-9_]*, at most 48 bytes;
				  * in a resource no reserved word of SQL, no column that
				  * PostgreSQL adds (ctid, xmin ...), nor *_fold or hd_* */
	enum hd_type type;
	unsigned flags;		 /* HD_REQUIRED ... */
	unsigned max;		 /* HD_TEXT: most characters (not bytes); 0: no limit */
	const char *value;	 /* default on POST, and of a route's parameter, as JSON without
				  * escapes: "\"Open\"", "true", "0"; a field that comes after
				  * its table and can never be null must have one, for the rows
				  * that are there */
	const char *of;		 /* HD_USER_NAME: the HD_USER field that is meant */
	const char *missing;	 /* HD_USER with HD_FILTER: the 404 for an unknown user */
	int64_t least;		 /* HD_INTEGER: smallest value, with .most; both 0: no bounds */
	int64_t most;		 /* HD_INTEGER: largest value */
	unsigned since;		 /* migration that added the field; 0: that of the table,
				  * which is the .since of its HD_ID, and there 0 means 1 */
	const char *doc;	 /* one line for the OpenAPI document */
	const char *example;	 /* an example value, as JSON */
	const char *filter;	 /* the query parameter's name; NULL: the field's */
};

/*
 * A table of the database served as a collection:
 *
 *	GET    PATH		{many: [...]}, newest first
 *	POST   PATH		201 {one: {...}}
 *	GET    PATH/{id}	{one: {...}}
 *	PATCH  PATH/{id}	{one: {...}}; PUT is the same
 *	DELETE PATH/{id}	{"status": "deleted", "id": ...}
 */
struct hd_resource {
	const char *path;	 /* below /api/v1, e.g. "/inventory/software" */
	const char *table;	 /* the module's own: its name, or its name + '_' + more; no
				  * reserved word of SQL, and no other resource's */
	const char *one;	 /* envelope of one row, and its name in sentences: "ticket" */
	const char *many;	 /* envelope of a list */
	const char *title;	 /* tag in the OpenAPI document; NULL: the module's name */
	const struct hd_field *fields;
	const char *order;	 /* HD_CREATED or HD_UPDATED field that lists are ordered by,
				  * latest first, then by id, highest first; NULL: by id alone */
	const char *search;	 /* query parameter that a list requires, e.g. "q": rows that
				  * hold its value, case ignored, in a field with HD_SEARCH */
	const char *listed;	 /* HD_BOOLEAN field: lists show only rows where it is true */
	const char *required;	 /* the 400 when a required field is missing; NULL: made from
				  * the names: "title and content are required." */
	const char *doc;	 /* what one row is, for the OpenAPI document */
	const char *parent;	 /* table of the module's resource whose rows these belong to:
				  * .path is then that one's + "/{id}/" + a name, one field is
				  * HD_PARENT, and a row's path ends in "/{" + .one + "}"; the
				  * rows go with the row that they belong to */
	unsigned verbs;		 /* HD_LIST ...: what is served; 0: all */
	unsigned with;		 /* HD_WITH_ATTACHMENTS ...: what every row has besides */
	const char *scope;	 /* what a key needs: SCOPE:read for GET, else SCOPE:write; with a
				  * ':' that alone; NULL: the module's name */
	unsigned flags;		 /* HD_SEARCH_OPTIONAL ... */
};

/* What is peculiar to a resource; or-ed together. */
enum {
	HD_SEARCH_OPTIONAL = 1 << 0	/* a list takes .search, but does not require it */
};

/*
 * What every list takes besides the parameters that its table declares:
 *
 *	limit, cursor	 a page of so many rows, and the next one (Link: rel="next")
 *	sort		 -updated_at,id: fields with HD_SORT, those of the types HD_CREATED and
 *			 HD_UPDATED, id; with a search also relevance
 *	fields		 id,subject: these members alone; also of one row
 *	count		 true: X-Total-Count
 *	updated_since	 where there is an HD_UPDATED field
 *	snippet		 true: what is around the text that was searched for; where there
 *			 is .search
 *
 * and as CSV, for Accept: text/csv.  A filter of one of these names counts before the
 * list's own parameter, which that list then lacks; .filter gives it another name.
 */

/* What is served of a resource; or-ed together. */
enum {
	HD_LIST	  = 1 << 0,
	HD_GET	  = 1 << 1,
	HD_CREATE = 1 << 2,
	HD_CHANGE = 1 << 3,	/* PATCH and PUT */
	HD_DELETE = 1 << 4
};

/*
 * What the server keeps for each row besides its fields, below PATH/{id}; or-ed together.
 *
 *	HD_WITH_ATTACHMENTS	GET, POST .../attachments, GET, DELETE .../attachments/{attachment}
 *	HD_WITH_VERSIONS	GET .../versions, GET .../versions/{version},
 *				POST .../versions/{version}/restore
 *	HD_WITH_HISTORY		GET .../history: who changed what, when
 */
enum {
	HD_WITH_ATTACHMENTS = 1 << 0,
	HD_WITH_VERSIONS    = 1 << 1,
	HD_WITH_HISTORY	    = 1 << 2
};

/*
 * Where a handler runs, and so what it may do.
 *
 * HD_READ	on an event loop, on that thread's own read-only connection, one
 *		snapshot per request.  It must not block and has no side effects:
 *		the server may stop a heavy one (a call returns false or NULL) and
 *		run it again from the start where it delays nobody.  So a handler may
 *		run twice, and so may the lines that it logs.
 * HD_WRITE	on the one writer of the site's database, in a savepoint of a
 *		transaction shared with other requests.  The answer leaves after the
 *		commit is durable.  Returning false undoes what the handler wrote.
 *		It must not block: every other write waits for it.
 * HD_BLOCKING	on threads for what may block, on a read-only connection; for handlers
 *		that talk to other services.
 *
 * What may block - HD_BLOCKING, and .before of a route or a job - keeps one of a few threads
 * (blocking_threads of the configuration, 4 as it comes; one site gets half of them): give
 * every wait a time-out.  Select after you have waited: the first select pins a snapshot,
 * which keeps the database's log from being cut.  What .before has read may have changed when
 * the handler writes.
 */
enum hd_access { HD_READ, HD_WRITE, HD_BLOCKING };

/* What is peculiar to a route; or-ed together. */
enum {
	HD_PUBLIC  = 1 << 0,	/* needs no key */
	HD_ROOT	   = 1 << 1,	/* the path stands as it is, not below /api/v1 */
	HD_ANY_KEY = 1 << 2	/* needs a key, but none of its scopes */
};

/*
 * Answers one request: true after hd_reply, false after hd_fail or after a call
 * that said false.  Called on any of the server's threads, several at a time.
 */
typedef bool hd_handler(struct hd_req *req);

/*
 * A path that a table cannot serve.  .openapi can refer to what the document has anyway:
 * of a resource whose .one is "loan", "#/components/schemas/Loan" is a row and
 * "#/components/responses/Loan" the answer of GET; "#/components/parameters/IfMatch" and
 * "#/components/responses/PreconditionFailed" are for who calls hd_check_match.
 *
 * Of the flags of fields, HD_REQUIRED and HD_TRIM count in .query; in .body HD_CALLER, too.
 */
struct hd_route {
	const char *method;	 /* "GET", "POST", "PUT", "PATCH", "DELETE"; GET serves HEAD too */
	const char *path;	 /* "/tickets/{id}/sla"; {id}: positive integer; {name:text} */
	enum hd_access access;
	unsigned flags;		 /* HD_PUBLIC ... */
	hd_handler *handler;
	const struct hd_field *query; /* query parameters, checked before the call; or NULL */
	const struct hd_field *body;  /* members of the JSON body, checked as for POST; for PATCH
				  * what is absent is absent: nothing is required, no default
				  * is taken.  A deactivated user is refused.  NULL: no body */
	const char *openapi;	 /* its OpenAPI operation as JSON object: operationId, summary,
				  * responses; parameters and requestBody come from the tables */
	const char *scope;	 /* what a key needs, whole: "sla:read"; NULL: the module's name
				  * + ":read" for GET, else + ":write" */
	hd_handler *before;	 /* HD_WRITE: called first, as HD_BLOCKING is, where it may block
				  * and writes nothing; false ends the request.  NULL: none */
};

/*
 * A step of the schema, numbered 1, 2, 3 ... without gaps.  Applied once, in a
 * transaction; its checksum is kept, so an applied step never changes: add a
 * new one instead.  Either the server makes the statements from field tables
 * (.tables: creates the table of each resource that is new in this step, and adds
 * the columns of fields whose .since is this number), or they are written out,
 * in the SQL that SQLite and PostgreSQL share, or per engine.  Tables and indexes
 * must be the module's own: named after it, or after it and '_'.
 *
 * Of a table that is there its place among the resources, and of its fields the order,
 * .value, .max, flags and texts may change; names and types may not.  HD_REQUIRED on a field
 * that is there holds for what is written from now on: older rows may have null.  A field is
 * retired so: keep a copy of the old table of fields for the .tables of the old steps, leave
 * the field out of the resource, and drop the column in a step with SQL.  What the server
 * had made for it, an index say, is gone before that step.
 */
struct hd_migration {
	unsigned number;
	const char *name;	 /* one word: "create" */
	const struct hd_resource *tables;
	const char *sql;	 /* every engine; statements end with ';' */
	const char *sqlite;	 /* instead of .sql where the engines differ */
	const char *postgresql;
};

/*
 * SQL that handlers run, prepared at start so that a mistake refuses the module
 * then.  Values by parameter only: ?1, ?2 ...  Called by its place in the table.
 * The module's own tables can be read and written, and those of the modules that it
 * needs can be read: of a resource, the columns are called like its fields.  Its rows
 * are better written with hd_create and hd_change, which check, audit and call hooks.
 */
struct hd_statement {
	const char *sql;	 /* in what SQLite and PostgreSQL share, or for SQLite alone */
	const char *postgresql;	 /* instead of .sql there; NULL: the same */
};

/* A key of the module's section in the configuration. */
struct hd_option {
	const char *name;
	enum hd_type type;	 /* HD_TEXT, HD_INTEGER or HD_BOOLEAN */
	const char *value;	 /* default, as text; NULL: the option must be given */
	int64_t least, most;	 /* HD_INTEGER: bounds; both 0: none */
	const char *doc;	 /* one line */
};

/* Another module that must be there, and is started first. */
struct hd_need {
	const char *module;
	const char *version;	 /* of the same major, and at least this, by semver: "1.2.0"
				  * takes 1.10.0, and neither 1.1.9 nor 2.0.0 */
};

/*
 * What a module does when a row changes, of its own resources or of a module that it needs
 * (.needs).  Called inside the transaction of the change, after the row was written, in the
 * order of the modules' needs: it sees the database as it is going to be, may change more,
 * and with hd_fail refuses all of it.  It is called however the row is changed: by a client,
 * by another module, and when the row goes with the one that it belongs to; but not by SQL:
 * hd_execute on a table of one's own calls no hook, and writes no version and no audit entry.
 * What must not hold up the writer is noted in a table of the module's, for a job to find.
 * hd_body_*, hd_param and hd_header tell, in a hook and in a service, of whatever request is
 * served just then: do not rely on them.
 */
struct hd_event;
struct hd_hook {
	const char *table;	 /* of the resource whose rows are meant: "hardware" */
	unsigned verbs;		 /* HD_CREATE, HD_CHANGE, HD_DELETE; 0: all three */
	bool (*run)(struct hd_req *, const struct hd_event *);	/* HD_WRITE; true: go on */
};

/*
 * What a module does now and then, in every site, by itself: first right after the start,
 * then so long after the end of the last run.  A run that fails is logged, and what it
 * wrote is undone; the next comes as if it had not failed.  There is no client, no body and
 * nobody to answer: writing an answer fails the job.  It says false after hd_fail, whose
 * message is logged.  hd_client is NULL, so a row with an HD_CALLER field must be given it.
 */
struct hd_job {
	const char *name;	 /* one word: "overdue" */
	const char *every;	 /* "30s", "15m", "24h", "7d" */
	const char *option;	 /* HD_TEXT option that says otherwise, "0": never; NULL: none */
	bool (*before)(struct hd_req *); /* called first, as HD_BLOCKING is: it may block
				  * and writes nothing; NULL: none */
	bool (*run)(struct hd_req *);	/* HD_WRITE; NULL: there is nothing to write */
};

/*
 * What a module does for other modules, at hd_call.  The id says who offers it, what, and in
 * which revision: "sla.due/1"; what the argument points to is for who offers it to say, in
 * a header of its own.  What an id means never changes, and what the argument points to never
 * grows: another meaning is another revision, and one module can offer several.  It runs where
 * the caller runs, with what the caller may.
 */
struct hd_service {
	const char *id;		 /* the module's name + '.' + a word + '/' + a number */
	bool (*call)(struct hd_req *, void *argument);	/* false, after hd_fail: it fails */
	const char *doc;	 /* one line */
};

/* The module itself: what HD_MODULE exports. */
struct hd_module {
	uint32_t abi;		 /* HD_ABI_MAJOR << 16 | HD_ABI_TARGET */
	uint32_t size;		 /* of this struct, as compiled; likewise the sizes of the rows: */
	uint16_t field_size, resource_size, route_size, migration_size;
	uint16_t statement_size, option_size, need_size, hook_size, job_size, service_size;
	uint16_t value_size, member_size;	/* of what it hands in */
	const char *name;
	const char *version;	 /* semver: "1.0.0" */
	const char *doc;	 /* what it serves, one line */
	const struct hd_resource *resources;
	const struct hd_route *routes;
	const struct hd_migration *migrations;
	const struct hd_statement *statements;
	const struct hd_option *options;
	const struct hd_need *needs;
	const struct hd_hook *hooks;
	const struct hd_job *jobs;
	const struct hd_service *services;
	const char *openapi;	 /* "components" to be merged into the document, as JSON; or NULL */

	/*
	 * Called once per site after the migrations, before any request; may set
	 * instance->state.  False, after hd_refuse, stops the start.  It has no database;
	 * a job runs right after the start, but requests may come before it.  Also called
	 * by "helpdesk get" and "helpdesk module check": it must do nothing that is seen
	 * outside the process.  [startup]
	 */
	bool (*init)(struct hd_instance *);
	/* Called once per instance at the end, after the last request, where init has said
	 * true; in the reverse order. [startup] */
	void (*fini)(struct hd_instance *);
};

/* Who calls: the API client that the request's key belongs to. */
struct hd_client {
	int64_t id;		 /* 0: "helpdesk get", on the machine itself */
	const char *name;
	int64_t user;		 /* its default user, or 0 */
	const char *user_name;	 /* or NULL */
};

/* A value of a parameter or a member; made by hd_int, hd_str, hd_bool, hd_json, hd_null. */
struct hd_value {
	enum hd_type type;	 /* HD_NONE, HD_INTEGER, HD_BOOLEAN, HD_TEXT or HD_JSON; another
				  * fails */
	uint32_t size;		 /* 0; for types of a later minor */
	int64_t integer;
	const char *text;
};

/* A member of a row that a handler makes or changes. */
struct hd_member {
	const char *name;
	struct hd_value value;
};

/* A part of a handler, for hd_attempt: true, or false after hd_fail or a call that said so. */
typedef bool hd_part(struct hd_req *, void *argument);

/* How loud a line of the log is; the configuration says from which on they are written. */
enum hd_level { HD_DEBUG, HD_INFO, HD_WARNING, HD_ERROR };

/*
 * The server, as a module sees it: the first member of each handle points to this
 * table, so a module can be tested with a table of its own.  Call the functions
 * below, not these pointers.  New functions are added at the end.
 */
struct hd_host {
	uint32_t abi;		 /* of the server: HD_ABI_MAJOR << 16 | HD_ABI_MINOR */
	bool (*fail)(struct hd_req *, int status, const char *field, const char *format, va_list);
	void *(*alloc)(struct hd_req *, size_t);
	int64_t (*param_id)(struct hd_req *, const char *name);
	const char *(*param)(struct hd_req *, const char *name);
	const char *(*header)(struct hd_req *, const char *name);
	const char *(*query)(struct hd_req *, const char *name);
	bool (*body_has)(struct hd_req *, const char *field);
	const char *(*body_text)(struct hd_req *, const char *field);
	int64_t (*body_int)(struct hd_req *, const char *field);
	const struct hd_client *(*client)(struct hd_req *);
	const char *(*option)(const struct hd_instance *, const char *name);
	struct hd_instance *(*instance)(struct hd_req *);
	struct hd_rows *(*select)(struct hd_req *, unsigned, const struct hd_value *, size_t);
	bool (*next)(struct hd_rows *);
	int64_t (*row_int)(struct hd_rows *, unsigned column);
	const char *(*row_text)(struct hd_rows *, unsigned column);
	bool (*execute)(struct hd_req *, unsigned, const struct hd_value *, size_t);
	bool (*audit)(struct hd_req *, const char *action, const char *resource, int64_t id,
	    const char *field, const char *old_value, const char *new_value);
	void (*open)(struct hd_req *, const char *name, char bracket);
	void (*close)(struct hd_req *, char bracket);
	void (*put_text)(struct hd_req *, const char *name, const char *);
	void (*put_int)(struct hd_req *, const char *name, int64_t);
	void (*put_bool)(struct hd_req *, const char *name, bool);
	void (*put_json)(struct hd_req *, const char *name, const char *json);
	bool (*reply)(struct hd_req *, int status);
	const char *(*now)(struct hd_req *);
	void (*refuse)(struct hd_instance *, const char *format, va_list);
	void (*log)(const struct hd_instance *, enum hd_level, const char *format, va_list);
	void (*carry)(struct hd_req *, void *);
	void *(*carried)(struct hd_req *);
	int64_t (*create)(struct hd_req *, const char *table, const struct hd_member *, size_t);
	bool (*change)(struct hd_req *, const char *table, int64_t id, const struct hd_member *,
	    size_t);
	bool (*erase)(struct hd_req *, const char *table, int64_t id);
	bool (*set_header)(struct hd_req *, const char *name, const char *value);
	bool (*reply_bytes)(struct hd_req *, int status, const char *media_type, const void *,
	    size_t);
	bool (*call)(struct hd_req *, const char *service, void *argument);
	bool (*offers)(const struct hd_instance *, const char *service);
	const char *(*event_text)(const struct hd_event *, bool after, const char *field);
	int64_t (*event_int)(const struct hd_event *, bool after, const char *field);
	bool (*event_changed)(const struct hd_event *, const char *field);
	bool (*attempt)(struct hd_req *, hd_part *, void *argument, const char **why);
	int64_t (*user_named)(struct hd_req *, const char *name);
	bool (*put_row)(struct hd_req *, const char *name, const char *table, int64_t id);
	bool (*check_match)(struct hd_req *, const char *table, int64_t id);
	const char *(*time_add)(struct hd_req *, const char *time, int64_t seconds);
	bool (*body_given)(struct hd_req *, const char *field);
};

/* What has become of a row, as a hook sees it.  What follows is the server's. */
struct hd_event {
	const struct hd_host *host;
	const char *table;	 /* of the resource */
	unsigned verb;		 /* HD_CREATE, HD_CHANGE or HD_DELETE */
	int64_t id;		 /* of the row */
};

/* A request.  What follows the first member is the server's. */
struct hd_req {
	const struct hd_host *host;
};

/* The module's life in one site. */
struct hd_instance {
	const struct hd_host *host;
	const char *site;	 /* name of the site, for messages */
	void *state;		 /* the module's own; see hd_state */
};

#if defined(__GNUC__)
#define HD_FORMAT(f, a) __attribute__((format(printf, f, a)))
#else
#define HD_FORMAT(f, a)
#endif

/* ---- failing ---- */

/*
 * Fails the request; the first failure wins.  The message must let a person mend
 * the request, in at most 1023 bytes (it is cut between characters); field is the
 * member or parameter that is wrong, or NULL.  Always returns false, so that "return
 * hd_fail(...)" is the one way to fail.  status is 400 to 599; anything else is
 * logged and becomes 500. [request]
 */
HD_FORMAT(4, 5) static inline bool
hd_fail(struct hd_req *req, int status, const char *field, const char *format, ...)
{
	va_list ap;
	bool failed;

	va_start(ap, format);
	failed = req->host->fail(req, status, field, format, ap);
	va_end(ap);
	return failed;
}

/* ---- the request ---- */

/*
 * Zeroed memory, aligned for any type, that lives until the reply has left; the caller frees
 * nothing.  0 bytes give a pointer that is not to be used.
 * NULL, with the request failed, when the request has used up its memory.
 * [request]
 */
static inline void *
hd_alloc(struct hd_req *req, size_t size)
{
	return req->host->alloc(req, size);
}

/* The {name} of the path, a positive integer; 0 if the template has none. [request] */
static inline int64_t
hd_param_id(struct hd_req *req, const char *name)
{
	return req->host->param_id(req, name);
}

/* The {name:text} of the path, percent-decoded; NULL if the template has none. [request] */
static inline const char *
hd_param(struct hd_req *req, const char *name)
{
	return req->host->param(req, name);
}

/* The value of a request header, the first of that name; NULL if absent, not UTF-8, or if the
 * name is not in lower case.  The client's key is among them: do not log it. [request] */
static inline const char *
hd_header(struct hd_req *req, const char *name)
{
	return req->host->header(req, name);
}

/* A declared query parameter, decoded and checked, a user as its id.  One that is absent or
 * empty ("?q=") is its .value, or NULL. [request] */
static inline const char *
hd_query(struct hd_req *req, const char *name)
{
	return req->host->query(req, name);
}

/* Whether the declared member has a value now, from the body or its default. [request] */
static inline bool
hd_body_has(struct hd_req *req, const char *field)
{
	return req->host->body_has(req, field);
}

/* Whether the body names the declared member, be it null; false for what a default has
 * filled. [request] */
static inline bool
hd_body_given(struct hd_req *req, const char *field)
{
	return req->host->body_given(req, field);
}

/* A text, date, time or tags (as JSON) of the body; NULL if absent, null or of another type.
 * [request] */
static inline const char *
hd_body_text(struct hd_req *req, const char *field)
{
	return req->host->body_text(req, field);
}

/* An integer, boolean or user (its id) of the body; 0 if absent, null or of another type.
 * [request] */
static inline int64_t
hd_body_int(struct hd_req *req, const char *field)
{
	return req->host->body_int(req, field);
}

/* Whose key it is; NULL on an HD_PUBLIC route, and in a job. [request] */
static inline const struct hd_client *
hd_client(struct hd_req *req)
{
	return req->host->client(req);
}

/* Now, in UTC, as "2025-02-28T09:45:03.104281": one value in .before, another, later one in
 * the handler. [request] */
static inline const char *
hd_now(struct hd_req *req)
{
	return req->host->now(req);
}

/*
 * The moment so many seconds after another (or before: negative), in the form of hd_now, in
 * which the order of the texts is that of the moments; its first 10 bytes are the date.  time
 * is what HD_TIME or HD_DATE takes.  NULL, with the request failed, for what is none; what
 * leaves the years 1 to 9999 becomes the first or last moment of these. [request]
 */
static inline const char *
hd_time_add(struct hd_req *req, const char *time, int64_t seconds)
{
	return req->host->time_add(req, time, seconds);
}

/* The module's instance in the request's site. [request] */
static inline struct hd_instance *
hd_instance(struct hd_req *req)
{
	return req->host->instance(req);
}

/*
 * Keeps a pointer for what comes later in the same request: what .before has found out, for
 * the handler that writes.  Hooks and services that run inside see nothing of it, and what
 * they keep is gone when they return.  Memory of hd_alloc will do. [request]
 */
static inline void
hd_carry(struct hd_req *req, void *what)
{
	req->host->carry(req, what);
}

/* What hd_carry has kept; NULL if nothing. [request] */
static inline void *
hd_carried(struct hd_req *req)
{
	return req->host->carried(req);
}

/* What init stored in the instance.  Shared by all threads: read-only, or locked. [any] */
static inline void *
hd_state(const struct hd_instance *instance)
{
	return instance->state;
}

/* A declared option as text, the default if the configuration does not give it. [any] */
static inline const char *
hd_option(const struct hd_instance *instance, const char *name)
{
	return instance->host->option(instance, name);
}

/* ---- the database ---- */

/* A value for a statement or a member: a whole number. [any] */
static inline struct hd_value
hd_int(int64_t integer)
{
	struct hd_value v = { HD_INTEGER, 0, 0, NULL };

	v.integer = integer;
	return v;
}

/* Likewise a text.  NULL becomes the database's null; what is no UTF-8 fails the request with
 * 500. */
static inline struct hd_value
hd_str(const char *text)
{
	struct hd_value v = { HD_NONE, 0, 0, NULL };

	if (text != NULL) {
		v.type = HD_TEXT;
		v.text = text;
	}
	return v;
}

/* Likewise 1 or 0 for a statement, true or false for a member. */
static inline struct hd_value
hd_bool(bool boolean)
{
	struct hd_value v = { HD_BOOLEAN, 0, 0, NULL };

	v.integer = boolean;
	return v;
}

/*
 * JSON as it stands, for a member that takes it: tags as hd_body_text gives them.  For a
 * statement it is a text.  NULL becomes null; what is no JSON fails the request with 500.
 */
static inline struct hd_value
hd_json(const char *json)
{
	struct hd_value v = { HD_NONE, 0, 0, NULL };

	if (json != NULL) {
		v.type = HD_JSON;
		v.text = json;
	}
	return v;
}

/* Likewise the database's null. */
static inline struct hd_value
hd_null(void)
{
	struct hd_value v = { HD_NONE, 0, 0, NULL };

	return v;
}

/*
 * Runs a statement of the module's table that returns rows.  n is the number of the
 * statement's parameters, ?1 to ?n; any other fails with 500.  NULL, with the
 * request failed, on a fault.  A statement that changes rows (INSERT ... RETURNING)
 * is run whole by this call, in HD_WRITE only; all others find their rows as
 * hd_next asks for them.  [request]
 */
static inline struct hd_rows *
hd_select(struct hd_req *req, unsigned statement, const struct hd_value *values, size_t n)
{
	return req->host->select(req, statement, values, n);
}

/* Steps to the next row; false after the last, for NULL, or with the request failed.  Do not
 * change a table while you step through it.  Rows of a hook or a service end when it returns.
 * [request] */
static inline bool
hd_next(struct hd_rows *rows)
{
	/* Every handle begins with its function table. */
	return rows != NULL && (*(const struct hd_host *const *)(const void *)rows)->next(rows);
}

/* Column 0, 1 ... of the current row as a whole number, that of a text if it is one; 0 if it is
 * null, another text or past the last column, or if there is no row. [request] */
static inline int64_t
hd_row_int(struct hd_rows *rows, unsigned column)
{
	const struct hd_host *host = *(const struct hd_host *const *)(const void *)rows;

	return host->row_int(rows, column);
}

/* Likewise as text, a number as its digits; NULL if null, past the last column, or if there is no
 * row.  Lives until the next hd_next of these rows. [request] */
static inline const char *
hd_row_text(struct hd_rows *rows, unsigned column)
{
	const struct hd_host *host = *(const struct hd_host *const *)(const void *)rows;

	return host->row_text(rows, column);
}

/*
 * Likewise runs a statement that changes rows; in HD_WRITE only.  False, with the request
 * failed, on a fault: 409 for a value that must be unique, 500 for the rest.
 * [request]
 */
static inline bool
hd_execute(struct hd_req *req, unsigned statement, const struct hd_value *values, size_t n)
{
	return req->host->execute(req, statement, values, n);
}

/*
 * Writes an audit entry in the same transaction; resources do so by themselves.
 * action is one word ("lend"), resource a table of this module or of one that it
 * needs; field with its old and new value, as JSON, or all three NULL.  What is none
 * of this fails the request with 500.  In HD_WRITE only. [request]
 */
static inline bool
hd_audit(struct hd_req *req, const char *action, const char *resource, int64_t id,
    const char *field, const char *old_value, const char *new_value)
{
	return req->host->audit(req, action, resource, id, field, old_value, new_value);
}

/* ---- the answer ---- */

/*
 * The body is written member by member; the outermost object is there already.
 * name is NULL inside an array.  At most 32 brackets are open at once.  Nothing is told
 * here: what went wrong (too large, unbalanced brackets, no text) is told by hd_reply.
 * [request]
 */
static inline void
hd_open_object(struct hd_req *req, const char *name)
{
	req->host->open(req, name, '{');
}

static inline void
hd_close_object(struct hd_req *req)
{
	req->host->close(req, '}');
}

static inline void
hd_open_array(struct hd_req *req, const char *name)
{
	req->host->open(req, name, '[');
}

static inline void
hd_close_array(struct hd_req *req)
{
	req->host->close(req, ']');
}

/* Writes a member, or an element.  NULL is written as null; what is no UTF-8 fails the request
 * with 500. */
static inline void
hd_put_text(struct hd_req *req, const char *name, const char *text)
{
	req->host->put_text(req, name, text);
}

static inline void
hd_put_int(struct hd_req *req, const char *name, int64_t integer)
{
	req->host->put_int(req, name, integer);
}

static inline void
hd_put_bool(struct hd_req *req, const char *name, bool boolean)
{
	req->host->put_bool(req, name, boolean);
}

/* One value that is JSON already, taken as it is; NULL is written as null; what is no JSON
 * fails the request with 500. */
static inline void
hd_put_json(struct hd_req *req, const char *name, const char *json)
{
	req->host->put_json(req, name, json);
}

/* Ends the answer; status is 200 to 299.  False if the answer could not be made. [request] */
static inline bool
hd_reply(struct hd_req *req, int status)
{
	return req->host->reply(req, status);
}

/*
 * Adds a header to the answer: name in lower case, a value without control characters.  Those
 * that say how the answer is sent (content-length, transfer-encoding, connection ...) are the
 * server's.  At most 8; set again, a header has the later value.  Before the reply, or before
 * hd_fail: then they stay on the failure (retry-after of a 429), but for those that speak of
 * the answer that was not made (cache-control, content-disposition, etag, expires,
 * last-modified).  False, with the request failed, for a header that cannot be set. [request]
 */
static inline bool
hd_set_header(struct hd_req *req, const char *name, const char *value)
{
	return req->host->set_header(req, name, value);
}

/*
 * Answers with something that is no JSON object: so many bytes of a media type, "text/csv".
 * Nothing must have been written before.  The bytes are copied; a text is given with its
 * strlen.  False if the answer could not be made. [request]
 */
static inline bool
hd_reply_bytes(struct hd_req *req, int status, const char *media_type, const void *bytes,
    size_t n)
{
	return req->host->reply_bytes(req, status, media_type, bytes, n);
}

/* ---- rows of resources ---- */

/*
 * Makes a row of a resource as POST would: every member is checked, what is left out has its
 * default, hooks run, the audit trail says who.  table is that of a resource of this module,
 * or of one that it needs, whether or not the verb is served; of the server's own tables only
 * what their resource serves.  HD_PARENT is given as a member.  In HD_WRITE only.  The id, or
 * 0 with the request failed as POST would fail; with a 500 for a member that the resource
 * has not, or that is read-only. [request]
 */
static inline int64_t
hd_create(struct hd_req *req, const char *table, const struct hd_member *members, size_t n)
{
	return req->host->create(req, table, members, n);
}

/* Likewise changes a row, as PATCH would: what is not given stays.  False with the request
 * failed; 404 if there is no such row. [request] */
static inline bool
hd_change(struct hd_req *req, const char *table, int64_t id, const struct hd_member *members,
    size_t n)
{
	return req->host->change(req, table, id, members, n);
}

/* Likewise deletes a row and what belongs to it. [request] */
static inline bool
hd_delete(struct hd_req *req, const char *table, int64_t id)
{
	return req->host->erase(req, table, id);
}

/*
 * Runs a part of the handler that may fail without failing the rest: one row of many.  What
 * it wrote is undone if it fails, *why is the sentence, and the request goes on.  It does not
 * answer.  True: all is well.  False with *why set: undone.  False with *why NULL: the request
 * has failed, with what is no fault of what the part was given (500 and above, or 413, its
 * memory).  In HD_WRITE only. [request]
 */
static inline bool
hd_attempt(struct hd_req *req, hd_part *part, void *argument, const char **why)
{
	return req->host->attempt(req, part, argument, why);
}

/* The id of the user of this name, case ignored, active or not; 0: there is none, or the
 * request has failed. [request] */
static inline int64_t
hd_user_named(struct hd_req *req, const char *name)
{
	return req->host->user_named(req, name);
}

/*
 * Writes a row as a member of the answer, as GET has it: an answer of this member alone has
 * the ETag of the row too.  table as above, in any access class.  False with the request
 * failed; 404 if there is no such row. [request]
 */
static inline bool
hd_put_row(struct hd_req *req, const char *name, const char *table, int64_t id)
{
	return req->host->put_row(req, name, table, id);
}

/*
 * Holds the request to its If-Match and If-None-Match (RFC 9110 13.1): whether they allow a
 * change of the row as it is now; without them all is allowed.  PATCH, PUT and DELETE of a
 * resource do so by themselves, hd_change and hd_delete do not: before them, for the row that
 * the path names.  In HD_WRITE only.  False with the request failed: 412, or 404 if there is
 * no such row. [request]
 */
static inline bool
hd_check_match(struct hd_req *req, const char *table, int64_t id)
{
	return req->host->check_match(req, table, id);
}

/* ---- what a hook sees ---- */

/* What a field held before the change, as text; NULL: null, or there was no row.  A number is
 * given as its digits, a user as the id.  Lives until the hook returns. [request] */
static inline const char *
hd_old_text(const struct hd_event *event, const char *field)
{
	return event->host->event_text(event, false, field);
}

/* Likewise as a number, a boolean as 0 or 1; 0: null, no number, or there was no row. */
static inline int64_t
hd_old_int(const struct hd_event *event, const char *field)
{
	return event->host->event_int(event, false, field);
}

/* What it holds now; NULL: null, or the row is gone. */
static inline const char *
hd_new_text(const struct hd_event *event, const char *field)
{
	return event->host->event_text(event, true, field);
}

static inline int64_t
hd_new_int(const struct hd_event *event, const char *field)
{
	return event->host->event_int(event, true, field);
}

/* Whether a field holds something else than before; a row that comes or goes held nothing. */
static inline bool
hd_changed(const struct hd_event *event, const char *field)
{
	return event->host->event_changed(event, field);
}

/* ---- services ---- */

/*
 * Calls what another module offers.  False with the request failed: what the service failed
 * with, or a 500 if no module of the site offers it, or calls go in circles. [request]
 */
static inline bool
hd_call(struct hd_req *req, const char *service, void *argument)
{
	return req->host->call(req, service, argument);
}

/* Whether a module of the site offers it: for what can be done without. [any] */
static inline bool
hd_offers(const struct hd_instance *instance, const char *service)
{
	return instance->host->offers(instance, service);
}

/* ---- start ---- */

/* Says why init returns false, in one sentence. [startup] */
HD_FORMAT(2, 3) static inline void
hd_refuse(struct hd_instance *instance, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	instance->host->refuse(instance, format, ap);
	va_end(ap);
}

/* One line in the server's log, with site and module before it; it is cut after some 1000 bytes,
 * and control characters are shown as \xNN. [any] */
HD_FORMAT(3, 4) static inline void
hd_log(const struct hd_instance *instance, enum hd_level level, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	instance->host->log(instance, level, format, ap);
	va_end(ap);
}

/* What HD_MODULE leaves in the file; the server's to read. */
#define HD_NOTE_TYPE 0x6864	/* "hd" */
struct hd_note {
	uint32_t namesz, descsz, type;
	char vendor[12];	 /* "helpdesk" */
	uint32_t major, target;
	char name[32];
	char version[24];
};

#if defined(__clang__)	/* its AddressSanitizer would put padding between notes */
#define HD_EXPORT __attribute__((visibility("default")))
#define HD_IN_NOTE                                                                           \
	__attribute__((section(".note.helpdesk"), used, aligned(4), no_sanitize("address")))
#elif defined(__GNUC__)
#define HD_EXPORT __attribute__((visibility("default")))
#define HD_IN_NOTE __attribute__((section(".note.helpdesk"), used, aligned(4)))
#else
#define HD_EXPORT
#define HD_IN_NOTE
#endif

#ifdef __cplusplus
#define HD_LINKAGE extern "C"
#else
#define HD_LINKAGE extern
#endif

/*
 * Defines the module: HD_MODULE(name, "version", .member = value, ...).  Exports
 * hd_module_v1, and leaves an ELF note from which the server judges and lists the
 * file before it runs a line of it.  (C; name in lower case, at most 31 bytes;
 * version at most 23.)  No two modules of a site are called NAME and NAME_more: the
 * tables of the second would be the first's.
 */
#define HD_MODULE(module_name, module_version, ...)                                          \
	HD_IN_NOTE static const struct hd_note hd_note_ = {                                  \
	    9, sizeof(struct hd_note) - 24, HD_NOTE_TYPE, "helpdesk",                        \
	    HD_ABI_MAJOR, HD_ABI_TARGET, #module_name, module_version };                     \
	HD_LINKAGE HD_EXPORT const struct hd_module hd_module_v1;                            \
	const struct hd_module hd_module_v1 = {                                              \
	    .abi = (uint32_t)HD_ABI_MAJOR << 16 | HD_ABI_TARGET,                             \
	    .size = sizeof(struct hd_module),                                                \
	    .field_size = sizeof(struct hd_field),                                           \
	    .resource_size = sizeof(struct hd_resource),                                     \
	    .route_size = sizeof(struct hd_route),                                           \
	    .migration_size = sizeof(struct hd_migration),                                   \
	    .statement_size = sizeof(struct hd_statement),                                   \
	    .option_size = sizeof(struct hd_option),                                         \
	    .need_size = sizeof(struct hd_need),                                             \
	    .hook_size = sizeof(struct hd_hook),                                             \
	    .job_size = sizeof(struct hd_job),                                               \
	    .service_size = sizeof(struct hd_service),                                       \
	    .value_size = sizeof(struct hd_value),                                           \
	    .member_size = sizeof(struct hd_member),                                         \
	    .name = #module_name, .version = module_version, __VA_ARGS__ }

#ifdef __cplusplus
}
#endif
#endif
