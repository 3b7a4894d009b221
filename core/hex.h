/*
 * hex.h - bytes as hex digits
 */
#ifndef HEX_H
#define HEX_H

#include <stddef.h>
#include <stdint.h>

/* Writes two digits, in lower case, for each of n bytes, and a NUL behind. */
void hex_write(char *to, const void *bytes, size_t n);

/* What each of eight digits in a word stands for, a byte each; of what is none, anything that a
 * byte can be. */
uint64_t hex_values(uint64_t digits);

#endif
