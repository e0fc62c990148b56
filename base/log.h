/* The log: one line an entry on stderr, "LEVEL message" with the syslog prefix that journald understands.
 * Never a secret, a code, a token or a whole phone number. Any thread. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_L_ERROR, LOG_L_WARN, LOG_L_INFO, LOG_L_DEBUG };

/* Entries above `level` are dropped. `name` is the program's. Call once, before threads start. */
void log_init(const char *name, enum log_level level);

void log_write(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_L_ERROR, __VA_ARGS__)
#define log_warn(...) log_write(LOG_L_WARN, __VA_ARGS__)
#define log_info(...) log_write(LOG_L_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_L_DEBUG, __VA_ARGS__)

/* Ends the program with a clear line: for configuration errors and lack of memory only. */
void log_fatal(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
