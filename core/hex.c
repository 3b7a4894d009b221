/*
 * hex.c - bytes as hex digits
 *
 * Four bytes at a time: each answer has an id, and most have a tag.
 */
#include "hex.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "word.h"

enum { AT_ONCE = 4 };

/* The digits of four bytes, the first byte lowest in either. */
static uint64_t
digits(uint32_t bytes)
{
	uint64_t n = bytes, letter;

	n = (n | n << 16) & UINT64_C(0x0000ffff0000ffff);
	n = (n | n << 8) & UINT64_C(0x00ff00ff00ff00ff);
	n = (n >> 4 | n << 8) & EACH(0x0f);
	letter = (n + EACH(6)) >> 4 & EACH(1);
	return n + EACH('0') + letter * ('a' - '0' - 10);
}

static void
write_four(char *to, const unsigned char *bytes)
{
	uint32_t four;
	uint64_t eight;

	memcpy(&four, bytes, sizeof four);
	eight = htole64(digits(le32toh(four)));
	memcpy(to, &eight, sizeof eight);
}

uint64_t
hex_values(uint64_t digits)
{
	return (digits & EACH(0x0f)) + (digits >> 6 & EACH(1)) * 9;
}

void
hex_write(char *to, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;
	unsigned char rest[AT_ONCE] = { 0 };
	char last[2 * AT_ONCE];

	for (; n >= AT_ONCE; n -= AT_ONCE, at += AT_ONCE, to += 2 * AT_ONCE)
		write_four(to, at);
	if (n > 0) {
		memcpy(rest, at, n);
		write_four(last, rest);
		memcpy(to, last, 2 * n);
	}
	to[2 * n] = '\0';
}
