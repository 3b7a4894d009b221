/*
 * fingerprint.c - 128 bits that stand for many bytes
 */
#include "fingerprint.h"

#include <stdlib.h>

#include <xxhash.h>

void
fingerprint_begin(struct fingerprint *f)
{
	if (f->state == NULL)
		f->state = XXH3_createState();
	if (f->state == NULL)
		abort();
	XXH3_128bits_reset(f->state);
}

bool
fingerprint_begun(const struct fingerprint *f)
{
	return f->state != NULL;
}

void
fingerprint_add(struct fingerprint *f, const char *bytes, size_t n)
{
	if (n > 0)
		XXH3_128bits_update(f->state, bytes, n);
}

void
fingerprint_write(const struct fingerprint *f, char hex[FINGERPRINT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	XXH128_canonical_t raw;	/* the same on every machine */
	size_t i;

	XXH128_canonicalFromHash(&raw, XXH3_128bits_digest(f->state));
	for (i = 0; i < sizeof(raw.digest); i++) {
		hex[2 * i] = digits[raw.digest[i] >> 4];
		hex[2 * i + 1] = digits[raw.digest[i] & 15];
	}
	hex[2 * i] = '\0';
}

void
fingerprint_fini(struct fingerprint *f)
{
	XXH3_freeState(f->state);
	f->state = NULL;
}
