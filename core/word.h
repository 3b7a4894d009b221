/*
 * word.h - eight bytes in one word
 */
#ifndef WORD_H
#define WORD_H

#include <stdint.h>

/* That byte, eight times. */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

#endif
