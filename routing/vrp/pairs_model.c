#include "routing/vrp/pairs_model.h"
#include "routing/vrp/near.h"

#include <stdlib.h>

enum { CLOSE = 5 /* neighbours that make up `typical` */ };

/* ---- what fits ---- */

static bool visit_fits(const struct vrp_visit *v)
{
    return v->n_windows <= 1 && !v->late_max && !v->setup;
}

static bool task_fits(const struct vrp_task *t)
{
    return t->kind == VRP_SHIPMENT && visit_fits(&t->visit[0]) && visit_fits(&t->visit[1]) && !t->release &&
           !t->cost && t->group == VRP_NONE && t->resource == VRP_NONE;
}

static bool vehicle_fits(const struct vrp_vehicle *v, const struct vrp_vehicle *first)
{
    bool alike = v->profile == first->profile && v->travel_permille == first->travel_permille &&
                 v->unit_distance == first->unit_distance && v->unit_travel == first->unit_travel;
    return alike && v->start != VRP_NONE && v->end != VRP_NONE && !v->n_breaks && !v->lifo &&
           v->max_tasks >= VRP_LIMIT && v->max_travel >= VRP_LIMIT && v->max_distance >= VRP_LIMIT &&
           v->max_duration >= VRP_LIMIT && !v->unit_duration && !v->unit_overtime;
}

bool pairs_fit(const struct vrp_problem *p)
{
    if (p->n_dims > 1 || p->n_vehicles < 1 || p->n_vehicles > PAIRS_TYPES || p->n_tasks < 1 || p->assign_cost)
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

int32_t pairs_far_arc(const struct pairs_model *m, int32_t a, int32_t b)
{
    if (m->by_time)
        return pairs_far_drive(m, a, b);
    return vrp_metres(m->p, m->p->vehicles[0].profile, m->nodes[a].location, m->nodes[b].location);
}

int32_t pairs_far_drive(const struct pairs_model *m, int32_t a, int32_t b)
{
    return vrp_seconds(m->p, &m->p->vehicles[0], m->nodes[a].location, m->nodes[b].location, 0);
}

static void fill_visits(struct pairs_model *m)
{
    const struct vrp_problem *p = m->p;
    for (int32_t v = 0; v < 2 * m->n; v++) {
        const struct vrp_visit *x = vrp_visit_of(p, v);
        int32_t load = p->n_dims ? p->tasks[v / 2].pickup[0] : 0;
        m->nodes[v] =
            (struct pairs_node){.location = x->location,
                                .from = x->n_windows && x->windows[0].from > 0 ? x->windows[0].from : 0,
                                .until = x->n_windows ? x->windows[0].until : VRP_LIMIT,
                                .service = x->service,
                                .load = (v & 1) ? -load : load};
    }
}

static void fill_types(struct pairs_model *m)
{
    const struct vrp_problem *p = m->p;
    int32_t most = p->n_tasks + p->n_plan + 1;
    for (int32_t k = 0; k < m->n_types; k++) {
        const struct vrp_vehicle *v = &p->vehicles[k];
        struct pairs_node *start = &m->nodes[pairs_first(m, k)], *end = start + 1;
        *start = (struct pairs_node){v->start, v->shift.from, VRP_LIMIT, 0, 0};
        *end = (struct pairs_node){v->end, 0, v->shift.until, 0, 0};
        m->type[k] = (struct pairs_type){p->n_dims ? v->capacity[0] : VRP_LIMIT,
                                         v->count < most ? v->count : most, v->fixed_cost};
        for (int32_t t = 0; t < m->n; t++)
            m->types[t] |= (uint64_t)vrp_may_serve(p, k, t) << k;
    }
}

/* The transposed table, or the table itself when that is the same; NULL without memory. */
static int32_t *transpose(int32_t *table, size_t n)
{
    bool same = true;
    for (size_t a = 0; a < n && same; a++)
        for (size_t b = 0; b < a && same; b++)
            same = table[a * n + b] == table[b * n + a];
    if (same)
        return table;
    int32_t *into = malloc(n * n * sizeof *into);
    for (size_t a = 0; into && a < n; a++)
        for (size_t b = 0; b < n; b++)
            into[b * n + a] = table[a * n + b];
    return into;
}

static bool tabulate(struct pairs_model *m)
{
    size_t n = (size_t)m->n_nodes;
    bool same = true;
    m->arc = malloc(n * n * sizeof *m->arc);
    m->drive = malloc(n * n * sizeof *m->drive);
    if (!m->arc || !m->drive)
        return false;
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++) {
            m->arc[a * n + b] = pairs_far_arc(m, (int32_t)a, (int32_t)b);
            m->drive[a * n + b] = pairs_far_drive(m, (int32_t)a, (int32_t)b);
            same &= m->arc[a * n + b] == m->drive[a * n + b];
        }
    if (same) {
        free(m->drive);
        m->drive = m->arc;
    }
    m->arc_into = transpose(m->arc, n);
    m->drive_into = same ? m->arc_into : transpose(m->drive, n);
    return m->arc_into && m->drive_into;
}

/* ---- neighbours ---- */

/* What a second of waiting counts for in arcs: a fifth of what is driven in it (after Vidal et al. 2013). */
static double waiting_weight(const struct pairs_model *m)
{
    double arcs = 0, seconds = 1;
    int32_t visits = 2 * m->n;
    for (int32_t a = 0; a < visits; a++) {
        int32_t b = (int32_t)(((int64_t)a * 31 + 7) % visits);
        arcs += pairs_arc(m, a, b);
        seconds += pairs_drive(m, a, b);
    }
    return 0.2 * arcs / seconds;
}

/* From a straight to b: the way and the waiting that cannot be helped; −1 if it is too late. */
static int64_t straight(const struct pairs_model *m, int32_t a, int32_t b, double waiting)
{
    const struct pairs_node *x = &m->nodes[a], *y = &m->nodes[b];
    int64_t there = (int64_t)x->service + pairs_drive(m, a, b);
    if (x->from + there > y->until)
        return -1;
    int64_t wait = y->from - x->until - there;
    return pairs_arc(m, a, b) + (wait > 0 ? (int64_t)((double)wait * waiting) : 0);
}

/* How far apart two visits are: whichever direction is nearer. */
static int64_t closeness(const struct pairs_model *m, int32_t a, int32_t b, double waiting)
{
    int64_t there = straight(m, a, b, waiting), back = straight(m, b, a, waiting);
    return there < 0 || (back >= 0 && back < there) ? back : there;
}

/* Row by row from every other visit: for tables. */
static bool near_by_key(struct pairs_model *m)
{
    int32_t visits = 2 * m->n;
    int64_t *key = malloc((size_t)visits * sizeof *key);
    double waiting = waiting_weight(m);
    for (int32_t a = 0; key && a < visits; a++) {
        for (int32_t b = 0; b < visits; b++)
            key[b] = a / 2 == b / 2 ? -1 : closeness(m, a, b, waiting);
        int32_t *near = m->near + (size_t)a * ((size_t)m->n_near + 1);
        near[near_select(key, visits, m->n_near, near)] = VRP_NONE;
    }
    free(key);
    return key != NULL;
}

/* By a k-d tree, whatever the windows say: for what is too large for a table. */
static bool near_by_place(struct pairs_model *m)
{
    size_t visits = 2 * (size_t)m->n, row = (size_t)m->n_near + 1;
    double *x = malloc(visits * sizeof *x), *y = malloc(visits * sizeof *y);
    for (size_t v = 0; x && y && v < visits; v++) {
        x[v] = m->p->plane.x[m->nodes[v].location];
        y[v] = m->p->plane.y[m->nodes[v].location];
    }
    bool ok = x && y && near_plane(x, y, (int32_t)visits, (int32_t)row, m->near) == 0;
    for (size_t v = 0; ok && v < visits; v++) {
        int32_t *near = m->near + v * row, n = 0;
        for (size_t k = 0; k < row; k++)
            if (near[k] / 2 != (int32_t)v / 2)
                near[n++] = near[k];
        near[n < m->n_near ? n : m->n_near] = VRP_NONE;
    }
    free(x);
    free(y);
    return ok;
}

static bool find_near(struct pairs_model *m)
{
    int32_t visits = 2 * m->n;
    m->n_near = visits - 2 < PAIRS_NEAR ? visits - 2 : PAIRS_NEAR;
    size_t row = (size_t)m->n_near + 1;
    m->near = malloc((size_t)visits * row * sizeof *m->near);
    bool by_place = !m->arc && m->p->plane.x && !m->p->profiles[m->p->vehicles[0].profile].seconds;
    if (!m->near || !(by_place ? near_by_place(m) : near_by_key(m)))
        return false;
    double sum = 0, count = 1e-9;
    for (int32_t a = 0; a < visits; a++)
        for (int32_t k = 0; k < CLOSE && m->near[(size_t)a * row + (size_t)k] != VRP_NONE; k++) {
            sum += pairs_arc(m, a, m->near[(size_t)a * row + (size_t)k]);
            count++;
        }
    m->typical = sum / count * (double)(m->unit ? m->unit : 1) + 1e-3;
    return true;
}

struct pairs_model *pairs_model_new(const struct vrp_problem *p)
{
    struct pairs_model *m = calloc(1, sizeof *m);
    const struct vrp_vehicle *v = &p->vehicles[0];
    if (!m)
        return NULL;
    m->p = p;
    m->n = p->n_tasks;
    m->n_types = p->n_vehicles;
    m->n_nodes = 2 * m->n + 2 * m->n_types;
    m->by_time = !v->unit_distance && v->unit_travel;
    m->unit = m->by_time ? v->unit_travel : v->unit_distance;
    m->nodes = calloc((size_t)m->n_nodes, sizeof *m->nodes);
    m->types = calloc((size_t)m->n, sizeof *m->types);
    if (m->nodes && m->types) {
        fill_visits(m);
        fill_types(m);
        if ((m->n_nodes > PAIRS_MATRIX || tabulate(m)) && find_near(m))
            return m;
    }
    pairs_model_free(m);
    return NULL;
}

void pairs_model_free(struct pairs_model *m)
{
    if (!m)
        return;
    if (m->drive_into != m->drive && m->drive_into != m->arc_into)
        free(m->drive_into);
    if (m->arc_into != m->arc)
        free(m->arc_into);
    if (m->drive != m->arc)
        free(m->drive);
    free(m->arc);
    free(m->nodes);
    free(m->types);
    free(m->near);
    free(m);
}
