/*
 * ceiling_json.h - the one JSON object the ceiling reads and writes: a ticket
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A NULL .at is JSON's null. */
struct words {
	const char *at;
	size_t len;
};

#define WORDS(literal) ((struct words){ literal, sizeof(literal) - 1 })

struct ticket {
	int64_t id, created_by, assigned_to;	/* assigned_to 0: nobody */
	struct words subject, description, status, priority, department, assignee;
	struct words created_at, updated_at, closed_at;
};

/* How many bytes json_ticket may write. */
size_t json_ticket_room(const struct ticket *);

/* Each writes at d, where there must be room, and returns the end of what it wrote. */
char *json_ticket(char *d, const struct ticket *);
char *json_words(char *d, struct words);
char *json_integer(char *d, int64_t);
char *json_raw(char *d, struct words);

/* How many bytes json_words may write. */
size_t json_words_room(struct words);

/*
 * Reads a request body into the members that it names; the others stay as they are.
 * The texts are copied to strings, which must have room for len bytes.  False if it is no
 * JSON object.
 */
bool json_read(const char *body, size_t len, char *strings, struct ticket *);
