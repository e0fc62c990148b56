#include "routing/road/trace.h"

#include <math.h>
#include <stdlib.h>

enum { HOURS = 24 };

struct sum {
    uint64_t dm, ms;
    uint32_t passages;
};

struct learn {
    uint32_t n;       /* directed segments */
    struct sum *sums; /* [dseg][hour] */
};

struct learn *learn_new(const struct road *r)
{
    struct learn *l = MEM_NEW(struct learn, 1);

    l->n = 2 * (uint32_t)net_segments(&r->net);
    l->sums = MEM_NEW(struct sum, (size_t)l->n * HOURS);
    return l;
}

void learn_free(struct learn *l)
{
    if (!l)
        return;
    free(l->sums);
    free(l);
}

static int hour_of(int64_t ms, int utc_offset_s)
{
    int64_t s = ms / 1000 + utc_offset_s, day = s % 86400;

    return (int)((day < 0 ? day + 86400 : day) / 3600);
}

/* The time between two fixes is shared out in proportion to what each piece takes at the metric's speed. */
static size_t add_leg(struct learn *l, const struct route *route, int64_t ms, int hour)
{
    uint64_t expected = 0;

    for (size_t i = 0; i < route->pieces.n; i++)
        expected += cost_ms(route->pieces.at[i].cost);
    if (!expected || !cost_dm(route->total))
        return 0;
    for (size_t i = 0; i < route->pieces.n; i++) {
        struct sum *s = &l->sums[(size_t)route->pieces.at[i].dseg * HOURS + (size_t)hour];

        s->dm += cost_dm(route->pieces.at[i].cost);
        s->ms += (uint64_t)ms * cost_ms(route->pieces.at[i].cost) / expected;
        s->passages++;
    }
    return route->pieces.n;
}

size_t learn_add(struct learn *l, const struct road *r, const struct road_profile *p, const struct metric *m,
                 struct query *q, const struct trace_fix *fixes, const struct match *match, int utc_offset_s)
{
    size_t last = SIZE_MAX, counted = 0;

    for (size_t i = 0; i < match->points.n; i++) {
        const struct match_point *x = &match->points.at[i],
                                 *y = last == SIZE_MAX ? NULL : &match->points.at[last];
        struct route route;

        if (!x->matched)
            continue;
        if (y && y->leg_group == x->leg_group && fixes[i].ms > fixes[last].ms &&
            !match_route(r, p, m, q, &y->placement, &x->placement, &route, NULL)) {
            counted += add_leg(l, &route, fixes[i].ms - fixes[last].ms, hour_of(fixes[i].ms, utc_offset_s));
            route_fini(&route);
        }
        last = i;
    }
    return counted;
}

static void add_sum(struct sum *to, const struct sum *x)
{
    to->dm += x->dm;
    to->ms += x->ms;
    to->passages += x->passages;
}

/* A line if it was passed often enough; hour < 0: of all of them. */
static void write_line(const struct sum *s, uint32_t dseg, int hour, uint32_t passages, struct text *t)
{
    if (!s->passages || s->passages < passages || !s->ms || !s->dm)
        return;
    text_add(t, "%u,%s,%.1f", dseg / 2, dseg & 1 ? "backward" : "forward",
             fmax(1, fmin(300, (double)s->dm * 360 / (double)s->ms)));
    text_add(t, hour < 0 ? "\n" : ",%d\n", hour);
}

void learn_traffic(const struct learn *l, uint32_t passages, struct text *t)
{
    text_add(t, "segment,direction,speed,hours\n");
    for (uint32_t d = 0; d < l->n; d++) {
        const struct sum *hours = &l->sums[(size_t)d * HOURS];
        struct sum all = {0};

        for (int h = 0; h < HOURS; h++)
            add_sum(&all, &hours[h]);
        write_line(&all, d, -1, passages, t);
        for (int h = 0; h < HOURS && all.passages; h++)
            write_line(&hours[h], d, h, passages, t);
    }
}
