/*
 * openapi_resource.h - what a resource is called and consists of in the OpenAPI document
 */
#ifndef OPENAPI_RESOURCE_H
#define OPENAPI_RESOURCE_H

#include <stdbool.h>

struct arena;
struct err;
struct hd_module;
struct merge;
struct resource;

/*
 * What clients' programs will call it.  For "/inventory/purchase-orders" with .one =
 * "purchase_order": PurchaseOrder, PurchaseOrders; and in sentences "purchase order" and
 * "purchase orders".  In the arena; NULL over its limit.
 */
const char *openapi_resource_one(struct arena *, const struct resource *);
const char *openapi_resource_many(struct arena *, const struct resource *);
const char *openapi_resource_say_one(struct arena *, const struct resource *);
const char *openapi_resource_say_many(struct arena *, const struct resource *);

/*
 * Adds the schemas Ticket, TicketCreate and TicketChange and the answers Ticket,
 * TicketList and Deleted.
 */
bool openapi_resource_components(struct merge *, struct arena *, const struct resource *,
    const struct hd_module *owner, struct err *);

#endif
