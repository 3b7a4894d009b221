/*
 * house.h - all sites and modules of a server, and the way of a request through them
 *
 * The house knows no network.  It is opened by serve, by "helpdesk get" and by the
 * tests in the same way.
 */
#ifndef HOUSE_H
#define HOUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct conf;
struct desk;
struct err;
struct house;
struct out;
struct request;
struct spool;

enum house_mode {
	HOUSE_SERVING,	/* with lanes: writes and long reads wait for threads */
	HOUSE_AT_ONCE	/* without: everything is done inside house_serve */
};

/*
 * Takes in the modules, brings the databases up to date, prepares everything.  The
 * configuration must outlive the house.  faults: all that stops the start, one a line:
 * "module refused: modules/sla.so: ... (helpdesk.yaml:41)".
 */
bool house_open(const struct conf *, enum house_mode, struct house **ret, struct out *faults);

/* As house_open, but touches no database and starts nothing: for "helpdesk check". */
bool house_check(const struct conf *, struct out *faults);

/*
 * Lets the lanes finish what was taken in (on_answer is called for all of it) and ends
 * their threads: no on_answer is running once this returns, and none comes after it.
 * house_serve is not to be called any more.  [when no other thread serves]
 */
void house_stop(struct house *);

/* Stops it, then closes everything; NULL is fine. */
void house_close(struct house *);

/* What one thread has of the house: its readers.  Made and used on that thread. */
struct desk *desk_open(struct house *);
void desk_close(struct desk *);

/*
 * Ends the snapshots that requests of this turn of the loop shared.  To be called
 * before the loop sleeps, and before an answer to a write is sent.
 */
void desk_rest(struct desk *);

/*
 * Between these the clock stands still: requests that came in one read are asked at one
 * moment, which is none before they came.
 */
void desk_freeze(struct desk *);
void desk_thaw(struct desk *);

/* Closes what has not been used for a minute; to be called every few seconds. */
void desk_tidy(struct desk *);

/*
 * Serves a request.  True: the answer is there.  False: it is on its way, and
 * request->on_answer will be called.  Every request gets an answer.
 */
bool house_serve(struct house *, struct desk *, struct request *);

enum house_admission {
	HOUSE_NO_UPLOAD,	/* its body is collected as any other */
	HOUSE_UPLOAD,		/* its body goes into the spool */
	HOUSE_REFUSED		/* house_serve will refuse it: the body need not be waited for */
};

/*
 * Asks before a body comes what is to be done with it.  The question has method, target,
 * authority, address, https and headers; it is used up, and only to be freed.  With
 * HOUSE_UPLOAD *spool is the caller's, an empty one, or NULL if none can be made (the disk
 * is full); *limit: bytes that the body may have.  The spool goes to house_serve as
 * request->upload.
 */
enum house_admission house_admit(struct house *, struct desk *, struct request *question,
    struct spool **spool, uint64_t *limit);

/*
 * Answers a request that the HTTP layer had to refuse (400, 413, 414, 431 ...) in
 * the same envelope as every other error.
 */
void house_refuse(struct request *, int status, const char *code, const char *message);

/* Prints the OpenAPI document of a site, by its name; NULL: the only one. */
bool house_print_openapi(const struct conf *, const char *site, FILE *, struct out *faults);

/* Whether a database has failed for good, so that the process should end. */
bool house_failed(const struct house *);

#endif
