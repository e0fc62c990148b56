/* The log: one line an entry on stderr, "LEVEL message" with the syslog prefix that journald understands.
 * Control characters are escaped, so that nobody outside can forge a line. A line that comes again and again
 * is written LOG_REPEATS times in ten seconds, then counted, and the count is told with the next one.
 * Never a secret, a code, a token or a whole phone number. Any thread. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>

enum { LOG_REPEATS = 5, LOG_VALUE_MAX = 160 };

enum log_level { LOG_L_ERROR, LOG_L_WARN, LOG_L_INFO, LOG_L_DEBUG };

/* Entries above `level` are dropped. `name` is the program's. Call once, before threads start. */
void log_init(const char *name, enum log_level level);

void log_write(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_L_ERROR, __VA_ARGS__)
#define log_warn(...) log_write(LOG_L_WARN, __VA_ARGS__)
#define log_info(...) log_write(LOG_L_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_L_DEBUG, __VA_ARGS__)

/* A text from outside as the value in key=value: as it is when it is one plain word, else in double quotes
 * with
 * \", \\, \n, \r, \t and \xNN; cut with … where it has no room. Writes into `ret` and returns it.
 *   log_warn("refused path=%s", log_value(path, (char[LOG_VALUE_MAX]){0}, LOG_VALUE_MAX)); */
const char *log_value(const char *text, char *ret, size_t room);

/* Ends the program with a clear line: for configuration errors and lack of memory only. */
void log_fatal(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
