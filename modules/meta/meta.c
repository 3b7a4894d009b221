/*
 * meta - what the API says of itself: status, OpenAPI document, health
 *
 * No table can say these, so they are routes: the module to copy when one needs code.
 */
#include <helpdesk/services.h>

/* GET /api/v1/status: service health, time, and who is asking. */
static bool
status(struct hd_req *req)
{
	const struct hd_client *client = hd_client(req);

	hd_put_text(req, "status", "ok");
	hd_put_text(req, "timestamp", hd_now(req));
	hd_open_object(req, "client");
	hd_put_int(req, "id", client->id);
	hd_put_text(req, "name", client->name);
	hd_put_text(req, "default_user", client->user_name);
	hd_close_object(req);
	return hd_reply(req, 200);
}

/* GET /api/v1/openapi.json */
static bool
openapi(struct hd_req *req)
{
	return hd_call(req, HD_SERVICE_OPENAPI, NULL);
}

/* GET /healthz: the process answers. */
static bool
healthz(struct hd_req *req)
{
	hd_put_text(req, "status", "ok");
	return hd_reply(req, 200);
}

/* GET /readyz: the site serves all that its configuration names, or says what it lacks. */
static bool
readyz(struct hd_req *req)
{
	const char *reasons;

	if (!hd_call(req, HD_SERVICE_NOT_READY, &reasons))
		return false;
	if (reasons != NULL)
		return hd_fail(req, 503, NULL, "Not ready: %s", reasons);
	hd_put_text(req, "status", "ready");
	return hd_reply(req, 200);
}

static const struct hd_route routes[] = {
	{ "GET", "/status", HD_READ, HD_ANY_KEY, status, .openapi =
	    "{\"operationId\":\"getStatus\",\"summary\":\"Health, time and the calling client\","
	    "\"description\":\"The timestamp is UTC. default_user is null if the key has none.\","
	    "\"responses\":{\"200\":{\"description\":\"The service is up\",\"content\":"
	    "{\"application/json\":{\"schema\":{\"type\":\"object\","
	    "\"required\":[\"status\",\"timestamp\",\"client\"],\"properties\":{"
	    "\"status\":{\"type\":\"string\",\"enum\":[\"ok\"]},"
	    "\"timestamp\":{\"type\":\"string\","
	    "\"pattern\":\"^\\\\d{4}-\\\\d{2}-\\\\d{2}T\\\\d{2}:\\\\d{2}:\\\\d{2}\\\\.\\\\d{6}$\"},"
	    "\"client\":{\"type\":\"object\",\"required\":[\"id\",\"name\",\"default_user\"],"
	    "\"properties\":{\"id\":{\"type\":\"integer\"},\"name\":{\"type\":\"string\"},"
	    "\"default_user\":{\"type\":\"string\",\"nullable\":true}}}}},"
	    "\"example\":{\"status\":\"ok\",\"timestamp\":\"2025-03-01T09:12:24.532184\","
	    "\"client\":{\"id\":4,\"name\":\"Automation Bot\","
	    "\"default_user\":\"integration-user\"}}}}}}}" },
	{ "GET", "/openapi.json", HD_READ, HD_PUBLIC, openapi, .openapi =
	    "{\"operationId\":\"getOpenapi\",\"summary\":\"This document\","
	    "\"description\":\"Describes just what this site has enabled.\","
	    "\"responses\":{\"200\":{\"description\":\"An OpenAPI 3.0 document\",\"content\":"
	    "{\"application/json\":{\"schema\":{\"type\":\"object\",\"required\":[\"openapi\"],"
	    "\"properties\":{\"openapi\":{\"type\":\"string\"}}}}}},"
	    "\"304\":{\"description\":\"Unchanged since the ETag of If-None-Match\"}}}" },
	{ "GET", "/healthz", HD_READ, HD_PUBLIC | HD_ROOT, healthz, .openapi =
	    "{\"operationId\":\"getHealth\",\"summary\":\"Whether the process answers\","
	    "\"description\":\"For supervisors: no key, no database.\","
	    "\"responses\":{\"200\":{\"description\":\"It does\",\"content\":"
	    "{\"application/json\":{\"schema\":{\"type\":\"object\",\"required\":[\"status\"],"
	    "\"properties\":{\"status\":{\"type\":\"string\",\"enum\":[\"ok\"]}}}}}}}}" },
	{ "GET", "/readyz", HD_READ, HD_PUBLIC | HD_ROOT, readyz, .openapi =
	    "{\"operationId\":\"getReadiness\",\"summary\":\"Whether all modules serve\","
	    "\"description\":\"For load balancers: 503 names the modules that do not.\","
	    "\"responses\":{\"200\":{\"description\":\"It does\",\"content\":"
	    "{\"application/json\":{\"schema\":{\"type\":\"object\",\"required\":[\"status\"],"
	    "\"properties\":{\"status\":{\"type\":\"string\",\"enum\":[\"ready\"]}}}}}}}}" },
	{ 0 },
};

HD_MODULE(meta, "1.0.0", .doc = "Status, OpenAPI document, health", .routes = routes);
