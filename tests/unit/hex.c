/* Bytes as hex digits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hex.h"

/* printf says what the digits of a byte are. */
static void
any_bytes_are_written_and_nothing_beyond(void **state)
{
	enum { MOST = 300 };
	unsigned char bytes[MOST];
	char got[2 * MOST + 2], want[2 * MOST + 1] = "";

	(void)state;
	for (size_t i = 0; i < MOST; i++)
		bytes[i] = (unsigned char)(i * 167);	/* all of them */
	for (size_t n = 0; n <= MOST; n++) {
		memset(got, '?', sizeof got);
		hex_write(got, bytes, n);
		assert_string_equal(got, want);
		assert_int_equal(got[2 * n + 1], '?');
		if (n < MOST)
			sprintf(want + 2 * n, "%02x", bytes[n]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_bytes_are_written_and_nothing_beyond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
