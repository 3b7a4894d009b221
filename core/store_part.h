/*
 * store_part.h - what the files of the store share; between store.c and store_check.c
 */
#ifndef STORE_PART_H
#define STORE_PART_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>

#include <openssl/evp.h>

#include "store.h"

struct err;

enum { STORE_PREFIX = 2 };	/* digits of a digest that are its folder */

struct store {
	int top, pending, lock;
};

/* Whether a name is n hex digits, that of a pending entry, that of an upload. */
bool store_is_hex(const char *name, size_t n);
bool store_is_entry(const char *name);
bool store_is_upload(const char *name);

/* "cannot WHAT NAME: " and what errno says, which is left alone.  Always returns false. */
bool store_fail(struct err *, const char *what, const char *name);

/* flock(2) of the store's lock. */
bool store_lock(struct store *, int how, struct err *);

/* Removes a file for good; that there is none is fine. */
bool store_erase(struct store *, const char *digest, struct err *);

/* A folder's names; the next one but "." and "..", or NULL at the end, with errno zero
 * unless it failed. */
DIR *store_open_list(int in, const char *name, struct err *);
const char *store_next_name(DIR *);

/* SHA-256; the result in hex. */
bool store_begin_hash(EVP_MD_CTX **ret, struct err *);
bool store_read_hash(EVP_MD_CTX *, char digest[STORE_DIGEST + 1], struct err *);

/* Made for CLEANUP. */
void store_end_hash(EVP_MD_CTX **);
void store_close_fd(int *fd);
void store_close_list(DIR **);

#endif
