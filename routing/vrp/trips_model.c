#include "routing/vrp/trips_model.h"
#include "routing/vrp/near.h"

#include <stdlib.h>

enum { CLOSE = 5 /* neighbours that make up `typical` */ };

/* ---- what fits ---- */

static bool task_fits(const struct vrp_task *t)
{
    const struct vrp_visit *v = &t->visit[0];
    return t->kind == VRP_JOB && v->n_windows <= 1 && !v->late_max && !v->setup && !t->cost &&
           t->group == VRP_NONE && t->resource == VRP_NONE;
}

static bool vehicle_fits(const struct vrp_vehicle *v, const struct vrp_vehicle *first)
{
    bool alike = v->profile == first->profile && v->travel_permille == first->travel_permille &&
                 v->unit_distance == first->unit_distance && v->unit_travel == first->unit_travel;
    return alike && v->start != VRP_NONE && v->end != VRP_NONE && !v->n_breaks && v->max_trips > 0 &&
           !v->backhaul && !v->linehaul_first && v->max_tasks >= VRP_LIMIT && v->max_travel >= VRP_LIMIT &&
           v->max_distance >= VRP_LIMIT && v->max_duration >= VRP_LIMIT && !v->unit_duration &&
           !v->unit_overtime;
}

bool trips_fit(const struct vrp_problem *p)
{
    if (p->n_vehicles < 1 || p->n_vehicles > TRIPS_TYPES || p->n_tasks < 2)
        return false;
    if ((p->vehicles[0].unit_distance && p->vehicles[0].unit_travel) ||
        p->profiles[p->vehicles[0].profile].n_slices)
        return false;
    for (int32_t i = 0; i < p->n_tasks; i++)
        if (!task_fits(&p->tasks[i]))
            return false;
    for (int32_t i = 0; i < p->n_vehicles; i++)
        if (!vehicle_fits(&p->vehicles[i], &p->vehicles[0]))
            return false;
    for (int32_t i = 0; i < p->n_plan; i++)
        if (p->plan[i].frozen)
            return false;
    return true;
}

/* ---- nodes ---- */

struct trips_leg trips_far_leg(const struct trips_model *m, int32_t a, int32_t b)
{
    const struct vrp_vehicle *v = &m->p->vehicles[0];
    int32_t from = m->nodes[a].location, to = m->nodes[b].location;
    struct trips_leg leg = {.drive = vrp_seconds(m->p, v, from, to, 0)};
    leg.arc = m->by_time ? leg.drive : vrp_metres(m->p, v->profile, from, to);
    return leg;
}

static void fill_tasks(struct trips_model *m)
{
    for (int32_t i = 0; i < m->n; i++) {
        const struct vrp_task *t = &m->p->tasks[i];
        const struct vrp_visit *x = &t->visit[0];
        m->nodes[i] =
            (struct trips_node){.location = x->location,
                                .from = x->n_windows && x->windows[0].from > 0 ? x->windows[0].from : 0,
                                .until = x->n_windows ? x->windows[0].until : VRP_LIMIT,
                                .service = x->service,
                                .release = t->release};
        for (int32_t k = 0; k < m->n_types; k++)
            m->types[i] |= (uint64_t)vrp_may_serve(m->p, k, i) << k;
    }
}

static void fill_types(struct trips_model *m)
{
    const struct vrp_problem *p = m->p;
    int32_t most = p->n_tasks + p->n_plan + 1;
    for (int32_t k = 0; k < m->n_types; k++) {
        const struct vrp_vehicle *v = &p->vehicles[k];
        struct trips_node *ends = &m->nodes[trips_first(m, k)];
        ends[TRIPS_START] = (struct trips_node){v->start, v->shift.from, VRP_LIMIT, 0, 0};
        ends[TRIPS_END] = (struct trips_node){v->end, 0, v->shift.until, 0, 0};
        ends[TRIPS_HOME] = (struct trips_node){v->reload != VRP_NONE ? v->reload : v->start, 0, VRP_LIMIT,
                                               v->reload_time, 0};
        m->several |= v->max_trips > 1;
        m->type[k] = (struct trips_type){
            .capacity = v->capacity,
            .extra = p->assign_cost ? p->assign_cost + (size_t)k * (size_t)p->n_tasks : NULL,
            .count = v->count < most ? v->count : most,
            .most_trips = v->max_trips,
            .fixed = v->fixed_cost,
        };
    }
}

/* The transposed table, or the table itself when that is the same; NULL without memory. */
static struct trips_leg *transpose(struct trips_leg *table, size_t n)
{
    bool same = true;
    for (size_t a = 0; a < n && same; a++)
        for (size_t b = 0; b < a && same; b++)
            same = table[a * n + b].arc == table[b * n + a].arc &&
                   table[a * n + b].drive == table[b * n + a].drive;
    if (same)
        return table;
    struct trips_leg *into = malloc(n * n * sizeof *into);
    for (size_t a = 0; into && a < n; a++)
        for (size_t b = 0; b < n; b++)
            into[b * n + a] = table[a * n + b];
    return into;
}

static bool tabulate(struct trips_model *m)
{
    size_t n = (size_t)m->n_nodes;
    struct trips_leg *legs = malloc(n * n * sizeof *legs);
    for (size_t a = 0; legs && a < n; a++)
        for (size_t b = 0; b < n; b++)
            legs[a * n + b] = trips_far_leg(m, (int32_t)a, (int32_t)b);
    m->legs = legs;
    m->legs_into = legs ? transpose(legs, n) : NULL;
    return m->legs_into != NULL;
}

/* ---- neighbours ---- */

/* What a second of waiting counts for in arcs: a fifth of what is driven in it (after Vidal et al. 2013). */
static double waiting_weight(const struct trips_model *m)
{
    double arcs = 0, seconds = 1;
    for (int32_t a = 0; a < m->n; a++) {
        struct trips_leg leg = trips_leg(m, a, (int32_t)(((int64_t)a * 31 + 7) % m->n));
        arcs += leg.arc;
        seconds += leg.drive;
    }
    return 0.2 * arcs / seconds;
}

/* From a straight to b: the way and the waiting that cannot be helped; −1 if it is too late. */
static int64_t straight(const struct trips_node *a, const struct trips_node *b, struct trips_leg leg,
                        double waiting)
{
    int64_t there = (int64_t)a->service + leg.drive, wait = b->from - a->until - there;
    if (a->from + there > b->until)
        return -1;
    return leg.arc + (wait > 0 ? (int64_t)((double)wait * waiting) : 0);
}

/* How far apart two tasks are: whichever direction is nearer. */
static int64_t closeness(const struct trips_model *m, int32_t a, int32_t b, double waiting)
{
    const struct trips_node *x = &m->nodes[a], *y = &m->nodes[b];
    int64_t there = straight(x, y, trips_leg(m, a, b), waiting);
    int64_t back = straight(y, x, trips_leg_into(m, a, b), waiting);
    return there < 0 || (back >= 0 && back < there) ? back : there;
}

static bool near_by_key(struct trips_model *m)
{
    int64_t *key = malloc((size_t)m->n * sizeof *key);
    double waiting = waiting_weight(m);
    for (int32_t a = 0; key && a < m->n; a++) {
        for (int32_t b = 0; b < m->n; b++)
            key[b] = a == b ? -1 : closeness(m, a, b, waiting);
        int32_t *near = m->near + (size_t)a * ((size_t)m->n_near + 1);
        near[near_select(key, m->n, m->n_near, near)] = VRP_NONE;
    }
    free(key);
    return key != NULL;
}

/* By a k-d tree, whatever the windows say: for what is too large for a table. */
static bool near_by_place(struct trips_model *m)
{
    size_t n = (size_t)m->n, k = (size_t)m->n_near;
    double *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y);
    int32_t *near = malloc(n * k * sizeof *near);
    for (size_t i = 0; x && y && i < n; i++) {
        x[i] = m->p->plane.x[m->nodes[i].location];
        y[i] = m->p->plane.y[m->nodes[i].location];
    }
    bool ok = x && y && near && near_plane(x, y, m->n, m->n_near, near) == 0;
    for (size_t i = 0; ok && i < n; i++) {
        for (size_t j = 0; j < k; j++)
            m->near[i * (k + 1) + j] = near[i * k + j];
        m->near[i * (k + 1) + k] = VRP_NONE;
    }
    free(x);
    free(y);
    free(near);
    return ok;
}

static bool find_near(struct trips_model *m)
{
    m->n_near = m->n - 1 < TRIPS_NEAR ? m->n - 1 : TRIPS_NEAR;
    size_t row = (size_t)m->n_near + 1;
    m->near = malloc((size_t)m->n * row * sizeof *m->near);
    bool by_place = !m->legs && m->p->plane.x && !m->p->profiles[m->p->vehicles[0].profile].seconds;
    if (!m->near || !(by_place ? near_by_place(m) : near_by_key(m)))
        return false;
    double sum = 0, count = 1e-9;
    for (int32_t a = 0; a < m->n; a++)
        for (int32_t k = 0; k < CLOSE && m->near[(size_t)a * row + (size_t)k] != VRP_NONE; k++) {
            sum += trips_leg(m, a, m->near[(size_t)a * row + (size_t)k]).arc;
            count++;
        }
    m->typical = sum / count * (double)(m->unit ? m->unit : 1) + 1e-3;
    return true;
}

struct trips_model *trips_model_new(const struct vrp_problem *p)
{
    struct trips_model *m = calloc(1, sizeof *m);
    const struct vrp_vehicle *v = &p->vehicles[0];
    if (!m)
        return NULL;
    m->p = p;
    m->n = p->n_tasks;
    m->dims = p->n_dims;
    m->n_types = p->n_vehicles;
    m->n_nodes = m->n + TRIPS_ENDS * m->n_types;
    m->by_time = !v->unit_distance && v->unit_travel;
    m->unit = m->by_time ? v->unit_travel : v->unit_distance;
    m->nodes = calloc((size_t)m->n_nodes, sizeof *m->nodes);
    m->types = calloc((size_t)m->n, sizeof *m->types);
    if (m->nodes && m->types) {
        fill_tasks(m);
        fill_types(m);
        if ((m->n_nodes > TRIPS_MATRIX || tabulate(m)) && find_near(m))
            return m;
    }
    trips_model_free(m);
    return NULL;
}

void trips_model_free(struct trips_model *m)
{
    if (!m)
        return;
    if (m->legs_into != m->legs)
        free(m->legs_into);
    free(m->legs);
    free(m->nodes);
    free(m->types);
    free(m->near);
    free(m);
}
