/*
 * hex.h - bytes as hex digits, in lower case
 */
#ifndef HEX_H
#define HEX_H

#include <stddef.h>

/* Writes two digits for each of n bytes, and a NUL behind. */
void hex_write(char *to, const void *bytes, size_t n);

#endif
