#include "routing/format/fetch.h"
#include "routing/format/matrix_osrm.h"

#include <stdint.h>

/* HTTP's status is not looked at: what went wrong stands in OSRM's answer. */
static int get(void *arg, const char *url, char **ret_body, size_t *ret_len, struct route_error *err)
{
    struct fetch_options o = {.timeout_ms = (int)(intptr_t)arg,
                              .answer_max = MATRIX_OSRM_ANSWER_MAX,
                              .agent = "yizhan/" PACKAGE_VERSION};
    int status;

    return fetch_get(url, &o, ret_body, ret_len, &status, err);
}

int matrix_osrm_http_init(struct matrix_provider *p, const char *url, int coordinates, int timeout_ms,
                          struct route_error *err)
{
    struct matrix_osrm_options o = {
        .url = url, .coordinates = coordinates, .get = get, .arg = (void *)(intptr_t)timeout_ms};

    return matrix_osrm_init(p, &o, err);
}
