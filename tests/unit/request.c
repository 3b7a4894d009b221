/*
 * Whether a request that is used again knows nothing of the one before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "checks.h"
#include "err.h"
#include "request.h"

#include <cmocka.h>	/* after plugin.h, where "fail" is a name */

static void
one_from_the_stock_is_as_new(void **state)
{
	struct request_stock stock = { NULL };
	struct request *req = request_take(&stock, 1 << 20);

	(void)state;
	request_fail(req, 404, "not_found", "id", "No such thing.");
	answer_failure(req);
	assert_int_equal(req->answer.status, 404);
	err_set(&req->err, "no such thing");
	req->own[req->own_headers++] = (struct header){ TEXT("x-own"), TEXT("1") };
	request_give(&stock, req);
	req = request_take(&stock, 1 << 16);
	assert_int_equal(req->status, 0);
	assert_null(req->faults);
	assert_int_equal(req->answer.status, 0);
	assert_int_equal(req->answer.header_count, 0);
	assert_null(req->answer.body.at);
	assert_string_equal(req->err.message, "");
	assert_int_equal(req->own_headers, 0);
	assert_null(arena_alloc(&req->arena, 1 << 16));	/* its own limit */
	assert_non_null(arena_alloc(&req->arena, 1 << 10));
	request_give(&stock, req);
	request_stock_fini(&stock);
	assert_null(stock.first);
}

/* Another thread has it then. */
static void
one_that_leaves_its_connection_leaves_the_stock(void **state)
{
	struct request_stock stock = { NULL };
	struct request *req = request_take(&stock, SIZE_MAX), *other;
	size_t kept;

	(void)state;
	assert_non_null(arena_alloc(&req->arena, 1 << 18));
	request_give(&stock, req);
	kept = stock.large.size;
	assert_int_equal(kept > 0, checks_reuse());
	req = request_take(&stock, SIZE_MAX);
	other = request_take(&stock, SIZE_MAX);		/* a new one, which draws on it, too */
	assert_non_null(arena_alloc(&other->arena, 16));
	assert_non_null(arena_alloc(&other->arena, 1 << 18));
	assert_int_equal(stock.large.size, 0);
	request_give(&stock, other);
	assert_int_equal(stock.large.size, kept);
	assert_true(request_detach(req));
	assert_non_null(arena_alloc(&req->arena, 1 << 18));
	assert_int_equal(stock.large.size, kept);
	request_give(&stock, req);
	request_stock_tidy(&stock);
	assert_int_equal(stock.large.size, 0);
	request_stock_fini(&stock);
}

static void
a_stock_keeps_so_many_and_no_more(void **state)
{
	enum { MANY = 1000 };
	struct request_stock stock = { NULL };
	struct request *all[MANY];

	(void)state;
	for (int i = 0; i < MANY; i++)
		all[i] = request_take(&stock, SIZE_MAX);
	for (int i = 0; i < MANY; i++)
		request_give(&stock, all[i]);
	assert_in_range(stock.count, 0, MANY / 10);
	request_give(&stock, NULL);
	request_stock_fini(&stock);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_from_the_stock_is_as_new),
		cmocka_unit_test(one_that_leaves_its_connection_leaves_the_stock),
		cmocka_unit_test(a_stock_keeps_so_many_and_no_more),
	};

	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
