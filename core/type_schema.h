/*
 * type_schema.h - what each type of field is in JSON Schema, as OpenAPI 3.0.3 speaks it
 *
 * One function per type and direction, for the rows of type.c.  Nothing here knows
 * of null, of "" for null, or of defaults: that is the document's business, as it
 * differs between POST and PATCH.
 */
#ifndef TYPE_SCHEMA_H
#define TYPE_SCHEMA_H

#include <helpdesk/plugin.h>

struct out;

/*
 * What is answered for a field: the members of one schema object, "type" first, without
 * braces: "\"type\":\"string\",\"maxLength\":255".  [any thread]
 */
typedef void schema_members(struct out *, const struct hd_field *);

schema_members schema_id, schema_text, schema_integer, schema_boolean, schema_date, schema_time;
schema_members schema_stamp;	/* HD_CREATED, HD_UPDATED: always six digits of fraction */
schema_members schema_user, schema_user_name, schema_tags, schema_attachments,
    schema_json;

/*
 * What is accepted for a field, other than null or "" in its stead: one schema object for
 * each form it may have, with braces, "type" first in each and a comma between them:
 * "{\"type\":\"string\"},{\"type\":\"number\"}".  As nullable of OpenAPI 3.0.3 counts only
 * beside a "type", and not beside "anyOf", these cannot be members of one object.  The
 * form that is likeliest in a client comes first.  [any thread]
 */
typedef void schema_forms(struct out *, const struct hd_field *);

schema_forms schema_text_given, schema_integer_given, schema_boolean_given, schema_date_given;
schema_forms schema_time_given, schema_user_given, schema_tags_given;

/* The texts that say nothing, for a field where they stand for null or the default. */
schema_forms schema_nothing;

/* A query parameter: the members of one schema object, as schema_members. */
schema_members schema_parameter;
bool schema_parameter_required(const struct hd_field *);

#endif
