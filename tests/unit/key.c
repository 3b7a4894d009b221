/*
 * Whether keys are what the contract says, and let in who has one, and nobody else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "arena.h"
#include "cleanup.h"
#include "core_schema.h"
#include "db.h"
#include "err.h"
#include "iso8601.h"
#include "key.h"
#include "hex.h"
#include "key_form.h"
#include "out.h"
#include "user.h"

#include <cmocka.h>	/* last: it makes a macro of fail, which plugin.h has as a member */

/* Made with python3 from bytes(38), b"\xff" * 38 and bytes(range(38)):
 *
 *	A = string.digits + string.ascii_uppercase + string.ascii_lowercase
 *	k = "hp_" + b[:6].hex() + "_" + base62(int.from_bytes(b[6:], "big"), 43)
 *	k += base62(zlib.crc32(k.encode()), 6); hashlib.sha256(k.encode()).hexdigest()
 */
static const struct { const char *key, *digest; } vectors[] = {
	{ "hp_000000000000_00000000000000000000000000000000000000000002wY8uD",
	  "85985367a7ae579b29b54acc50b843e674dd0655df437783b99d9dc95bd92766" },
	{ "hp_ffffffffffff_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp130IAeA",
	  "7ec48840e932a637305bde24777765962cc1ed9e4440beb55492a2f9ee5399f5" },
	{ "hp_000102030405_1QcDiGl0T3N0Z2kyMqBv8wT0m7ZJomRrsEYtUOsxzyX2A0ful",
	  "b1a143f49010ff76c21253606b750cbbd1bc4a0c31f19356ddc88980a8834399" },
};

static void
a_key_is_its_bits_in_the_form_of_the_contract(void **state)
{
	unsigned char bits[3][KEY_RANDOM], raw[KEY_DIGEST];
	char key[KEY_LENGTH + 1], digest[2 * KEY_DIGEST + 1];

	(void)state;
	memset(bits[0], 0, KEY_RANDOM);
	memset(bits[1], 0xff, KEY_RANDOM);
	for (unsigned i = 0; i < KEY_RANDOM; i++)
		bits[2][i] = (unsigned char)i;
	for (size_t i = 0; i < 3; i++) {
		key_form_write(bits[i], key);
		assert_string_equal(key, vectors[i].key);
		assert_int_equal(strlen(key), 65);
		assert_true(key_well_formed(text_of(key)));
		assert_int_equal(EVP_Digest(key, 65, raw, NULL, EVP_sha256(), NULL), 1);
		hex_write(digest, raw, sizeof raw);
		assert_string_equal(digest, vectors[i].digest);
	}
}

static void
a_key_with_any_slip_is_refused_without_a_look_up(void **state)
{
	static const char *const wrong[] = {
		"", "hp_", "hp_demo_abc123", "hp_prefix_secret",
		"hp_000102030405_1QcDiGl0T3N0Z2kyMqBv8wT0m7ZJomRrsEYtUOsxzyX2A0fu",
		"hp_000102030405_1QcDiGl0T3N0Z2kyMqBv8wT0m7ZJomRrsEYtUOsxzyX2A0full",
		"hq_000102030405_1QcDiGl0T3N0Z2kyMqBv8wT0m7ZJomRrsEYtUOsxzyX2A0ful",
		"hp_00010203040G_1QcDiGl0T3N0Z2kyMqBv8wT0m7ZJomRrsEYtUOsxzyX2A0ful",
		"hp_000102030405_1QcDiGl0T3N0Z2kyMqBv8wT0m7ZJomRrsEYtUOsxzyX2A0f-l",
	};
	char key[KEY_LENGTH + 1];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (key_well_formed(text_of(wrong[i])))
			fail_msg("%s is taken", wrong[i]);
	/* Every single character replaced by every other, and neighbours exchanged. */
	for (size_t i = 0; i < KEY_LENGTH; i++) {
		for (int c = 1; c < 256; c++) {
			strcpy(key, vectors[2].key);
			if (key[i] == (char)c)
				continue;
			key[i] = (char)c;
			assert_false(key_well_formed((struct text){ key, KEY_LENGTH }));
		}
		strcpy(key, vectors[2].key);
		key[i] = '\0';
		assert_false(key_well_formed((struct text){ key, KEY_LENGTH }));
	}
	for (size_t i = 0; i + 1 < KEY_LENGTH; i++) {
		strcpy(key, vectors[2].key);
		if (key[i] == key[i + 1])
			continue;
		key[i] = vectors[2].key[i + 1];
		key[i + 1] = vectors[2].key[i];
		assert_false(key_well_formed(text_of(key)));
	}
}

/* ---- with a database ---- */

struct place {
	char folder[64], path[80];
	struct db *db;
	struct arena arena;
	struct key_cache *cache;
};

static int
settle(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	struct err e = { "" };

	strcpy(p->folder, "/tmp/helpdesk-key-XXXXXX");
	if (mkdtemp(p->folder) == NULL)
		return -1;
	snprintf(p->path, sizeof p->path, "%s/x.db", p->folder);
	arena_init(&p->arena, 64 << 20);
	p->cache = key_cache_new();
	*state = p;
	if (p->cache != NULL && core_open(p->path, &p->db, &e) && db_begin(p->db, &e))
		return 0;
	print_error("%s\n", e.message);
	return -1;
}

static int
leave(void **state)
{
	struct place *p = *state;
	static const char *const behind[] = { "", "-wal", "-shm", "-lock", ".lock" };
	char path[100];

	key_cache_free(p->cache);
	db_close(p->db);
	arena_fini(&p->arena);
	for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
		snprintf(path, sizeof path, "%s%s", p->path, behind[i]);
		unlink(path);
	}
	rmdir(p->folder);
	free(p);
	return 0;
}

static void
create(struct place *p, const char *name, int64_t user, char key[KEY_LENGTH + 1])
{
	struct err e = { "" };

	if (!key_create(p->db, text_of(name), &(struct key_terms){ .user = user }, key, &e))
		fail_msg("%s: %s", name, e.message);
}

/* A key to which nothing is granted but its name; why it cannot be, in *e. */
static bool
try_create(struct place *p, const char *name, char key[KEY_LENGTH + 1], struct err *e)
{
	return key_create(p->db, text_of(name), &(struct key_terms){ 0 }, key, e);
}

static void
execute(struct place *p, const char *sql)
{
	struct err e = { "" };

	if (!db_execute(p->db, sql, &e))
		fail_msg("%s: %s", sql, e.message);
}

/* Some time in 2025, in microseconds; the tests move it by hand. */
static const int64_t noon = INT64_C(1750000000000000), second = 1000000;

/* Who comes in with the key; NULL: nobody. */
static const struct client *
verify(struct place *p, const char *key, int64_t now)
{
	const struct client *client = NULL;
	struct err e = { "" };
	enum key_verdict v = key_verify(p->cache, p->db, text_of(key), now, &client, &e);

	if (v == KEY_FAULT)
		fail_msg("%s", e.message);
	assert_int_equal(v == KEY_ACCEPTED, client != NULL);
	return client != NULL ? key_client_copy(&p->arena, client) : NULL;
}

static void
who_has_a_key_is_let_in_as_its_client(void **state)
{
	struct place *p = *state;
	struct user user = { .name = TEXT("Maria") };
	char with[KEY_LENGTH + 1], without[KEY_LENGTH + 1];
	const struct client *c;
	struct err e;
	int64_t id;

	assert_true(user_add(p->db, &p->arena, &user, &id, &e));
	create(p, "phone", id, with);
	create(p, "cron", 0, without);
	assert_string_not_equal(with, without);
	for (int i = 0; i < 2; i++) {	/* from the database, then from the cache */
		c = verify(p, with, noon + i);
		assert_non_null(c);
		assert_string_equal(c->hd.name, "phone");
		assert_int_equal(c->hd.user, id);
		assert_string_equal(c->hd.user_name, "Maria");
		c = verify(p, without, noon + i);
		assert_non_null(c);
		assert_string_equal(c->hd.name, "cron");
		assert_int_equal(c->hd.user, 0);
		assert_null(c->hd.user_name);
	}
}

static void
nobody_else_is(void **state)
{
	struct place *p = *state;
	unsigned char bits[KEY_RANDOM];
	char key[KEY_LENGTH + 1], other[KEY_LENGTH + 1];

	create(p, "phone", 0, key);
	assert_non_null(verify(p, key, noon));
	assert_null(verify(p, "hp_demo_abc123", noon));
	assert_null(verify(p, vectors[2].key, noon));	/* no such prefix */
	/* The prefix of the key, and another secret, well formed. */
	memset(bits, 7, sizeof bits);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(sscanf(key + 3 + 2 * i, "%2hhx", &bits[i]), 1);
	key_form_write(bits, other);
	assert_memory_equal(other, key, 16);
	for (int i = 0; i < 2; i++) {
		assert_null(verify(p, other, noon + i));
		assert_non_null(verify(p, key, noon + i));
	}
}

static void
only_the_digest_of_a_key_is_kept(void **state)
{
	struct place *p = *state;
	CLEANUP(db_release) struct db_stmt *st = NULL;
	char key[KEY_LENGTH + 1];
	struct err e;

	create(p, "phone", 0, key);
	st = db_prepare(p->db, "SELECT prefix, digest FROM core_key", &e);
	assert_non_null(st);
	assert_int_equal(db_step(st), DB_ROW);
	assert_int_equal(db_text(st, 0).len, 12);
	assert_memory_equal(db_text(st, 0).at, key + 3, 12);
	assert_int_equal(db_text(st, 1).len, 64);
	assert_null(memmem(db_text(st, 1).at, 64, key + 16, 8));
}

static void
a_revoked_key_is_refused_within_a_second(void **state)
{
	struct place *p = *state;
	char key[KEY_LENGTH + 1];
	struct err e;

	create(p, "phone", 0, key);
	assert_non_null(verify(p, key, noon));
	assert_true(key_revoke(p->db, TEXT("phone"), &e));
	assert_null(verify(p, key, noon + second));
	assert_null(verify(p, key, noon));	/* the clock was set back: not believed either */
}

static void
an_expired_key_is_refused(void **state)
{
	struct place *p = *state;
	char key[KEY_LENGTH + 1];

	create(p, "phone", 0, key);
	/* noon is 2025-06-15T15:06:40. */
	execute(p, "UPDATE core_key SET expires_at = '2025-06-15T15:06:50.000000'");
	assert_non_null(verify(p, key, noon));
	assert_non_null(verify(p, key, noon + 9 * second));
	assert_null(verify(p, key, noon + 11 * second));
}

static void
a_key_is_revoked_by_name_by_digits_or_as_it_leaked(void **state)
{
	struct place *p = *state;
	char keys[3][KEY_LENGTH + 1];
	struct err e = { "" };

	create(p, "a", 0, keys[0]);
	create(p, "b", 0, keys[1]);
	create(p, "c", 0, keys[2]);
	assert_true(key_revoke(p->db, TEXT("a"), &e));
	assert_true(key_revoke(p->db, key_form_prefix(text_of(keys[1])), &e));
	assert_true(key_revoke(p->db, text_of(keys[2]), &e));
	for (int i = 0; i < 3; i++)
		assert_null(verify(p, keys[i], noon));
	assert_false(key_revoke(p->db, TEXT("a"), &e));
	assert_string_equal(e.message, "the key 'a' is revoked already");
	assert_false(key_revoke(p->db, TEXT("nobody"), &e));
	assert_string_equal(e.message, "there is no key 'nobody'");
}

static void
a_name_is_free_again_after_its_key_is_revoked(void **state)
{
	struct place *p = *state;
	char key[KEY_LENGTH + 1];
	struct err e = { "" };

	create(p, "phone", 0, key);
	assert_false(try_create(p, "phone", key, &e));
	assert_non_null(strstr(e.message, "there is a key 'phone' already"));
	assert_true(key_revoke(p->db, TEXT("phone"), &e));
	create(p, "phone", 0, key);
	assert_non_null(verify(p, key, noon));
}

static void
what_cannot_name_a_key_is_refused_with_a_sentence(void **state)
{
	static const struct { const char *name, *why; } cases[] = {
		{ "", "1 to 120 characters" },
		{ " a", "no white space at its ends" },
		{ "a\nb", "no control characters" },
		{ "\xc3", "must be UTF-8" },
		{ "0123456789ab", "cannot be 12 hex digits" },
		{ "hp_000102030405_1QcDiGl0T3N0Z2kyMqBv8wT0m7ZJomRrsEYtUOsxzyX2A0ful",
		  "cannot be a key" },
	};
	struct place *p = *state;
	char key[KEY_LENGTH + 1], longest[122];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = { "" };

		assert_false(try_create(p, cases[i].name, key, &e));
		if (strstr(e.message, cases[i].why) == NULL)
			fail_msg("case %zu: %s", i, e.message);
	}
	memset(longest, 'a', 121);
	longest[121] = '\0';
	assert_false(try_create(p, longest, key, &(struct err){ "" }));
	longest[120] = '\0';
	create(p, longest, 0, key);
}

static void
whoever_makes_a_key_is_told_its_id(void **state)
{
	struct place *p = *state;
	char key[KEY_LENGTH + 1];
	struct err e = { "" };

	for (int64_t id = 1; id <= 2; id++)
		assert_int_equal(key_create(p->db, text_of(id == 1 ? "a" : "b"),
		    &(struct key_terms){ 0 }, key, &e), id);
	assert_int_equal(key_create(p->db, TEXT("b"), &(struct key_terms){ 0 }, key, &e), 0);
}

static void
a_key_cannot_belong_to_a_user_who_is_not_there(void **state)
{
	struct place *p = *state;
	char key[KEY_LENGTH + 1];
	struct err e = { "" };

	assert_false(key_create(p->db, TEXT("phone"), &(struct key_terms){ .user = 77 }, key,
	    &e));
	assert_string_equal(e.message, "there is no user 77");
}

static void
the_use_of_a_key_is_due_once_a_minute(void **state)
{
	struct place *p = *state;
	char key[KEY_LENGTH + 1];
	const struct client *c;
	struct err e;

	create(p, "phone", 0, key);
	c = verify(p, key, noon);
	assert_true(key_use_is_due(p->cache, c, noon));
	assert_false(key_use_is_due(p->cache, c, noon));
	c = verify(p, key, noon + 2 * second);	/* not yet written down, and yet not due again */
	assert_false(key_use_is_due(p->cache, c, noon + 2 * second));
	assert_true(key_touch(p->db, c->hd.id, noon, &e));
	c = verify(p, key, noon + 59 * second);
	assert_false(key_use_is_due(p->cache, c, noon + 59 * second));
	c = verify(p, key, noon + 61 * second);
	assert_true(key_use_is_due(p->cache, c, noon + 61 * second));
}

static void
what_another_thread_wrote_down_is_not_due(void **state)
{
	struct place *p = *state;
	char key[KEY_LENGTH + 1];
	const struct client *c;
	struct err e;

	create(p, "phone", 0, key);
	c = verify(p, key, noon);
	assert_true(key_touch(p->db, c->hd.id, noon, &e));
	c = verify(p, key, noon + second);
	assert_false(key_use_is_due(p->cache, c, noon + 30 * second));
	assert_true(key_use_is_due(p->cache, c, noon + 90 * second));
}

static bool
see_use(void *context, const struct key *key)
{
	char *use = context;

	assert_true(text_equal(key->name, TEXT("phone")));
	assert_null(key->user.at);
	assert_null(key->revoked_at.at);
	snprintf(use, 40, "%.*s", (int)key->last_used_at.len, key->last_used_at.at);
	return true;
}

static void
the_last_use_never_goes_back(void **state)
{
	struct place *p = *state;
	char key[KEY_LENGTH + 1], use[40] = "";
	struct err e;

	create(p, "phone", 0, key);
	assert_true(key_touch(p->db, 1, noon, &e));
	assert_true(key_touch(p->db, 1, noon - second, &e));
	assert_true(key_list(p->db, see_use, use, &e));
	assert_string_equal(use, "2025-06-15T15:06:40.000000");
}

static void
the_cache_is_bounded_and_forgets_nobody_s_rights(void **state)
{
	enum { KEYS = 3000 };
	struct place *p = *state;
	char (*keys)[KEY_LENGTH + 1] = calloc(KEYS, sizeof *keys), name[16];

	for (int i = 0; i < KEYS; i++) {
		snprintf(name, sizeof name, "k%d", i);
		create(p, name, 0, keys[i]);
	}
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < KEYS; i++) {
			const struct client *c = verify(p, keys[i], noon + round);

			snprintf(name, sizeof name, "k%d", i);
			assert_non_null(c);
			assert_string_equal(c->hd.name, name);
		}
	free(keys);
}

/* ---- what a key is good for ---- */

static void
a_client_comes_with_the_terms_of_its_key(void **state)
{
	const struct key_terms terms = { TEXT("[\"tickets:read\"]"), TEXT("[\"10.0.0.0/8\"]"),
		TEXT("2030-01-01T02:00+02:00"), 0 };
	struct place *p = *state;
	char with[KEY_LENGTH + 1], without[KEY_LENGTH + 1];
	const struct client *c;
	struct err e = { "" };

	assert_true(key_create(p->db, TEXT("phone"), &terms, with, &e));
	create(p, "cron", 0, without);
	for (int i = 0; i < 2; i++) {	/* from the database, then from the cache */
		c = verify(p, with, noon + i);
		assert_non_null(c);
		assert_string_equal(c->scopes.at, "[\"tickets:read\"]");
		assert_string_equal(c->networks.at, "[\"10.0.0.0/8\"]");
		assert_string_equal(c->expires_at.at, "2030-01-01T00:00:00.000000");
		c = verify(p, without, noon + i);
		assert_non_null(c);
		assert_string_equal(c->scopes.at, "[\"*\"]");
		assert_string_equal(c->networks.at, "[]");
		assert_null(c->expires_at.at);
	}
}

static void
an_expiry_is_a_moment_to_come(void **state)
{
	static const struct { const char *at, *why; } cases[] = {
		{ "2020-01-01", "the key would have expired already" },
		{ "2025-06-15T15:06:40", "the key would have expired already" },
		{ "tomorrow", "'tomorrow' is no date or date-time" },
		{ "", "'' is no date or date-time" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = { "" };

		assert_false(key_check_expiry(text_of(cases[i].at), noon, &e));
		assert_string_equal(e.message, cases[i].why);
	}
	assert_true(key_check_expiry(TEXT("2025-06-15T15:06:40.000001"), noon, NULL));
	assert_true(key_check_expiry((struct text){ 0 }, noon, NULL));
}

static void
a_user_who_is_not_active_is_no_default_user(void **state)
{
	struct place *p = *state;
	struct user user = { .name = TEXT("Maria") };
	char key[KEY_LENGTH + 1];
	const struct client *c;
	struct err e;
	int64_t id;

	assert_true(user_add(p->db, &p->arena, &user, &id, &e));
	create(p, "phone", id, key);
	assert_int_equal(verify(p, key, noon)->hd.user, id);
	execute(p, "UPDATE core_user SET active = 0");
	c = verify(p, key, noon + second);
	assert_non_null(c);
	assert_int_equal(c->hd.user, 0);
	assert_null(c->hd.user_name);
}

static void
a_key_is_within_one_that_can_do_as_much(void **state)
{
	static const struct { struct key_terms terms; const char *too_much, *which; } cases[] = {
		{ { .scopes = { "[\"tickets:read\"]", 16 }, .networks = { "[\"10.1.0.0/16\"]", 15 },
		  .expires_at = { "2030-01-01T00:00:00", 19 } }, NULL, NULL },
		{ { .scopes = { "[\"software:read\"]", 17 }, .networks = { "[\"10.1.0.0/16\"]", 15 },
		  .expires_at = { "2030-01-01", 10 } }, "the scope 'software:read'", "scopes" },
		{ { .networks = { "[\"10.1.0.0/16\"]", 15 }, .expires_at = { "2030-01-01", 10 } },
		  "the scope '*'", "scopes" },
		{ { .scopes = { "[\"tickets:read\"]", 16 }, .networks = { "[\"11.0.0.1\"]", 12 },
		  .expires_at = { "2030-01-01", 10 } }, "the network 11.0.0.1", "networks" },
		{ { .scopes = { "[\"tickets:read\"]", 16 }, .expires_at = { "2030-01-01", 10 } },
		  "any network", "networks" },
		{ { .scopes = { "[\"tickets:read\"]", 16 }, .networks = { "[\"10.1.0.0/16\"]", 15 } },
		  "no expiry", "expires_at" },
		{ { .scopes = { "[\"tickets:read\"]", 16 }, .networks = { "[\"10.1.0.0/16\"]", 15 },
		  .expires_at = { "2030-01-01T00:00:00.000001", 26 } },
		  "an expiry after 2030-01-01T00:00:00.000000", "expires_at" },
	};
	const struct client narrow = { .scopes = TEXT("[\"tickets:*\"]"),
		.networks = TEXT("[\"10.0.0.0/8\"]"),
		.expires_at = TEXT("2030-01-01T00:00:00.000000") };
	const struct client wide = { .scopes = TEXT("[\"*\"]"), .networks = TEXT("[]") };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *which = NULL;
		struct err e = { "" };
		bool in = key_within(&cases[i].terms, &narrow, &which, &e);

		assert_int_equal(in, cases[i].too_much == NULL);
		if (!in) {
			assert_string_equal(e.message, cases[i].too_much);
			assert_string_equal(which, cases[i].which);
		}
		assert_true(key_within(&cases[i].terms, &wide, NULL, NULL));
	}
}

static void
only_who_may_change_users_names_another_default_user(void **state)
{
	static const struct { const char *scopes; int64_t own, named; bool in; } cases[] = {
		{ "[\"keys:write\"]", 7, 7, true }, { "[\"keys:write\"]", 7, 0, true },
		{ "[\"keys:write\"]", 7, 8, false }, { "[\"keys:write\"]", 0, 8, false },
		{ "[\"users:read\"]", 0, 8, false }, { "[\"users:write\"]", 0, 8, true },
		{ "[\"users:*\"]", 7, 8, true }, { "[\"*\"]", 7, 8, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct client client = { .scopes = text_of(cases[i].scopes),
			.networks = TEXT("[]"), .hd.user = cases[i].own };
		struct key_terms terms = { .scopes = client.scopes, .user = cases[i].named };
		const char *which = NULL;
		struct err e = { "" };

		if (key_within(&terms, &client, &which, &e) != cases[i].in)
			fail_msg("case %zu", i);
		if (!cases[i].in) {
			assert_string_equal(which, "default_user");
			assert_string_equal(e.message, "another default user");
		}
	}
}

/* ---- rotation ---- */

static const int64_t hour = 3600 * INT64_C(1000000);

static void
a_rotated_key_has_two_secrets_until_the_overlap_ends(void **state)
{
	struct place *p = *state;
	char old[KEY_LENGTH + 1], new[KEY_LENGTH + 1];
	const struct client *before, *after;
	struct err e = { "" };
	int64_t now = iso8601_now();

	create(p, "phone", 0, old);
	before = verify(p, old, now);
	assert_true(key_rotate(p->db, TEXT("phone"), hour, new, &e));
	assert_memory_not_equal(old + 3, new + 3, KEY_PREFIX_LENGTH);
	after = verify(p, new, now + second);
	assert_non_null(after);
	assert_int_equal(after->hd.id, before->hd.id);
	assert_string_equal(after->hd.name, "phone");
	assert_non_null(verify(p, old, now + hour - second));
	/* Believed for half a second at most: nobody has an old secret for one more. */
	assert_null(verify(p, old, now + hour + second));
	assert_non_null(verify(p, new, now + hour + second));
}

static void
a_replaced_secret_makes_nothing_that_outlives_it(void **state)
{
	/* The key's own expiry, and whether that comes before the end of the overlap. */
	static const struct { const char *expires_at; bool first; } cases[] = {
		{ NULL, false }, { "2099-01-01T00:00:00.000000", false }, { NULL, true },
	};
	struct place *p = *state;
	char old[KEY_LENGTH + 1], new[KEY_LENGTH + 1], soon[ISO8601_TIME_SIZE], name[2] = "a";
	int64_t now = iso8601_now(), last, at;
	const struct client *c;
	struct err e = { "" };

	iso8601_format(now + hour / 2, soon);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++, name[0]++) {
		struct key_terms terms = { .expires_at = text_of(cases[i].first ? soon :
		    cases[i].expires_at) };

		assert_true(key_create(p->db, text_of(name), &terms, old, &e));
		assert_true(key_rotate(p->db, text_of(name), hour, new, &e));
		c = verify(p, new, now);
		assert_false(c->replaced);
		assert_true(text_equal(c->expires_at, terms.expires_at));
		for (int k = 0; k < 2; k++) {	/* from the database, then from the cache */
			c = verify(p, old, now + k);
			assert_true(c->replaced);
			assert_true(iso8601_moment(c->expires_at, &at));
			last = cases[i].first ? now + hour / 2 : now + hour;
			assert_true(at >= last && at < last + 60 * second);
			assert_false(key_within(&(struct key_terms){ 0 }, c, NULL, &e));
		}
	}
}

/* A verified key is believed for half a second: long enough to rotate it back. */
static void
a_rotation_is_known_at_once_to_who_changes_keys(void **state)
{
	struct place *p = *state;
	char keys[3][KEY_LENGTH + 1];
	const struct client *before;
	struct client c;
	struct err e = { "" };
	int64_t now = iso8601_now(), at;

	create(p, "phone", 0, keys[0]);
	before = verify(p, keys[0], now);
	assert_true(key_client_now(p->db, &p->arena, before, TEXT("2030"), &c, &e));
	assert_false(c.replaced);
	assert_null(c.expires_at.at);
	assert_true(key_rotate(p->db, TEXT("phone"), hour, keys[1], &e));
	assert_false(verify(p, keys[0], now)->replaced);
	assert_true(key_client_now(p->db, &p->arena, before, TEXT("2030"), &c, &e));
	assert_true(c.replaced);
	assert_true(iso8601_moment(c.expires_at, &at) && at >= now + hour);
	assert_true(key_rotate(p->db, TEXT("phone"), hour, keys[2], &e));
	assert_true(key_client_now(p->db, &p->arena, before, TEXT("2020"), &c, &e));
	assert_true(c.replaced);
	assert_string_equal(c.expires_at.at, "2020");
}

static void
an_overlap_has_an_end_in_sight(void **state)
{
	struct place *p = *state;
	char old[KEY_LENGTH + 1], new[KEY_LENGTH + 1];
	struct err e = { "" };

	create(p, "phone", 0, old);
	assert_false(key_rotate(p->db, TEXT("phone"), 30 * 24 * hour + 1, new, &e));
	assert_string_equal(e.message, "the overlap is at most 30 days");
	assert_non_null(verify(p, old, iso8601_now()));
	assert_true(key_rotate(p->db, TEXT("phone"), 30 * 24 * hour, new, &e));
}

static void
without_an_overlap_the_old_secret_ends_at_once(void **state)
{
	struct place *p = *state;
	char old[KEY_LENGTH + 1], new[KEY_LENGTH + 1];
	struct err e = { "" };
	int64_t now = iso8601_now();

	create(p, "phone", 0, old);
	assert_non_null(verify(p, old, now));
	assert_true(key_rotate(p->db, key_form_prefix(text_of(old)), 0, new, &e));
	assert_null(verify(p, old, now + second));
	assert_non_null(verify(p, new, now + second));
}

static void
a_second_rotation_ends_the_first_secret(void **state)
{
	struct place *p = *state;
	char keys[3][KEY_LENGTH + 1];
	struct err e = { "" };
	int64_t now = iso8601_now();

	create(p, "phone", 0, keys[0]);
	assert_true(key_rotate(p->db, TEXT("phone"), hour, keys[1], &e));
	assert_true(key_rotate(p->db, text_of(keys[1]), hour, keys[2], &e));
	assert_null(verify(p, keys[0], now + second));
	assert_non_null(verify(p, keys[1], now + second));
	assert_non_null(verify(p, keys[2], now + second));
}

static void
the_old_prefix_with_another_secret_lets_nobody_in(void **state)
{
	struct place *p = *state;
	unsigned char bits[KEY_RANDOM];
	char old[KEY_LENGTH + 1], new[KEY_LENGTH + 1], other[KEY_LENGTH + 1];
	struct err e = { "" };

	create(p, "phone", 0, old);
	assert_true(key_rotate(p->db, TEXT("phone"), hour, new, &e));
	for (int i = 0; i < 2; i++) {
		memset(bits, 7, sizeof bits);
		for (size_t k = 0; k < 6; k++)
			assert_int_equal(sscanf((i ? new : old) + 3 + 2 * k, "%2hhx", &bits[k]), 1);
		key_form_write(bits, other);
		assert_null(verify(p, other, iso8601_now()));
	}
}

static void
revoking_ends_both_secrets(void **state)
{
	struct place *p = *state;
	char keys[2][2][KEY_LENGTH + 1];
	struct err e = { "" };
	int64_t now = iso8601_now();

	create(p, "a", 0, keys[0][0]);
	create(p, "b", 0, keys[1][0]);
	assert_true(key_rotate(p->db, TEXT("a"), hour, keys[0][1], &e));
	assert_true(key_rotate(p->db, TEXT("b"), hour, keys[1][1], &e));
	assert_non_null(verify(p, keys[0][0], now));
	assert_true(key_revoke(p->db, TEXT("a"), &e));
	assert_true(key_revoke(p->db, text_of(keys[1][0]), &e));	/* as it leaked */
	for (int i = 0; i < 4; i++)
		assert_null(verify(p, keys[i / 2][i % 2], now + second));
}

static void
what_is_revoked_expired_or_absent_is_not_rotated(void **state)
{
	struct place *p = *state;
	char key[KEY_LENGTH + 1], new[KEY_LENGTH + 1];
	struct err e = { "" };

	create(p, "a", 0, key);
	create(p, "b", 0, key);
	assert_true(key_revoke(p->db, TEXT("a"), &e));
	execute(p, "UPDATE core_key SET expires_at = '2025-01-01T00:00:00' WHERE name = 'b'");
	assert_false(key_rotate(p->db, TEXT("a"), hour, new, &e));
	assert_string_equal(e.message, "the key 'a' is revoked already");
	assert_false(key_rotate(p->db, TEXT("b"), hour, new, &e));
	assert_string_equal(e.message, "the key 'b' has expired");
	assert_false(key_rotate(p->db, TEXT("c"), hour, new, &e));
	assert_string_equal(e.message, "there is no key 'c'");
}

/* Once the overlap has ended, who finds the old secret must not end the new one. */
static void
a_secret_that_has_ended_names_no_key(void **state)
{
	struct place *p = *state;
	char old[KEY_LENGTH + 1], new[KEY_LENGTH + 1];
	struct err e = { "" };

	create(p, "phone", 0, old);
	assert_true(key_rotate(p->db, TEXT("phone"), hour, new, &e));
	execute(p, "UPDATE core_key SET old_until = '2025-01-01T00:00:00.000000'");
	assert_false(key_revoke(p->db, text_of(old), &e));
	assert_non_null(strstr(e.message, "there is no key '"));
	assert_non_null(verify(p, new, iso8601_now()));
}

static void
a_name_is_of_the_key_that_is_not_revoked(void **state)
{
	struct place *p = *state;
	char key[KEY_LENGTH + 1];
	struct err e = { "" };
	int64_t id = -1;

	assert_true(key_named(p->db, TEXT("phone"), &id, &e));
	assert_int_equal(id, 0);
	create(p, "cron", 0, key);
	create(p, "phone", 0, key);
	assert_true(key_named(p->db, TEXT("phone"), &id, &e));
	assert_int_equal(id, 2);
	assert_true(key_named(p->db, text_of(key), &id, &e));
	assert_int_equal(id, 2);
	assert_true(key_revoke(p->db, TEXT("phone"), &e));
	assert_true(key_named(p->db, TEXT("phone"), &id, &e));
	assert_int_equal(id, 0);
}

static void
a_key_is_found_by_its_id(void **state)
{
	const struct key_terms terms = { .networks = TEXT("[\"10.0.0.0/8\"]") };
	struct place *p = *state;
	char key[KEY_LENGTH + 1];
	struct err e = { "" };
	struct key found;

	create(p, "a", 0, key);
	assert_true(key_create(p->db, TEXT("b"), &terms, key, &e));
	assert_true(key_find(p->db, &p->arena, 2, &found, &e));
	assert_int_equal(found.id, 2);
	assert_string_equal(found.name.at, "b");
	assert_string_equal(found.networks.at, "[\"10.0.0.0/8\"]");
	assert_null(found.expires_at.at);
	assert_true(key_find(p->db, &p->arena, 3, &found, &e));
	assert_int_equal(found.id, 0);
}

static void
the_audit_trail_is_told_what_changed_and_no_secret(void **state)
{
	const struct key before = { .name = TEXT("a"), .prefix = TEXT("000000000000"),
		.user_id = 7, .scopes = TEXT("[\"*\"]"), .networks = TEXT("[]"),
		.last_used_at = TEXT("2025-01-01T00:00:00.000000") };
	struct key after = before;
	struct place *p = *state;
	struct out out;

	out_init(&out, &p->arena, SIZE_MAX);
	key_changes(&out, NULL, &before);
	out_char(&out, ' ');
	after.prefix = TEXT("0123456789ab");
	after.last_used_at = TEXT("2025-01-02T00:00:00.000000");
	after.old_until = TEXT("2025-01-04T00:00:00.000000");
	key_changes(&out, &before, &after);
	after.prefix = before.prefix;
	after.old_until = before.old_until;
	after.revoked_at = TEXT("2025-01-03T00:00:00.000000");
	key_changes(&out, &before, &after);
	out_char(&out, '\0');
	assert_string_equal(out.at, "{\"name\":[null,\"a\"],\"prefix\":[null,\"000000000000\"],"
	    "\"default_user\":[null,7],\"scopes\":[null,[\"*\"]],\"networks\":[null,[]]} "
	    "{\"prefix\":[\"000000000000\",\"0123456789ab\"],"
	    "\"old_until\":[null,\"2025-01-04T00:00:00.000000\"]}"
	    "{\"revoked_at\":[null,\"2025-01-03T00:00:00.000000\"]}");
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, settle, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_its_bits_in_the_form_of_the_contract),
		cmocka_unit_test(a_key_with_any_slip_is_refused_without_a_look_up),
		WITH_PLACE(who_has_a_key_is_let_in_as_its_client),
		WITH_PLACE(nobody_else_is),
		WITH_PLACE(only_the_digest_of_a_key_is_kept),
		WITH_PLACE(a_revoked_key_is_refused_within_a_second),
		WITH_PLACE(an_expired_key_is_refused),
		WITH_PLACE(a_key_is_revoked_by_name_by_digits_or_as_it_leaked),
		WITH_PLACE(a_name_is_free_again_after_its_key_is_revoked),
		WITH_PLACE(what_cannot_name_a_key_is_refused_with_a_sentence),
		WITH_PLACE(whoever_makes_a_key_is_told_its_id),
		WITH_PLACE(a_key_cannot_belong_to_a_user_who_is_not_there),
		WITH_PLACE(the_use_of_a_key_is_due_once_a_minute),
		WITH_PLACE(what_another_thread_wrote_down_is_not_due),
		WITH_PLACE(the_last_use_never_goes_back),
		WITH_PLACE(a_client_comes_with_the_terms_of_its_key),
		cmocka_unit_test(an_expiry_is_a_moment_to_come),
		WITH_PLACE(a_user_who_is_not_active_is_no_default_user),
		cmocka_unit_test(a_key_is_within_one_that_can_do_as_much),
		cmocka_unit_test(only_who_may_change_users_names_another_default_user),
		WITH_PLACE(a_rotated_key_has_two_secrets_until_the_overlap_ends),
		WITH_PLACE(a_replaced_secret_makes_nothing_that_outlives_it),
		WITH_PLACE(a_rotation_is_known_at_once_to_who_changes_keys),
		WITH_PLACE(an_overlap_has_an_end_in_sight),
		WITH_PLACE(without_an_overlap_the_old_secret_ends_at_once),
		WITH_PLACE(a_second_rotation_ends_the_first_secret),
		WITH_PLACE(the_old_prefix_with_another_secret_lets_nobody_in),
		WITH_PLACE(revoking_ends_both_secrets),
		WITH_PLACE(what_is_revoked_expired_or_absent_is_not_rotated),
		WITH_PLACE(a_secret_that_has_ended_names_no_key),
		WITH_PLACE(a_name_is_of_the_key_that_is_not_revoked),
		WITH_PLACE(a_key_is_found_by_its_id),
		WITH_PLACE(the_audit_trail_is_told_what_changed_and_no_secret),
		WITH_PLACE(the_cache_is_bounded_and_forgets_nobody_s_rights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
