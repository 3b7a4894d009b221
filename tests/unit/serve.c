/* The moments of changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "iso8601.h"
#include "request.h"
#include "serve.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

static void
stamps_of_changes_only_go_up(void **state)
{
	static struct request req;
	char before[ISO8601_TIME_SIZE];
	int64_t last = 0, future;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t was = last;

		memcpy(before, req.now_text, sizeof(before));
		serve_stamp_next(&req, &last);
		assert_true(last > was);
		assert_true(req.now == last);
		assert_true(strcmp(req.now_text, before) > 0);
	}
	/* The clock is set back by an hour. */
	future = last = req.now + INT64_C(3600) * 1000000;
	serve_stamp_next(&req, &last);
	assert_true(last == future + 1 && req.now == last);
	iso8601_format(last, before);
	assert_string_equal(req.now_text, before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stamps_of_changes_only_go_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
