/*
 * request.h - a request on its way through the house, and its answer
 *
 * Made by whoever has one (the street, "helpdesk get", a test), filled with the
 * question, given to house_serve, and read for the answer.  It lives in its own
 * arena and outlives whatever connection it came from.  One thread has it at a time.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <helpdesk/plugin.h>

#include "arena.h"
#include "db.h"
#include "err.h"
#include "etag.h"
#include "idempotency.h"
#include "iso8601.h"
#include "out.h"
#include "prefer.h"
#include "route.h"
#include "text.h"
#include "writer.h"

struct attachment;
struct attachment_terms;
struct client;
struct hook;
struct house;
struct instance;
struct desk;
struct json;
struct reader;
struct site;
struct spool;
struct value;

struct header {
	struct text name;	/* in lower case */
	struct text value;
};

/* Where it is: what its route's code may do there. */
enum request_stage {
	REQUEST_READS,		/* read the database, and answer */
	REQUEST_PREPARES,	/* route->before: read, and neither write nor answer */
	REQUEST_WRITES		/* all of it */
};

/* One thing that is wrong with the request. */
struct fault {
	const char *field;	/* member or parameter; NULL: the request as a whole */
	const char *code;	/* a stable word: "required", "too_long" ... */
	const char *message;
	bool sentence;		/* the message stands alone, without "field: " before it */
	bool silent;		/* listed in "errors", but not part of "error" */
	struct fault *next;
};

enum {
	ANSWER_HEADERS = 24,
	OWN_HEADERS = 8,	/* that modules may set */
	REQUEST_ID_MAX = 64,
	QUERY_PARAMETERS = 80,	/* that a route declares */
	FAULTS_MOST = 100	/* that an answer lists */
};

/* One of the values that a query parameter was given. */
struct alternative {
	struct text text;
	bool split;		/* it has commas: what is between them follows, as parts */
	bool part;
	struct alternative *next;
};

struct answer {
	int status;		/* 0: none yet */
	struct out body;	/* in the request's arena, contiguous: body.at, body.len */
	struct spool *spool;	/* NULL, or the body instead; closed by request_free */
	unsigned header_count;
	struct header headers[ANSWER_HEADERS];	/* complete but for date, server, content-length
						 * and what the connection needs */
};

struct request {
	struct hd_req hd;	/* first: what a module's handler sees */
	struct arena arena;
	struct request *next;	/* in a stock */

	/* The question.  Texts may be anywhere until request_detach. */
	struct text method;
	struct text target;	/* as sent, with query: "/api/v1/tickets?status=Open" */
	struct text authority;	/* host[:port] */
	struct text address;	/* of the client, without port */
	bool https;
	const struct header *headers;	/* names in lower case */
	size_t header_count;
	struct text body;	/* absent: none was sent, or it is an upload */
	struct spool *upload;	/* NULL, or the body that the route takes so; closed by
				 * request_free */
	bool body_lost;		/* there was one, which was not taken: nothing of it is known */
	bool as_administrator;	/* asked for on the machine itself: needs no key */

	/*
	 * Who waits for the answer if house_serve returns false: called once, on a
	 * thread of a lane; afterwards the lane does not touch the request.
	 */
	void (*on_answer)(struct request *);
	void *owner;		/* theirs */
	atomic_bool gone;	/* nobody waits any more: work that was not begun may be dropped */

	/* Found out on the way. */
	char id[REQUEST_ID_MAX + 1];	/* X-Request-Id */
	int64_t now;			/* microseconds since 1970 */
	char now_text[ISO8601_TIME_SIZE];
	char before_text[ISO8601_TIME_SIZE];	/* what hd_route.before was told, and may keep */
	struct house *house;
	struct site *site;
	struct desk *desk;		/* of the thread it is on */
	const struct attachment_terms *files;	/* where those of the site are */
	const struct hook *hooks;	/* of the site, the first */
	atomic_bool *shuffled;		/* likewise: rows of it were not made in the order of their
					 * ids; NULL: nobody keeps that */
	struct reader *reader;
	struct db *db;			/* what the handler may use: reader's, or the writer's */
	enum request_stage stage;
	const struct route *route;
	struct text path;		/* target without query */
	struct text query;
	struct text params[ROUTE_PARAMS];	/* of the route's template, unescaped */
	const struct client *client;	/* NULL: no key needed */
	const struct json *json;	/* the body */
	struct value *values;		/* the body's members, in the order of the fields */
	struct value *arguments;	/* the declared query parameters, likewise */
	struct alternative **alternatives;	/* of those that take several values */
	uint64_t chosen;		/* columns of the answer's rows, a bit each; 0: all */
	unsigned unindexed;		/* rows; of more, no list is sorted without an index */
	bool hurried;			/* on an event loop: long work says DB_OVER_BUDGET */
	bool strict;			/* Prefer: handling=strict */
	enum prefer_return returns;	/* Prefer: return= */
	bool dry_run;			/* ?dry_run=1: what it changes is not kept */
	struct idempotency idempotency;	/* the name under which it may be sent again */

	/* How it ends. */
	int status;			/* of the first failure; 0: none */
	struct fault *faults;		/* in the order of the fields */
	unsigned fault_count;
	bool over_budget;		/* stopped; to be run again in the slow lane */
	struct instance *acting;	/* the module whose code runs; NULL: none */
	unsigned nested;		/* how deep hooks, services and rows of others go */
	bool mute;			/* what runs has no answer: a hook, a job */
	unsigned own_headers;		/* that modules have set */
	bool own_stay;			/* also on the failure, which is a module's */
	void *carried;			/* by hd_carry */
	char seen_by[64];		/* checking build: the last module that had it */
	struct hd_rows *rows;		/* that a module's handler has open */
	bool first_member;		/* JSON writer: no comma yet */
	unsigned depth;			/* JSON writer: open brackets */
	char brackets[32];
	struct attachment *attachments;	/* files that came with it, or go; pending until settled */
	struct etag etag;		/* of the rows that are answered; see row_emit */
	struct out whole;		/* the row that is being answered, with all its members */
	bool answer_secret;		/* the answer tells what is told once: it is kept nowhere,
					 * and never left out */
	struct change change;		/* its place in the writer's queue, */
	struct job job;			/* or in the slow lane's */

	/* Last, since it is large: request_take leaves it as it was behind the first of the
	 * answer's headers. */
	struct answer answer;
	struct header own[OWN_HEADERS];
	struct err err;			/* what the log is told of a 500 */
};

/* An empty request whose arena takes at most memory bytes. Never NULL: aborts without memory. */
struct request *request_new(size_t memory);
void request_free(struct request *);	/* NULL is fine */

/*
 * Likewise, by way of a stock of those that have ended, a few dozen of one thread: two of
 * every three calls of the heap's allocator for a small answer were made for its request.
 */
struct request_stock {
	struct request *first;
	unsigned count;
	struct arena_stock large;	/* of their arenas */
};

struct request *request_take(struct request_stock *, size_t memory);
void request_give(struct request_stock *, struct request *);	/* NULL is fine */

/* Frees those that are in it. */
void request_stock_fini(struct request_stock *);

/* Gives back the large pieces that it keeps: now and then, for a server that has become idle. */
void request_stock_tidy(struct request_stock *);

/* Copies what points out of the arena into it; false if there is no room. */
bool request_detach(struct request *);

/* The value of a header, name in lower case; absent if there is none. */
struct text request_find_header(const struct request *, struct text name);

static inline struct text
request_header(const struct request *req, const char *name)
{
	return request_find_header(req, text_of(name));
}

/* Whether a header that lists tags, name in lower case, lists this one; if it is there
 * several times, all of them are one list (RFC 9110 5.3). */
bool request_lists_tag(const struct request *, const char *name, struct text tag,
    enum etag_comparison);

/*
 * Fails the request: notes a fault, and the status if it is the first.  The message
 * is for the client.  Always returns false.
 */
bool request_fail(struct request *, int status, const char *code, const char *field,
    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Likewise with a message that is a whole sentence and stands without the field's name. */
bool request_fail_sentence(struct request *, int status, const char *code, const char *field,
    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Notes that a required member is missing; request_fail_required then says it in one
 * sentence, which comes first. */
bool request_miss(struct request *, const char *field);
bool request_fail_required(struct request *, const char *sentence);

/* Fails it with a 500; the message is for the log alone, which gets it at once. */
bool request_fail_inside(struct request *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Likewise for what a database said: over budget, busy (503), or a fault (500). */
bool request_fail_db(struct request *, enum db_result);

/* Fails it because its arena is used up. */
bool request_fail_memory(struct request *);

/* Adds a header to the answer; name and value live as long as the request. */
void answer_put_header(struct request *, struct text name, struct text value);

static inline void
answer_header(struct request *req, const char *name, struct text value)
{
	answer_put_header(req, text_of(name), value);
}

/* Likewise in place of the one of that name, if it has one. */
void answer_replace_header(struct request *, const char *name, struct text value);

/* Whether the answer has a header, name in lower case; and its value, or an absent text. */
struct text answer_find_header(const struct request *, struct text name);

static inline struct text
answer_header_value(const struct request *req, const char *name)
{
	return answer_find_header(req, text_of(name));
}

static inline bool
answer_has_header(const struct request *req, const char *name)
{
	return answer_header_value(req, name).at != NULL;
}

/*
 * Whether a GET or HEAD asks not to be told again (If-None-Match, RFC 9110 13.1.2) what the
 * answer's header "etag" stands for.  answer_complete asks by itself; who would make a
 * large body for nothing asks before, and completes with 304.
 */
bool answer_is_known(const struct request *);

/*
 * Throws away what there is of an answer and writes the failure as JSON envelope,
 * with all headers that every answer has.
 */
void answer_failure(struct request *);

/* Throws away what there is of a body, which has not failed: it is made anew. */
void answer_restart(struct request *);

/*
 * Completes an answer: the headers that every answer has, among them the ETag of rows.
 * Called once, after the body is complete, which may be dropped here: a 200 becomes a
 * 304 for a client that has it, and what a client does not want to read back (Prefer:
 * return=minimal) is left out.
 */
void answer_complete(struct request *, int status);

/* "Not Found" for 404: the reason phrases of RFC 9110. */
const char *answer_reason(int status);

#endif
