/*
 * type_schema - what each type of field is in JSON Schema, as OpenAPI 3.0.3 speaks it
 *
 * The schemas are exact where the language can be: patterns know leap years, 64-bit
 * integers and what is white space.  It cannot count the characters of a JSON number
 * that is given for a text, nor see that a zone takes a time out of the years 0001 to
 * 9999; there alone more is allowed than is accepted.
 *
 * Patterns keep to what ECMA-262, Java and Python read alike: no look-ahead, and sets
 * written out, as \s and \d mean other things to each.  They are ASCII, since tools quote
 * them in header fields (Prism ends when it may not).
 */
#include "type_schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "out.h"

/* Parts of patterns, as they stand in JSON. */
#define NUL	"\\\\u0000"	/* no text holds it */
#define WHITE	"\\\\t-\\\\r \\\\u0085\\\\u00a0\\\\u1680\\\\u2000-\\\\u200a\\\\u2028\\\\u2029" \
		"\\\\u202f\\\\u205f\\\\u3000"
#define ANY	"[^" NUL "]"
#define BLANKS	"[" WHITE "]*"		/* what text_trim drops */
#define INK	"[^" NUL WHITE "]"	/* what is left first and last then */

#define YEAR	"(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
#define BY_FOUR	"(?:0[48]|[2468][048]|[13579][26])"	/* 04, 08 ... 96: not 00 */
#define LEAP	"(?:[0-9]{2}" BY_FOUR "|" BY_FOUR "00)"
#define DAY	"(?:0[1-9]|1[0-9]|2[0-8])"	/* that every month has */
#define DATE	"(?:" YEAR "-(?:(?:0[1-9]|1[0-2])-" DAY "|(?:0[13-9]|1[0-2])-(?:29|30)|" \
		"(?:0[13578]|1[02])-31)|" LEAP "-02-29)"
#define CLOCK	"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
#define GIVEN_TIME	DATE "(?:T" CLOCK "(?::[0-5][0-9](?:\\\\.[0-9]{1,6})?)?" \
			"(?:Z|[+-]" CLOCK ")?)?"
#define MOMENT	"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"

#define STRING	"\"type\":\"string\""
#define PATTERN(p)	"\"pattern\":\"^" p "$\""
#define INT64	"\"type\":\"integer\",\"format\":\"int64\""
#define NUMBER_IS_TEXT	",{\"type\":\"number\"}"
#define ID	INT64 ",\"minimum\":1"
#define TIME	STRING "," PATTERN(MOMENT "(?:\\\\.[0-9]{6})?")

/* ---- what is answered ---- */

void
schema_id(struct out *o, const struct hd_field *field)
{
	(void)field;
	out_string(o, ID);
}

void
schema_text(struct out *o, const struct hd_field *field)
{
	out_string(o, STRING);
	if ((field->flags & HD_REQUIRED) != 0)
		out_string(o, ",\"minLength\":1");
	if (field->max > 0)
		out_printf(o, ",\"maxLength\":%u", field->max);
}

static bool
bounded(const struct hd_field *field)
{
	return field->least != 0 || field->most != 0;
}

void
schema_integer(struct out *o, const struct hd_field *field)
{
	out_string(o, INT64);
	if (bounded(field))
		out_printf(o, ",\"minimum\":%" PRId64 ",\"maximum\":%" PRId64, field->least,
		    field->most);
}

void
schema_boolean(struct out *o, const struct hd_field *field)
{
	(void)field;
	out_string(o, "\"type\":\"boolean\"");
}

void
schema_date(struct out *o, const struct hd_field *field)
{
	(void)field;
	out_string(o, STRING ",\"format\":\"date\"");
}

void
schema_time(struct out *o, const struct hd_field *field)
{
	(void)field;
	out_string(o, TIME);
}

void
schema_stamp(struct out *o, const struct hd_field *field)
{
	(void)field;
	out_string(o, STRING "," PATTERN(MOMENT "\\\\.[0-9]{6}"));
}

void
schema_user(struct out *o, const struct hd_field *field)
{
	(void)field;
	out_string(o, ID);
}

void
schema_user_name(struct out *o, const struct hd_field *field)
{
	(void)field;
	out_string(o, STRING ",\"minLength\":1");
}

void
schema_tags(struct out *o, const struct hd_field *field)
{
	out_string(o, "\"type\":\"array\",\"items\":{" STRING ",\"minLength\":1");
	if (field->max > 0)
		out_printf(o, ",\"maxLength\":%u", field->max);
	out_char(o, '}');
}

void
schema_attachments(struct out *o, const struct hd_field *field)
{
	(void)field;
	out_string(o, "\"type\":\"array\",\"items\":{\"type\":\"object\","
	    "\"required\":[\"id\",\"filename\",\"uploaded_at\",\"size\"],\"properties\":{"
	    "\"id\":{" ID "},\"filename\":{" STRING "},\"uploaded_at\":{" TIME "},"
	    "\"size\":{" INT64 ",\"minimum\":0,\"description\":\"In bytes\"}}}");
}

void
schema_json(struct out *o, const struct hd_field *field)
{
	(void)field;
	out_string(o, "\"type\":\"object\"");
}

/* ---- what is accepted: texts ---- */

/* A text of at most max characters between its blanks; blank alone only if it may be. */
static void
trimmed_pattern(struct out *o, unsigned max, bool may_be_blank)
{
	const char *open = may_be_blank ? "(?:" : "", *close = may_be_blank ? ")?" : "";

	out_printf(o, "\"pattern\":\"^" BLANKS "%s" INK, open);
	if (max == 0)
		out_string(o, ANY "*");
	else if (max > 1)
		out_printf(o, "(?:" ANY "{0,%u}" INK ")?", max - 2);
	out_printf(o, "%s%s$\"", max == 0 ? "" : BLANKS, close);
}

/* A text with its blanks; max counts them. */
static void
whole_pattern(struct out *o, const struct hd_field *field)
{
	bool required = (field->flags & HD_REQUIRED) != 0;

	if (field->value != NULL && !required)
		out_string(o, "\"minLength\":1,");	/* "" is not this, but the default */
	if (field->max > 0)
		out_printf(o, "\"maxLength\":%u,", field->max);
	out_string(o, required ? PATTERN(BLANKS INK ANY "*") : PATTERN(ANY "*"));
}

void
schema_text_given(struct out *o, const struct hd_field *field)
{
	bool required = (field->flags & HD_REQUIRED) != 0;

	out_string(o, "{" STRING ",");
	if ((field->flags & HD_TRIM) != 0)
		trimmed_pattern(o, field->max, !required && field->value == NULL);
	else
		whole_pattern(o, field);
	out_string(o, "}" NUMBER_IS_TEXT);
}

/* ---- integers and their digits ---- */

/* One character out of from to to, n times digits behind, and "|". */
static void
digit_choice(struct out *o, struct text before, char from, char to, size_t n)
{
	if (from > to)
		return;
	out_text(o, before);
	out_printf(o, from == to ? "%c" : "[%c-%c]", from, to);
	if (n > 0)
		out_printf(o, "[0-9]{%zu}", n);
	out_char(o, '|');
}

/*
 * Digits that make at most, or at least, the number whose digits these are: those that
 * part from it at one place or the other, those that are shorter or longer, itself.
 */
static void
digits_pattern(struct out *o, struct text limit, bool at_most)
{
	out_string(o, "0*(?:");
	if (!at_most)
		out_printf(o, "[1-9][0-9]{%zu,}|", limit.len);
	else if (limit.len > 1)
		out_printf(o, "[0-9]{1,%zu}|", limit.len - 1);
	for (size_t i = 0; i < limit.len; i++) {
		struct text before = { limit.at, i };
		char digit = limit.at[i];

		if (at_most)
			digit_choice(o, before, '0', (char)(digit - 1), limit.len - 1 - i);
		else
			digit_choice(o, before, (char)(digit + 1), '9', limit.len - 1 - i);
	}
	out_text(o, limit);
	out_char(o, ')');
}

/*
 * The digits of integers on one side of a limit.  Towards zero and beyond it (sign near)
 * there are no bounds; with the sign far there are.
 */
static void
limit_pattern(struct out *o, int64_t limit, const char *near, const char *far, bool reaches_zero)
{
	char digits[24];
	int n = snprintf(digits, sizeof digits, "%" PRIu64,
	    limit < 0 ? -(uint64_t)limit : (uint64_t)limit);
	struct text t = { digits, (size_t)n };

	out_string(o, "\"pattern\":\"^");
	if (reaches_zero)
		out_printf(o, "(?:%s[0-9]+|%s", near, far);
	else
		out_string(o, near);
	digits_pattern(o, t, reaches_zero);
	out_string(o, reaches_zero ? ")$\"" : "$\"");
}

void
schema_integer_given(struct out *o, const struct hd_field *field)
{
	int64_t least = bounded(field) ? field->least : INT64_MIN;
	int64_t most = bounded(field) ? field->most : INT64_MAX;

	out_printf(o, "{" INT64 ",\"minimum\":%" PRId64 ",\"maximum\":%" PRId64 "},{" STRING
	    ",\"allOf\":[{", least, most);
	limit_pattern(o, most, "-", "", most >= 0);
	out_string(o, "},{");
	limit_pattern(o, least, "", "-", least <= 0);
	out_string(o, "}]}");
}

/* ---- the rest ---- */

void
schema_boolean_given(struct out *o, const struct hd_field *field)
{
	(void)field;
	out_string(o, "{\"type\":\"boolean\"}");
}

void
schema_date_given(struct out *o, const struct hd_field *field)
{
	(void)field;
	out_string(o, "{" STRING ",\"format\":\"date\"," PATTERN(DATE) "}");
}

void
schema_time_given(struct out *o, const struct hd_field *field)
{
	(void)field;
	out_string(o, "{" STRING "," PATTERN(GIVEN_TIME) "}");
}

void
schema_user_given(struct out *o, const struct hd_field *field)
{
	(void)field;
	out_string(o, "{" STRING ",\"minLength\":1," PATTERN(ANY "*") ",\"description\":"
	    "\"Name, in any case, or id\"},{" ID ",\"maximum\":9223372036854775807,"
	    "\"description\":\"Id\"}");
}

void
schema_tags_given(struct out *o, const struct hd_field *field)
{
	out_string(o, "{\"type\":\"array\",\"items\":{\"anyOf\":[{" STRING ",");
	trimmed_pattern(o, field->max, true);
	out_string(o, "}" NUMBER_IS_TEXT "]}},{" STRING "," PATTERN(ANY "*")
	    ",\"description\":\"Separated by commas\"}");
}

void
schema_nothing(struct out *o, const struct hd_field *field)
{
	bool trimmed = field->type == HD_TEXT && (field->flags & HD_TRIM) != 0;

	out_string(o, "{" STRING ",");
	out_string(o, trimmed ? PATTERN(BLANKS) "}" : "\"enum\":[\"\"]}");
}

/* ---- query parameters ---- */

/* A filter keeps the flags of its field; that those must be given in a body is another thing. */
bool
schema_parameter_required(const struct hd_field *field)
{
	return (field->flags & (HD_REQUIRED | HD_FILTER | HD_CONTAINS)) == HD_REQUIRED;
}

/* What a parameter is where it is not any text; "" always says nothing. */
static const char *const parameters[] = {
	[HD_INTEGER] = INT64,
	[HD_BOOLEAN] = "\"type\":\"boolean\"",
	[HD_DATE] = STRING "," PATTERN("(?:" DATE ")?"),
	[HD_TIME] = STRING "," PATTERN("(?:" GIVEN_TIME ")?"),
};

static void
text_parameter(struct out *o, const struct hd_field *field)
{
	out_string(o, STRING ",");
	if (field->max > 0)
		out_printf(o, "\"maxLength\":%u,", field->max);
	out_string(o, schema_parameter_required(field) ? PATTERN(BLANKS INK ANY "*") :
	    PATTERN(ANY "*"));
}

void
schema_parameter(struct out *o, const struct hd_field *field)
{
	bool known = field->type < sizeof parameters / sizeof *parameters;
	const char *members = known ? parameters[field->type] : NULL;

	if (field->type == HD_INTEGER && bounded(field))
		schema_integer(o, field);
	else if (field->type == HD_BOOLEAN && bounded(field))
		out_string(o, "\"anyOf\":[{\"type\":\"boolean\"},"
		    "{\"type\":\"integer\",\"minimum\":0,\"maximum\":1}]");
	else if (members != NULL)
		out_string(o, members);
	else
		text_parameter(o, field);
}
