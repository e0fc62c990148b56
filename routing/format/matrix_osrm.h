/* A server that speaks OSRM's table service (version 1) as matrix provider: osrm-routed, or another yizhand.
 * Large matrices are asked for in blocks, one after the other, so that no request names more coordinates than
 * the server takes. The hour is the server's own affair. A coordinate that the server cannot place is an
 * error that says which block, as the server does not tell more.
 *
 * Threads: as `get`. */
#ifndef ROUTING_FORMAT_MATRIX_OSRM_H
#define ROUTING_FORMAT_MATRIX_OSRM_H

#include "routing/geo/matrix.h"

enum { MATRIX_OSRM_COORDINATES = 100, MATRIX_OSRM_ANSWER_MAX = 16 << 20, MATRIX_OSRM_URL_MAX = 256 };

struct matrix_osrm_options {
    const char *url; /* "http://host:5000": what stands before /table/v1/PROFILE; copied */
    int coordinates; /* at most in one request; 0: OSRM's own default of 100 */
    /* Fetches a URL: the body (freed by free()), whatever the HTTP status, or -1 with err. */
    int (*get)(void *arg, const char *url, char **ret_body, size_t *ret_len, struct route_error *err);
    void *arg;
};

/* -1 when the URL is none. Profiles are named to the server as they are here (osrm-routed does not look at
 * them). */
int matrix_osrm_init(struct matrix_provider *p, const struct matrix_osrm_options *o, struct route_error *err);

/* The same over fetch.h. */
int matrix_osrm_http_init(struct matrix_provider *p, const char *url, int coordinates, int timeout_ms,
                          struct route_error *err);

#endif
