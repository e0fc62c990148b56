/* The thin layer that may start threads. */
#include "routing/road/provider.h"
#include "routing/road/many.h"
#include "routing/road/mem.h"

#include <pthread.h>
#include <stdlib.h>

struct rows {
    const struct many *many;
    const struct place *from;
    size_t n, n_to, next; /* next: first row not yet taken */
    int32_t *seconds, *metres;
    pthread_mutex_t lock;
};

static void *work(void *arg)
{
    struct rows *r = arg;
    size_t chunk = many_block(r->many), at, n;

    for (;;) {
        pthread_mutex_lock(&r->lock);
        at = r->next;
        n = r->n - at < chunk ? r->n - at : chunk;
        r->next += n;
        pthread_mutex_unlock(&r->lock);
        if (!n)
            return NULL;
        many_rows(r->many, r->from + at, n, r->seconds + at * r->n_to,
                  r->metres ? r->metres + at * r->n_to : NULL);
    }
}

void road_matrix(const struct road_profile *p, const struct metric *m, const struct place *from,
                 size_t n_from, const struct place *to, size_t n_to, int threads, int32_t *ret_seconds,
                 int32_t *ret_metres)
{
    struct many *many = many_new(&p->graph, &p->cch, m, to, n_to, ret_metres != NULL);
    struct rows r = {
        .many = many, .from = from, .n = n_from, .n_to = n_to, .seconds = ret_seconds, .metres = ret_metres};
    pthread_t t[ROAD_THREADS_MAX];
    int started = 0;

    pthread_mutex_init(&r.lock, NULL);
    for (; started + 1 < threads && started < ROAD_THREADS_MAX; started++)
        if (pthread_create(&t[started], NULL, work, &r))
            break;
    work(&r);
    while (started > 0)
        pthread_join(t[--started], NULL);
    pthread_mutex_destroy(&r.lock);
    many_free(many);
}

struct provider {
    struct live *live;
    bool own;
    int threads;
};

static struct place *place_all(const struct road *r, const struct road_profile *p, const struct metric *m,
                               const struct geo_point *points, size_t n)
{
    struct place *places = MEM_NEW(struct place, n);

    for (size_t i = 0; i < n; i++)
        snap_point(r, p, m, points[i], NULL, &places[i]);
    return places;
}

static int provider_matrix(void *self, const struct matrix_query *q, int32_t *ret_seconds,
                           int32_t *ret_metres, struct route_error *err)
{
    struct provider *x = self;
    const struct road *road = live_road(x->live);
    const struct road_profile *p = road_profile_find(road, q->profile, err);
    struct live_state *state;
    const struct metric *m;
    struct place *from, *to;

    if (!p)
        return -1;
    if (q->n_from > MATRIX_POINTS_MAX || q->n_to > MATRIX_POINTS_MAX)
        return route_error_set(err, ROUTE_TOO_LARGE, -1, "more than %d points", MATRIX_POINTS_MAX);
    state = live_take(x->live);
    m = live_metric(state, (size_t)(p - road->profiles), q->hour);
    from = place_all(road, p, m, q->from, q->n_from);
    to = q->to == q->from && q->n_to == q->n_from ? from : place_all(road, p, m, q->to, q->n_to);
    road_matrix(p, m, from, q->n_from, to, q->n_to, x->threads, ret_seconds, ret_metres);
    live_drop(state);
    if (to != from)
        free(to);
    free(from);
    return 0;
}

static void provider_free(void *self)
{
    struct provider *x = self;

    if (x->own)
        live_free(x->live);
    free(x);
}

static const struct matrix_ops ops = {"road", provider_matrix, provider_free};

static void init(struct matrix_provider *p, struct live *l, bool own, int threads)
{
    struct provider *x = MEM_NEW(struct provider, 1);

    x->live = l;
    x->own = own;
    x->threads = threads < 1 ? 1 : threads > ROAD_THREADS_MAX ? ROAD_THREADS_MAX : threads;
    p->ops = &ops;
    p->self = x;
}

void matrix_road_init(struct matrix_provider *p, const struct road *road, int threads)
{
    init(p, live_new(road, NULL), true, threads);
}

void matrix_live_init(struct matrix_provider *p, struct live *l, int threads)
{
    init(p, l, false, threads);
}
