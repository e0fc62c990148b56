#include "routing/cli/args.h"
#include "routing/cli/cmd_road.h"
#include "routing/format/matrix_osrm.h"
#include "routing/road/file.h"
#include "routing/road/mem.h"
#include "routing/road/provider.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "matrix MAP.yzr POINTS.csv [--to POINTS.csv] [--profile van] [--hour 0-191] "
    "[--threads N] [--no-metres] --out M.bin|M.csv\n"
    "       yizhan-route matrix --matrix-url URL [--coordinates 100] [--timeout 10] "
    "POINTS.csv [--to POINTS.csv] [--profile driving] [--no-metres] --out M.bin|M.csv";

/* The binary form: "YZMATRX1", rows and columns as uint32, then seconds and (if flag 1) metres as int32,
 * row by row; little-endian on every machine that this runs on. */
struct binary_head {
    char magic[8];
    uint32_t rows, columns, has_metres, reserved;
};

static void write_csv(struct text *t, const int32_t *seconds, const int32_t *metres, size_t n, size_t m)
{
    text_add(t, metres ? "from,to,seconds,metres\n" : "from,to,seconds\n");
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++) {
            size_t k = i * m + j;

            if (seconds[k] == MATRIX_UNREACHABLE)
                text_add(t, metres ? "%zu,%zu,,\n" : "%zu,%zu,\n", i, j);
            else if (metres)
                text_add(t, "%zu,%zu,%d,%d\n", i, j, seconds[k], metres[k]);
            else
                text_add(t, "%zu,%zu,%d\n", i, j, seconds[k]);
        }
}

static void write_binary(struct text *t, const int32_t *seconds, const int32_t *metres, size_t n, size_t m)
{
    struct binary_head h = {"", (uint32_t)n, (uint32_t)m, metres != NULL, 0};

    memcpy(h.magic, "YZMATRX1", sizeof h.magic);
    text_append(t, &h, sizeof h);
    text_append(t, seconds, n * m * sizeof *seconds);
    if (metres)
        text_append(t, metres, n * m * sizeof *metres);
}

/* A point without any way to or from it is told, so that nobody has to look for it among the cells. */
static void tell_apart(const int32_t *seconds, const struct matrix_query *q, const char *path, bool rows)
{
    size_t n = rows ? q->n_from : q->n_to, others = rows ? q->n_to : q->n_from, apart = 0, first = 0;

    for (size_t i = 0; i < n; i++) {
        size_t k = 0;

        while (k < others && seconds[rows ? i * q->n_to + k : k * q->n_to + i] == MATRIX_UNREACHABLE)
            k++;
        first = k == others && !apart ? i : first;
        apart += k == others;
    }
    if (apart)
        fprintf(stderr, "%s: no way %s %zu of %zu points, first point %zu at %.7f,%.7f\n", path,
                rows ? "from" : "to", apart, n, first, geo_lon((rows ? q->from : q->to)[first]),
                geo_lat((rows ? q->from : q->to)[first]));
}

struct job {
    const char *map, *url, *from, *to, *profile, *out;
    int hour, threads, coordinates, timeout;
    bool no_metres;
};

static int compute(const struct job *j, const struct matrix_provider *p, struct matrix_query *q,
                   struct route_error *err)
{
    size_t cells = q->n_from * q->n_to, n = strlen(j->out);
    int32_t *seconds = MEM_NEW(int32_t, cells), *metres = j->no_metres ? NULL : MEM_NEW(int32_t, cells);
    struct text t = {0};
    int rc;

    rc = matrix_get(p, q, seconds, metres, err);
    if (!rc) {
        tell_apart(seconds, q, j->from, true);
        tell_apart(seconds, q, j->to ? j->to : j->from, false);
        if (n > 4 && !strcmp(j->out + n - 4, ".csv"))
            write_csv(&t, seconds, metres, q->n_from, q->n_to);
        else
            write_binary(&t, seconds, metres, q->n_from, q->n_to);
        rc = file_write(j->out, t.at, t.n, err);
    }
    free(t.at);
    free(seconds);
    free(metres);
    return rc;
}

/* From a server, or from the road file, which then is to be closed. */
static int open_provider(const struct job *j, struct road_file *f, struct matrix_provider *ret,
                         struct route_error *err)
{
    if (j->url)
        return matrix_osrm_http_init(ret, j->url, j->coordinates, j->timeout * 1000, err);
    if (road_file_open(j->map, f, err))
        return -1;
    matrix_road_init(ret, f->road, j->threads);
    return 0;
}

static int run(const struct job *j, struct route_error *err)
{
    struct geo_point *from = NULL, *to = NULL;
    struct matrix_query q = {.profile = j->profile, .hour = j->hour};
    struct matrix_provider p;
    struct road_file f = {0};
    int rc = -1;

    if (open_provider(j, &f, &p, err))
        return -1;
    if (!args_points(j->from, &from, &q.n_from, err) && (!j->to || !args_points(j->to, &to, &q.n_to, err))) {
        q.from = from;
        q.to = j->to ? to : from;
        q.n_to = j->to ? q.n_to : q.n_from;
        rc = compute(j, &p, &q, err);
    }
    free(from);
    free(to);
    matrix_free(&p);
    if (f.road)
        road_file_close(&f);
    return rc;
}

static int processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    return n < 1 ? 1 : n > ROAD_THREADS_MAX ? ROAD_THREADS_MAX : (int)n;
}

int cmd_matrix(int argc, char **argv)
{
    struct job j = {.profile = "van", .hour = MATRIX_ANY_HOUR, .threads = processors(), .timeout = 10};
    const struct arg table[] = {{"to", &j.to, NULL, NULL},
                                {"profile", &j.profile, NULL, NULL},
                                {"out", &j.out, NULL, NULL},
                                {"matrix-url", &j.url, NULL, NULL},
                                {"coordinates", NULL, &j.coordinates, NULL},
                                {"timeout", NULL, &j.timeout, NULL},
                                {"hour", NULL, &j.hour, NULL},
                                {"threads", NULL, &j.threads, NULL},
                                {"no-metres", NULL, NULL, &j.no_metres},
                                {0}};
    struct route_error err = {0};
    int n = args_parse(argc, argv, table, usage);

    if (n != (j.url ? 1 : 2) || !j.out || j.timeout < 1 || j.timeout > 3600) {
        if (n >= 0)
            fprintf(stderr, "usage: yizhan-route %s\n", usage);
        return 2;
    }
    if (args_hour(j.hour, &err))
        return args_fail("matrix", &err);
    if (j.threads < 1 || j.threads > ROAD_THREADS_MAX) {
        route_error_set(&err, ROUTE_BAD_INPUT, -1, "--threads %d: must be 1 to %d", j.threads,
                        ROAD_THREADS_MAX);
        return args_fail("matrix", &err);
    }
    j.map = argv[1];
    j.from = argv[j.url ? 1 : 2];
    return run(&j, &err) ? args_fail("matrix", &err) : 0;
}
