/* One error as it travels up to whoever can tell the user. The caller owns the struct; functions that
 * can fail take a `struct error *` (may be NULL), return 0 or -1, and fill it only on failure. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdarg.h>

enum { ERROR_TEXT_MAX = 256 };

struct error {
    int code;                  /* an errno value, or 0 when none fits */
    char text[ERROR_TEXT_MAX]; /* what is wrong and where, for a person; never a secret */
};

/* Fills *err (if not NULL) from a printf format; always returns -1, so that `return error_set(…)` reads well.
 */
int error_set(struct error *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "prefix: " before the text that is there; returns -1. For adding the place while going up. */
int error_prefix(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
