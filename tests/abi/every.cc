/*
 * every - the tables of a module in C++11 and C++17, which have no members by name
 *
 * HD_MODULE needs these; so the handlers, for which one takes to C++, are reached from a C
 * file that has the tables, or the tables are here, by position, as these are.
 */
#include "every.h"

extern const struct hd_field every_fields[];
const struct hd_field every_fields[] = {
	{ "id", HD_ID },
	{ "name", HD_TEXT, HD_REQUIRED | HD_TRIM, 80 },
	{},
};
extern const struct hd_resource every_resources[];
const struct hd_resource every_resources[] = {
	{ "/every", "every", "every", "everies", nullptr, every_fields },
	{},
};
extern const struct hd_route every_routes[];
const struct hd_route every_routes[] = {
	{ "GET", "/every/{id}/{word:text}", HD_READ, 0, every_read },
	{ "POST", "/every/{id}/lend", HD_WRITE, 0, every_write },
	{ "POST", "/every/{id}/row", HD_WRITE, HD_ANY_KEY, every_row },
	{},
};
extern const struct hd_hook every_hooks[];
const struct hd_hook every_hooks[] = { { "every", 0, every_change }, {} };
extern const struct hd_job every_jobs[];
const struct hd_job every_jobs[] = {
	{ "now_and_then", "1h", nullptr, every_before, every_write },
	{},
};
extern const struct hd_service every_services[];
const struct hd_service every_services[] = { { "every.twice/1", every_service, nullptr }, {} };
extern bool (*const every_start)(struct hd_instance *);
bool (*const every_start)(struct hd_instance *) = every_init;
