/*
 * software - the software inventory: /api/v1/inventory/software
 *
 * Nothing but a table: the plainest module there is, and the one to copy.
 */
#include <helpdesk/plugin.h>

static const struct hd_field fields[] = {
	{ "id", HD_ID },
	{ "name", HD_TEXT, HD_REQUIRED | HD_TRIM | HD_CONTAINS | HD_SEARCH | HD_SORT,
	  .max = 255, .doc = "Product name",
	  .example = "\"Visio Professional\"" },
	{ "category", HD_TEXT, .max = 120, .example = "\"Office\"" },
	{ "vendor", HD_TEXT, HD_CONTAINS | HD_SEARCH | HD_SORT, .max = 150,
	  .example = "\"Microsoft\"" },
	{ "version", HD_TEXT, .max = 100, .example = "\"2019\"" },
	{ "license_type", HD_TEXT, .max = 120, .example = "\"OEM\"" },
	{ "license_key", HD_TEXT, HD_SEARCH, .max = 255, .doc = "As the vendor printed it",
	  .example = "\"XXXX-XXXX-XXXX-XXXX\"" },
	{ "serial_number", HD_TEXT, HD_SEARCH, .max = 150 },
	{ "custom_tag", HD_TEXT, HD_UNIQUE | HD_SEARCH | HD_SORT, .max = 120, .doc = "Your own tag",
	  .example = "\"SW-0015\"" },
	{ "seats", HD_INTEGER, .least = 0, .most = INT64_MAX, .doc = "Licensed seats",
	  .example = "25" },
	{ "platform", HD_TEXT, .max = 120, .example = "\"Windows\"" },
	{ "environment", HD_TEXT, .max = 120, .example = "\"Production\"" },
	{ "status", HD_TEXT, .max = 120, .example = "\"Active\"" },
	{ "cost_center", HD_TEXT, .max = 120, .example = "\"IT-200\"" },
	{ "purchase_date", HD_DATE, .example = "\"2024-06-30\"" },
	{ "expiration_date", HD_DATE, HD_SORT, .doc = "End of the licence",
	  .example = "\"2026-06-30\"" },
	{ "renewal_date", HD_DATE, .example = "\"2026-05-31\"" },
	{ "support_vendor", HD_TEXT, .max = 150 },
	{ "support_email", HD_TEXT, .max = 150, .example = "\"support@example.com\"" },
	{ "support_phone", HD_TEXT, .max = 80 },
	{ "contract_url", HD_TEXT, .max = 255, .example = "\"https://contracts.example.com/15\"" },
	{ "assigned_to", HD_USER, .doc = "Who uses it", .example = "10" },
	{ "assigned_to_name", HD_USER_NAME, .of = "assigned_to" },
	{ "assigned_on", HD_DATE },
	{ "usage_scope", HD_TEXT, .max = 150 },
	{ "deployment_notes", HD_TEXT },
	{ "created_at", HD_CREATED },
	{ "updated_at", HD_UPDATED },
	{ 0 },
};

static const struct hd_resource resources[] = {
	{ .path = "/inventory/software", .table = "software", .one = "software", .many = "software",
	  .title = "Software inventory", .fields = fields, .order = "updated_at",
	  .search = "q", .flags = HD_SEARCH_OPTIONAL,
	  .doc = "A licence or installation of a software product" },
	{ 0 },
};

static const struct hd_migration migrations[] = {
	{ 1, "create", .tables = resources },
	{ 0 },
};

HD_MODULE(software, "1.0.0", .doc = "The software inventory",
	.resources = resources, .migrations = migrations);
