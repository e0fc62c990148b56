/* The error of the routing library. The caller owns the struct; a function that can fail takes a
 * `struct route_error *` (may be NULL), returns 0 or -1, and fills it only on failure. Same shape as
 * base/error.h, kept apart because routing/ depends on libc and libm alone. */
#ifndef ROUTING_GEO_ERROR_H
#define ROUTING_GEO_ERROR_H

#include <stdint.h>

enum { ROUTE_ERROR_TEXT_MAX = 256 };

enum route_error_code {
    ROUTE_BAD_INPUT = 1, /* malformed or contradictory input */
    ROUTE_NO_PROFILE,    /* the provider has no such profile */
    ROUTE_NOT_ON_ROAD,   /* a point has no road in reach */
    ROUTE_NO_ROUTE,      /* both ends are on the road, but no legal way joins them */
    ROUTE_TOO_LARGE,     /* over a bound that the function names */
    ROUTE_OUTSIDE        /* the file, server or memory outside failed */
};

struct route_error {
    int code;                        /* enum route_error_code */
    int64_t offset;                  /* byte offset or line in the input, or -1 */
    char text[ROUTE_ERROR_TEXT_MAX]; /* what is wrong and where, for a person */
};

/* Fills *err (if not NULL); always returns -1, so that `return route_error_set(…)` reads well. */
int route_error_set(struct route_error *err, int code, int64_t offset, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
