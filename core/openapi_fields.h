/*
 * openapi_fields.h - JSON Schemas and examples of objects, from a field table
 */
#ifndef OPENAPI_FIELDS_H
#define OPENAPI_FIELDS_H

#include <helpdesk/plugin.h>

struct arena;
struct out;

/* What a body is for: they differ in what is required, and in what null and "" mean. */
enum fields_for { FIELDS_CREATE, FIELDS_CHANGE };

/* The schema of what is answered; doc, if not NULL, says what the object is. */
void fields_answered(struct out *, struct arena *, const struct hd_field *, const char *doc);

/* The schema of what is accepted as a body. */
void fields_given(struct out *, struct arena *, const struct hd_field *, enum fields_for,
    const char *doc);

/* An object that fits the one or the other. */
void fields_answered_example(struct out *, const struct hd_field *);
void fields_given_example(struct out *, const struct hd_field *, enum fields_for);

#endif
