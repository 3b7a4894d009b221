/*
 * hardware - the hardware inventory: /api/v1/inventory/hardware
 *
 * No field is required: an asset may begin as an empty row that is filled in later.
 */
#include <helpdesk/plugin.h>

static const struct hd_field fields[] = {
	{ "id", HD_ID },
	{ "asset_tag", HD_TEXT, HD_UNIQUE | HD_SEARCH | HD_SORT, .max = 120,
	  .doc = "The organisation's tag", .example = "\"DL-PRD-005\"" },
	{ "serial_number", HD_TEXT, HD_SEARCH, .max = 150, .example = "\"7XK2J13\"" },
	{ "custom_tag", HD_TEXT, HD_UNIQUE | HD_SORT, .max = 120, .doc = "Your own tag" },
	{ "category", HD_TEXT, HD_CONTAINS, .max = 120, .example = "\"Server\"" },
	{ "type", HD_TEXT, .max = 120, .example = "\"Rack\"" },
	{ "manufacturer", HD_TEXT, HD_CONTAINS | HD_SEARCH, .max = 150, .example = "\"Dell\"" },
	{ "model", HD_TEXT, HD_SEARCH, .max = 150, .example = "\"PowerEdge R750\"" },
	{ "cpu", HD_TEXT, .max = 150 },
	{ "ram_gb", HD_TEXT, .max = 50, .example = "\"256\"" },
	{ "storage", HD_TEXT, .max = 120 },
	{ "gpu", HD_TEXT, .max = 150 },
	{ "operating_system", HD_TEXT, .max = 150, .example = "\"Debian 12\"" },
	{ "ip_address", HD_TEXT, .max = 50, .example = "\"192.0.2.15\"" },
	{ "mac_address", HD_TEXT, .max = 50, .example = "\"00:00:5e:00:53:15\"" },
	{ "hostname", HD_TEXT, HD_SEARCH | HD_SORT, .max = 150, .example = "\"app-node-5\"" },
	{ "location", HD_TEXT, .max = 150, .example = "\"Athens\"" },
	{ "rack", HD_TEXT, .max = 100, .example = "\"B12\"" },
	{ "status", HD_TEXT, .max = 120, .example = "\"In Repair\"" },
	{ "condition", HD_TEXT, .max = 120, .example = "\"Good\"" },
	{ "purchase_date", HD_DATE, .example = "\"2024-02-29\"" },
	{ "warranty_end", HD_DATE, HD_SORT, .example = "\"2027-02-28\"" },
	{ "support_vendor", HD_TEXT, .max = 150 },
	{ "support_contract", HD_TEXT, .max = 150 },
	{ "assigned_to", HD_USER, .doc = "Who has it", .example = "12" },
	{ "assigned_to_name", HD_USER_NAME, .of = "assigned_to" },
	{ "assigned_on", HD_DATE },
	{ "accessories", HD_TEXT, .max = 255 },
	{ "power_supply", HD_TEXT, .max = 120 },
	{ "bios_version", HD_TEXT, .max = 120 },
	{ "firmware_version", HD_TEXT, .max = 120 },
	{ "notes", HD_TEXT },
	{ "created_at", HD_CREATED },
	{ "updated_at", HD_UPDATED },
	{ 0 },
};

static const struct hd_resource resources[] = {
	{ .path = "/inventory/hardware", .table = "hardware", .one = "hardware", .many = "hardware",
	  .title = "Hardware inventory", .fields = fields, .order = "updated_at",
	  .search = "q", .flags = HD_SEARCH_OPTIONAL,
	  .doc = "A piece of hardware" },
	{ 0 },
};

static const struct hd_migration migrations[] = {
	{ 1, "create", .tables = resources },
	{ 0 },
};

HD_MODULE(hardware, "1.0.0", .doc = "The hardware inventory",
	.resources = resources, .migrations = migrations);
