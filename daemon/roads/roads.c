#include "daemon/roads/roads.h"

#include "base/log.h"
#include "base/worker.h"
#include "routing/format/matrix_osrm.h"
#include "routing/road/file.h"
#include "routing/road/live.h"
#include "routing/road/mem.h"
#include "routing/road/osrm.h"
#include "routing/road/provider.h"
#include "routing/road/store.h"
#include "routing/road/tile.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS_MAX = 16, WAITING_MAX = 64, CHINA_AHEAD_S = 8 * 3600 };

enum open_to { TO_STAFF, TO_LOCAL, TO_ALL };
static const char *const open_words[] = {"staff", "local", "all"};

struct roads {
    struct road_file file; /* road NULL: none */
    struct live *live;
    int64_t *ways; /* OpenStreetMap's ids, ascending */
    struct matrix_provider travel;
    enum open_to open_to;
    const struct clock *clock;
    int64_t deadline_us;
    struct text tile_json;
    char etag[64];
    struct workers *workers;
    pthread_mutex_t lock;
    struct osrm *idle[THREADS_MAX]; /* as many as threads: each job takes one while it runs */
    int n_idle;
};

struct job {
    struct roads *roads;
    void (*answer)(struct job *j);
    char *target;     /* of OSRM, or traffic, or */
    uint32_t z, x, y; /* a tile */
    int hour;
    struct live_state *state;
    int64_t until_us, took_us;
    int status;
    struct text text;
    void (*done)(void *arg, const struct roads_answer *a);
    void *arg;
};

/* For the planner: another engine's server, or great circles. The road file comes later. */
static int start_travel(struct roads *r, const struct roads_options *o, struct error *err)
{
    struct route_error re;
    if (!*o->matrix_url) {
        matrix_circle_init(&r->travel, matrix_circle_city);
        return 0;
    }
    if (matrix_osrm_http_init(&r->travel, o->matrix_url, o->matrix_coordinates, o->matrix_ms, &re))
        return error_set(err, EINVAL, "roads.matrix_url: %.200s", re.text);
    return 0;
}

static int open_to_of(const char *word, enum open_to *ret, struct error *err)
{
    for (int i = 0; i < 3; i++)
        if (!strcmp(word, open_words[i])) {
            *ret = (enum open_to)i;
            return 0;
        }
    return error_set(err, EINVAL, "roads.open_to = %.40s: must be staff, local or all", word);
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void list_ways(struct roads *r)
{
    const struct net *net = &r->file.road->net;
    r->ways = MEM_NEW(int64_t, net->ways.n);
    for (size_t i = 0; i < net->ways.n; i++)
        r->ways[i] = net->ways.at[i].osm_id;
    qsort(r->ways, net->ways.n, sizeof *r->ways, by_number);
}

bool roads_have_way(const struct roads *r, int64_t way)
{
    return r->ways && bsearch(&way, r->ways, r->file.road->net.ways.n, sizeof way, by_number);
}

/* Learned speeds are a file's for the life of the program. */
static int start_live(struct roads *r, const char *speeds, struct route_error *err)
{
    struct traffic_report report;
    struct traffic *learned = NULL;
    struct file_map map;
    if (*speeds) {
        if (file_map(speeds, &map, err))
            return -1;
        learned = traffic_read(&r->file.road->net, map.data, map.size, speeds, &report, err);
        file_unmap(&map);
        if (!learned)
            return -1;
        log_info("%s: %llu speeds, %llu of places that the map does not have", speeds,
                 (unsigned long long)report.lines, (unsigned long long)report.unknown);
    }
    r->live = live_new(r->file.road, learned);
    return 0;
}

static void describe(struct roads *r)
{
    tile_json(r->file.road, "/tiles/{z}/{x}/{y}", &r->tile_json);
    snprintf(r->etag, sizeof r->etag, "\"%016llx-%s\"", (unsigned long long)store_checksum(r->file.map.data),
             PACKAGE_VERSION);
}

static void start_threads(struct roads *r, struct loop *l, int threads)
{
    r->workers = workers_new(l, threads, WAITING_MAX);
    pthread_mutex_init(&r->lock, NULL);
    for (; r->n_idle < threads; r->n_idle++)
        r->idle[r->n_idle] = osrm_new(r->file.road);
}

static int open_map(struct roads *r, const struct roads_options *o, struct route_error *err)
{
    if (road_file_open(o->file, &r->file, err) || start_live(r, o->speeds, err))
        return -1;
    list_ways(r);
    describe(r);
    return 0;
}

struct roads *roads_open(struct loop *l, const struct roads_options *o, struct error *err)
{
    struct route_error re;
    struct roads *r = calloc(1, sizeof *r);
    if (!r)
        log_fatal("out of memory");
    r->clock = o->clock;
    r->deadline_us = o->deadline_us;
    if (open_to_of(o->open_to, &r->open_to, err) || start_travel(r, o, err)) {
        free(r);
        return NULL;
    }
    if (*o->file && open_map(r, o, &re)) {
        error_set(err, EINVAL, "%.100s: %.140s", o->file, re.text);
        roads_close(r);
        return NULL;
    }
    if (r->live && !*o->matrix_url) {
        matrix_free(&r->travel);
        matrix_live_init(&r->travel, r->live, o->plan_threads);
    }
    if (r->live)
        start_threads(r, l, o->threads);
    return r;
}

void roads_close(struct roads *r)
{
    if (r->workers) {
        workers_free(r->workers);
        while (r->n_idle > 0)
            osrm_free(r->idle[--r->n_idle]);
        pthread_mutex_destroy(&r->lock);
    }
    free(r->tile_json.at);
    free(r->ways);
    matrix_free(&r->travel);
    live_free(r->live);
    if (r->file.road)
        road_file_close(&r->file);
    free(r);
}

const struct matrix_provider *roads_travel(const struct roads *r)
{
    return &r->travel;
}

bool roads_have_map(const struct roads *r)
{
    return r->file.road != NULL;
}

static bool is_this_machine(const char *peer)
{
    return !strncmp(peer, "127.", 4) || !strcmp(peer, "::1") || !strcmp(peer, "local");
}

bool roads_open_to(const struct roads *r, const char *peer, bool forwarded)
{
    return r->open_to == TO_ALL || (r->open_to == TO_LOCAL && !forwarded && is_this_machine(peer));
}

/* ---- jobs ---- */

static struct osrm *take_osrm(struct roads *r)
{
    pthread_mutex_lock(&r->lock);
    struct osrm *o = r->idle[--r->n_idle];
    pthread_mutex_unlock(&r->lock);
    return o;
}

static void give_osrm(struct roads *r, struct osrm *o)
{
    pthread_mutex_lock(&r->lock);
    r->idle[r->n_idle++] = o;
    pthread_mutex_unlock(&r->lock);
}

static bool is_late(void *arg)
{
    const struct job *j = arg;
    return clock_mono_us() >= j->until_us;
}

static const struct metric *metric_in_force(void *arg, size_t profile)
{
    const struct job *j = arg;
    return live_metric(j->state, profile, j->hour);
}

static void answer_osrm(struct job *j)
{
    struct osrm *o = take_osrm(j->roads);
    j->state = live_take(j->roads->live);
    osrm_set_metrics(o, metric_in_force, j);
    osrm_set_stop(o, is_late, j);
    j->status = osrm_answer(o, j->target, &j->text);
    live_drop(j->state);
    give_osrm(j->roads, o);
}

static void answer_put(struct job *j)
{
    struct traffic_report report;
    struct route_error err = {0};
    struct traffic *t =
        traffic_read(&j->roads->file.road->net, j->target, strlen(j->target), "traffic", &report, &err);
    j->status = t ? 200 : 400;
    if (!t) {
        text_add(&j->text, "%s", err.text);
        return;
    }
    live_put(j->roads->live, t);
    text_add(&j->text, "%llu directions changed, %llu not on the map", (unsigned long long)report.lines,
             (unsigned long long)report.unknown);
}

static void answer_tile(struct job *j)
{
    bool good = tile_draw(j->roads->file.road, (int)j->z, j->x, j->y, &j->text);
    j->status = !good ? 404 : j->text.n ? 200 : 204;
}

static void work(void *arg)
{
    struct job *j = arg;
    int64_t began = clock_mono_us();
    j->answer(j);
    j->took_us = clock_mono_us() - began;
}

static void job_free(struct job *j)
{
    free(j->target);
    free(j->text.at);
    free(j);
}

static void worked(void *arg)
{
    struct job *j = arg;
    j->done(j->arg, &(struct roads_answer){j->status, j->text.at, j->text.n, j->took_us});
    job_free(j);
}

/* Takes the filled job; -1 when it was dropped. */
static int run(struct roads *r, const struct job *filled)
{
    struct job *j = malloc(sizeof *j);
    if (!j)
        log_fatal("out of memory");
    *j = *filled;
    j->roads = r;
    j->hour = matrix_hour_at(clock_business_us(r->clock), CHINA_AHEAD_S);
    j->until_us = clock_mono_us() + r->deadline_us;
    if (!workers_run(r->workers, work, worked, j))
        return 0;
    job_free(j);
    return -1;
}

static char *copy_of(const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        log_fatal("out of memory");
    return copy;
}

int roads_osrm(struct roads *r, const char *target, void (*done)(void *arg, const struct roads_answer *a),
               void *arg)
{
    return run(r, &(struct job){.answer = answer_osrm, .target = copy_of(target), .done = done, .arg = arg});
}

int roads_put(struct roads *r, const char *traffic, void (*done)(void *arg, const struct roads_answer *a),
              void *arg)
{
    return run(r, &(struct job){.answer = answer_put, .target = copy_of(traffic), .done = done, .arg = arg});
}

int roads_tile(struct roads *r, uint32_t z, uint32_t x, uint32_t y,
               void (*done)(void *arg, const struct roads_answer *a), void *arg)
{
    return run(r, &(struct job){.answer = answer_tile, .z = z, .x = x, .y = y, .done = done, .arg = arg});
}

const char *roads_tile_json(const struct roads *r)
{
    return r->tile_json.at;
}

const char *roads_etag(const struct roads *r)
{
    return r->etag;
}
