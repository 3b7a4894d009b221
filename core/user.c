/*
 * user.c - the people of a site: the rows of core_user
 *
 * Who a reference means, and what can be a user at all.  Knows no passwords: people
 * sign in elsewhere, here they are referred to.
 */
#include "user.h"

#include "arena.h"
#include "cleanup.h"
#include "db.h"
#include "err.h"
#include "iso8601.h"

enum { NAME_MOST = 80, FULL_NAME_MOST = 255, EMAIL_MOST = 254, SHOWN = 100 };

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

static bool
is_line(struct text t, size_t most)
{
	return text_valid(t, NULL) && t.len > 0 && text_count(t) <= most && !has_control(t) &&
	    text_trim(t).len == t.len;
}

static const char *
name_refusal(struct text name)
{
	if (!text_valid(name, NULL))
		return "it is not UTF-8";
	if (name.len == 0 || text_count(name) > NAME_MOST)
		return "a name has 1 to 80 characters";
	if (!is_line(name, NAME_MOST))
		return "a name has no control characters, and no white space at its ends";
	return all_digits(name) ? "digits alone are a user's id" : NULL;
}

/* Not what RFC 5322 allows, but what keeps slips and header injection out. */
static bool
is_email(struct text t)
{
	size_t at = t.len, ats = 0;

	for (size_t i = 0; i < t.len; i++) {
		if (t.at[i] == ' ')
			return false;
		if (t.at[i] == '@') {
			at = i;
			ats++;
		}
	}
	return is_line(t, EMAIL_MOST) && ats == 1 && at > 0 && at + 1 < t.len;
}

static bool
check(const struct user *user, struct err *e)
{
	const char *why = name_refusal(user->name);
	struct text email = user->email, full = user->full_name;

	if (!text_valid(user->name, NULL))
		return err_set(e, "the user name is not UTF-8");
	if (why != NULL) {
		struct text shown = text_cut(user->name, SHOWN);

		return err_set(e, "'%.*s' is no user name: %s", (int)shown.len, shown.at, why);
	}
	if (email.at != NULL && !is_email(email))
		return err_set(e, "the email address must look like name@example.com");
	if (full.at != NULL && !is_line(full, FULL_NAME_MOST))
		return err_set(e, "a full name has 1 to 255 characters, none of them a control "
		    "character, and no white space at its ends");
	return true;
}

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
	return (struct user){ db_int(st, 0), db_text(st, 1), db_text(st, 2), db_text(st, 3) };
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
	    !keep(arena, &user.full_name)) {
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
	    "SELECT id, name, email, full_name FROM core_user WHERE id = ?1" :
	    "SELECT id, name, email, full_name FROM core_user WHERE name_fold = ?1", e);
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

static bool
insert(struct db *db, const struct user *user, struct text fold, int64_t *id, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	char now[ISO8601_TIME_SIZE];
	enum db_result result;

	st = db_prepare(db, "INSERT INTO core_user (name, name_fold, email, full_name, created_at)"
	    " VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id", e);
	if (st == NULL)
		return false;
	iso8601_format(iso8601_now(), now);
	db_bind_text(st, 1, user->name);
	db_bind_text(st, 2, fold);
	db_bind_text(st, 3, user->email);
	db_bind_text(st, 4, user->full_name);
	db_bind_text(st, 5, text_of(now));
	result = db_step(st);
	if (result == DB_NOT_UNIQUE)
		return err_set(e, "there is a user '%.*s' already", (int)user->name.len,
		    user->name.at);
	if (result != DB_ROW)
		return err_set(e, "%s", db_message(db));
	*id = db_int(st, 0);
	return true;
}

bool
user_add(struct db *db, struct arena *arena, const struct user *user, int64_t *id, struct err *e)
{
	struct text fold;

	if (!check(user, e))
		return false;
	fold = text_fold(arena, user->name);
	if (fold.at == NULL)
		return err_set(e, "no memory left for a user's name");
	return insert(db, user, fold, id, e);
}

bool
user_list(struct db *db, user_each *each, void *context, struct err *e)
{
	CLEANUP(db_release) struct db_stmt *st = NULL;
	enum db_result result;

	st = db_prepare(db, "SELECT id, name, email, full_name FROM core_user ORDER BY id", e);
	if (st == NULL)
		return false;
	while ((result = db_step(st)) == DB_ROW) {
		struct user user = row_of(st);

		if (!each(context, &user))
			return true;
	}
	return result == DB_DONE || err_set(e, "%s", db_message(db));
}
