/* One HTTP GET, blocking, for threads that have nothing else to do. libcurl; http and https only, no
 * redirect, no proxy. Any thread. */
#ifndef ROUTING_FORMAT_FETCH_H
#define ROUTING_FORMAT_FETCH_H

#include "routing/geo/error.h"

#include <stddef.h>

struct fetch_options {
    int timeout_ms;    /* for the whole exchange */
    size_t answer_max; /* bytes; a longer answer is an error */
    const char *agent; /* User-Agent */
};

/* The body, NUL-terminated, freed by the caller, and HTTP's status; -1 with ROUTE_OUTSIDE when there was no
 * whole answer. */
int fetch_get(const char *url, const struct fetch_options *o, char **ret_body, size_t *ret_len,
              int *ret_status, struct route_error *err);

#endif
