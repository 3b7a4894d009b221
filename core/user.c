/*
 * user.c - the people of a site: the rows of core_user
 *
 * Who a reference means, and what can be a user at all.  Knows no passwords: people
 * sign in elsewhere, here they are referred to.
 */
#include "user.h"

#include <string.h>

#include "arena.h"
#include "cleanup.h"
#include "db.h"
#include "err.h"
#include "iso8601.h"

enum { NAME_MOST = 80, FULL_NAME_MOST = 150, EMAIL_MOST = 254, SHOWN = 100 };

static bool
all_digits(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.at[i] < '0' || t.at[i] > '9')
			return false;
	return t.len > 0;
}

/* Control characters, C1 (two bytes in UTF-8) included. */
static bool
has_control(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.at[i];
		unsigned char next = i + 1 < t.len ? (unsigned char)t.at[i + 1] : 0;

		if (c < 0x20 || c == 0x7f || (c == 0xc2 && next >= 0x80 && next < 0xa0))
			return true;
	}
	return false;
}

/* ---- what a user can be ---- */

static const char *
name_refusal(struct text name)
{
	if (name.len == 0 || text_count(name) > NAME_MOST)
		return "a name has 1 to 80 characters";
	if (has_control(name) || text_trim(name).len != name.len)
		return "a name has no control characters, and no white space at its ends";
	return all_digits(name) ? "digits alone are a user's id" : NULL;
}

bool
user_check_name(struct text name, struct err *e)
{
	struct text shown = text_cut(name, SHOWN);
	const char *why;

	if (!text_valid(name, NULL))
		return err_set(e, "the user name is not UTF-8");
	why = name_refusal(name);
	return why == NULL ||
	    err_set(e, "'%.*s' is no user name: %s", (int)shown.len, shown.at, why);
}

/* What is left of a text from a byte on begins with white space if trimming cuts there. */
static bool
has_white_space(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		struct text rest = { t.at + i, t.len - i };
		bool begins = ((unsigned char)t.at[i] & 0xc0) != 0x80;

		if (begins && text_trim(rest).at != rest.at)
			return true;
	}
	return false;
}

/* Not what RFC 5322 allows, but what keeps slips and header injection out. */
bool
user_check_email(struct text email, struct err *e)
{
	const char *at;

	if (email.len == 0)
		return true;
	if (email.len > EMAIL_MOST)
		return err_set(e, "an email address has at most 254 bytes");
	at = memchr(email.at, '@', email.len);
	if (!text_valid(email, NULL) || has_control(email) || has_white_space(email) ||
	    at == NULL || memrchr(email.at, '@', email.len) != at || at == email.at ||
	    at + 1 == email.at + email.len)
		return err_set(e, "the email address must look like name@example.com");
	return true;
}

bool
user_check_full_name(struct text name, struct err *e)
{
	if (!text_valid(name, NULL))
		return err_set(e, "the full name is not UTF-8");
	if (text_count(name) > FULL_NAME_MOST || has_control(name))
		return err_set(e, "a full name has at most 150 characters, none of them a control "
		    "character");
	return true;
}

/* Only what is new must be right: rules may have been others once. */
static bool
check(const struct user *from, const struct user *to, struct err *e)
{
	bool all = from == NULL;

	return ((!all && text_equal(from->name, to->name)) || user_check_name(to->name, e)) &&
	    ((!all && text_equal(from->email, to->email)) || user_check_email(to->email, e)) &&
	    ((!all && text_equal(from->full_name, to->full_name)) ||
	    user_check_full_name(to->full_name, e));
}

/* ---- finding ---- */

#define COLUMNS "id, name, email, full_name, active, created_at, updated_at"

/* A copy in the arena, NUL behind; an absent text stays absent. */
static bool
keep(struct arena *arena, struct text *t)
{
	if (t->at != NULL)
		t->at = arena_copy(arena, t->at, t->len);
	return t->at != NULL || t->len == 0;
}

static struct user
row_of(struct db_stmt *st)
{
	return (struct user){ .id = db_int(st, 0), .name = db_text(st, 1),
		.email = db_text(st, 2), .full_name = db_text(st, 3), .active = db_int(st, 4) != 0,
		.created_at = db_text(st, 5), .updated_at = db_text(st, 6) };
}

/* The one row, or none, of a statement that is bound. */
static enum user_found
found(struct db *db, struct db_stmt *st, struct arena *arena, struct user *ret, struct err *e)
{
	enum db_result result = db_step(st);
	struct user user;

	if (result == DB_DONE)
		return USER_ABSENT;
	if (result != DB_ROW) {
		err_set(e, "%s", db_message(db));
		return USER_FAULT;
	}
	user = row_of(st);
	if (!keep(arena, &user.name) || !keep(arena, &user.email) ||
	    !keep(arena, &user.full_name) || !keep(arena, &user.created_at) ||
	    !keep(arena, &user.updated_at)) {
		err_set(e, "no memory left for a user");
		return USER_FAULT;
	}
	*ret = user;
	return USER_FOUND;
}

enum user_found
user_find(struct db *db, struct arena *arena, struct text reference, struct user *ret,
    struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	bool by_id = all_digits(reference);
	struct text fold;
	int64_t id = 0;

	if (by_id ? !text_to_int(reference, &id) : !text_valid(reference, NULL))
		return USER_ABSENT;
	st = db_prepare(db, by_id ?
	    "SELECT " COLUMNS " FROM core_user WHERE id = ?1" :
	    "SELECT " COLUMNS " FROM core_user WHERE name_fold = ?1", e);
	if (st == NULL)
		return USER_FAULT;
	if (by_id) {
		db_bind_int(st, 1, id);
	} else {
		fold = text_fold(arena, reference);
		if (fold.at == NULL && reference.len > 0) {
			err_set(e, "no memory left for a user's name");
			return USER_FAULT;
		}
		db_bind_text(st, 1, fold);
	}
	return found(db, st, arena, ret, e);
}

/* ---- writing ---- */

/* Now, in the arena; NULL over its limit. */
static const char *
time_text(struct arena *arena)
{
	char *now = arena_alloc(arena, ISO8601_TIME_SIZE);

	if (now != NULL)
		iso8601_format(iso8601_now(), now);
	return now;
}

/* An empty text is none. */
static struct text
or_none(struct text t)
{
	return t.len > 0 ? t : (struct text){ NULL, 0 };
}

static bool
fail_write(struct db *db, enum db_result result, const struct user *user, struct err *e)
{
	if (result == DB_NOT_UNIQUE)
		return err_set(e, "there is a user '%.*s' already", (int)user->name.len,
		    user->name.at);
	return err_set(e, "%s", db_message(db));
}

/* ?1 to ?5 of both statements that write; the fold ends with the arena. */
static bool
bind_row(struct db_stmt *st, struct arena *arena, const struct user *user, struct err *e)
{
	struct text fold = text_fold(arena, user->name);

	if (fold.at == NULL)
		return err_set(e, "no memory left for a user's name");
	db_bind_text(st, 1, user->name);
	db_bind_text(st, 2, fold);
	db_bind_text(st, 3, user->email);
	db_bind_text(st, 4, user->full_name);
	db_bind_int(st, 5, user->active);
	db_bind_text(st, 6, user->updated_at);
	return true;
}

static bool
insert(struct db *db, struct arena *arena, const struct user *user, int64_t *id,
    struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	enum db_result result;

	st = db_prepare(db, "INSERT INTO core_user (name, name_fold, email, full_name, active,"
	    " created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)", e);
	if (st == NULL || !bind_row(st, arena, user, e))
		return false;
	result = db_insert(st, id);
	return result == DB_DONE || fail_write(db, result, user, e);
}

static bool
update(struct db *db, struct arena *arena, const struct user *user, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	enum db_result result;

	st = db_prepare(db, "UPDATE core_user SET name = ?1, name_fold = ?2, email = ?3,"
	    " full_name = ?4, active = ?5, updated_at = ?6 WHERE id = ?7", e);
	if (st == NULL || !bind_row(st, arena, user, e))
		return false;
	db_bind_int(st, 7, user->id);
	result = db_step(st);
	return result == DB_DONE || fail_write(db, result, user, e);
}

bool
user_add(struct db *db, struct arena *arena, const struct user *user, int64_t *id, struct err *e)
{
	const char *now = time_text(arena);
	struct user row = *user;

	if (!check(NULL, user, e))
		return false;
	if (now == NULL)
		return err_set(e, "no memory left for a user");
	row.email = or_none(user->email);
	row.full_name = or_none(user->full_name);
	row.active = true;
	row.created_at = row.updated_at = text_of(now);
	return insert(db, arena, &row, id, e);
}

static bool
differs(const struct user *a, const struct user *b)
{
	return !text_equal(a->name, b->name) || !text_equal(a->email, b->email) ||
	    !text_equal(a->full_name, b->full_name) || a->active != b->active;
}

bool
user_change(struct db *db, struct arena *arena, const struct user *from, const struct user *to,
    struct user *ret, struct err *e)
{
	struct user row = *from;
	const char *now = time_text(arena);

	row.name = to->name;
	row.email = or_none(to->email);
	row.full_name = or_none(to->full_name);
	row.active = to->active;
	if (now == NULL)
		return err_set(e, "no memory left for a user");
	if (differs(from, &row)) {
		row.updated_at = text_of(now);
		if (!check(from, &row, e) || !update(db, arena, &row, e))
			return false;
	}
	*ret = row;
	return true;
}

bool
user_list(struct db *db, user_each *each, void *context, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	enum db_result result;

	st = db_prepare(db, "SELECT " COLUMNS " FROM core_user ORDER BY id", e);
	if (st == NULL)
		return false;
	while ((result = db_step(st)) == DB_ROW) {
		struct user user = row_of(st);

		if (!each(context, &user))
			return true;
	}
	return result == DB_DONE || err_set(e, "%s", db_message(db));
}
