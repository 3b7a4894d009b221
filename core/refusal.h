/*
 * refusal.h - requests that never reach the house, and what their senders are told
 */
#ifndef REFUSAL_H
#define REFUSAL_H

enum refusal {
	REFUSAL_NONE,
	REFUSAL_REQUEST_LINE,
	REFUSAL_VERSION,
	REFUSAL_METHOD,
	REFUSAL_CONNECT,
	REFUSAL_TARGET,
	REFUSAL_TARGET_LONG,
	REFUSAL_HEADER_LINE,
	REFUSAL_HEADER_LONG,
	REFUSAL_HEADER_MANY,
	REFUSAL_FOLD,
	REFUSAL_BARE_LF,
	REFUSAL_HOST_MISSING,
	REFUSAL_HOST_TWICE,
	REFUSAL_HOST,
	REFUSAL_LENGTH,
	REFUSAL_LENGTH_TWICE,
	REFUSAL_LENGTH_DIFFERS,
	REFUSAL_CODING,
	REFUSAL_CODING_LENGTH,
	REFUSAL_CODING_VERSION,
	REFUSAL_CODING_UNKNOWN,
	REFUSAL_EXPECT,
	REFUSAL_BODY_LONG,
	REFUSAL_BODY_BROKEN,
	REFUSAL_DISK_FULL,
	REFUSAL_BUSY,
	REFUSAL_CLOSING,
	REFUSALS
};

struct refusal_words {
	int status;
	const char *code;	/* a stable word */
	const char *message;	/* a sentence for the client */
};

/* What is said; never NULL. [any] */
const struct refusal_words *refusal_words(enum refusal);

#endif
