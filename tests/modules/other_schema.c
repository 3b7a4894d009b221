/*
 * other_schema - brings a component of sla's that says something else
 */
#include <helpdesk/plugin.h>

HD_MODULE(other_schema, "1.0.0", .openapi = "{\"components\":{\"schemas\":{\"Asset\":{"
    "\"properties\":{\"id\":{\"type\":\"string\"}},\"type\":\"object\"}}}}");
