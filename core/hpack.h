/*
 * hpack.h - how much an HPACK block would unpack to, before it is unpacked
 */
#ifndef HPACK_H
#define HPACK_H

#include <stddef.h>
#include <stdint.h>

/*
 * The number of representations (fields and changes of the table's size) in a block; a
 * broken one is counted up to where it breaks.  Stops at most + 1.
 */
size_t hpack_count(const uint8_t *block, size_t n, size_t most);

#endif
