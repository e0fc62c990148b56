/* Each route is driven from a given departure; the latest departure with the earliest return is found by
 * bisection, where the solver works backwards. */
#include "routing/vrp/checker.h"

#include <stdlib.h>
#include <string.h>

static const char *const rule_names[VRP_RULES] = {
    [VRP_V_STRUCTURE] = "structure",
    [VRP_V_FLEET] = "fleet",
    [VRP_V_NOT_ALLOWED] = "not_allowed",
    [VRP_V_SKILLS] = "skills",
    [VRP_V_CAPACITY] = "capacity",
    [VRP_V_WINDOW] = "window",
    [VRP_V_SHIFT] = "shift",
    [VRP_V_BREAK] = "break",
    [VRP_V_MAX_TASKS] = "max_tasks",
    [VRP_V_MAX_TRAVEL] = "max_travel",
    [VRP_V_MAX_DISTANCE] = "max_distance",
    [VRP_V_MAX_DURATION] = "max_duration",
    [VRP_V_TRIPS] = "trips",
    [VRP_V_LIFO] = "lifo",
    [VRP_V_BACKHAUL] = "backhaul",
    [VRP_V_RESOURCE] = "resource",
    [VRP_V_GROUP] = "group",
    [VRP_V_REQUIRED] = "required",
};

const char *vrp_rule_name(enum vrp_rule r)
{
    return (unsigned)r < VRP_RULES ? rule_names[r] : "unknown";
}

struct drive {
    int64_t travel, distance, waiting, service, late, late_cost;
    int32_t start, end;
    int64_t too_late; /* worst lateness beyond what is tolerated */
    int32_t too_late_task;
    bool break_missed;
};

struct check {
    const struct vrp_problem *p;
    struct vrp_report *out;
    int32_t *seen;  /* by visit: route + 1 */
    int32_t *order; /* by visit: element */
    int32_t route;
};

static void found(struct check *c, enum vrp_rule rule, int32_t route, int32_t task, int64_t amount)
{
    struct vrp_report *r = c->out;
    int32_t most = (int32_t)(sizeof r->violations / sizeof *r->violations);
    if (r->n_kept < most)
        r->violations[r->n_kept++] = (struct vrp_violation){rule, route, task, amount};
    r->n_violations++;
}

/* ---- driving ---- */

/* The clock stops far behind any shift's end, and the bill where nobody could pay it: what is absurd is
 * reported as broken, not overflown. */
static int32_t tick(int32_t now, int32_t seconds)
{
    const int32_t never = VRP_LIMIT + VRP_LIMIT / 4;
    return now < never - seconds ? now + seconds : never;
}

static void bill(int64_t *cost, int64_t unit, int64_t count)
{
    const int64_t most = (int64_t)1 << 61;
    int64_t more;
    if (__builtin_mul_overflow(unit, count, &more) || more > most - *cost)
        *cost = most;
    else
        *cost += more;
}

static int32_t release_from(const struct vrp_problem *p, const struct vrp_route *r, int32_t i)
{
    int32_t latest = 0;
    for (; i < r->n && r->stops[i] != VRP_RELOAD; i++)
        if (r->stops[i] >= 0 && p->tasks[r->stops[i] / 2].release > latest)
            latest = p->tasks[r->stops[i] / 2].release;
    return latest;
}

/* The first moment from `now` on at which something with these windows may begin; false if none is left
 * (then *ret is now). */
static bool opening(const struct vrp_window *w, int32_t n, int32_t now, int32_t *ret)
{
    *ret = now;
    if (!n)
        return true;
    for (int32_t i = 0; i < n; i++) {
        if (now > w[i].until)
            continue;
        if (now < w[i].from)
            *ret = w[i].from;
        return true;
    }
    return false;
}

/* Position on a leg while breaks are taken. */
struct leg {
    int32_t now, left;
};

static void rest(const struct vrp_break *b, struct leg *leg, struct drive *d)
{
    int32_t begin;
    if (!opening(b->windows, b->n_windows, leg->now, &begin))
        d->break_missed = true;
    int32_t idle = begin - leg->now;
    leg->left -= idle < leg->left ? idle : leg->left;
    leg->now = tick(begin, b->service);
}

static void call(const struct check *c, int32_t stop, int32_t from, struct drive *d, int32_t *now)
{
    const struct vrp_visit *v = vrp_visit_of(c->p, stop);
    int32_t begin;
    if (!opening(v->windows, v->n_windows, *now, &begin)) {
        int64_t late = *now - v->windows[v->n_windows - 1].until;
        d->late += late;
        bill(&d->late_cost, v->late_cost, late);
        if (late > v->late_max && late - v->late_max > d->too_late) {
            d->too_late = late - v->late_max;
            d->too_late_task = stop / 2;
        }
    }
    d->waiting += begin - *now;
    int32_t busy = v->service + (from != v->location ? v->setup : 0);
    d->service += busy;
    *now = tick(begin, busy);
}

static void go(const struct check *c, const struct vrp_route *r, int32_t departure, struct drive *d)
{
    const struct vrp_vehicle *v = &c->p->vehicles[r->vehicle];
    int32_t depot = v->reload == VRP_NONE ? v->start : v->reload, at = v->start, now = departure;
    memset(d, 0, sizeof *d);
    d->start = departure;
    for (int32_t i = 0; i <= r->n; i++) {
        int32_t j = i;
        while (j < r->n && r->stops[j] <= VRP_BREAK0)
            j++;
        int32_t to = j == r->n                   ? v->end
                     : r->stops[j] == VRP_RELOAD ? depot
                                                 : vrp_visit_of(c->p, r->stops[j])->location;
        struct leg leg = {.now = now};
        if (at != VRP_NONE && to != VRP_NONE) {
            leg.left = vrp_seconds(c->p, v, at, to, now);
            d->travel += leg.left;
            d->distance += vrp_metres(c->p, v->profile, at, to);
        }
        for (; i < j; i++)
            rest(&v->breaks[VRP_BREAK0 - r->stops[i]], &leg, d);
        now = tick(leg.now, leg.left);
        if (j == r->n)
            break;
        if (r->stops[j] == VRP_RELOAD) {
            int32_t ready = release_from(c->p, r, j + 1);
            now = tick(now, v->reload_time);
            now = now < ready ? ready : now;
        } else {
            call(c, r->stops[j], at, d, &now);
        }
        at = to;
    }
    d->end = now;
}

static bool on_time(const struct drive *d, const struct drive *first)
{
    return d->end <= first->end && d->late <= first->late && d->too_late <= first->too_late &&
           d->break_missed <= first->break_missed;
}

static void drive_best(const struct check *c, const struct vrp_route *r, struct drive *ret)
{
    const struct vrp_vehicle *v = &c->p->vehicles[r->vehicle];
    int32_t lo = release_from(c->p, r, 0);
    lo = lo > v->shift.from ? lo : v->shift.from;
    struct drive first, d;
    go(c, r, lo, &first);
    *ret = first;
    int32_t hi = first.end;
    if (first.too_late || first.break_missed)
        hi = lo;
    while (lo < hi) {
        int32_t mid = hi - (hi - lo) / 2;
        go(c, r, mid, &d);
        if (on_time(&d, &first)) {
            lo = mid;
            *ret = d;
        } else {
            hi = mid - 1;
        }
    }
}

/* ---- loads and orders ---- */

/* Load on board after element i of the trip that begins at element b and ends before e. */
static int64_t on_board(const struct vrp_problem *p, const struct vrp_route *r, int32_t b, int32_t e,
                        int32_t i, int d)
{
    int64_t load = 0;
    for (int32_t k = b; k < e; k++) {
        int32_t s = r->stops[k];
        if (s < 0)
            continue;
        const struct vrp_task *t = &p->tasks[s / 2];
        if (t->kind == VRP_JOB)
            load += k <= i ? t->pickup[d] : t->delivery[d];
        else if (k <= i)
            load += (s & 1) ? -(int64_t)t->pickup[d] : t->pickup[d];
    }
    return load;
}

static bool any(const int32_t *amount, int dims)
{
    for (int d = 0; d < dims; d++)
        if (amount[d] > 0)
            return true;
    return false;
}

static void check_load(struct check *c, const struct vrp_route *r, int32_t b, int32_t e)
{
    const struct vrp_vehicle *v = &c->p->vehicles[r->vehicle];
    for (int d = 0; d < c->p->n_dims; d++) {
        int64_t load = on_board(c->p, r, b, e, b - 1, d), worst = load;
        for (int32_t i = b; i < e; i++) {
            int32_t s = r->stops[i];
            if (s <= VRP_BREAK0) {
                const struct vrp_break *k = &v->breaks[VRP_BREAK0 - s];
                if (k->limit_load && load > k->max_load[d])
                    found(c, VRP_V_BREAK, c->route, VRP_NONE, load - k->max_load[d]);
                continue;
            }
            const struct vrp_task *t = &c->p->tasks[s / 2];
            load += t->kind == VRP_JOB ? t->pickup[d] - t->delivery[d]
                    : (s & 1)          ? -t->pickup[d]
                                       : t->pickup[d];
            worst = load > worst ? load : worst;
        }
        if (worst > v->capacity[d])
            found(c, VRP_V_CAPACITY, c->route, VRP_NONE, worst - v->capacity[d]);
    }
}

static void check_backhaul(struct check *c, const struct vrp_route *r, int32_t b, int32_t e)
{
    const struct vrp_vehicle *v = &c->p->vehicles[r->vehicle];
    bool picked = false, delivered = false;
    for (int32_t i = b; i < e; i++) {
        if (r->stops[i] < 0 || c->p->tasks[r->stops[i] / 2].kind != VRP_JOB)
            continue;
        const struct vrp_task *t = &c->p->tasks[r->stops[i] / 2];
        bool pick = any(t->pickup, c->p->n_dims), deliver = any(t->delivery, c->p->n_dims);
        if (v->backhaul && picked && deliver && !pick)
            found(c, VRP_V_BACKHAUL, c->route, r->stops[i] / 2, 0);
        picked |= pick;
        delivered |= deliver;
    }
    if (v->linehaul_first && picked && !delivered)
        found(c, VRP_V_BACKHAUL, c->route, VRP_NONE, 0);
}

/* Pickup before delivery in the same trip, and under LIFO no pair that crosses another. */
static void check_pairs(struct check *c, const struct vrp_route *r, int32_t b, int32_t e)
{
    bool lifo = c->p->vehicles[r->vehicle].lifo;
    for (int32_t i = b; i < e; i++) {
        int32_t s = r->stops[i];
        if (s < 0 || c->p->tasks[s / 2].kind != VRP_SHIPMENT)
            continue;
        int32_t mate = c->seen[s ^ 1] == c->route + 1 ? c->order[s ^ 1] : -1;
        if (mate < b || mate >= e || ((s & 1) ? mate > i : mate < i))
            found(c, VRP_V_STRUCTURE, c->route, s / 2, 0);
        for (int32_t k = i + 1; lifo && !(s & 1) && k < mate; k++) {
            int32_t u = r->stops[k];
            if (u >= 0 && !(u & 1) && c->p->tasks[u / 2].kind == VRP_SHIPMENT && c->order[u ^ 1] > mate)
                found(c, VRP_V_LIFO, c->route, u / 2, 0);
        }
    }
}

static void check_trips(struct check *c, const struct vrp_route *r)
{
    int32_t trips = 0, b = 0;
    while (b <= r->n) {
        int32_t e = b;
        while (e < r->n && r->stops[e] != VRP_RELOAD)
            e++;
        check_load(c, r, b, e);
        check_backhaul(c, r, b, e);
        check_pairs(c, r, b, e);
        trips++;
        b = e + 1;
    }
    if (trips > c->p->vehicles[r->vehicle].max_trips)
        found(c, VRP_V_TRIPS, c->route, VRP_NONE, trips - c->p->vehicles[r->vehicle].max_trips);
}

/* ---- one route ---- */

static void check_limits(struct check *c, const struct vrp_vehicle *v, const struct drive *d, int32_t visits)
{
    const struct {
        enum vrp_rule rule;
        int64_t is, most;
    } limits[] = {
        {VRP_V_SHIFT, d->end, v->shift.until},
        {VRP_V_MAX_TASKS, visits, v->max_tasks},
        {VRP_V_MAX_TRAVEL, d->travel, v->max_travel},
        {VRP_V_MAX_DISTANCE, d->distance, v->max_distance},
        {VRP_V_MAX_DURATION, d->end - d->start, v->max_duration},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (limits[i].is > limits[i].most)
            found(c, limits[i].rule, c->route, VRP_NONE, limits[i].is - limits[i].most);
    if (d->too_late)
        found(c, VRP_V_WINDOW, c->route, d->too_late_task, d->too_late);
    if (d->break_missed)
        found(c, VRP_V_BREAK, c->route, VRP_NONE, 0);
}

static int64_t route_cost(const struct vrp_vehicle *v, const struct drive *d)
{
    int64_t duration = d->end - d->start;
    int64_t over = duration > v->soft_duration ? duration - v->soft_duration : 0;
    int64_t cost = v->fixed_cost;
    bill(&cost, v->unit_distance, d->distance);
    bill(&cost, v->unit_travel, d->travel);
    bill(&cost, v->unit_duration, duration);
    bill(&cost, v->unit_overtime, over);
    bill(&cost, 1, d->late_cost);
    return cost;
}

static int32_t check_tasks(struct check *c, const struct vrp_route *r)
{
    const struct vrp_problem *p = c->p;
    int32_t visits = 0;
    for (int32_t i = 0; i < r->n; i++) {
        int32_t s = r->stops[i], task = s / 2;
        if (s < 0)
            continue;
        visits++;
        if (s & 1)
            continue;
        const struct vrp_task *t = &p->tasks[task];
        if (t->skills & ~p->vehicles[r->vehicle].skills)
            found(c, VRP_V_SKILLS, c->route, task, 0);
        if (t->allowed && !t->allowed[r->vehicle])
            found(c, VRP_V_NOT_ALLOWED, c->route, task, 0);
        bill(&c->out->cost, 1, t->cost);
        if (p->assign_cost)
            c->out->cost += p->assign_cost[(int64_t)r->vehicle * p->n_tasks + task];
        c->out->served++;
    }
    return visits;
}

static void check_breaks(struct check *c, const struct vrp_route *r)
{
    int32_t next = 0;
    for (int32_t i = 0; i < r->n; i++)
        if (r->stops[i] <= VRP_BREAK0 && r->stops[i] != VRP_BREAK0 - next++)
            found(c, VRP_V_BREAK, c->route, VRP_NONE, 0);
    if (next != c->p->vehicles[r->vehicle].n_breaks)
        found(c, VRP_V_BREAK, c->route, VRP_NONE, c->p->vehicles[r->vehicle].n_breaks - next);
}

static void check_route(struct check *c, const struct vrp_route *r)
{
    struct drive d;
    int32_t visits = check_tasks(c, r);
    if (!visits)
        return;
    c->out->vehicles++;
    check_trips(c, r);
    check_breaks(c, r);
    drive_best(c, r, &d);
    check_limits(c, &c->p->vehicles[r->vehicle], &d, visits);
    bill(&c->out->cost, 1, route_cost(&c->p->vehicles[r->vehicle], &d));
    c->out->distance += d.distance;
    c->out->travel += d.travel;
    c->out->duration += d.end - d.start;
    c->out->waiting += d.waiting;
    c->out->service += d.service;
    c->out->late += d.late;
}

/* ---- the whole ---- */

/* Unknown vehicles and visits, visits twice; false if the route cannot be driven at all. */
static bool readable(struct check *c, const struct vrp_route *r, int32_t index)
{
    const struct vrp_problem *p = c->p;
    if (r->vehicle < 0 || r->vehicle >= p->n_vehicles) {
        found(c, VRP_V_STRUCTURE, index, VRP_NONE, 0);
        return false;
    }
    bool ok = true;
    for (int32_t i = 0; i < r->n; i++) {
        int32_t s = r->stops[i];
        if (s / 2 >= p->n_tasks || s <= VRP_BREAK0 - p->vehicles[r->vehicle].n_breaks ||
            (s >= 0 && (s & 1) && p->tasks[s / 2].kind == VRP_JOB)) {
            found(c, VRP_V_STRUCTURE, index, VRP_NONE, s);
            ok = false;
        } else if (s >= 0 && c->seen[s]) {
            found(c, VRP_V_STRUCTURE, index, s / 2, 0);
        } else if (s >= 0) {
            c->seen[s] = index + 1;
            c->order[s] = i;
        }
    }
    return ok;
}

static void check_fleet(struct check *c, const struct vrp_solution *s)
{
    for (int32_t v = 0; v < c->p->n_vehicles; v++) {
        int32_t used = 0;
        for (int32_t i = 0; i < s->n_routes; i++)
            used += s->routes[i].vehicle == v && s->routes[i].n > 0;
        if (used > c->p->vehicles[v].count)
            found(c, VRP_V_FLEET, VRP_NONE, VRP_NONE, used - c->p->vehicles[v].count);
    }
}

/* A task can stand in a resource or any wider one, so for each resource the demand of its own size and
 * above must fit the places of that size and above. */
static void check_resources(struct check *c)
{
    const struct vrp_problem *p = c->p;
    for (int32_t r = 0; r < p->n_resources; r++) {
        int64_t room = 0, need = 0;
        for (int32_t k = r; k != VRP_NONE; k = p->resources[k].wider) {
            room += p->resources[k].capacity;
            for (int32_t t = 0; t < p->n_tasks; t++)
                if (p->tasks[t].resource == k && c->seen[t * 2])
                    need += p->tasks[t].resource_units;
        }
        if (need > room)
            found(c, VRP_V_RESOURCE, VRP_NONE, r, need - room);
    }
}

static int check_left_out(struct check *c)
{
    const struct vrp_problem *p = c->p;
    int32_t *served = calloc((size_t)p->n_groups + 1, sizeof *served);
    int64_t *prize = calloc((size_t)p->n_groups + 1, sizeof *prize);
    for (int32_t t = 0; served && prize && t < p->n_tasks; t++) {
        const struct vrp_task *task = &p->tasks[t];
        if (task->group != VRP_NONE) {
            served[task->group] += c->seen[t * 2] > 0;
            prize[task->group] = prize[task->group] > task->prize ? prize[task->group] : task->prize;
        } else if (!c->seen[t * 2]) {
            bill(&c->out->cost, 1, task->prize);
            if (task->prize >= VRP_REQUIRED)
                found(c, VRP_V_REQUIRED, VRP_NONE, t, 0);
        }
    }
    for (int32_t g = 0; served && prize && g < p->n_groups; g++) {
        if (served[g] > 1)
            found(c, VRP_V_GROUP, VRP_NONE, VRP_NONE, g);
        if (served[g])
            continue;
        bill(&c->out->cost, 1, prize[g]);
        if (prize[g] >= VRP_REQUIRED)
            found(c, VRP_V_REQUIRED, VRP_NONE, VRP_NONE, g);
    }
    int status = served && prize ? 0 : -1;
    free(served);
    free(prize);
    return status;
}

int vrp_check(const struct vrp_problem *p, const struct vrp_solution *s, struct vrp_report *ret)
{
    struct vrp_report report = {0};
    struct check c = {.p = p, .out = &report};
    c.seen = calloc((size_t)p->n_tasks * 2 + 1, sizeof *c.seen);
    c.order = calloc((size_t)p->n_tasks * 2 + 1, sizeof *c.order);
    bool ok = c.seen && c.order;
    bool sound = true;
    for (int32_t i = 0; ok && i < s->n_routes; i++)
        sound &= readable(&c, &s->routes[i], i);
    for (c.route = 0; ok && sound && c.route < s->n_routes; c.route++)
        check_route(&c, &s->routes[c.route]);
    if (ok) {
        check_fleet(&c, s);
        check_resources(&c);
        ok = check_left_out(&c) == 0;
    }
    free(c.seen);
    free(c.order);
    if (!ok)
        return -1;
    *ret = report;
    return report.n_violations;
}
