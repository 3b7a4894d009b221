/*
 * log.h - one line per event on standard error
 *
 * Lines are what systemd's journal expects: "<N>" priority first when standard
 * error is the journal (JOURNAL_STREAM names it), else the level as a word.  Control
 * characters and bytes that are not UTF-8 are written as \xNN, so a client can neither
 * forge a line nor steer a terminal.  Each line is one write(2) of at most 4,096 bytes;
 * what is more is cut.  errno is kept.  [any thread]
 */
#ifndef LOG_H
#define LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Lines above this level are dropped; LOG_LEVEL_INFO at first.  Set before threads start. */
void log_set_level(enum log_level);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
