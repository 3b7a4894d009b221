/*
 * Which files become modules, and what is said of those that do not.
 */
#include "module.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"
#include "module_judge.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* A folder of our own, and an arena, for each test. */
struct place {
	struct arena arena;
	char folder[64];
	char file[128];		/* in it */
};

struct bytes {
	unsigned char *at;
	size_t len;
};

static int
enter(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	*state = p;
	if (p == NULL)
		return -1;
	arena_init(&p->arena, 1 << 20);
	snprintf(p->folder, sizeof(p->folder), "/tmp/helpdesk-module-XXXXXX");
	return mkdtemp(p->folder) == NULL ? -1 : 0;
}

static int
leave(void **state)
{
	struct place *p = *state;
	char command[128];

	arena_fini(&p->arena);
	snprintf(command, sizeof(command), "rm -rf '%s'", p->folder);
	free(p);
	return system(command);
}

/* The content of a module that was built for the tests. */
static struct bytes
built(const char *name)
{
	const char *build = getenv("HELPDESK_BUILD");
	char path[512];
	struct bytes b;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/modules/%s.so", build == NULL ? "build" : build,
	    name);
	f = fopen(path, "rb");
	if (f == NULL)
		fail_msg("%s is not built", path);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	b.len = (size_t)ftell(f);
	rewind(f);
	b.at = malloc(b.len);
	assert_non_null(b.at);
	assert_int_equal(fread(b.at, 1, b.len, f), b.len);
	fclose(f);
	return b;
}

static const char *
put(struct place *p, const char *name, struct bytes b)
{
	FILE *f;

	snprintf(p->file, sizeof(p->file), "%s/%s.so", p->folder, name);
	unlink(p->file);
	f = fopen(p->file, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(b.at, 1, b.len, f), b.len);
	fclose(f);
	assert_int_equal(chmod(p->file, 0644), 0);
	return p->file;
}

/* Puts a built module into the folder. */
static const char *
put_built(struct place *p, const char *name)
{
	struct bytes b = built(name);
	const char *file = put(p, name, b);

	free(b.at);
	return file;
}

/* Fails unless the file is refused with the sentence. */
static void
assert_refused(struct place *p, const char *file, const char *name, const char *sha256,
    const char *why)
{
	struct err e = { "" };
	struct module *m = NULL;

	assert_false(module_open(&p->arena, file, name, sha256, &m, &e));
	assert_null(m);
	assert_string_equal(e.message, why);
}

/* ---- files that are taken ---- */

static void
a_sound_file_becomes_a_module(void **state)
{
	struct place *p = *state;
	const char *file = put_built(p, "good");
	struct module *m, *again;
	struct err e = { "" };

	if (!module_open(&p->arena, file, "good", NULL, &m, &e))
		fail_msg("%s", e.message);
	assert_string_equal(m->file, file);
	assert_string_equal(m->d->name, "good");
	assert_string_equal(m->d->version, "1.2.3");
	assert_string_equal(m->d->resources[0].fields[2].name, "seats");
	assert_int_equal(m->d->resources[0].fields[2].most, 500);
	assert_null(m->d->resources[0].fields[3].name);
	assert_null(m->d->resources[1].path);
	assert_string_equal(m->d->routes[0].query[0].name, "least");
	assert_ptr_equal(m->d->migrations[0].tables, m->d->resources);
	assert_int_equal(m->d->migrations[2].number, 0);
	assert_string_equal(m->d->statements[0].sql, "SELECT count(*) FROM good");
	assert_string_equal(m->d->options[0].name, "limit");
	assert_string_equal(m->d->needs[0].module, "tickets");
	assert_string_equal(getenv("HELPDESK_TEST_GOOD_RAN"), "yes");

	/* a second time: another copy of the same */
	assert_true(module_open(&p->arena, file, "good", NULL, &again, &e));
	assert_ptr_not_equal(again->d, m->d);
	assert_ptr_equal(again->d->name, m->d->name);
	assert_ptr_equal(again->d->routes[0].handler, m->d->routes[0].handler);
}

static void
a_note_is_read_without_running_the_file(void **state)
{
	struct place *p = *state;
	const char *file = put_built(p, "newer_minor");
	struct module_note note;
	struct err e = { "" };

	assert_true(module_read_note(file, &note, &e));
	assert_int_equal(note.major, HD_ABI_MAJOR);
	assert_int_equal(note.target, 7);
	assert_string_equal(note.name, "newer_minor");
	assert_string_equal(note.version, "0.3.0");
	assert_null(getenv("HELPDESK_TEST_NEWER_RAN"));

	assert_false(module_read_note("/nowhere/x.so", &note, &e));
	assert_string_equal(e.message,
	    "/nowhere/x.so: cannot be opened: No such file or directory");
}

static void
a_module_is_found_in_the_first_folder_that_has_it(void **state)
{
	struct place *p = *state;
	const char *folders[] = { "/nowhere", p->folder };
	const char *file = NULL;
	struct err e = { "" };
	char want[256];

	put_built(p, "good");
	assert_true(module_find(&p->arena, folders, 2, "good", &file, &e));
	assert_string_equal(file, p->file);

	assert_false(module_find(&p->arena, folders, 2, "bad", &file, &e));
	snprintf(want, sizeof(want), "there is no bad.so in /nowhere, %s", p->folder);
	assert_string_equal(e.message, want);
	assert_false(module_find(&p->arena, NULL, 0, "good", &file, &e));
	assert_string_equal(e.message, "there is no good.so in no folder");
	assert_false(module_find(&p->arena, folders, 2, "../good", &file, &e));
	assert_string_equal(e.message, "\"../good\" is no name of a module: it is of a-z, 0-9 and "
	    "'_', and begins with a letter");
}

/* ---- files that are refused ---- */

static void
a_file_that_is_no_module_of_this_server_is_refused(void **state)
{
	static const struct {
		const char *name, *why;
	} cases[] = {
		{ "newer_minor",
		    "newer_minor 0.3.0 needs plugin ABI 1.7, this server offers 1.0 to 1.0" },
		{ "other_major",
		    "other_major 0.3.0 needs plugin ABI 2.0, this server offers 1.0 to 1.0" },
		{ "no_note", "has no note of helpdesk; a module is made by HD_MODULE" },
		{ "two_notes", "has more than one note of helpdesk" },
		{ "two_symbols", "exports two_symbols_answer; a module exports hd_module_v1 alone, "
		    "build it with -fvisibility=hidden" },
		{ "no_symbol", "exports no hd_module_v1" },
		{ "small_symbol", "exports a hd_module_v1 that is no descriptor" },
		{ "function_symbol", "exports a hd_module_v1 that is no descriptor" },
		{ "links_sqlite", "links libsqlite3.so.0; a module links nothing of the server" },
		{ "calls_sqlite",
		    "calls sqlite3_libversion; a module sees nothing of the server but "
		    "plugin.h" },
		{ "undefined", "cannot be loaded: undefined symbol: no_such_function" },
		{ "bad_field", "resource /rooms: field colour has a type that cannot be there" },
		{ "odd_size",
		    "has a struct hd_field of 4096 bytes, which is none of ABI 1.0 to 1.0" },
		{ "two_names",
		    "is two_names 1.0.1 by its descriptor, but two_names 1.0.0 by its note" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_refused(p, put_built(p, cases[i].name), cases[i].name, NULL, cases[i].why);
	assert_null(getenv("HELPDESK_TEST_NEWER_RAN"));
}

static void
a_module_must_have_the_name_that_the_configuration_gives_it(void **state)
{
	struct place *p = *state;

	assert_refused(p, put_built(p, "good"), "better", NULL,
	    "calls itself good, the configuration calls it better");
}

static void
a_file_that_is_no_file_is_refused(void **state)
{
	struct place *p = *state;
	char path[256];

	snprintf(path, sizeof(path), "%s/absent.so", p->folder);
	assert_refused(p, path, "absent", NULL, "cannot be opened: No such file or directory");
	assert_refused(p, p->folder, "folder", NULL, "is no regular file");
	snprintf(path, sizeof(path), "%s/pipe.so", p->folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused(p, path, "pipe", NULL, "is no regular file");
}

/* What is changed in a good file; at counts from the note if from_note is set. */
static void
a_file_of_the_wrong_kind_is_refused(void **state)
{
	static const char note[] = "helpdesk\0\0\0";
	static const struct {
		bool from_note;
		size_t at;
		const char *bytes;
		size_t n;
		const char *why;
	} cases[] = {
		{ false, 0, "#!/b", 4, "is no ELF file" },
		{ false, offsetof(Elf64_Ehdr, e_machine), "\xb7", 2,
		    "is built for aarch64, this server runs on x86-64" },
		{ false, offsetof(Elf64_Ehdr, e_machine), "\x03", 2,
		    "is built for i386, this server runs on x86-64" },
		{ false, offsetof(Elf64_Ehdr, e_machine), "\x34\x12", 2,
		    "is built for another machine, this server runs on x86-64" },
		{ false, EI_DATA, "\x02", 1,
		    "is built for a big-endian machine, this server runs on x86-64" },
		{ false, EI_CLASS, "\x01", 1, "is built for 32 bits, this server for 64" },
		{ false, offsetof(Elf64_Ehdr, e_type), "\x02", 2, "is no shared object" },
		{ false, offsetof(Elf64_Ehdr, e_phentsize), "\x20", 2,
		    "is cut short or damaged: the size of a program header" },
		{ false, offsetof(Elf64_Ehdr, e_phoff), "\xff\xff\xff\xff\xff\xff\xff\xff", 8,
		    "is cut short or damaged: program headers" },
		{ false, offsetof(Elf64_Ehdr, e_shoff), "\xff\xff\xff\xff\xff\xff\xff\xff", 8,
		    "is cut short or damaged: section headers" },
		{ true, 0, "desphelk", 8,
		    "has no note of helpdesk; a module is made by HD_MODULE" },
		{ true, 12, "\x02\0\0\0\x05", 5,
		    "good 1.2.3 needs plugin ABI 2.5, this server offers 1.0 to 1.0" },
		{ true, 16, "\xff\xff\xff\xff", 4,
		    "good 1.2.3 needs plugin ABI 1.4294967295, this server offers 1.0 to 1.0" },
		{ true, 20, "Good", 4, "is cut short or damaged: the note of helpdesk" },
		{ true, 20, "good_good_good_good_good_good_goo", 32,
		    "is cut short or damaged: the note of helpdesk" },
		{ true, 52, "1.02", 5, "is cut short or damaged: the note of helpdesk" },
		{ true, 52, "1.2.3\x1b[2J", 10, "is cut short or damaged: the note of helpdesk" },
	};
	struct place *p = *state;
	struct bytes good = built("good"), b = { malloc(good.len), good.len };

	assert_non_null(b.at);
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t at = cases[i].at;

		memcpy(b.at, good.at, b.len);
		if (cases[i].from_note)
			at += (size_t)((unsigned char *)memmem(b.at, b.len, note, 12) - b.at);
		memcpy(b.at + at, cases[i].bytes, cases[i].n);
		assert_refused(p, put(p, "good", b), "good", NULL, cases[i].why);
	}
	free(b.at);
	free(good.at);
}

/* Asks both judges of content about bytes that end where the memory ends. */
static bool
judged(const unsigned char *bytes, size_t n, struct err *e)
{
	unsigned char *copy = malloc(n + (n == 0));
	struct text t = { (char *)copy, n };
	struct module_note note = { 0 };
	bool found, linkage;

	assert_non_null(copy);
	memcpy(copy, bytes, n);
	found = module_find_note(t, &note, e);
	linkage = module_check_linkage(t, e);
	if (found)
		assert_true(strlen(note.name) > 0 && strlen(note.version) >= 5);
	free(copy);
	return found && linkage;
}

static void
a_file_that_is_cut_short_anywhere_is_refused(void **state)
{
	struct bytes b = built("good");
	struct err e = { "" };

	(void)state;
	assert_true(judged(b.at, b.len, &e));
	for (size_t n = 0; n < b.len; n++)
		assert_false(judged(b.at, n, &e));
	free(b.at);
}

/* Where the part of a file ends that the loader maps. */
static size_t
end_of_segments(struct bytes b)
{
	Elf64_Ehdr head;
	Elf64_Phdr ph;
	size_t end = 0;

	memcpy(&head, b.at, sizeof(head));
	for (unsigned i = 0; i < head.e_phnum; i++) {
		memcpy(&ph, b.at + head.e_phoff + i * sizeof(ph), sizeof(ph));
		if (ph.p_type == PT_LOAD && ph.p_offset + ph.p_filesz > end)
			end = ph.p_offset + ph.p_filesz;
	}
	return end;
}

/* The loader needs no section headers, so strippers take them, but dies of half a segment. */
static void
a_file_without_section_headers_must_have_its_segments(void **state)
{
	struct bytes b = built("good");
	size_t end = end_of_segments(b);
	struct err e = { "" };

	(void)state;
	memset(b.at + offsetof(Elf64_Ehdr, e_shoff), 0, 8);
	memset(b.at + offsetof(Elf64_Ehdr, e_shnum), 0, 2);
	assert_true(judged(b.at, end, &e));
	for (size_t n = 0; n < end; n++)
		assert_false(judged(b.at, n, &e));
	assert_string_equal(e.message, "is cut short or damaged: a segment");
	free(b.at);
}

static void
a_damaged_file_is_judged_without_harm(void **state)
{
	static const unsigned char values[] = { 0x00, 0x01, 0x07, 0x7f, 0x80, 0xfe, 0xff };
	struct bytes good = built("good"), b = { malloc(good.len), good.len };
	uint64_t random = 88172645463325252u;
	size_t refused = 0;
	struct err e;

	(void)state;
	assert_non_null(b.at);
	for (unsigned i = 0; i < 20000; i++) {
		memcpy(b.at, good.at, b.len);
		for (unsigned j = 0; j < 1 + i % 5; j++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			/* mostly where the headers and the dynamic tables are */
			b.at[random % (i % 4 == 0 ? b.len : 2048)] = values[(random >> 40) % 7];
		}
		refused += !judged(b.at, b.len, &e);
	}
	assert_true(refused > 1000);
	free(b.at);
	free(good.at);
}

/* ---- who can change the file ---- */

static void
a_file_that_others_can_change_is_refused(void **state)
{
	static const struct {
		mode_t file, folder;
		const char *why;	/* %s: the folder */
	} cases[] = {
		{ 0600, 0700, NULL },
		{ 0755, 0755, NULL },
		{ 0664, 0755, "can be written by a group" },
		{ 0646, 0755, "can be written by everybody" },
		{ 0644, 0775, "is in the folder %s, which can be written by a group" },
		{ 0644, 0777, "is in the folder %s, which can be written by everybody" },
	};
	struct place *p = *state;
	const char *file = put_built(p, "good");
	struct module *m;
	struct err e;
	char why[256];

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(chmod(file, cases[i].file), 0);
		assert_int_equal(chmod(p->folder, cases[i].folder), 0);
		if (cases[i].why == NULL) {
			assert_true(module_open(&p->arena, file, "good", NULL, &m, &e));
			continue;
		}
		snprintf(why, sizeof(why), "%s", cases[i].why);
		if (strstr(why, "%s") != NULL)
			snprintf(why, sizeof(why), "is in the folder %s, %s", p->folder,
			    strstr(cases[i].why, "which"));
		assert_refused(p, file, "good", NULL, why);
	}
}

/* Only root can give a file away. */
static void
a_file_that_belongs_to_somebody_else_is_refused(void **state)
{
	struct place *p = *state;
	const char *file = put_built(p, "good");
	char why[256];

	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(file, 1234, 0), 0);
	assert_refused(p, file, "good", NULL,
	    "belongs to user 1234, who is neither root nor the server's user");
	assert_int_equal(chown(file, 0, 0), 0);
	assert_int_equal(chown(p->folder, 1234, 0), 0);
	snprintf(why, sizeof(why),
	    "is in the folder %s, which belongs to user 1234, who is neither "
	    "root nor the server's user", p->folder);
	assert_refused(p, file, "good", NULL, why);
}

static void
a_link_is_judged_by_what_it_leads_to(void **state)
{
	struct place *p = *state;
	const char *file = put_built(p, "good");
	struct module *m;
	struct err e;
	char link[128];

	snprintf(link, sizeof(link), "%s/link.so", p->folder);
	assert_int_equal(symlink(file, link), 0);
	assert_true(module_open(&p->arena, link, "good", NULL, &m, &e));
	assert_string_equal(m->file, file);
	assert_int_equal(chmod(file, 0666), 0);
	assert_refused(p, link, "good", NULL, "can be written by everybody");
}

static void
a_pinned_file_must_have_its_digest(void **state)
{
	/* what sha256sum says of "abc" (FIPS 180-2, B.1) */
	static const char abc[] =
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	static const char upper[] =
	    "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
	static const char wrong[] =
	    "0000000000000000000000000000000000000000000000000000000000000000";
	struct place *p = *state;
	struct bytes b = { (unsigned char[]){ 'a', 'b', 'c' }, 3 };
	char why[256];

	assert_refused(p, put(p, "abc", b), "abc", abc, "is no ELF file");
	assert_refused(p, p->file, "abc", upper, "is no ELF file");
	snprintf(why, sizeof(why), "has the SHA-256 %s, not %s as the configuration says", abc,
	    wrong);
	assert_refused(p, p->file, "abc", wrong, why);
}

/* ---- descriptors ---- */

static bool
answer(struct hd_req *req)
{
	(void)req;
	return true;
}

static const struct hd_field id_only[] = { { "id", HD_ID }, { 0 } };

/* A module that is sound, to be spoilt in one place. */
static struct hd_module
sound(void)
{
	return (struct hd_module){ .name = "rooms", .version = "1.0.0" };
}

static void
assert_fault(const struct hd_module *m, const char *why)
{
	struct err e = { "" };

	assert_int_equal(module_check_descriptor(m, &e), why == NULL);
	assert_string_equal(e.message, why == NULL ? "" : why);
}

static void
a_module_says_who_it_is(void **state)
{
	static const struct {
		const char *name, *version, *doc, *openapi, *why;
	} cases[] = {
		{ "rooms", "1.0.0", NULL, NULL, NULL },
		{ "a", "0.0.0-rc.1+b.007", "Rooms", "{\"schemas\":{}}", NULL },
		{ "r2345678901234567890123456789_1", "1.0.0", NULL, NULL, NULL },
		{ "r2345678901234567890123456789_12", "1.0.0", NULL, NULL,
		    "has a name that is not of a-z, 0-9 and '_', or is over 31 bytes" },
		{ NULL, "1.0.0", NULL, NULL,
		    "has a name that is not of a-z, 0-9 and '_', or is over 31 bytes" },
		{ "", "1.0.0", NULL, NULL,
		    "has a name that is not of a-z, 0-9 and '_', or is over 31 bytes" },
		{ "Rooms", "1.0.0", NULL, NULL,
		    "has a name that is not of a-z, 0-9 and '_', or is over 31 bytes" },
		{ "1st", "1.0.0", NULL, NULL,
		    "has a name that is not of a-z, 0-9 and '_', or is over 31 bytes" },
		{ "core", "1.0.0", NULL, NULL, "is called core, which is reserved for the server" },
		{ "core_audit", "1.0.0", NULL, NULL,
		    "is called core_audit, which is reserved for the server" },
		{ "user", "1.0.0", NULL, NULL, "is called user, which is reserved for the server" },
		{ "migration", "1.0.0", NULL, NULL,
		    "is called migration, which is reserved for the server" },
		{ "sqlite_x", "1.0.0", NULL, NULL,
		    "is called sqlite_x, which is reserved for the server" },
		{ "users", "1.0.0", NULL, NULL, NULL },
		{ "rooms", NULL, NULL, NULL,
		    "has a version that is none by semver, or is over 23 bytes" },
		{ "rooms", "1.0", NULL, NULL,
		    "has a version that is none by semver, or is over 23 bytes" },
		{ "rooms", "1.0.0-12345678901234567", NULL, NULL, NULL },
		{ "rooms", "1.0.0-123456789012345678", NULL, NULL,
		    "has a version that is none by semver, or is over 23 bytes" },
		{ "rooms", "1.0.0", " ", NULL, "has a .doc that is empty or no UTF-8" },
		{ "rooms", "1.0.0", "\xff", NULL, "has a .doc that is empty or no UTF-8" },
		{ "rooms", "1.0.0", NULL, "[]", "has .openapi that is no JSON object" },
		{ "rooms", "1.0.0", NULL, "{", "has .openapi that is no JSON object" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_fault(&(struct hd_module){ .name = cases[i].name,
		    .version = cases[i].version,
		    .doc = cases[i].doc, .openapi = cases[i].openapi }, cases[i].why);
}

/* Each row is a second field beside "id"; two of them where one alone cannot be wrong. */
static const struct {
	struct hd_field field, more;
	const char *why;	/* after "resource /rooms: field " */
} field_cases[] = {
	{ { "name", HD_TEXT,
	    HD_REQUIRED | HD_TRIM | HD_UNIQUE | HD_CONTAINS | HD_CREATE_ONLY } },
	{ { "owner", HD_USER, HD_FILTER | HD_CALLER, .missing = "Nobody of that name." },
	    { "owner_name", HD_USER_NAME, .of = "owner" } },
	{ { "made", HD_CREATED }, { "changed", HD_UPDATED } },
	{ { "editor", HD_EDITOR }, { "files", HD_ATTACHMENTS } },
	{ { "Name", HD_TEXT }, { 0 },
	    "Name has a name that is not of a-z, 0-9 and '_', or is over 48 bytes" },
	{ { "", HD_TEXT }, { 0 },
	    " has a name that is not of a-z, 0-9 and '_', or is over 48 bytes" },
	{ { "n2345678901234567890123456789012345678901234567_9", HD_TEXT }, { 0 },
	    "n2345678901234567890123456789012345678901234567_9 has a name that is not of "
	    "a-z, 0-9 and '_', or is over 48 bytes" },
	{ { "n234567890123456789012345678901234567890123456_8", HD_TEXT } },
	{ { "order", HD_TEXT }, { 0 }, "order has a name that is a reserved word of SQL" },
	{ { "add", HD_TEXT }, { 0 }, "add has a name that is a reserved word of SQL" },
	{ { "with", HD_TEXT }, { 0 }, "with has a name that is a reserved word of SQL" },
	{ { "orders", HD_TEXT }, { "type", HD_TEXT } },
	{ { "xmin", HD_TEXT }, { 0 },
	    "xmin has the name of a column that PostgreSQL adds to every table" },
	{ { "ctid", HD_INTEGER }, { 0 },
	    "ctid has the name of a column that PostgreSQL adds to every table" },
	{ { "xmins", HD_TEXT }, { "oid", HD_TEXT } },
	{ { "hd_name", HD_TEXT }, { 0 },
	    "hd_name has a name that begins with hd_, which the server keeps for itself" },
	{ { "hdname", HD_TEXT }, { "a_hd_", HD_TEXT } },
	{ { "name_fold", HD_TEXT }, { 0 },
	    "name_fold has a name that ends in _fold, which the server keeps for itself" },
	{ { "fold", HD_TEXT }, { "a_folder", HD_TEXT } },
	{ { "id", HD_TEXT }, { 0 }, "id is there twice" },
	{ { "a", HD_TEXT }, { "a", HD_DATE }, "a is there twice" },
	{ { "a", HD_NONE }, { 0 }, "a has a type that cannot be there" },
	{ { "a", HD_JSON + 1 }, { 0 }, "a has a type that cannot be there" },
	{ { "a", (enum hd_type)-1 }, { 0 }, "a has a type that cannot be there" },
	{ { "a", (enum hd_type)34 }, { 0 }, "a has a type that cannot be there" },
	{ { "a", HD_TEXT, 1 << 12 }, { 0 }, "a has a flag that cannot be there" },
	{ { "a", HD_TEXT, HD_FILTER | HD_CONTAINS }, { 0 },
	    "a has both HD_FILTER and HD_CONTAINS" },
	{ { "a", HD_TEXT, HD_FILTER | HD_EXACT, .max = 9 }, { 0 },
	    "a has HD_EXACT beside another kind of filter" },
	{ { "a", HD_TEXT, HD_EXACT | HD_CONTAINS }, { 0 },
	    "a has HD_EXACT beside another kind of filter" },
	{ { "a", HD_TEXT, HD_FILTER }, { "b", HD_TEXT, HD_EXACT, .filter = "a" },
	    "b is found by a parameter that another field has" },
	{ { "a", HD_TEXT, HD_FILTER }, { "b", HD_TEXT, .filter = "a" } },
	{ { "a", HD_TEXT, HD_FILTER, .filter = "b" }, { "b", HD_TEXT, HD_EXACT, .filter = "a" } },
	{ { "a", HD_TEXT, HD_FILTER, .filter = "b&c" }, { 0 },
	    "a has a .filter that is not of a-z, 0-9 and '_', or is over 48 bytes" },
	{ { "a", HD_TEXT, HD_SORT }, { 0 }, "a has HD_SORT and no .max of 255 or less" },
	{ { "a", HD_TEXT, HD_SORT, .max = 256 }, { 0 },
	    "a has HD_SORT and no .max of 255 or less" },
	{ { "a", HD_TEXT, HD_SORT, .max = 255 }, { "b", HD_DATE, HD_SORT } },
	{ { "a", HD_ID }, { 0 }, "a has a type that only one field can have" },
	{ { "a", HD_CREATED }, { "b", HD_CREATED },
	    "b has a type that only one field can have" },
	{ { "a", HD_ATTACHMENTS }, { "b", HD_ATTACHMENTS },
	    "b has a type that only one field can have" },
	{ { "a", HD_DATE, .max = 1 }, { 0 },
	    "a has .max, which is for HD_TEXT" },
	{ { "a", HD_TAGS, .max = 1 }, { 0 }, "a has .max, which is for HD_TEXT" },
	{ { "a", HD_TEXT, .most = 1 }, { 0 },
	    "a has .least or .most, which are for HD_INTEGER" },
	{ { "a", HD_INTEGER, .least = 1 }, { 0 }, "a has a .least above its .most" },
	{ { "a", HD_INTEGER, .least = -5, .most = -5 } },
	/* flags and their types */
	{ { "a", HD_CREATED, HD_REQUIRED }, { 0 },
	    "a has HD_REQUIRED, but is nothing that a body gives" },
	{ { "a", HD_EDITOR, HD_CREATE_ONLY }, { 0 },
	    "a has HD_CREATE_ONLY, but is nothing that a body gives" },
	{ { "a", HD_EDITOR, HD_READ_ONLY }, { 0 },
	    "a has HD_READ_ONLY, but is read-only by its type" },
	{ { "a", HD_TEXT, HD_READ_ONLY | HD_REQUIRED }, { 0 },
	    "a has both HD_REQUIRED and HD_READ_ONLY" },
	{ { "a", HD_USER, HD_READ_ONLY | HD_CALLER } },
	{ { "a", HD_TAGS, HD_REQUIRED } },
	{ { "a", HD_DATE, HD_TRIM }, { 0 }, "a has HD_TRIM, which is for HD_TEXT" },
	{ { "a", HD_INTEGER, HD_UNIQUE }, { 0 }, "a has HD_UNIQUE, which is for HD_TEXT" },
	{ { "a", HD_INTEGER, HD_FILTER }, { 0 },
	    "a has HD_FILTER, which is for HD_TEXT and HD_USER" },
	{ { "a", HD_USER, HD_CONTAINS }, { 0 }, "a has HD_CONTAINS, which is for HD_TEXT" },
	{ { "a", HD_DATE, HD_SEARCH }, { 0 },
	    "a has HD_SEARCH, which is for HD_TEXT, HD_TAGS and HD_ATTACHMENTS" },
	{ { "a", HD_TEXT, HD_CALLER }, { 0 }, "a has HD_CALLER, which is for HD_USER" },
	/* references */
	{ { "a", HD_USER_NAME }, { 0 }, "a has no .of that names an HD_USER field" },
	{ { "a", HD_USER_NAME, .of = "b" }, { 0 },
	    "a has no .of that names an HD_USER field" },
	{ { "a", HD_USER_NAME, .of = "id" }, { 0 },
	    "a has no .of that names an HD_USER field" },
	{ { "a", HD_TEXT, .of = "id" }, { 0 }, "a has .of, which is for HD_USER_NAME" },
	{ { "a", HD_USER, .missing = "x" }, { 0 },
	    "a has .missing, which is for HD_USER with HD_FILTER" },
	{ { "a", HD_TEXT, HD_FILTER, .missing = "x" }, { 0 },
	    "a has .missing, which is for HD_USER with HD_FILTER" },
	{ { "a", HD_TEXT, .since = 1 } },
	{ { "a", HD_TEXT, .since = 2 }, { 0 },
	    "a has a .since that is the number of no migration" },
	/* words */
	{ { "a", HD_TEXT, .example = "x" }, { 0 }, "a has an .example that is no JSON" },
	{ { "a", HD_TEXT, .example = "" }, { 0 }, "a has an .example that is no JSON" },
	{ { "a", HD_TEXT, .example = "{\"x\":[1]}" } },
	{ { "a", HD_TEXT, .doc = "" }, { 0 },
	    "a has a .doc or .missing that is empty or no UTF-8" },
	{ { "a", HD_TEXT, .doc = "\xc3" }, { 0 },
	    "a has a .doc or .missing that is empty or no UTF-8" },
};

static void
a_field_of_a_resource_is_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(field_cases); i++) {
		const struct hd_field fields[] = { { "id", HD_ID }, field_cases[i].field,
		    field_cases[i].more, { 0 } };
		const struct hd_resource resources[] = { { "/rooms", "rooms", "room", "rooms",
		    .fields = fields }, { 0 } };
		const struct hd_migration steps[] = { { 1, "create", .tables = resources }, { 0 } };
		struct hd_module m = sound();
		char why[256];

		m.resources = resources;
		m.migrations = steps;
		snprintf(why, sizeof(why), "resource /rooms: field %s", field_cases[i].why);
		assert_fault(&m, field_cases[i].why == NULL ? NULL : why);
	}
}

static void
a_default_is_a_value_of_its_type(void **state)
{
	static const struct {
		struct hd_field field;
		bool fits;
	} cases[] = {
		{ { "a", HD_TEXT, .value = "\"Open\"" }, true },
		{ { "a", HD_TEXT, .value = "\"\"" }, true },
		{ { "a", HD_TEXT, HD_REQUIRED, .value = "\" \"" }, false },
		{ { "a", HD_TEXT, .max = 3, .value = "\"\xce\xb1\xce\xb2\xce\xb3\"" }, true },
		{ { "a", HD_TEXT, .max = 3, .value = "\"abcd\"" }, false },
		{ { "a", HD_TEXT, .value = "Open" }, false },
		{ { "a", HD_TEXT, .value = "1" }, false },
		{ { "a", HD_TEXT, .value = "null" }, false },
		{ { "a", HD_TEXT, .value = "" }, false },
		{ { "a", HD_TEXT, .value = "\"a\" \"b\"" }, false },
		{ { "a", HD_INTEGER, .value = "-9223372036854775808" }, true },
		{ { "a", HD_INTEGER, .value = "9223372036854775808" }, false },
		{ { "a", HD_INTEGER, .value = "1.5" }, false },
		{ { "a", HD_INTEGER, .value = "\"1\"" }, false },
		{ { "a", HD_INTEGER, .least = 1, .most = 5, .value = "5" }, true },
		{ { "a", HD_INTEGER, .least = 1, .most = 5, .value = "6" }, false },
		{ { "a", HD_INTEGER, .least = 1, .most = 5, .value = "0" }, false },
		{ { "a", HD_BOOLEAN, .value = "true" }, true },
		{ { "a", HD_BOOLEAN, .value = "false" }, true },
		{ { "a", HD_BOOLEAN, .value = "0" }, false },
		{ { "a", HD_DATE, .value = "\"2024-02-29\"" }, true },
		{ { "a", HD_DATE, .value = "\"2023-02-29\"" }, false },
		{ { "a", HD_DATE, .value = "20240229" }, false },
		{ { "a", HD_TIME, .value = "\"2024-02-29T12:00\"" }, true },
		{ { "a", HD_TIME, .value = "\"noon\"" }, false },
		{ { "a", HD_TAGS, .value = "[]" }, true },
		{ { "a", HD_TAGS, .value = "[\"a\",\"b\"]" }, true },
		{ { "a", HD_TAGS, .value = "[\"a\",1]" }, false },
		{ { "a", HD_TAGS, .value = "\"a,b\"" }, false },
		{ { "a", HD_USER, .value = "1" }, false },
		{ { "a", HD_CREATED, .value = "\"2024-02-29T12:00\"" }, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct hd_field fields[] = { cases[i].field, { 0 } };
		struct err e = { "" };

		assert_int_equal(module_check_fields(fields, MODULE_RESOURCE, "x", 1, &e),
		    cases[i].fits);
		assert_string_equal(e.message, cases[i].fits ? "" :
		    "x: field a has a .value that is no JSON value of its type");
	}
}

/* A default goes into rows and replies as its text stands in the table. */
static void
a_default_has_no_escape(void **state)
{
	static const struct hd_field cases[] = {
		{ "a", HD_TEXT, .value = "\"a\\nb\"" },
		{ "a", HD_TEXT, .value = "\"\\u03b1\"" },
		{ "a", HD_TEXT, .value = "\"C:\\\\\"" },
		{ "a", HD_DATE, .value = "\"2024-02-2\\u0039\"" },
		{ "a", HD_TAGS, .value = "[\"\\\"\"]" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct hd_field fields[] = { cases[i], { 0 } };
		struct err e = { "" };

		assert_false(module_check_fields(fields, MODULE_RESOURCE, "x", 1, &e));
		assert_string_equal(e.message,
		    "x: field a has a .value with an escape, which would be stored as it stands");
	}
}

static void
a_field_that_comes_later_has_a_value_for_the_rows_that_are_there(void **state)
{
	static const char required[] = "x: field a is required and comes after its table, so it "
	    "needs a .value for the rows that are there";
	static const char impossible[] = "x: field a can never be null and has no default, so it "
	    "cannot come after its table, which may have rows";
	static const struct {
		unsigned table;		/* .since of the "id" */
		struct hd_field field;
		const char *why;
	} cases[] = {
		{ 0, { "a", HD_TEXT, .since = 2 }, NULL },
		{ 0, { "a", HD_TEXT, HD_REQUIRED, .since = 1 }, NULL },
		{ 0, { "a", HD_TEXT, HD_REQUIRED, .since = 2 }, required },
		{ 1, { "a", HD_INTEGER, HD_REQUIRED, .since = 2 }, required },
		{ 0, { "a", HD_TEXT, HD_REQUIRED, .value = "\"x\"", .since = 2 }, NULL },
		{ 2, { "a", HD_TEXT, HD_REQUIRED, .since = 2 }, NULL },
		{ 2, { "a", HD_TEXT, HD_REQUIRED, .since = 3 }, required },
		{ 0, { "a", HD_USER, HD_REQUIRED, .since = 2 }, impossible },
		{ 0, { "a", HD_USER, HD_CALLER, .since = 2 }, impossible },
		{ 0, { "a", HD_CREATED, .since = 2 }, impossible },
		{ 0, { "a", HD_USER, .since = 2 }, NULL },
		{ 0, { "a", HD_TAGS, HD_REQUIRED, .since = 2 }, NULL },
		{ 0, { "a", HD_ATTACHMENTS, .since = 2 }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct hd_field fields[] = { { "id", HD_ID, .since = cases[i].table },
		    cases[i].field, { 0 } };
		struct err e = { "" };

		assert_int_equal(module_check_fields(fields, MODULE_RESOURCE, "x", 3, &e),
		    cases[i].why == NULL);
		assert_string_equal(e.message, cases[i].why == NULL ? "" : cases[i].why);
	}
}

/* Each of these is refused unquoted by SQLite 3.40, PostgreSQL 15, or both. */
static void
a_reserved_word_is_known(void **state)
{
	static const char *const words[] = { "add", "all", "analyse", "between", "current_date",
	    "desc", "exists", "group", "index", "limit", "localtime", "offset", "order", "primary",
	    "select", "session_user", "system_user", "table", "to", "transaction", "user", "values",
	    "verbose", "window", "with" };
	static const char *const names[] = { "", "a", "aa", "category", "condition", "content",
	    "key", "location", "ordered", "orde", "status", "type", "users", "version", "zone" };

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++)
		if (!module_is_reserved(words[i]))
			fail_msg("%s", words[i]);
	for (size_t i = 0; i < COUNT(names); i++)
		if (module_is_reserved(names[i]))
			fail_msg("%s", names[i]);
}

static void
a_table_is_not_called_by_a_reserved_word(void **state)
{
	static const struct hd_resource orders[] = { { "/o", "order", "order", "orders", NULL,
	    id_only }, { 0 } };
	static const struct hd_resource lines[] = { { "/o", "order_lines", "order", "orders", NULL,
	    id_only }, { 0 } };
	static const struct hd_migration steps[] = { { 1, "create", .sql = "SELECT 1;" }, { 0 } };
	struct hd_module m = { .name = "order", .version = "1.0.0", .migrations = steps };

	(void)state;
	m.resources = orders;
	assert_fault(&m, "resource /o has a table whose name is a reserved word of SQL");
	m.resources = lines;
	assert_fault(&m, NULL);
}

static void
a_resource_is_sound(void **state)
{
	static const struct hd_field rich[] = {
		{ "id", HD_ID }, { "made", HD_CREATED }, { "shown", HD_BOOLEAN },
		{ "title", HD_TEXT, HD_SEARCH }, { "kind", HD_TEXT, HD_FILTER }, { 0 },
	};
	static const struct hd_field late_id[] = { { "name", HD_TEXT }, { "id", HD_ID }, { 0 } };
	static const struct hd_field other_id[] = { { "number", HD_ID }, { 0 } };
	static const struct hd_field empty[] = { { 0 } };
	static const struct {
		struct hd_resource first, second;
		const char *why;
	} cases[] = {
		{ { "/rooms", "rooms", "room", "rooms", "Rooms", id_only } },
		{ { "/a/b.c", "rooms_2", "a", "b", NULL, rich, "made", "q", "shown", "No.",
		    "Yes" } },
		{ { "/a", "rooms", "a", "as", NULL, id_only }, { "/b", "rooms_b", "b", "bs", NULL,
		    id_only } },
		{ { "rooms", "rooms", "a", "as", NULL, id_only }, { 0 },
		    "resource rooms: the path rooms does not begin with '/'" },
		{ { "/rooms/", "rooms", "a", "as", NULL, id_only }, { 0 },
		    "resource /rooms/: the path /rooms/ has an empty segment" },
		{ { "/rooms/{id}", "rooms", "a", "as", NULL, id_only }, { 0 },
		    "resource /rooms/{id} has a path with a parameter, or \"/\"" },
		{ { "/", "rooms", "a", "as", NULL, id_only }, { 0 },
		    "resource / has a path with a parameter, or \"/\"" },
		{ { "/r", "tickets", "a", "as", NULL, id_only }, { 0 },
		    "resource /r has a table that is not named after the module" },
		{ { "/r", "roomses", "a", "as", NULL, id_only }, { 0 },
		    "resource /r has a table that is not named after the module" },
		{ { "/r", NULL, "a", "as", NULL, id_only }, { 0 },
		    "resource /r has a table that is not named after the module" },
		{ { "/r", "rooms\"", "a", "as", NULL, id_only }, { 0 },
		    "resource /r has a table that is not named after the module" },
		{ { "/r", "rooms", NULL, "as", NULL, id_only }, { 0 },
		    "resource /r has a .one or .many that is not of a-z, 0-9 and '_'" },
		{ { "/r", "rooms", "a", "a\"s", NULL, id_only }, { 0 },
		    "resource /r has a .one or .many that is not of a-z, 0-9 and '_'" },
		{ { "/r", "rooms", "a", "as", NULL, NULL }, { 0 }, "resource /r has no fields" },
		{ { "/r", "rooms", "a", "as", NULL, empty }, { 0 }, "resource /r has no fields" },
		{ { "/r", "rooms", "a", "as", NULL, late_id }, { 0 },
		    "resource /r does not begin with a field \"id\" of type HD_ID" },
		{ { "/r", "rooms", "a", "as", NULL, other_id }, { 0 },
		    "resource /r does not begin with a field \"id\" of type HD_ID" },
		{ { "/r", "rooms", "a", "as", NULL, rich, "title", "q" }, { 0 },
		    "resource /r has an .order that names no HD_CREATED or HD_UPDATED field" },
		{ { "/r", "rooms", "a", "as", NULL, rich, "absent", "q" }, { 0 },
		    "resource /r has an .order that names no HD_CREATED or HD_UPDATED field" },
		{ { "/r", "rooms", "a", "as", NULL, rich, NULL, "q", "made" }, { 0 },
		    "resource /r has a .listed that names no HD_BOOLEAN field" },
		{ { "/r", "rooms", "a", "as", NULL, rich, NULL, "q&" }, { 0 },
		    "resource /r has a .search that is not of a-z, 0-9 and '_'" },
		{ { "/r", "rooms", "a", "as", NULL, rich }, { 0 },
		    "resource /r has .search without a field with HD_SEARCH, or the reverse" },
		{ { "/r", "rooms", "a", "as", NULL, id_only, .search = "q" }, { 0 },
		    "resource /r has .search without a field with HD_SEARCH, or the reverse" },
		{ { "/r", "rooms", "a", "as", NULL, rich, NULL, "kind" }, { 0 },
		    "resource /r has a .search that is also the name of a filter" },
		{ { "/r", "rooms", "a", "as", "\xff", id_only }, { 0 },
		    "resource /r has a .title, .required or .doc that is empty or no UTF-8" },
		{ { "/r", "rooms", "a", "as", NULL, id_only }, { "/r", "rooms_b", "b", "bs", NULL,
		    id_only },
		    "resource /r has the path or the table of an earlier one" },
		{ { "/r", "rooms", "a", "as", NULL, id_only }, { "/s", "rooms", "b", "bs", NULL,
		    id_only },
		    "resource /s has the path or the table of an earlier one" },
	};
	static const struct hd_migration steps[] = { { 1, "create", .sql = "SELECT 1;" }, { 0 } };
	struct hd_module m = sound();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct hd_resource resources[] = { cases[i].first, cases[i].second, { 0 } };

		m.resources = resources;
		m.migrations = steps;
		assert_fault(&m, cases[i].why);
		m.migrations = NULL;
		assert_fault(&m, "has resources, but no migration that makes their tables");
	}
}

/* Rows that hang at others, and tables of the server. */
static void
a_resource_stands_where_it_may(void **state)
{
	static const struct hd_field child[] = { { "id", HD_ID }, { "room", HD_PARENT }, { 0 } };
	static const struct hd_field digest[] = { { "id", HD_ID }, { "digest", HD_TEXT }, { 0 } };
	static const struct hd_migration steps[] = { { 1, "create", .sql = "SELECT 1;" }, { 0 } };
	static const struct {
		struct hd_resource first, second;
		const char *why;
	} cases[] = {
		{ { "/r", "rooms", "r", "rs", NULL, id_only },
		    { "/r/{id}/as", "rooms_a", "a", "as", NULL, child, .parent = "rooms" } },
		{ { "/r", "rooms", "r", "rs", NULL, id_only },
		    { "/r/{id}/as", "rooms_a", "a", "as", NULL, child },
		    "resource /r/{id}/as has a path with a parameter, or \"/\"" },
		{ { "/r", "rooms", "r", "rs", NULL, id_only },
		    { "/r/{id}/as", "rooms_a", "a", "as", NULL, child, .parent = "tickets" },
		    "resource /r/{id}/as has a .parent that is no table of an earlier resource" },
		{ { "/r", "rooms", "r", "rs", NULL, id_only },
		    { "/r/{room}/as", "rooms_a", "a", "as", NULL, child, .parent = "rooms" },
		    "resource /r/{room}/as has a path that is not that of its parent's rows and "
		    "one name behind it" },
		{ { "/r", "rooms", "r", "rs", NULL, id_only },
		    { "/r/{id}/a/s", "rooms_a", "a", "as", NULL, child, .parent = "rooms" },
		    "resource /r/{id}/a/s has a path that is not that of its parent's rows and "
		    "one name behind it" },
		{ { "/r", "rooms", "r", "rs", NULL, id_only },
		    { "/r/{id}/as", "rooms_a", "a", "as", NULL, id_only, .parent = "rooms" },
		    "resource /r/{id}/as has .parent without a field HD_PARENT, or the reverse" },
		{ { "/r", "rooms", "r", "rs", NULL, child }, { 0 },
		    "resource /r has .parent without a field HD_PARENT, or the reverse" },
		{ { "/r", "rooms", "r", "rs", NULL, id_only, .verbs = 1 << 5 }, { 0 },
		    "resource /r has a bit in .verbs that this server does not know" },
		{ { "/r", "rooms", "r", "rs", NULL, id_only, .with = 1 << 3 }, { 0 },
		    "resource /r has a bit in .with that this server does not know" },
		{ { "/r", "rooms", "r", "rs", NULL, id_only, .flags = HD_SEARCH_OPTIONAL << 1 },
		    { 0 }, "resource /r has a bit in .flags that this server does not know" },
		{ { "/r", "rooms", "r", "rs", NULL, id_only, .scope = "r" },
		    { "/s", "rooms_s", "s", "ss", NULL, id_only, .scope = "r:write" } },
		{ { "/r", "rooms", "r", "rs", NULL, id_only, .scope = "r:*" }, { 0 },
		    "resource /r has a .scope that is neither a word nor MODULE:read or "
		    "MODULE:write" },
		{ { "/r", "rooms", "r", "rs", NULL, id_only, .scope = "" }, { 0 },
		    "resource /r has a .scope that is neither a word nor MODULE:read or "
		    "MODULE:write" },
		{ { "/r", "rooms", "r", "rs", NULL, id_only },
		    { "/s", "core_user", "s", "ss", NULL, id_only, .verbs = HD_LIST } },
		{ { "/r", "rooms", "r", "rs", NULL, id_only },
		    { "/s", "core_user", "s", "ss", NULL, id_only },
		    "resource /s does with a table of the server more than a module may" },
		{ { "/r", "rooms", "r", "rs", NULL, id_only },
		    { "/s", "core_audit", "s", "ss", NULL, id_only, .verbs = HD_DELETE },
		    "resource /s does with a table of the server more than a module may" },
		{ { "/r", "rooms", "r", "rs", NULL, id_only },
		    { "/s", "core_key", "s", "ss", NULL, digest, .verbs = HD_LIST },
		    "resource /s has a field that the server's table has not, or keeps to itself" },
		{ { "/r", "rooms", "r", "rs", NULL, id_only },
		    { "/s", "core_derived", "s", "ss", NULL, id_only, .verbs = HD_LIST },
		    "resource /s has a table that is not named after the module" },
	};
	struct hd_module m = sound();

	(void)state;
	m.migrations = steps;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct hd_resource resources[] = { cases[i].first, cases[i].second, { 0 } };

		m.resources = resources;
		assert_fault(&m, cases[i].why);
	}
}

static void
a_route_is_sound(void **state)
{
#define OK "{\"operationId\":\"a\",\"responses\":{\"200\":{}}}"
	static const struct hd_field query[] = { { "q", HD_TEXT, HD_REQUIRED | HD_TRIM }, { 0 } };
	static const struct hd_field body[] = { { "tags", HD_TAGS }, { "who", HD_USER }, { 0 } };
	static const struct hd_field filter[] = { { "q", HD_TEXT, HD_FILTER }, { 0 } };
	static const struct hd_field later[] = { { "q", HD_TEXT, .since = 1 }, { 0 } };
	static const struct hd_field range[] = { { "from", HD_DATE }, { "to", HD_DATE },
	    { "a_fold", HD_TEXT }, { "xmin", HD_TEXT }, { "hd_a", HD_TEXT }, { 0 } };
	static const struct {
		struct hd_route route;
		const char *why;
	} cases[] = {
		{ { "GET", "/r", HD_READ, HD_PUBLIC | HD_ROOT, answer, query, NULL, OK } },
		{ { "POST", "/r/{id}/{n:text}", HD_BLOCKING, 0, answer, query, body, OK } },
		{ { "PUT", "/r", HD_WRITE, 0, answer, range, range, OK } },
		{ { "HEAD", "/r", HD_READ, 0, answer, NULL, NULL, OK },
		    "route HEAD /r has a method other than GET, POST, PUT, PATCH and DELETE" },
		{ { "GET", NULL, HD_READ, 0, answer, NULL, NULL, OK }, "route GET has no path" },
		{ { "GET", "/r//s", HD_READ, 0, answer, NULL, NULL, OK },
		    "route GET: the path /r//s has an empty segment" },
		{ { "GET", "/r", HD_READ, 0, NULL, NULL, NULL, OK },
		    "route GET /r has no handler" },
		{ { "GET", "/r", (enum hd_access)3, 0, answer, NULL, NULL, OK },
		    "route GET /r has an access other than HD_READ, HD_WRITE and HD_BLOCKING" },
		{ { "GET", "/r", HD_READ, 8, answer, NULL, NULL, OK },
		    "route GET /r has a flag that this server does not know" },
		{ { "GET", "/r", HD_READ, HD_PUBLIC | HD_ANY_KEY, answer, NULL, NULL, OK },
		    "route GET /r has both HD_PUBLIC and HD_ANY_KEY" },
		{ { "GET", "/r", HD_READ, HD_ANY_KEY, answer, NULL, NULL, OK } },
		{ { "GET", "/r", HD_READ, 0, answer, NULL, NULL, OK, "keys:write" } },
		{ { "GET", "/r", HD_READ, 0, answer, NULL, NULL, OK, "keys:*" },
		    "route GET /r has a .scope that is not MODULE:read or MODULE:write" },
		{ { "GET", "/r", HD_READ, 0, answer, NULL, NULL, OK, "keys" },
		    "route GET /r has a .scope that is not MODULE:read or MODULE:write" },
		{ { "GET", "/r", HD_READ, HD_PUBLIC, answer, NULL, NULL, OK, "r:read" },
		    "route GET /r has a .scope, though it is HD_PUBLIC or HD_ANY_KEY" },
		{ { "GET", "/r", HD_READ, HD_ANY_KEY, answer, NULL, NULL, OK, "r:read" },
		    "route GET /r has a .scope, though it is HD_PUBLIC or HD_ANY_KEY" },
		{ { "GET", "/r", HD_READ, 0, answer, NULL, body, OK },
		    "route GET /r has a body, which GET and DELETE do not take" },
		{ { "DELETE", "/r", HD_WRITE, 0, answer, NULL, body, OK },
		    "route DELETE /r has a body, which GET and DELETE do not take" },
		{ { "GET", "/r", HD_READ, 0, answer }, "route GET /r has no OpenAPI operation" },
		{ { "GET", "/r", HD_READ, 0, answer, .openapi = "[]" },
		    "route GET /r has .openapi that is no JSON object with operationId and "
		    "responses" },
		{ { "GET", "/r", HD_READ, 0, answer, .openapi = "{\"responses\":{\"200\":{}}}" },
		    "route GET /r has .openapi that is no JSON object with operationId and "
		    "responses" },
		{ { "GET", "/r", HD_READ, 0, answer,
		    .openapi = "{\"operationId\":\"a\",\"responses\":{}}" },
		    "route GET /r has .openapi that is no JSON object with operationId and "
		    "responses" },
		{ { "GET", "/r", HD_READ, 0, answer, .openapi = OK "," },
		    "route GET /r has .openapi that is no JSON object with operationId and "
		    "responses" },
		{ { "POST", "/r", HD_READ, 0, answer, body, NULL, OK },
		    "query of POST /r: field tags has a type that cannot be there" },
		{ { "POST", "/r", HD_READ, 0, answer, NULL, id_only, OK },
		    "body of POST /r: field id has a type that cannot be there" },
		{ { "POST", "/r", HD_READ, 0, answer, filter, NULL, OK },
		    "query of POST /r: field q has a flag that cannot be there" },
		{ { "POST", "/r", HD_READ, 0, answer, NULL, later, OK },
		    "body of POST /r: field q has a .since that is the number of no migration" },
	};
	struct hd_module m = sound();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct hd_route routes[] = { cases[i].route, { 0 } };

		m.routes = routes;
		assert_fault(&m, cases[i].why);
	}
}

/* What is declared where it would be ignored. */
static void
a_route_has_nothing_idle(void **state)
{
	static const struct hd_field defaulted[] = { { "q", HD_TEXT, .value = "\"x\"" }, { 0 } };
	static const struct {
		struct hd_route route;
		const char *why;
	} cases[] = {
		{ { "POST", "/r", HD_WRITE, 0, answer, NULL, NULL, OK, .before = answer } },
		{ { "POST", "/r", HD_READ, 0, answer, NULL, NULL, OK, .before = answer },
		    "route POST /r has .before, which is for HD_WRITE" },
		{ { "POST", "/r", HD_BLOCKING, 0, answer, NULL, NULL, OK, .before = answer },
		    "route POST /r has .before, which is for HD_WRITE" },
		{ { "GET", "/r", HD_READ, 0, answer, defaulted, NULL, OK } },
		{ { "POST", "/r", HD_READ, 0, answer, NULL, defaulted, OK } },
	};
	struct hd_module m = sound();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct hd_route routes[] = { cases[i].route, { 0 } };

		m.routes = routes;
		assert_fault(&m, cases[i].why);
	}
}

static void
a_migration_is_sound(void **state)
{
	static const struct hd_resource none[] = { { 0 } };
	static const struct hd_field child[] = { { "id", HD_ID }, { "room", HD_PARENT }, { 0 } };
	static const struct hd_resource family[] = { { "/r", "rooms", "r", "rs", NULL, id_only },
	    { "/r/{id}/as", "rooms_a", "a", "as", NULL, child, .parent = "rooms" }, { 0 } };
	static const struct hd_resource other[] = { { "/x", "other", "x", "xs", NULL, id_only },
	    { 0 } };
	static const struct {
		struct hd_migration first, second;
		const char *why;
	} cases[] = {
		{ { 1, "create", .sql = "SELECT 1;" }, { 2, "more", .sqlite = "x;",
		    .postgresql = "y;" } },
		{ { 1, "create", .sqlite = "SELECT 1;" } },
		/* parents are sought where the resource stands: the module has none of them */
		{ { 1, "create", .tables = family } },
		{ { 1, "create", .tables = family + 1 }, { 0 },
		    "migration 1 (create): resource /r/{id}/as has a .parent that is no table of "
		    "an earlier resource" },
		{ { 2, "create", .sql = "x" }, { 0 },
		    "migrations must be numbered 1, 2, 3 ...: 1 is missing" },
		{ { 1, "create", .sql = "x" }, { 3, "more", .sql = "x" },
		    "migrations must be numbered 1, 2, 3 ...: 2 is missing" },
		{ { 1, "create", .sql = "x" }, { 1, "more", .sql = "x" },
		    "migrations must be numbered 1, 2, 3 ...: 2 is missing" },
		{ { 1, "two words", .sql = "x" }, { 0 },
		    "migration 1 has a name that is no word of a-z, 0-9 and '_'" },
		{ { 1, NULL, .sql = "x" }, { 0 },
		    "migration 1 has a name that is no word of a-z, 0-9 and '_'" },
		{ { 1, "create" }, { 0 },
		    "migration 1 (create) must have one of .tables, .sql, and SQL by engine" },
		{ { 1, "create", .sql = "x", .sqlite = "x" }, { 0 },
		    "migration 1 (create) must have one of .tables, .sql, and SQL by engine" },
		{ { 1, "create", .tables = other, .sql = "x" }, { 0 },
		    "migration 1 (create) must have one of .tables, .sql, and SQL by engine" },
		{ { 1, "create", .sql = " \n" }, { 0 },
		    "migration 1 (create) has SQL that is empty or no UTF-8" },
		{ { 1, "create", .sqlite = "x", .postgresql = "" }, { 0 },
		    "migration 1 (create) has SQL that is empty or no UTF-8" },
		{ { 1, "create", .tables = none }, { 0 },
		    "migration 1 (create) has no resource in .tables" },
		{ { 1, "create", .tables = other }, { 0 },
		    "migration 1 (create): resource /x has a table that is not named after the "
		    "module" },
	};
	struct hd_module m = sound();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct hd_migration steps[] = { cases[i].first, cases[i].second, { 0 } };

		m.migrations = steps;
		assert_fault(&m, cases[i].why);
	}
}

static void
statements_options_and_needs_are_sound(void **state)
{
	static const struct {
		struct hd_statement statement;
		struct hd_option option;
		struct hd_need need;
		const char *why;
	} cases[] = {
		{ { "SELECT 1" }, { "limit", HD_INTEGER, "5", 1, 10, "Most" }, { "tickets",
		    "1.0.0" } },
		{ .option = { "url", HD_TEXT }, .need = { "tickets", "1.0.0-rc.1" } },
		{ .option = { "on", HD_BOOLEAN, "true" } },
		{ { " " }, .why = "statement 0 is empty or no UTF-8" },
		{ { "\xff" }, .why = "statement 0 is empty or no UTF-8" },
		{ { "SELECT 1", "SELECT 2" } },
		{ { "SELECT 1", " " }, .why = "statement 0 is empty or no UTF-8" },
		{ .option = { "Limit", HD_TEXT },
		    .why = "option Limit has a name that is not of a-z, 0-9 and '_', or is over 48 "
		    "bytes" },
		{ .option = { "sha256", HD_TEXT },
		    .why = "option sha256 has a name that is the server's own" },
		{ .option = { "enabled", HD_BOOLEAN },
		    .why = "option enabled has a name that is the server's own" },
		{ .option = { "twice", HD_TEXT }, .why = "option twice is there twice" },
		{ .option = { "day", HD_DATE },
		    .why = "option day has a type other than HD_TEXT, HD_INTEGER and HD_BOOLEAN" },
		{ .option = { "day", HD_NONE },
		    .why = "option day has a type other than HD_TEXT, HD_INTEGER and HD_BOOLEAN" },
		{ .option = { "day", (enum hd_type)999 },
		    .why = "option day has a type other than HD_TEXT, HD_INTEGER and HD_BOOLEAN" },
		{ .option = { "url", HD_TEXT, .most = 5 },
		    .why = "option url has .least or .most, which are for HD_INTEGER" },
		{ .option = { "n", HD_INTEGER, .least = 5, .most = 4 },
		    .why = "option n has a .least above its .most" },
		{ .option = { "n", HD_INTEGER, "11", 1, 10 },
		    .why = "option n has a default that is no value of its type" },
		{ .option = { "n", HD_INTEGER, "ten" },
		    .why = "option n has a default that is no value of its type" },
		{ .option = { "n", HD_BOOLEAN, "yes" },
		    .why = "option n has a default that is no value of its type" },
		{ .option = { "n", HD_TEXT, "\xff" },
		    .why = "option n has a default that is no value of its type" },
		{ .option = { "n", HD_TEXT, .doc = "" },
		    .why = "option n has a .doc that is empty or no UTF-8" },
		{ .need = { "../x", "1.0.0" }, .why = "need ../x is no name of a module" },
		{ .need = { "rooms", "1.0.0" }, .why = "need rooms is the module itself" },
		{ .need = { "twice", "1.0.0" }, .why = "need twice is there twice" },
		{ .need = { "x", "1" }, .why = "need x has a version that is none by semver" },
		{ .need = { "x", NULL }, .why = "need x has a version that is none by semver" },
	};
	struct hd_module m = sound();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct hd_statement statements[] = { cases[i].statement, { 0 } };
		const struct hd_option options[] = { { "twice", HD_TEXT }, cases[i].option, { 0 } };
		const struct hd_need needs[] = { { "twice", "1.0.0" }, cases[i].need, { 0 } };

		m.statements = statements;
		m.options = options;
		m.needs = needs;
		assert_fault(&m, cases[i].why);
	}
}

/* ---- copies ---- */

/* Sizes as HD_MODULE fills them in. */
static struct hd_module
compiled(void)
{
	return (struct hd_module){ .size = sizeof(struct hd_module),
		.field_size = sizeof(struct hd_field), .resource_size = sizeof(struct hd_resource),
		.route_size = sizeof(struct hd_route),
		.migration_size = sizeof(struct hd_migration),
		.statement_size = sizeof(struct hd_statement),
		.option_size = sizeof(struct hd_option), .need_size = sizeof(struct hd_need),
		.hook_size = sizeof(struct hd_hook), .job_size = sizeof(struct hd_job),
		.service_size = sizeof(struct hd_service),
		.value_size = sizeof(struct hd_value), .member_size = sizeof(struct hd_member),
		.name = "rooms", .version = "1.0.0" };
}

static void
rows_of_a_size_that_never_was_are_refused(void **state)
{
	static const struct {
		size_t at;
		int more;
		const char *row;
	} cases[] = {
		{ offsetof(struct hd_module, size), -8, "hd_module" },
		{ offsetof(struct hd_module, size), 8, "hd_module" },
		{ offsetof(struct hd_module, field_size), -8, "hd_field" },
		{ offsetof(struct hd_module, field_size), -4, "hd_field" },
		{ offsetof(struct hd_module, field_size), 8, "hd_field" },
		{ offsetof(struct hd_module, resource_size), -8, "hd_resource" },
		{ offsetof(struct hd_module, resource_size), 8, "hd_resource" },
		{ offsetof(struct hd_module, route_size), -8, "hd_route" },
		{ offsetof(struct hd_module, route_size), 4, "hd_route" },
		{ offsetof(struct hd_module, migration_size), -8, "hd_migration" },
		{ offsetof(struct hd_module, statement_size), -8, "hd_statement" },
		{ offsetof(struct hd_module, option_size), 16, "hd_option" },
		{ offsetof(struct hd_module, need_size), -8, "hd_need" },
		{ offsetof(struct hd_module, hook_size), -8, "hd_hook" },
		{ offsetof(struct hd_module, job_size), -8, "hd_job" },
		{ offsetof(struct hd_module, service_size), -8, "hd_service" },
		{ offsetof(struct hd_module, value_size), -8, "hd_value" },
		{ offsetof(struct hd_module, value_size), 8, "hd_value" },
		{ offsetof(struct hd_module, member_size), -8, "hd_member" },
		{ offsetof(struct hd_module, member_size), 4, "hd_member" },
	};
	struct place *p = *state;
	const struct hd_module *copy = NULL;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hd_module m = compiled();
		struct err e = { "" };
		char want[128];
		uint16_t size;

		memcpy(&size, (char *)&m + cases[i].at, sizeof(size));
		size = (uint16_t)(size + cases[i].more);
		memcpy((char *)&m + cases[i].at, &size, sizeof(size));
		assert_false(module_copy(&p->arena, &m, &copy, &e));
		snprintf(want, sizeof(want),
		    "has a struct %s of %u bytes, which is none of ABI 1.0 to 1.0",
		    cases[i].row, size);
		assert_string_equal(e.message, want);
		assert_null(copy);
	}
}

static void
a_table_without_a_closing_row_is_refused(void **state)
{
	struct place *p = *state;
	struct hd_field fields[66] = { { 0 } };
	const struct hd_resource resources[] = { { "/rooms", .fields = fields }, { 0 } };
	struct hd_module m = compiled();
	const struct hd_module *copy;
	struct err e = { "" };

	m.resources = resources;
	for (unsigned i = 0; i < 64; i++)
		fields[i].name = "x";
	assert_true(module_copy(&p->arena, &m, &copy, &e));
	assert_string_equal(copy->resources[0].fields[63].name, "x");
	assert_null(copy->resources[0].fields[64].name);
	fields[64].name = "x";
	assert_false(module_copy(&p->arena, &m, &copy, &e));
	assert_string_equal(e.message,
	    "has a table of more than 64 rows of struct hd_field; is the "
	    "closing { 0 } missing?");
}

static void
tables_that_do_not_fit_into_memory_are_refused(void **state)
{
	static const struct hd_resource resources[] = { { "/rooms", .fields = id_only }, { 0 } };
	struct hd_module m = compiled();
	const struct hd_module *copy;
	struct arena small;
	struct err e = { "" };

	(void)state;
	m.resources = resources;
	arena_init(&small, 0);
	assert_false(module_copy(&small, &m, &copy, &e));
	assert_string_equal(e.message, "is too large: no memory left for its tables");
	arena_fini(&small);
}

/* ---- versions and needs ---- */

static void
versions_are_those_of_semver(void **state)
{
	static const struct {
		const char *version;
		bool is;
	} cases[] = {
		{ "0.0.0", true }, { "1.0.0", true }, { "10.20.30", true },
		{ "99999999999999999999.0.1", true }, { "1.0.0-alpha", true },
		{ "1.0.0-alpha.1", true }, { "1.0.0-0.3.7", true }, { "1.0.0-x-y-z.--", true },
		{ "1.0.0+20130313144700", true }, { "1.0.0-beta+exp.sha.5114f85", true },
		{ "1.0.0+21AF26D3---117B344092BD", true }, { "1.0.0-0a", true }, { "1.0.0+007",
		    true },
		{ "", false }, { "1", false }, { "1.0", false }, { "1.0.0.0", false },
		{ "01.0.0", false }, { "1.00.0", false }, { "1.0.00", false }, { "v1.0.0", false },
		{ "1.0.0-", false }, { "1.0.0+", false }, { "1.0.0-01", false }, { "1.0.0-a..b",
		    false },
		{ "1.0.0-a.", false }, { "1.0.0+a+b", false }, { "1.0.0 ", false }, { " 1.0.0",
		    false },
		{ "1..0", false }, { "-1.0.0", false }, { "1.0.0-\xc3\xa4", false }, { "1.0.x",
		    false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (module_is_version(cases[i].version) != cases[i].is)
			fail_msg("\"%s\"", cases[i].version);
}

static void
versions_are_compared_as_semver_says(void **state)
{
	/* each below the next; the pre-releases are those of semver 2.0.0, section 11 */
	static const char *const rising[] = {
		"0.0.1", "0.9.0", "0.10.0", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0--",
		"1.0.0-alpha",
		"1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
		"1.0.0-rc.1", "1.0.0", "1.0.1", "1.1.0", "2.0.0", "2.1.0", "2.1.1", "10.0.0",
		"18446744073709551615.0.0", "18446744073709551617.0.0",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rising); i++)
		for (size_t j = 0; j < COUNT(rising); j++) {
			int order = module_compare_versions(rising[i], rising[j]);

			if ((order > 0) - (order < 0) != (i > j) - (i < j))
				fail_msg("%s and %s: %d", rising[i], rising[j], order);
		}
	assert_int_equal(module_compare_versions("1.0.0+a", "1.0.0+b"), 0);
	assert_int_equal(module_compare_versions("1.0.0+a-b", "1.0.0"), 0);
	assert_true(module_compare_versions("1.0.0-rc+x", "1.0.0+x") < 0);
}

static void
a_need_is_met_by_its_major_alone(void **state)
{
	static const struct {
		const char *version, *needed;
		bool will_do;
	} cases[] = {
		{ "1.2.0", "1.2.0", true }, { "1.10.0", "1.2.0", true },
		{ "1.2.0+x", "1.2.0", true }, { "1.1.9", "1.2.0", false },
		{ "1.2.0-rc.1", "1.2.0", false }, { "2.0.0", "1.2.0", false },
		{ "2.0.0-rc.1", "1.2.0", false }, { "10.0.0", "1.2.0", false },
		{ "0.3.0", "0.2.0", true }, { "1.0.0", "0.2.0", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (module_will_do(cases[i].version, cases[i].needed) != cases[i].will_do)
			fail_msg("%s for %s", cases[i].version, cases[i].needed);
}

static void
modules_start_in_the_order_of_their_needs(void **state)
{
	/* each module is a letter; what it needs follows; if there is no order, whose fault that
	 * is, and why */
	static const struct {
		const char *modules[5], *order, *why;
	} cases[] = {
		{ { "a", "b", "c" }, "abc" },
		{ { "ab", "b" }, "ba" },
		{ { "ac", "b", "cb" }, "bca" },
		{ { "dbc", "ba", "ca", "a" }, "abcd" },
		{ { "a", "bx" }, "b", "b 1.5.0 needs module x, which is not enabled" },
		{ { "aB", "b" }, "a", "a 1.5.0 needs b 2.0.0, which is here as 1.5.0" },
		{ { "ab", "ba" }, "a", "a needs b, b needs a" },
		{ { "ab", "bc", "cd", "db" }, "b", "b needs c, c needs d, d needs b" },
		{ { "aa" }, "a", "a needs a" },
		{ { "abc", "b", "ca" }, "a", "a needs c, c needs a" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		static const char letters[] = "a\0b\0c\0d\0x";
		struct hd_need needs[5][4] = { 0 };
		struct hd_module d[5] = { 0 };
		struct module m[5] = { 0 }, *modules[5], *whose = NULL;
		char order[6] = "";
		struct err e = { "" };
		size_t n = 0;

		for (; n < 5 && cases[i].modules[n] != NULL; n++) {
			const char *s = cases[i].modules[n];

			for (size_t j = 1; s[j] != '\0'; j++)
				needs[n][j - 1] = (struct hd_need){
				    strchr("x", s[j]) != NULL ? letters + 8 :
				    letters + 2 * ((s[j] | 0x20) - 'a'), s[j] < 'a' ? "2.0.0" :
				    "1.5.0" };
			d[n] = (struct hd_module){ .name = letters + 2 * (s[0] - 'a'),
			    .version = "1.5.0",
			    .needs = s[1] == '\0' ? NULL : needs[n] };
			m[n] = (struct module){ NULL, &d[n] };
			modules[n] = &m[n];
		}
		assert_int_equal(module_order(modules, n, &whose, &e), cases[i].why == NULL);
		assert_string_equal(e.message, cases[i].why == NULL ? "" : cases[i].why);
		for (size_t j = 0; j < n; j++) {
			order[j] = modules[j]->d->name[0];
			if (cases[i].why != NULL)
				assert_ptr_equal(modules[j], &m[j]);
		}
		assert_string_equal(whose != NULL ? whose->d->name : order, cases[i].order);
	}
}

/* What sla owns is called sla or sla_*; sla_x is not to find its tables taken. */
static void
no_module_owns_the_tables_of_another(void **state)
{
	static const char why[] = "sla_x begins with the name of module sla, which owns all tables "
	    "called sla_*";
	static const struct {
		const char *names[3], *why;
	} cases[] = {
		{ { "sla", "slax", "sl" }, NULL },
		{ { "sla_y", "sla_x", "sla_xy" }, NULL },
		{ { "sla", "sla_x", "b" }, why },
		{ { "sla_x", "b", "sla" }, why },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hd_module d[3] = { 0 };
		struct module m[3] = { 0 }, *modules[3], *whose = NULL;
		struct err e = { "" };

		for (size_t j = 0; j < 3; j++) {
			d[j] = (struct hd_module){ .name = cases[i].names[j], .version = "1.0.0" };
			m[j] = (struct module){ NULL, &d[j] };
			modules[j] = &m[j];
		}
		assert_int_equal(module_order(modules, 3, &whose, &e), cases[i].why == NULL);
		assert_string_equal(e.message, cases[i].why == NULL ? "" : cases[i].why);
		if (cases[i].why != NULL)
			assert_string_equal(whose->d->name, "sla_x");
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define PLACED(f) cmocka_unit_test_setup_teardown(f, enter, leave)
		PLACED(a_sound_file_becomes_a_module),
		PLACED(a_note_is_read_without_running_the_file),
		PLACED(a_module_is_found_in_the_first_folder_that_has_it),
		PLACED(a_file_that_is_no_module_of_this_server_is_refused),
		PLACED(a_module_must_have_the_name_that_the_configuration_gives_it),
		PLACED(a_file_that_is_no_file_is_refused),
		PLACED(a_file_of_the_wrong_kind_is_refused),
		PLACED(a_file_that_others_can_change_is_refused),
		PLACED(a_file_that_belongs_to_somebody_else_is_refused),
		PLACED(a_link_is_judged_by_what_it_leads_to),
		PLACED(a_pinned_file_must_have_its_digest),
		PLACED(rows_of_a_size_that_never_was_are_refused),
		PLACED(a_table_without_a_closing_row_is_refused),
		cmocka_unit_test(a_file_that_is_cut_short_anywhere_is_refused),
		cmocka_unit_test(a_file_without_section_headers_must_have_its_segments),
		cmocka_unit_test(a_damaged_file_is_judged_without_harm),
		cmocka_unit_test(a_module_says_who_it_is),
		cmocka_unit_test(a_field_of_a_resource_is_sound),
		cmocka_unit_test(a_default_is_a_value_of_its_type),
		cmocka_unit_test(a_default_has_no_escape),
		cmocka_unit_test(a_field_that_comes_later_has_a_value_for_the_rows_that_are_there),
		cmocka_unit_test(a_reserved_word_is_known),
		cmocka_unit_test(a_table_is_not_called_by_a_reserved_word),
		cmocka_unit_test(a_resource_is_sound),
		cmocka_unit_test(a_resource_stands_where_it_may),
		cmocka_unit_test(a_route_is_sound),
		cmocka_unit_test(a_route_has_nothing_idle),
		cmocka_unit_test(a_migration_is_sound),
		cmocka_unit_test(statements_options_and_needs_are_sound),
		cmocka_unit_test(tables_that_do_not_fit_into_memory_are_refused),
		cmocka_unit_test(versions_are_those_of_semver),
		cmocka_unit_test(versions_are_compared_as_semver_says),
		cmocka_unit_test(a_need_is_met_by_its_major_alone),
		cmocka_unit_test(modules_start_in_the_order_of_their_needs),
		cmocka_unit_test(no_module_owns_the_tables_of_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
