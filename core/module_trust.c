/*
 * module_trust - whether a file is what the administrator put there
 *
 * A module runs with all that the server may do, so whoever can change its file, or put
 * another in its place, is the server.  Nobody but root and the server's user may be able
 * to.  It does not ask whether the content is sane: that is module_elf.c.
 */
#include "module_judge.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "err.h"

/* A digest in hex. */
enum { DIGEST_BYTES = 32, DIGEST_SIZE = 2 * DIGEST_BYTES + 1 };

static bool
is_shared_safely(const struct stat *st)
{
	return S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) != 0 && st->st_uid == 0;
}

/* Judges one piece of a path; what begins the message: "", or the folder that it is. */
static bool
check_piece(const char *path, const char *what, struct err *e)
{
	struct stat st;

	/* NOLINTNEXTLINE(clang-analyzer-core.*): it loses the thread through struct err */
	if (lstat(path, &st) != 0)
		return err_set(e, "%scannot be looked at: %s", what, strerror(errno));
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return err_set(e,
		    "%sbelongs to user %ju, who is neither root nor the server's user",
		    what, (uintmax_t)st.st_uid);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !is_shared_safely(&st))
		return err_set(e, "%scan be written by %s", what,
		    (st.st_mode & S_IWOTH) != 0 ? "everybody" : "a group");
	return true;
}

/* The folder that ends before the slash at n. */
static bool
check_folder(const char *real, size_t n, struct err *e)
{
	char folder[4096], what[4096 + sizeof("is in the folder , which ")];

	snprintf(folder, sizeof(folder), "%.*s", (int)(n > 0 ? n : 1), real);
	snprintf(what, sizeof(what), "is in the folder %s, which ", folder);
	return check_piece(folder, what, e);
}

bool
module_check_trust(const char *real, struct err *e)
{
	for (const char *slash = real; slash != NULL; slash = strchr(slash + 1, '/'))
		if (!check_folder(real, (size_t)(slash - real), e))
			return false;
	return check_piece(real, "", e);
}

static bool
digest(struct text content, char ret[DIGEST_SIZE])
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (!EVP_Digest(content.at, content.len, bytes, &n, EVP_sha256(), NULL) ||
	    n != DIGEST_BYTES)
		return false;
	for (unsigned i = 0; i < n; i++)
		snprintf(ret + 2 * (size_t)i, 3, "%02x", bytes[i]);
	return true;
}

bool
module_check_digest(struct text content, const char *sha256, struct err *e)
{
	char is[DIGEST_SIZE];

	if (!digest(content, is))
		return err_set(e, "cannot be digested: OpenSSL refuses SHA-256");
	if (!text_equal_ascii(text_of(is), text_of(sha256)))
		return err_set(e, "has the SHA-256 %s, not %.64s as the configuration says", is,
		    sha256);
	return true;
}
