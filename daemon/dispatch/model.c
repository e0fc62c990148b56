#include "daemon/dispatch/model.h"

#include <stdlib.h>

enum { DIM_PIECES, DIM_GRAMS, DIM_CM3, DIMENSIONS };

/* Seconds of working time that leaving a parcel behind is worth: more than any detour, so that parcels stay
 * only when they must, and the urgent ones go first. */
enum { PRIZE_PARCEL = 100000, PRIZE_PRIORITY = 50000 };

/* A promise is kept if it can be: late by at most this long, at this much a second. */
enum { LATE_MAX = 6 * 3600, LATE_COST = 5 };

/* What it is worth, in seconds, that a courier knows the place. */
enum { UNFAMILIAR = 120 };

/* Costs are in tenths of a second, so that a metre can cost a tenth of what a second does. */
enum { SECOND = 10, METRE = 1, COURIER = 1800 * SECOND };

/* The point's open hours. A promise that falls into the last of them cuts it short, and what lies behind
 * becomes late. Returns how many windows were written. */
static int32_t windows_of(const struct wave_point *p, int32_t promised, struct vrp_window *into,
                          int32_t *ret_late_max)
{
    int32_t n = p->n_windows;
    for (int32_t i = 0; i < n; i++)
        into[i] = (struct vrp_window){p->windows[i][0], p->windows[i][1]};
    if (!n)
        into[n++] = (struct vrp_window){0, VRP_LIMIT};
    struct vrp_window *last = &into[n - 1];
    *ret_late_max = 0;
    if (promised >= last->from && promised < last->until) {
        int32_t behind = last->until - promised;
        *ret_late_max = behind < LATE_MAX ? behind : LATE_MAX;
        last->until = promised;
    }
    return n;
}

static void make_task(const struct wave *w, const struct bundle *b, struct vrp_task *t,
                      struct vrp_window *windows)
{
    const struct wave_point *p = &w->points[b->point];
    *t = (struct vrp_task)VRP_TASK_DEFAULT;
    struct vrp_visit *v = &t->visit[0];
    v->location = 1 + b->point;
    v->setup = p->walk_s + p->service_s;
    v->service = b->service_s;
    v->n_windows = windows_of(p, b->promised, windows, &v->late_max);
    v->windows = windows;
    v->late_cost = LATE_COST * SECOND;
    t->delivery[DIM_PIECES] = b->n;
    t->delivery[DIM_GRAMS] = b->grams;
    t->delivery[DIM_CM3] = b->cm3;
    t->prize = ((int64_t)b->n * PRIZE_PARCEL + (int64_t)b->priority * PRIZE_PRIORITY) * SECOND;
}

static void make_vehicle(const struct wave_courier *c, struct vrp_vehicle *v)
{
    *v = (struct vrp_vehicle)VRP_VEHICLE_DEFAULT;
    v->profile = (int32_t)c->vehicle;
    v->start = v->end = 0;
    v->shift = (struct vrp_window){c->from, c->until};
    v->capacity[DIM_PIECES] = c->pieces;
    v->capacity[DIM_GRAMS] = c->grams;
    v->capacity[DIM_CM3] = c->cm3;
    v->max_trips = c->max_trips;
    v->reload_time = RELOAD_SECONDS;
    v->fixed_cost = COURIER;
    v->unit_distance = METRE;
    v->unit_duration = SECOND;
}

/* Seconds to the nearest other place of the wave, by the first class that drives. */
static int32_t nearest_other(const struct travel *t, int32_t n_locations, int32_t from)
{
    int32_t best = VRP_LIMIT;
    for (int32_t to = 1; to < n_locations; to++) {
        int32_t s = t->seconds[(int64_t)from * n_locations + to];
        if (s > 0 && s < best)
            best = s;
    }
    return best == VRP_LIMIT ? 0 : best;
}

/* What one courier would work if all worked alike: time at the stops, half as much again as the way from each
 * to its nearest neighbour, and for each courier the mean way out and back. */
static int32_t fair_share(const struct vrp_task *tasks, int32_t n_tasks, const struct travel *travel,
                          int32_t n_locations, int32_t n_couriers)
{
    int64_t stops = 0, hops = 0, out = 0;
    for (int32_t i = 0; i < n_tasks; i++) {
        int32_t place = tasks[i].visit[0].location, way = travel->seconds[place];
        stops += tasks[i].visit[0].setup + tasks[i].visit[0].service;
        hops += nearest_other(travel, n_locations, place);
        out += way < NO_WAY ? way : 0;
    }
    int64_t share = (stops + hops * 3 / 2) / n_couriers + (n_tasks ? 2 * out / n_tasks : 0);
    return share < VRP_LIMIT ? (int32_t)share : VRP_LIMIT;
}

/* Work beyond the fair share counts double: couriers are paid by the piece, and go home at the same hour. */
static void share_fairly(struct model *m, int32_t n_tasks, int32_t n_locations, int32_t n_couriers,
                         const struct travel *travel)
{
    if (!n_couriers || !travel->seconds)
        return;
    int32_t share = fair_share(m->tasks, n_tasks, travel, n_locations, n_couriers);
    for (int32_t i = 0; i < n_couriers; i++) {
        m->vehicles[i].soft_duration = share;
        m->vehicles[i].unit_overtime = SECOND;
    }
}

static void make_familiarity(const struct wave *w, const struct bundles *b, int32_t *assign_cost)
{
    bool *knows = calloc((size_t)w->n_points + 1, sizeof *knows);
    for (int32_t c = 0; c < w->n_couriers; c++) {
        const struct wave_courier *courier = &w->couriers[c];
        for (int32_t i = 0; i < courier->n_familiar; i++)
            knows[courier->familiar[i]] = true;
        for (int32_t t = 0; t < b->n; t++)
            assign_cost[(int64_t)c * b->n + t] = knows[b->list[t].point] ? 0 : UNFAMILIAR * SECOND;
        for (int32_t i = 0; i < courier->n_familiar; i++)
            knows[courier->familiar[i]] = false;
    }
    free(knows);
}

void model_make(const struct wave *w, const struct bundles *b, const struct travel travel[CLASSES],
                struct model *ret)
{
    size_t n_windows = 0;
    for (int32_t i = 0; i < b->n; i++)
        n_windows += (size_t)w->points[b->list[i].point].n_windows + 1;
    *ret = (struct model){.tasks = calloc((size_t)b->n + 1, sizeof *ret->tasks),
                          .vehicles = calloc((size_t)w->n_couriers + 1, sizeof *ret->vehicles),
                          .windows = calloc(n_windows + 1, sizeof *ret->windows),
                          .assign_cost = calloc((size_t)w->n_couriers * (size_t)b->n + 1, sizeof(int32_t))};
    struct vrp_window *windows = ret->windows;
    for (int32_t i = 0; i < b->n; i++) {
        make_task(w, &b->list[i], &ret->tasks[i], windows);
        windows += w->points[b->list[i].point].n_windows + 1;
    }
    for (int32_t i = 0; i < w->n_couriers; i++)
        make_vehicle(&w->couriers[i], &ret->vehicles[i]);
    share_fairly(ret, b->n, 1 + w->n_points, w->n_couriers, &travel[0]);
    for (int i = 0; i < CLASSES; i++)
        ret->profiles[i] = (struct vrp_profile){.seconds = travel[i].seconds, .metres = travel[i].metres};
    make_familiarity(w, b, ret->assign_cost);
    ret->problem = (struct vrp_problem){.n_locations = 1 + w->n_points,
                                        .n_tasks = b->n,
                                        .n_vehicles = w->n_couriers,
                                        .n_profiles = w->n_couriers ? CLASSES : 0,
                                        .n_dims = DIMENSIONS,
                                        .profiles = ret->profiles,
                                        .tasks = ret->tasks,
                                        .vehicles = ret->vehicles,
                                        .assign_cost = ret->assign_cost};
}

void model_fini(struct model *m)
{
    free(m->tasks);
    free(m->vehicles);
    free(m->windows);
    free(m->assign_cost);
    *m = (struct model){0};
}

bool model_has_way(const struct model *m, int32_t location)
{
    const struct vrp_problem *p = &m->problem;
    for (int32_t v = 0; v < p->n_vehicles; v++) {
        const int32_t *seconds = p->profiles[p->vehicles[v].profile].seconds;
        if (seconds[location] < NO_WAY && seconds[(int64_t)location * p->n_locations] < NO_WAY)
            return true;
    }
    return false;
}
