/*
 * no_route - describes an operation that it has no route for
 */
#include <helpdesk/plugin.h>

HD_MODULE(no_route, "1.0.0", .openapi = "{\"components\":{},\"paths\":{\"/no-route\":{\"get\":{"
    "\"operationId\":\"getNoRoute\",\"responses\":{\"200\":{\"description\":\"Well\"}}}}}}");
