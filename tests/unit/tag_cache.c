/*
 * Whether a tag is that of the row that is asked for, and of no other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tag_cache.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Only where they are counts. */
static const char resources[2];

static const struct resource *
resource(unsigned i)
{
	return (const struct resource *)(const void *)&resources[i];
}

static void
a_tag_belongs_to_one_row_in_one_state(void **state)
{
	const struct tagged kept = { resource(0), 1, 2, 3 };
	const struct tagged others[] = {
		{ resource(1), 1, 2, 3 }, { resource(0), 2, 2, 3 }, { resource(0), 1, 1, 3 },
		{ resource(0), 1, 2, 4 }, { resource(0), 2, 1, 3 },
	};
	struct tag_cache *c = tag_cache_new();

	(void)state;
	assert_null(tag_cache_find(c, &kept));
	tag_cache_put(c, &kept, TEXT("\"a\""));
	assert_string_equal(tag_cache_find(c, &kept), "\"a\"");
	for (size_t i = 0; i < COUNT(others); i++)
		assert_null(tag_cache_find(c, &others[i]));
	tag_cache_put(c, &kept, TEXT("\"b\""));
	assert_string_equal(tag_cache_find(c, &kept), "\"b\"");
	tag_cache_free(c);
	tag_cache_free(NULL);
}

static void
of_many_rows_none_gets_the_tag_of_another(void **state)
{
	enum { ROWS = 5000 };
	struct tag_cache *c = tag_cache_new();
	unsigned known = 0;

	(void)state;
	for (int64_t id = 1; id <= ROWS; id++) {
		char tag[ETAG_SIZE];

		snprintf(tag, sizeof(tag), "\"%d\"", (int)id);
		tag_cache_put(c, &(struct tagged){ resource(0), 0, id, 1 }, text_of(tag));
	}
	for (int64_t id = 1; id <= ROWS; id++) {
		const char *tag = tag_cache_find(c, &(struct tagged){ resource(0), 0, id, 1 });
		int said;

		if (tag == NULL)
			continue;
		known++;
		assert_int_equal(sscanf(tag, "\"%d\"", &said), 1);
		assert_int_equal(said, id);
	}
	assert_in_range(known, 1, ROWS / 2);
	tag_cache_free(c);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tag_belongs_to_one_row_in_one_state),
		cmocka_unit_test(of_many_rows_none_gets_the_tag_of_another),
	};

	return cmocka_run_group_tests_name("tag_cache", tests, NULL, NULL);
}
