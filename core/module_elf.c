/*
 * module_elf - what a shared object says of itself without being run
 *
 * Reads what the loader would read - program headers, notes, the dynamic section and its
 * tables - and never section headers, which the loader does not believe either.  The file
 * may hold anything: every structure is copied out of it after its place was compared with
 * the file's end, and every loop is bounded by the file's length.
 *
 * It loads nothing, maps nothing and follows no name to another file.
 */
#include "module_judge.h"

#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "err.h"

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#elif defined(__riscv)
#define MACHINE EM_RISCV
#elif defined(__powerpc64__)
#define MACHINE EM_PPC64
#else
#error "which e_machine do this machine's shared objects have?"
#endif

static const struct {
	unsigned number;
	const char *name;
} machines[] = {
	{ EM_X86_64, "x86-64" }, { EM_AARCH64, "aarch64" }, { EM_RISCV, "riscv" },
	{ EM_PPC64, "ppc64" }, { EM_386, "i386" }, { EM_ARM, "arm" }, { EM_S390, "s390x" },
};

/* What a module must not have to do with, by the beginnings of names. */
static const struct {
	const char *library, *symbol;
} forbidden[] = {
	{ "libsqlite3.", "sqlite3_" },
	{ "libyajl.", "yajl_" },
	{ "libyaml-", "yaml_" },
	{ "libh2o", "h2o_" },
};

/* What AddressSanitizer exports beside each symbol. */
static const char sanitizer[] = "__odr_asan.";

struct elf {
	struct text file;
	Elf64_Ehdr head;
};

/* Places in the file, of what the dynamic section names by address. */
struct dynamic {
	uint64_t symbols, strings, strings_size, hash, gnu_hash;	/* 0: not there */
};

/* ---- the file ---- */

static bool
inside(struct text file, uint64_t at, uint64_t size)
{
	return at <= file.len && size <= file.len - at;
}

/* Copies what is at a place; false if it is not all there. */
static bool
get(const struct elf *f, uint64_t at, void *ret, size_t size)
{
	if (!inside(f->file, at, size))
		return false;
	memcpy(ret, f->file.at + at, size);
	return true;
}

static bool
damaged(struct err *e, const char *where)
{
	return err_set(e, "is cut short or damaged: %s", where);
}

static bool
get_segment(const struct elf *f, unsigned i, Elf64_Phdr *ret)
{
	return get(f, f->head.e_phoff + (uint64_t)i * sizeof(*ret), ret, sizeof(*ret));
}

static const char *
machine_name(unsigned number)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (machines[i].number == number)
			return machines[i].name;
	return "another machine";
}

static bool
check_kind(const struct elf *f, struct err *e)
{
	if (f->head.e_ident[EI_DATA] != ELFDATA2LSB)
		return err_set(e, "is built for a big-endian machine, this server runs on %s",
		    machine_name(MACHINE));
	if (f->head.e_machine != MACHINE)
		return err_set(e, "is built for %s, this server runs on %s",
		    machine_name(f->head.e_machine), machine_name(MACHINE));
	if (f->head.e_ident[EI_CLASS] != ELFCLASS64)
		return err_set(e, "is built for 32 bits, this server for 64");
	if (f->head.e_type != ET_DYN)
		return err_set(e, "is no shared object");
	return true;
}

/* Whether all that the headers speak of is in the file: what is not would crash the loader. */
static bool
check_extent(const struct elf *f, struct err *e)
{
	Elf64_Phdr ph;

	if (f->head.e_phentsize != sizeof(ph))
		return damaged(e, "the size of a program header");
	if (!inside(f->file, f->head.e_shoff, (uint64_t)f->head.e_shnum * f->head.e_shentsize))
		return damaged(e, "section headers");
	for (unsigned i = 0; i < f->head.e_phnum; i++) {
		if (!get_segment(f, i, &ph))
			return damaged(e, "program headers");
		if (ph.p_filesz > 0 && !inside(f->file, ph.p_offset, ph.p_filesz))
			return damaged(e, "a segment");
	}
	return true;
}

static bool
begin(struct text content, struct elf *ret, struct err *e)
{
	ret->file = content;
	if (content.len < SELFMAG || memcmp(content.at, ELFMAG, SELFMAG) != 0)
		return err_set(e, "is no ELF file");
	if (!get(ret, 0, &ret->head, sizeof(ret->head)))
		return damaged(e, "the ELF header");
	return check_kind(ret, e) && check_extent(ret, e);
}

/* ---- the note ---- */

/* Takes a note if it is ours; false if it is ours but wrong. */
static bool
take_note(const struct elf *f, uint64_t at, const Elf64_Nhdr *nh, struct module_note *ret,
    unsigned *found, struct err *e)
{
	struct hd_note note;

	if (nh->n_type != HD_NOTE_TYPE || nh->n_namesz != sizeof("helpdesk") ||
	    !get(f, at, &note, sizeof(note)) || memcmp(note.vendor, "helpdesk", 9) != 0)
		return true;
	if (nh->n_descsz < sizeof(note) - offsetof(struct hd_note, major) ||
	    memchr(note.name, '\0', sizeof(note.name)) == NULL ||
	    memchr(note.version, '\0', sizeof(note.version)) == NULL ||
	    !module_is_word(note.name, sizeof(note.name)) || !module_is_version(note.version))
		return damaged(e, "the note of helpdesk");
	if (++*found > 1)
		return err_set(e, "has more than one note of helpdesk");
	ret->major = note.major;
	ret->target = note.target;
	memcpy(ret->name, note.name, sizeof(ret->name));
	memcpy(ret->version, note.version, sizeof(ret->version));
	return true;
}

static uint64_t
aligned(uint64_t size, uint64_t to)
{
	return (size + to - 1) / to * to;
}

/* The notes of a segment, one behind the other; what is no note ends them. */
static bool
read_notes(const struct elf *f, const Elf64_Phdr *ph, struct module_note *ret, unsigned *found,
    struct err *e)
{
	uint64_t to = ph->p_align == 8 ? 8 : 4, at = ph->p_offset, left = ph->p_filesz, size;
	Elf64_Nhdr nh;

	while (left >= sizeof(nh) && get(f, at, &nh, sizeof(nh))) {
		if (!take_note(f, at, &nh, ret, found, e))
			return false;
		size = aligned(aligned(sizeof(nh) + nh.n_namesz, to) + nh.n_descsz, to);
		if (size >= left)
			break;
		at += size;
		left -= size;
	}
	return true;
}

bool
module_find_note(struct text content, struct module_note *ret, struct err *e)
{
	struct module_note note = { 0 };
	unsigned found = 0;
	struct elf f;
	Elf64_Phdr ph;

	if (!begin(content, &f, e))
		return false;
	/* NOLINTNEXTLINE(clang-analyzer-core.*): it loses the thread through struct err */
	for (unsigned i = 0; i < f.head.e_phnum && get_segment(&f, i, &ph); i++)
		if (ph.p_type == PT_NOTE && !read_notes(&f, &ph, &note, &found, e))
			return false;
	if (found == 0)
		return err_set(e, "has no note of helpdesk; a module is made by HD_MODULE");
	*ret = note;
	return true;
}

/* ---- the dynamic section ---- */

static const struct {
	int64_t tag;
	size_t member;
	bool address;
} tags[] = {
	{ DT_SYMTAB, offsetof(struct dynamic, symbols), true },
	{ DT_STRTAB, offsetof(struct dynamic, strings), true },
	{ DT_STRSZ, offsetof(struct dynamic, strings_size), false },
	{ DT_HASH, offsetof(struct dynamic, hash), true },
	{ DT_GNU_HASH, offsetof(struct dynamic, gnu_hash), true },
};

/* Where an address is in the file; 0 if nowhere. */
static uint64_t
place_of(const struct elf *f, uint64_t address)
{
	Elf64_Phdr ph;

	for (unsigned i = 0; i < f->head.e_phnum && get_segment(f, i, &ph); i++)
		if (ph.p_type == PT_LOAD && address >= ph.p_vaddr &&
		    address - ph.p_vaddr < ph.p_filesz)
			return ph.p_offset + (address - ph.p_vaddr);
	return 0;
}

/* The i-th entry of the dynamic section; false behind the last. */
static bool
get_entry(const struct elf *f, const Elf64_Phdr *section, uint64_t i, Elf64_Dyn *ret)
{
	return i < section->p_filesz / sizeof(*ret) &&
	    get(f, section->p_offset + i * sizeof(*ret), ret, sizeof(*ret)) &&
	    ret->d_tag != DT_NULL;
}

static void
take_entry(const struct elf *f, const Elf64_Dyn *entry, struct dynamic *d)
{
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		uint64_t value = entry->d_un.d_val;

		if (tags[i].tag != entry->d_tag)
			continue;
		if (tags[i].address)
			value = place_of(f, value);
		memcpy((char *)d + tags[i].member, &value, sizeof(value));
	}
}

static bool
find_dynamic(const struct elf *f, Elf64_Phdr *section, struct dynamic *ret)
{
	Elf64_Dyn entry;

	*ret = (struct dynamic){ 0 };
	/* NOLINTNEXTLINE(clang-analyzer-core.*): it loses the thread through struct err */
	for (unsigned i = 0; i < f->head.e_phnum && get_segment(f, i, section); i++) {
		if (section->p_type != PT_DYNAMIC)
			continue;
		for (uint64_t j = 0; get_entry(f, section, j, &entry); j++)
			take_entry(f, &entry, ret);
		return ret->symbols != 0 && ret->strings != 0 &&
		    inside(f->file, ret->strings, ret->strings_size);
	}
	return false;
}

/* A text of the string table; NULL if it has no end there. */
static const char *
string_at(const struct elf *f, const struct dynamic *d, uint64_t at)
{
	const char *s;

	if (at >= d->strings_size)
		return NULL;
	s = f->file.at + d->strings + at;
	return memchr(s, '\0', d->strings_size - at) != NULL ? s : NULL;
}

/* A chain of a GNU hash table ends with an odd number; the last chain ends the symbols. */
static bool
count_by_gnu_hash(const struct elf *f, uint64_t at, uint32_t *count)
{
	uint32_t head[4];	/* buckets, first symbol, words of the filter, its shift */
	uint32_t bucket, link, last = 0;
	uint64_t buckets, chains;

	if (!get(f, at, head, sizeof(head)))
		return false;
	buckets = at + sizeof(head) + (uint64_t)head[2] * 8;
	chains = buckets + (uint64_t)head[0] * 4;
	for (uint32_t i = 0; i < head[0]; i++) {
		if (!get(f, buckets + (uint64_t)i * 4, &bucket, sizeof(bucket)))
			return false;
		last = bucket > last ? bucket : last;
	}
	*count = head[1];
	if (last < head[1])
		return true;
	do {
		if (!get(f, chains + (uint64_t)(last - head[1]) * 4, &link, sizeof(link)))
			return false;
		last++;
	} while ((link & 1) == 0);
	*count = last;
	return true;
}

static bool
count_symbols(const struct elf *f, const struct dynamic *d, uint32_t *count)
{
	uint32_t head[2];	/* buckets, symbols */

	if (d->gnu_hash != 0)
		return count_by_gnu_hash(f, d->gnu_hash, count);
	if (d->hash == 0 || !get(f, d->hash, head, sizeof(head)))
		return false;
	*count = head[1];
	return true;
}

/* ---- what it exports and links ---- */

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static bool
check_needed(const struct elf *f, const Elf64_Phdr *section, const struct dynamic *d,
    struct err *e)
{
	Elf64_Dyn entry;
	const char *name;

	for (uint64_t i = 0; get_entry(f, section, i, &entry); i++) {
		if (entry.d_tag != DT_NEEDED)
			continue;
		if ((name = string_at(f, d, entry.d_un.d_val)) == NULL)
			return damaged(e, "the name of a library");
		for (size_t j = 0; j < sizeof(forbidden) / sizeof(*forbidden); j++)
			if (begins(name, forbidden[j].library))
				return err_set(e, "links %.64s; a module links nothing of the "
				    "server", name);
	}
	return true;
}

static bool
check_use(const char *name, struct err *e)
{
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++)
		if (begins(name, forbidden[i].symbol))
			return err_set(e, "calls %.64s; a module sees nothing of the server but "
			    "plugin.h", name);
	return true;
}

/* Absolute symbols are the names of versions, which a linker script may give. */
static bool
is_exported(const Elf64_Sym *s)
{
	unsigned seen = ELF64_ST_VISIBILITY(s->st_other);

	return s->st_shndx != SHN_ABS && ELF64_ST_BIND(s->st_info) != STB_LOCAL &&
	    (seen == STV_DEFAULT || seen == STV_PROTECTED);
}

static bool
check_symbol(const Elf64_Sym *s, const char *name, bool *found, struct err *e)
{
	if (s->st_shndx == SHN_UNDEF)
		return check_use(name, e);
	if (!is_exported(s) || begins(name, sanitizer))
		return true;
	if (strcmp(name, MODULE_SYMBOL) != 0)
		return err_set(e, "exports %.64s; a module exports " MODULE_SYMBOL " alone, "
		    "build it with -fvisibility=hidden", name);
	if (ELF64_ST_TYPE(s->st_info) != STT_OBJECT || s->st_size < MODULE_LEAST)
		return err_set(e, "exports a " MODULE_SYMBOL " that is no descriptor");
	*found = true;
	return true;
}

static bool
check_symbols(const struct elf *f, const struct dynamic *d, struct err *e)
{
	uint32_t count;
	bool found = false;
	const char *name;
	Elf64_Sym s;

	if (!count_symbols(f, d, &count))
		return damaged(e, "the table of symbols");
	for (uint32_t i = 1; i < count; i++) {
		if (!get(f, d->symbols + (uint64_t)i * sizeof(s), &s, sizeof(s)) ||
		    (name = string_at(f, d, s.st_name)) == NULL)
			return damaged(e, "a symbol");
		if (!check_symbol(&s, name, &found, e))
			return false;
	}
	return found || err_set(e, "exports no " MODULE_SYMBOL);
}

bool
module_check_linkage(struct text content, struct err *e)
{
	struct elf f;
	struct dynamic d;
	Elf64_Phdr section;

	if (!begin(content, &f, e))
		return false;
	if (!find_dynamic(&f, &section, &d))
		return damaged(e, "the dynamic section");
	return check_needed(&f, &section, &d, e) && check_symbols(&f, &d, e);
}
