/*
 * log - one line per event on standard error
 *
 * Keeps no buffer, takes no lock and remembers nothing but the level; time, process
 * and rotation are the journal's business.
 */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

enum { LINE = 4096 };	/* what a pipe takes in one piece (PIPE_BUF) */

static const struct { const char *word, *priority; } levels[] = {
	[LOG_LEVEL_ERROR]   = { "error: ",   "<3>" },
	[LOG_LEVEL_WARNING] = { "warning: ", "<4>" },
	[LOG_LEVEL_INFO]    = { "info: ",    "<6>" },
	[LOG_LEVEL_DEBUG]   = { "debug: ",   "<7>" },
};

static enum log_level most = LOG_LEVEL_INFO;

void
log_set_level(enum log_level level)
{
	most = level;
}

/* JOURNAL_STREAM outlives a redirection of standard error, so it must name just this file. */
static bool
to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[64];
	struct stat st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) != 0)
		return false;
	snprintf(ours, sizeof ours, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, ours) == 0;
}

/* Length of the character at s that can be shown as it is; 0 if it cannot. */
static size_t
showable(const char *s, size_t left)
{
	const unsigned char *u = (const unsigned char *)s;

	if (u[0] < 0x80)
		return u[0] >= 0x20 && u[0] != 0x7f;
	if (u[0] == 0xc2 && left > 1 && u[1] < 0xa0)
		return 0;	/* U+0080 to U+009F, which are control characters too */
	for (size_t n = 2; n <= 4 && n <= left; n++)
		if (text_valid((struct text){ s, n }, NULL))
			return n;
	return 0;
}

/* Writes the message into the line and says where it ended. */
static char *
add_message(char *line, const char *end, struct text t)
{
	size_t n;

	for (size_t i = 0; i < t.len && end - line >= 4; i += n) {
		n = showable(t.at + i, t.len - i);
		if (n > 0) {
			memcpy(line, t.at + i, n);
			line += n;
		} else {
			n = 1;
			line += sprintf(line, "\\x%02x", (unsigned char)t.at[i]);
		}
	}
	return line;
}

__attribute__((format(printf, 2, 0))) static void
write_line(enum log_level level, const char *format, va_list ap)
{
	char message[LINE], line[LINE + 1], *at;
	int saved = errno;

	if (level > most)
		return;
	if (vsnprintf(message, sizeof message, format, ap) < 0)
		message[0] = '\0';
	at = stpcpy(line, to_journal() ? levels[level].priority : levels[level].word);
	at = add_message(at, line + LINE - 1, text_cut(text_of(message), sizeof message - 4));
	*at++ = '\n';
	while (write(STDERR_FILENO, line, (size_t)(at - line)) < 0 && errno == EINTR)
		;
	errno = saved;
}

void
log_error(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	write_line(LOG_LEVEL_ERROR, format, ap);
	va_end(ap);
}

void
log_warning(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	write_line(LOG_LEVEL_WARNING, format, ap);
	va_end(ap);
}

void
log_info(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	write_line(LOG_LEVEL_INFO, format, ap);
	va_end(ap);
}

void
log_debug(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	write_line(LOG_LEVEL_DEBUG, format, ap);
	va_end(ap);
}
