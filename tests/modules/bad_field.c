/*
 * bad_field - sound as a file, but a field of it has a type that never was
 */
#include <helpdesk/plugin.h>

static const struct hd_field fields[] = {
	{ "id", HD_ID },
	{ "colour", (enum hd_type)99 },
	{ 0 },
};
static const struct hd_resource resources[] = {
	{ .path = "/rooms", .table = "bad_field", .one = "room", .many = "rooms",
	    .fields = fields },
	{ 0 },
};
static const struct hd_migration migrations[] = { { 1, "create", .tables = resources }, { 0 } };

HD_MODULE(bad_field, "1.0.0", .resources = resources, .migrations = migrations);
