/* A whole file in memory. */
#ifndef DAEMON_CTL_SLURP_H
#define DAEMON_CTL_SLURP_H

#include "base/error.h"

#include <stddef.h>

/* Reads `path` ("-" is standard input), at most `max` bytes; the result ends in a NUL beyond *ret_len and is
 * the caller's to free. NULL with err. */
char *slurp(const char *path, size_t max, size_t *ret_len, struct error *err);

#endif
