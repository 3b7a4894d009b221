/*
 * fingerprint.h - 128 bits that stand for many bytes
 *
 * XXH3: two different texts have the same one by accident never, by malice perhaps.  So
 * it tells a client's own things apart, and proves nothing about anybody else's.
 */
#ifndef FINGERPRINT_H
#define FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FINGERPRINT_SIZE = 2 * 16 + 1 };	/* in hexadecimal, with a NUL behind */

/* Zeroed: not begun. */
struct fingerprint {
	void *state;		/* on the heap; NULL: not begun */
};

/* Begins one, or begins it anew.  Ends the process if the system has no memory. */
void fingerprint_begin(struct fingerprint *);

bool fingerprint_begun(const struct fingerprint *);

/* Takes in n more bytes; however they are cut, the result is the same.  Begun. */
void fingerprint_add(struct fingerprint *, const char *bytes, size_t n);

/* What stands for all that was added so far; more may be added after it.  Begun. */
void fingerprint_write(const struct fingerprint *, char hex[FINGERPRINT_SIZE]);

/* Gives the memory back: it is not begun any more.  Fine if it never was. */
void fingerprint_fini(struct fingerprint *);

/*
 * One that stands for a row of pieces: cheaper, since it has nothing on the heap, but how the
 * bytes are cut counts.  Zeroed: of no piece.
 */
struct fingerprint_chain {
	uint64_t low, high;
};

void fingerprint_chain_add(struct fingerprint_chain *, const char *bytes, size_t n);
void fingerprint_chain_write(const struct fingerprint_chain *, char hex[FINGERPRINT_SIZE]);

#endif
