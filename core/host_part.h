/*
 * host_part.h - what the files of the host share
 *
 * Private to host*.c.  Each serves some functions of struct hd_host; plugin.h says what each
 * of these does.
 */
#ifndef HOST_PART_H
#define HOST_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <helpdesk/plugin.h>

#include "text.h"

struct hd_rows;
struct instance;
struct out;
struct request;

/* Fails the request for what a module's code did wrong; the first failure is the one that
 * counts, and what comes after it is not even logged.  Always false. */
bool host_wrong(struct request *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A text with a NUL behind; NULL for an absent one, or with the request failed. */
const char *host_string(struct request *, struct text);

/*
 * A value as a module has compiled it, made one of this server: what it did not know of is
 * zero.  False with the request failed for what is no value.
 */
bool host_value(struct request *, const struct instance *by, const void *at, struct hd_value *ret);

/* Whether the code that runs may write; else the request has failed. */
bool host_may_write(struct request *);

/* What was so before code of another module ran inside a request. */
struct host_inside {
	struct instance *acting;
	struct hd_rows *rows;
	void *carried;
	bool mute;
};

/* Lets code of a module run inside the request; false with the request failed if that goes
 * too deep, and then there is nothing to leave. */
bool host_enter(struct request *, struct instance *, struct host_inside *before);

/* Gives back what it left open, and is again what was before. */
void host_leave(struct request *, const struct host_inside *before);

/* Whether there is an answer to be made, and none yet; else the request has failed. */
bool host_may_reply(struct request *);

/* host_answer.c */

/* Comma and name before a value of the answer; misuse fails the request. */
struct out *host_begin_value(struct request *, const char *name);
void host_open(struct hd_req *, const char *name, char bracket);
void host_close(struct hd_req *, char bracket);
void host_put_text(struct hd_req *, const char *name, const char *);
void host_put_int(struct hd_req *, const char *name, int64_t);
void host_put_bool(struct hd_req *, const char *name, bool);
void host_put_json(struct hd_req *, const char *name, const char *json);
bool host_reply(struct hd_req *, int status);
bool host_set_header(struct hd_req *, const char *name, const char *value);
bool host_reply_bytes(struct hd_req *, int status, const char *media_type, const void *, size_t);

/* host_row.c */
int64_t host_create(struct hd_req *, const char *table, const struct hd_member *, size_t);
bool host_change(struct hd_req *, const char *table, int64_t id, const struct hd_member *, size_t);
bool host_erase(struct hd_req *, const char *table, int64_t id);
int64_t host_user_named(struct hd_req *, const char *name);
bool host_put_row(struct hd_req *, const char *name, const char *table, int64_t id);
bool host_check_match(struct hd_req *, const char *table, int64_t id);

/* host_attempt.c */
bool host_attempt(struct hd_req *hd, hd_part *part, void *argument, const char **why);

/* host_event.c */
const char *host_event_text(const struct hd_event *, bool after, const char *field);
int64_t host_event_int(const struct hd_event *, bool after, const char *field);
bool host_event_changed(const struct hd_event *, const char *field);

/* host_service.c */
bool host_call(struct hd_req *, const char *service, void *argument);
bool host_offers(const struct hd_instance *, const char *service);

#endif
