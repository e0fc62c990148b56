#include "daemon/roads.h"

#include "base/log.h"
#include "routing/road/file.h"
#include "routing/road/provider.h"

#include <errno.h>
#include <stdlib.h>

struct roads {
    struct road_file file; /* road NULL: none */
    struct matrix_provider travel;
};

struct roads *roads_open(const char *path, int threads, struct error *err)
{
    struct route_error re;
    struct roads *r = calloc(1, sizeof *r);
    if (!r)
        log_fatal("out of memory");
    if (!*path) {
        matrix_circle_init(&r->travel, matrix_circle_city);
        return r;
    }
    if (road_file_open(path, &r->file, &re)) {
        error_set(err, EINVAL, "%.100s: %.140s", path, re.text);
        free(r);
        return NULL;
    }
    matrix_road_init(&r->travel, r->file.road, threads);
    return r;
}

void roads_close(struct roads *r)
{
    matrix_free(&r->travel);
    if (r->file.road)
        road_file_close(&r->file);
    free(r);
}

const struct matrix_provider *roads_travel(const struct roads *r)
{
    return &r->travel;
}
