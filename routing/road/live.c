#include "routing/road/live.h"

#include "routing/road/condition.h"
#include "routing/road/mem.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { HOURS = CONDITION_HOURS };

/* A metric with the speeds it was made of, in short. */
struct kept {
    uint64_t speeds;
    struct metric *metric;
};

struct live_state {
    struct live *live;
    size_t users; /* under live->lock; the one in force counts as one */
    struct traffic *traffic;
    pthread_mutex_t lock;                                  /* for what is made on demand */
    const struct metric *at[ROAD_PROFILES_MAX][HOURS + 1]; /* [HOURS]: no hour */
    VEC(struct kept) kept[ROAD_PROFILES_MAX];
};

struct live {
    const struct road *road;
    struct traffic *learned;
    pthread_mutex_t lock;
    struct live_state *now;
};

/* FNV-1a over words. */
static uint64_t hash(const uint32_t *at, size_t n)
{
    uint64_t h = 14695981039346656037U;

    for (size_t i = 0; i < n; i++)
        h = (h ^ at[i]) * 1099511628211U;
    return h;
}

static const struct metric *make(struct live_state *s, size_t profile, int hour)
{
    const struct live *l = s->live;
    const struct road_profile *p = &l->road->profiles[profile];
    uint32_t *speeds = metric_speeds(&l->road->net, &p->graph, p->profile, hour);
    struct kept made;

    traffic_change(l->learned, hour, speeds);
    traffic_change(s->traffic, hour, speeds);
    made.speeds = hash(speeds, 2 * (size_t)p->graph.n_segments);
    for (size_t i = 0; i < s->kept[profile].n; i++)
        if (s->kept[profile].at[i].speeds == made.speeds) {
            free(speeds);
            return s->kept[profile].at[i].metric;
        }
    made.metric = metric_new(&l->road->net, &p->graph, &p->cch, speeds);
    free(speeds);
    VEC_PUSH(&s->kept[profile], made);
    return made.metric;
}

const struct metric *live_metric(struct live_state *s, size_t profile, int hour)
{
    const struct metric **at = &s->at[profile][hour < 0 || hour >= HOURS ? HOURS : hour];
    const struct metric *m;

    pthread_mutex_lock(&s->lock);
    if (!*at)
        *at = make(s, profile, hour < HOURS ? hour : -1);
    m = *at;
    pthread_mutex_unlock(&s->lock);
    return m;
}

static void state_free(struct live_state *s)
{
    for (size_t p = 0; p < ROAD_PROFILES_MAX; p++) {
        for (size_t i = 0; i < s->kept[p].n; i++)
            metric_free(s->kept[p].at[i].metric);
        free(s->kept[p].at);
    }
    traffic_free(s->traffic);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static struct live_state *state_new(struct live *l, struct traffic *t)
{
    struct live_state *s = MEM_NEW(struct live_state, 1);

    s->live = l;
    s->users = 1;
    s->traffic = t;
    pthread_mutex_init(&s->lock, NULL);
    for (size_t p = 0; p < l->road->n_profiles; p++)
        if (t || l->learned)
            live_metric(s, p, -1);
        else
            s->at[p][HOURS] = &l->road->profiles[p].metric;
    return s;
}

struct live *live_new(const struct road *r, struct traffic *learned)
{
    struct live *l = MEM_NEW(struct live, 1);

    l->road = r;
    l->learned = learned;
    pthread_mutex_init(&l->lock, NULL);
    l->now = state_new(l, NULL);
    return l;
}

void live_free(struct live *l)
{
    if (!l)
        return;
    state_free(l->now);
    traffic_free(l->learned);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

const struct road *live_road(const struct live *l)
{
    return l->road;
}

struct live_state *live_take(struct live *l)
{
    struct live_state *s;

    pthread_mutex_lock(&l->lock);
    s = l->now;
    s->users++;
    pthread_mutex_unlock(&l->lock);
    return s;
}

void live_drop(struct live_state *s)
{
    struct live *l = s->live;
    bool last;

    pthread_mutex_lock(&l->lock);
    last = --s->users == 0;
    pthread_mutex_unlock(&l->lock);
    if (last)
        state_free(s);
}

void live_put(struct live *l, struct traffic *t)
{
    struct live_state *next = state_new(l, t), *before;

    pthread_mutex_lock(&l->lock);
    before = l->now;
    l->now = next;
    pthread_mutex_unlock(&l->lock);
    live_drop(before);
}
