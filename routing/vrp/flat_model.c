#include "routing/vrp/flat_model.h"
#include "routing/vrp/near.h"

#include <stdlib.h>

/* ---- does it fit ---- */

static bool task_fits(const struct vrp_problem *p, const struct vrp_task *t)
{
    (void)p;
    return t->kind == VRP_JOB && t->visit[0].setup == 0 && t->visit[0].n_windows <= 1 &&
           t->visit[0].late_max == 0 && t->release == 0 && t->cost == 0 && t->group == VRP_NONE &&
           t->resource == VRP_NONE && !(t->delivery[0] && t->pickup[0]);
}

static bool vehicle_fits(const struct vrp_problem *p, const struct vrp_vehicle *v)
{
    const struct vrp_vehicle *first = &p->vehicles[0];
    return v->profile == first->profile && v->start != VRP_NONE && v->end != VRP_NONE && v->n_breaks == 0 &&
           v->travel_permille == 1000 && v->max_tasks == VRP_LIMIT && v->max_travel == VRP_LIMIT &&
           v->max_trips == 1 && !v->lifo && v->unit_duration == 0 && v->unit_overtime == 0 &&
           v->backhaul == first->backhaul && v->linehaul_first == first->linehaul_first &&
           (v->unit_travel == 0 ||
            (v->unit_travel == first->unit_travel && v->unit_distance == first->unit_distance)) &&
           (first->unit_travel == 0 || v->unit_travel) && v->unit_travel <= 1000 &&
           (v->unit_travel == 0 || (v->unit_distance <= 1000 && v->max_distance == VRP_LIMIT));
}

/* Jobs that deliver and jobs that pick up may only be mixed behind each other. */
static bool loads_fit(const struct vrp_problem *p)
{
    bool pickups = false, deliveries = false;
    for (int32_t i = 0; i < p->n_tasks; i++) {
        pickups |= p->tasks[i].pickup[0] > 0;
        deliveries |= p->tasks[i].delivery[0] > 0;
    }
    return !pickups || (deliveries && p->vehicles[0].backhaul) || !deliveries;
}

bool flat_fits(const struct vrp_problem *p)
{
    if (p->n_tasks < 2 || p->n_vehicles < 1 || p->n_vehicles > FLAT_TYPES || p->n_dims > 1 || p->assign_cost)
        return false;
    for (int32_t i = 0; i < p->n_profiles; i++)
        if (p->profiles[i].n_slices)
            return false;
    for (int32_t i = 0; i < p->n_plan; i++)
        if (p->plan[i].frozen)
            return false;
    for (int32_t i = 0; i < p->n_tasks; i++)
        if (!task_fits(p, &p->tasks[i]))
            return false;
    for (int32_t i = 0; i < p->n_vehicles; i++)
        if (!vehicle_fits(p, &p->vehicles[i]))
            return false;
    return loads_fit(p);
}

/* ---- filling ---- */

static void fill_client(struct flat_model *m, int32_t i)
{
    const struct vrp_problem *p = m->p;
    const struct vrp_task *t = &p->tasks[i];
    const struct vrp_visit *v = &t->visit[0];
    struct flat_client *c = &m->clients[i];
    c->backhaul = t->pickup[0] > 0;
    c->demand = p->n_dims ? t->delivery[0] + t->pickup[0] : 0;
    c->from = v->n_windows ? v->windows[0].from : 0;
    c->until = v->n_windows ? v->windows[0].until : VRP_LIMIT;
    c->service = v->service;
    c->prize = t->prize;
    m->backhauls |= c->backhaul && p->vehicles[0].backhaul;
    m->timed |= v->n_windows > 0;
    for (int32_t k = 0; k < p->n_vehicles; k++)
        if (vrp_may_serve(p, k, i))
            c->types |= (uint64_t)1 << k;
    m->masked |= c->types != ((uint64_t)2 << (p->n_vehicles - 1)) - 1;
    m->rich |= m->masked;
}

static int32_t place_of(struct flat_model *m, int32_t *locations, int32_t location)
{
    int32_t i = m->n;
    while (i < m->n_places && locations[i] != location)
        i++;
    if (i == m->n_places)
        locations[m->n_places++] = location;
    return i;
}

static void fill_type(struct flat_model *m, int32_t k, int32_t *locations)
{
    const struct vrp_vehicle *v = &m->p->vehicles[k];
    struct flat_type *t = &m->types[k];
    *t = (struct flat_type){.capacity = m->p->n_dims ? v->capacity[0] : VRP_LIMIT,
                            .count = v->count < m->n ? v->count : m->n,
                            .start = place_of(m, locations, v->start),
                            .end = place_of(m, locations, v->end),
                            .from = v->shift.from,
                            .until = v->shift.until,
                            .max_duration = v->max_duration,
                            .max_distance = v->max_distance,
                            .fixed = v->fixed_cost,
                            .unit = v->unit_travel ? 1 : v->unit_distance};
    m->timed |= v->shift.until < VRP_LIMIT || v->max_duration < VRP_LIMIT;
    m->durations |= v->max_duration < v->shift.until - v->shift.from;
    m->ranged |= v->max_distance < VRP_LIMIT;
    m->least_unit = k > 0 && m->least_unit < t->unit ? m->least_unit : t->unit;
    m->mixed |= k > 0 || t->count < m->n || t->fixed || t->unit != 1;
    m->linehaul_first |= v->linehaul_first;
    for (int32_t j = 0; j < k; j++)
        m->upgrades |=
            m->types[j].start == t->start && m->types[j].end == t->end && m->types[j].capacity != t->capacity;
    m->rich |= k > 0 || t->unit != 1 || m->durations || m->ranged || m->backhauls;
}

static int32_t arc_cost(const struct vrp_problem *p, int32_t a, int32_t b)
{
    const struct vrp_vehicle *v = &p->vehicles[0];
    if (!v->unit_travel)
        return vrp_metres(p, v->profile, a, b);
    return (int32_t)(v->unit_travel * vrp_seconds(p, v, a, b, 0) +
                     v->unit_distance * vrp_metres(p, v->profile, a, b));
}

/* The matrix itself when symmetric. */
static int32_t *transposed(int32_t *m, size_t n)
{
    bool symmetric = true;
    for (size_t i = 0; i < n && symmetric; i++)
        for (size_t j = 0; j < i && symmetric; j++)
            symmetric = m[i * n + j] == m[j * n + i];
    int32_t *t = symmetric ? m : malloc(n * n * sizeof *t);
    for (size_t i = 0; t && t != m && i < n; i++)
        for (size_t j = 0; j < n; j++)
            t[j * n + i] = m[i * n + j];
    return t;
}

static bool fill_matrices(struct flat_model *m, const int32_t *locations)
{
    const struct vrp_problem *p = m->p;
    const struct vrp_profile *f = &p->profiles[p->vehicles[0].profile];
    size_t n = (size_t)m->n_places;
    bool same = !p->vehicles[0].unit_travel && (!f->metres || f->metres == f->seconds);
    m->cost = malloc(n * n * sizeof *m->cost);
    m->time = same || !m->timed ? m->cost : malloc(n * n * sizeof *m->time);
    if (!m->cost || !m->time)
        return false;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            m->cost[i * n + j] = arc_cost(p, locations[i], locations[j]);
            if (m->time != m->cost)
                m->time[i * n + j] = vrp_seconds(p, &p->vehicles[0], locations[i], locations[j], 0);
        }
    m->cost_into = transposed(m->cost, n);
    m->time_into = m->time == m->cost ? m->cost_into : transposed(m->time, n);
    return m->cost_into && m->time_into;
}

static bool on_plane(const struct vrp_problem *p)
{
    const struct vrp_profile *f = &p->profiles[p->vehicles[0].profile];
    return !f->seconds && !f->metres && p->plane.x;
}

static bool fill_places(struct flat_model *m)
{
    const struct vrp_problem *p = m->p;
    int32_t *locations = malloc(((size_t)m->n + 2 * FLAT_TYPES) * sizeof *locations);
    bool ok = locations != NULL;
    for (int32_t i = 0; ok && i < m->n; i++)
        locations[i] = p->tasks[i].visit[0].location;
    m->n_places = m->n;
    for (int32_t k = 0; ok && k < m->n_types; k++)
        fill_type(m, k, locations);
    if (ok && on_plane(p)) {
        m->x = malloc((size_t)m->n_places * sizeof *m->x);
        m->y = malloc((size_t)m->n_places * sizeof *m->y);
        ok = m->x && m->y;
        for (int32_t i = 0; ok && i < m->n_places; i++) {
            m->x[i] = p->plane.x[locations[i]];
            m->y[i] = p->plane.y[locations[i]];
        }
    }
    if (ok && (!m->x || m->n_places <= FLAT_MATRIX || p->vehicles[0].unit_travel))
        ok = fill_matrices(m, locations);
    m->symmetric = m->cost_into == m->cost;
    free(locations);
    return ok;
}

/* ---- neighbours ---- */

/* Closeness of b right after a, and whether windows allow it at all: distance plus a part of the waiting
 * that cannot be avoided (Vidal et al. 2013). */
static int64_t follow(const struct flat_model *m, int32_t a, int32_t b, bool *ret_possible)
{
    const struct flat_client *f = &m->clients[a], *t = &m->clients[b];
    int32_t drive = flat_time(m, a, b);
    int64_t wait = (int64_t)t->from - f->until - f->service - drive;
    *ret_possible =
        (int64_t)f->from + f->service + drive <= t->until && !(m->backhauls && f->backhaul && !t->backhaul);
    return (int64_t)flat_cost(m, a, b) * 5 + (wait > 0 ? wait : 0);
}

static int64_t closeness(const struct flat_model *m, int32_t c, int32_t v, int32_t *ret_flags)
{
    if (!m->timed && !m->backhauls) {
        *ret_flags = FLAT_AFTER | FLAT_BEFORE;
        return (int64_t)flat_cost(m, c, v) + flat_cost(m, v, c);
    }
    bool after, before;
    int64_t a = follow(m, v, c, &after), b = follow(m, c, v, &before);
    *ret_flags = (after ? FLAT_AFTER : 0) | (before ? FLAT_BEFORE : 0);
    if (after && before)
        return a < b ? a : b;
    return after ? a : before ? b : -1;
}

static bool fill_near_costs(struct flat_model *m)
{
    size_t row = (size_t)m->n_near + 1;
    m->near_cost = malloc((size_t)m->n * row * sizeof *m->near_cost);
    for (int32_t c = 0; m->near_cost && c < m->n; c++)
        for (size_t i = 0; i < row && m->near[(size_t)c * row + i] >= 0; i++)
            m->near_cost[(size_t)c * row + i] = flat_cost(m, c, m->near[(size_t)c * row + i] & FLAT_NODE);
    return m->near_cost != NULL;
}

static void note_typical(struct flat_model *m)
{
    double sum = 0;
    int64_t count = 0;
    for (int32_t c = 0; c < m->n; c++) {
        const int32_t *near = flat_near(m, c);
        for (int32_t i = 0; i < 5 && near[i] >= 0; i++, count++)
            sum += flat_cost(m, c, near[i] & FLAT_NODE);
    }
    m->typical = count ? sum / (double)count : 1;
    if (m->typical < 0.5)
        m->typical = 0.5;
    m->dear = (int64_t)(200 * m->typical) * m->types[0].unit;
    for (int32_t c = 0; c < m->n; c++)
        m->prizes |= m->clients[c].prize < m->dear;
    m->weigh_routes = m->prizes || m->n_types > 1 || m->types[0].fixed;
}

/* All pairs, selection per client. */
static bool neighbours_by_matrix(struct flat_model *m)
{
    int64_t *key = malloc((size_t)m->n * sizeof *key);
    int32_t *found = malloc((size_t)m->n_near * sizeof *found);
    bool ok = key && found;
    for (int32_t c = 0; ok && c < m->n; c++) {
        int32_t *near = m->near + (size_t)c * (size_t)(m->n_near + 1), flags;
        for (int32_t v = 0; v < m->n; v++)
            key[v] = v == c ? -1 : closeness(m, c, v, &flags);
        int32_t count = near_select(key, m->n, m->n_near, found);
        for (int32_t i = 0; i < count; i++) {
            closeness(m, c, found[i], &flags);
            near[i] = found[i] | flags;
        }
        near[count] = -1;
    }
    free(key);
    free(found);
    return ok;
}

static bool neighbours_by_plane(struct flat_model *m)
{
    int32_t k = m->n_near;
    int32_t *flat = malloc((size_t)m->n * (size_t)k * sizeof *flat);
    bool ok = flat && near_plane(m->x, m->y, m->n, k, flat) == 0;
    for (int32_t c = 0; ok && c < m->n; c++) {
        int32_t *near = m->near + (size_t)c * (size_t)(k + 1), n = 0, flags;
        for (int32_t i = 0; i < k; i++) {
            int32_t v = flat[(size_t)c * (size_t)k + (size_t)i];
            closeness(m, c, v, &flags);
            if (flags)
                near[n++] = v | flags;
        }
        near[n] = -1;
    }
    free(flat);
    return ok;
}

static bool fill_neighbours(struct flat_model *m)
{
    m->n_near = m->cost ? (m->timed ? FLAT_NEAR : 40) : 50;
    if (m->n_near > m->n - 1)
        m->n_near = m->n - 1;
    m->near = malloc((size_t)m->n * ((size_t)m->n_near + 1) * sizeof *m->near);
    if (!m->near)
        return false;
    bool ok = (m->cost ? neighbours_by_matrix(m) : neighbours_by_plane(m)) && fill_near_costs(m);
    if (ok)
        note_typical(m);
    return ok;
}

struct flat_model *flat_model_new(const struct vrp_problem *p)
{
    struct flat_model *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->p = p;
    m->n = p->n_tasks;
    m->n_types = p->n_vehicles;
    m->clients = calloc((size_t)m->n, sizeof *m->clients);
    for (int32_t i = 0; m->clients && i < m->n; i++)
        fill_client(m, i);
    if (!m->clients || !fill_places(m) || !fill_neighbours(m)) {
        flat_model_free(m);
        return NULL;
    }
    return m;
}

void flat_model_free(struct flat_model *m)
{
    if (!m)
        return;
    if (m->time_into != m->cost_into && m->time_into != m->time)
        free(m->time_into);
    if (m->cost_into != m->cost)
        free(m->cost_into);
    if (m->time != m->cost)
        free(m->time);
    free(m->cost);
    free(m->clients);
    free(m->x);
    free(m->y);
    free(m->near);
    free(m->near_cost);
    free(m);
}
