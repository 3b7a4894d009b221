/*
 * key_form.h - what a key is made of; between key.c, key_verify.c and their tests
 */
#ifndef KEY_FORM_H
#define KEY_FORM_H

#include "key.h"

enum { KEY_RANDOM = 6 + 32, KEY_DIGEST = 32 };	/* bytes: prefix and secret; SHA-256 */

/* The key that these bits are: the prefix from the first six bytes, the secret from the
 * rest, taken as one number, most significant byte first. */
void key_form_write(const unsigned char random[KEY_RANDOM], char out[KEY_LENGTH + 1]);

/* The 12 hex digits of a well-formed key. */
struct text key_form_prefix(struct text key);

#endif
