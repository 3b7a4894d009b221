/*
 * every.h - handlers that call every function of plugin.h, in the words that C and C++ share
 *
 * It is compiled, not run; tests/abi/languages.sh looks that no function is missing.
 */
#include <helpdesk/plugin.h>
#include <helpdesk/plugin.h>	/* a second time, as headers include each other */

static hd_handler every_read, every_write, every_before, every_row;

static bool
every_init(struct hd_instance *instance)
{
	hd_log(instance, HD_DEBUG, "%s starts", hd_option(instance, "greeting"));
	if (hd_state(instance) != NULL) {
		hd_refuse(instance, "there is %d too many", 1);
		return false;
	}
	instance->state = instance;
	return true;
}

static bool
every_read(struct hd_req *req)
{
	const struct hd_value values[] = { hd_int(hd_param_id(req, "id")), hd_null(),
		hd_json("[]") };
	const struct hd_client *client = hd_client(req);
	struct hd_rows *rows = hd_select(req, 0, values, 1);
	const void *spare = hd_alloc(req, 16);

	if (spare == NULL)
		return hd_fail(req, 503, NULL, "%s has no time", client->name);
	hd_open_array(req, hd_param(req, "word"));
	while (hd_next(rows)) {
		hd_open_object(req, NULL);
		hd_put_int(req, "id", hd_row_int(rows, 0));
		hd_put_text(req, "name", hd_row_text(rows, 1));
		hd_put_text(req, "now", hd_now(req));
		hd_close_object(req);
	}
	hd_close_array(req);
	hd_put_json(req, "least", hd_query(req, "least"));
	hd_put_bool(req, "marked", hd_header(req, "x-mark") != NULL);
	if (!hd_put_row(req, "row", "every", hd_param_id(req, "id")))
		return false;
	hd_put_text(req, "later", hd_time_add(req, hd_now(req), 3600));
	return hd_instance(req)->site != NULL && hd_reply(req, 200);
}

static bool
every_write(struct hd_req *req)
{
	const struct hd_value values[] = { hd_str(hd_body_text(req, "to")) };
	const int64_t days = hd_body_given(req, "to") && hd_body_has(req, "days") ?
	    hd_body_int(req, "days") : 1;

	return hd_execute(req, 1, values, 1) &&
	    hd_audit(req, "lend", "every", days, NULL, NULL, NULL) && hd_reply(req, 200);
}

static bool
every_before(struct hd_req *req)
{
	hd_carry(req, hd_alloc(req, 8));
	return true;
}

static bool
every_part(struct hd_req *req, void *argument)
{
	return hd_delete(req, "every", *(const int64_t *)argument);
}

static bool
every_row(struct hd_req *req)
{
	const struct hd_member members[] = {
		{ "name", hd_str("one") }, { "on", hd_bool(hd_carried(req) != NULL) },
	};
	int64_t id = hd_create(req, "every", members, 2);
	const char *why;

	return id != 0 && hd_check_match(req, "every", id) &&
	    hd_change(req, "every", id, members, 1) &&
	    (hd_attempt(req, every_part, &id, &why) || why != NULL) &&
	    hd_user_named(req, "maria") == 0 && hd_delete(req, "every", id) &&
	    hd_offers(hd_instance(req), "every.twice/1") && hd_call(req, "every.twice/1", NULL) &&
	    hd_set_header(req, "x-every", "yes") &&
	    hd_reply_bytes(req, 201, "text/plain", "made", 4);
}

static bool
every_change(struct hd_req *req, const struct hd_event *event)
{
	return !hd_changed(event, "name") || hd_old_text(event, "name") == NULL ||
	    hd_new_text(event, "name") == NULL ||
	    hd_old_int(event, "id") == hd_new_int(event, "id") ||
	    hd_fail(req, 409, "name", "%s stays", event->table);
}

static bool
every_service(struct hd_req *req, void *argument)
{
	(void)req;
	return argument == NULL;
}
