/* Forward pass: earliest times and loads. Backward pass: latest times for the same end, only where the
 * duration counts or steps are asked for. See timing.h for the rules. */
#include "routing/vrp/timing.h"
#include "routing/vrp/checker.h"

#include <stdlib.h>
#include <string.h>

/* A call is every element but breaks, plus the vehicle's end; breaks belong to the leg before a call. */
struct call {
    int32_t element; /* index in stops; n for the end */
    int32_t from, to;
    int32_t drive;
    int32_t first_break; /* index into stops; breaks of the leg are contiguous up to element */
    int32_t arrive, begin, leave;
    int32_t floor; /* earliest departure for the trip's release */
};

/* Moments stop here, far behind any shift's end, and loads and costs where they break every limit anyway. */
enum { TOO_LATE = VRP_LIMIT + VRP_LIMIT / 4, TOO_MUCH = VRP_LIMIT + VRP_LIMIT / 2 };
static const int64_t TOO_DEAR = (int64_t)1 << 61;

static int32_t moment(int32_t t)
{
    return t < TOO_LATE ? t : TOO_LATE;
}

static int32_t amount(int64_t load)
{
    return load > TOO_MUCH ? TOO_MUCH : load < -TOO_MUCH ? -TOO_MUCH : (int32_t)load;
}

/* cost + unit × count for what is not negative */
static int64_t charge(int64_t cost, int64_t unit, int64_t count)
{
    int64_t more;
    if (__builtin_mul_overflow(unit, count, &more) || more > TOO_DEAR - cost)
        return TOO_DEAR;
    return cost + more;
}

struct timing {
    const struct vrp_problem *p;
    struct call *calls;
    int32_t *lifo;
};

struct walk {
    struct timing *t;
    const struct vrp_vehicle *v;
    int32_t vehicle, n;
    const int32_t *stops;
    struct timing_totals *r;
    struct timing_step *steps;
    bool strict;
    int32_t n_calls;
};

struct timing *timing_new(const struct vrp_problem *p, int32_t max_elements)
{
    struct timing *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->p = p;
    t->calls = malloc(((size_t)max_elements + 2) * sizeof *t->calls);
    t->lifo = malloc(((size_t)max_elements + 2) * sizeof *t->lifo);
    if (t->calls && t->lifo)
        return t;
    timing_free(t);
    return NULL;
}

void timing_free(struct timing *t)
{
    if (!t)
        return;
    free(t->calls);
    free(t->lifo);
    free(t);
}

static void broke(struct walk *w, enum vrp_rule rule, int32_t element)
{
    if (!w->r->broken)
        w->r->broken_at = element;
    w->r->broken |= 1u << rule;
}

static bool dead(const struct walk *w)
{
    return w->strict && w->r->broken;
}

/* First allowed moment ≥ t, or the last allowed one if there is none. */
static int32_t next_allowed(const struct vrp_window *win, int32_t n, int32_t t)
{
    for (int32_t i = 0; i < n; i++)
        if (t <= win[i].until)
            return t > win[i].from ? t : win[i].from;
    return n ? win[n - 1].until : t;
}

/* Last allowed moment ≤ t; at least `least`, which is known to be allowed. */
static int32_t last_allowed(const struct vrp_window *win, int32_t n, int32_t t, int32_t least)
{
    for (int32_t i = n - 1; i >= 0; i--)
        if (win[i].from <= t) {
            int32_t at = t < win[i].until ? t : win[i].until;
            return at > least ? at : least;
        }
    return n ? least : t;
}

static const struct vrp_break *break_at(const struct walk *w, int32_t element)
{
    return &w->v->breaks[VRP_BREAK0 - w->stops[element]];
}

static int32_t leg_drive(const struct walk *w, const struct call *c, int32_t t)
{
    if (c->from == VRP_NONE || c->to == VRP_NONE)
        return 0;
    return vrp_seconds(w->t->p, w->v, c->from, c->to, t);
}

static bool sliced(const struct walk *w)
{
    return w->t->p->profiles[w->v->profile].n_slices > 0;
}

/* Arrival after leaving at t: the breaks of the leg taken on the way. */
static int32_t leg_arrive(struct walk *w, const struct call *c, int32_t t, bool record)
{
    int32_t left = sliced(w) ? leg_drive(w, c, t) : c->drive;
    for (int32_t i = c->first_break; i < c->element; i++) {
        const struct vrp_break *b = break_at(w, i);
        int32_t begin = next_allowed(b->windows, b->n_windows, t);
        if (begin < t) {
            if (record)
                broke(w, VRP_V_BREAK, i);
            begin = t;
        }
        int32_t driven = begin - t < left ? begin - t : left;
        if (w->steps && !record) {
            struct timing_step *s = &w->steps[i + 1];
            *s = (struct timing_step){.stop = w->stops[i],
                                      .location = VRP_NONE,
                                      .arrive = t + driven,
                                      .begin = begin,
                                      .leave = begin + b->service};
            s->travel = -(int64_t)left + driven; /* completed once the leg is known */
        }
        left -= driven;
        t = moment(begin + b->service);
    }
    return moment(t + left);
}

/* Latest departure that arrives by `by`, not before the scheduled one. */
static int32_t leg_leave(struct walk *w, const struct call *c, int32_t scheduled, int32_t by)
{
    if (c->first_break == c->element && !sliced(w))
        return by - c->drive > scheduled ? by - c->drive : scheduled;
    int32_t lo = scheduled, hi = by > scheduled ? by : scheduled;
    while (lo < hi) {
        int32_t mid = lo + (hi - lo + 1) / 2;
        uint32_t broken = w->r->broken;
        struct timing_step *steps = w->steps;
        w->steps = NULL;
        bool ok = leg_arrive(w, c, mid, true) <= by && w->r->broken == broken;
        w->steps = steps;
        w->r->broken = broken;
        if (ok)
            lo = mid;
        else
            hi = mid - 1;
    }
    return lo;
}

/* ---- loads, order and permission ---- */

struct trip {
    int32_t load[VRP_DIMS];
    int32_t release;
    bool has_delivery, has_pickup;
};

static void trip_begin(struct walk *w, int32_t from, struct trip *trip)
{
    const struct vrp_problem *p = w->t->p;
    memset(trip, 0, sizeof *trip);
    for (int32_t i = from; i < w->n && w->stops[i] != VRP_RELOAD; i++) {
        int32_t s = w->stops[i];
        if (s < 0)
            continue;
        const struct vrp_task *t = &p->tasks[s / 2];
        if (t->release > trip->release)
            trip->release = t->release;
        if (t->kind != VRP_JOB)
            continue;
        for (int d = 0; d < p->n_dims; d++) {
            trip->load[d] = amount((int64_t)trip->load[d] + t->delivery[d]);
            trip->has_delivery |= t->delivery[d] > 0;
            trip->has_pickup |= t->pickup[d] > 0;
        }
    }
    for (int d = 0; d < p->n_dims; d++)
        if (trip->load[d] > w->v->capacity[d])
            broke(w, VRP_V_CAPACITY, from);
    if (w->v->linehaul_first && trip->has_pickup && !trip->has_delivery)
        broke(w, VRP_V_BACKHAUL, from);
    trip->has_pickup = false;
}

static void load_job(struct walk *w, const struct vrp_task *t, struct trip *trip, int32_t element)
{
    for (int d = 0; d < w->t->p->n_dims; d++) {
        trip->load[d] = amount((int64_t)trip->load[d] + t->pickup[d] - t->delivery[d]);
        if (trip->load[d] > w->v->capacity[d])
            broke(w, VRP_V_CAPACITY, element);
        if (t->pickup[d] > 0)
            trip->has_pickup = true;
        else if (t->delivery[d] > 0 && trip->has_pickup && w->v->backhaul)
            broke(w, VRP_V_BACKHAUL, element);
    }
}

static void load_shipment(struct walk *w, const struct vrp_task *t, struct trip *trip, int32_t element,
                          bool out)
{
    for (int d = 0; d < w->t->p->n_dims; d++) {
        trip->load[d] = amount((int64_t)trip->load[d] + (out ? -t->pickup[d] : t->pickup[d]));
        if (trip->load[d] > w->v->capacity[d])
            broke(w, VRP_V_CAPACITY, element);
    }
}

/* Pushes or pops the LIFO stack; also finds a delivery whose pickup is not on board. */
static void stack_shipment(struct walk *w, int32_t task, int32_t *depth, int32_t element, bool out)
{
    if (!out) {
        w->t->lifo[(*depth)++] = task;
        return;
    }
    int32_t at = *depth - 1;
    while (at >= 0 && w->t->lifo[at] != task)
        at--;
    if (at < 0) {
        broke(w, VRP_V_STRUCTURE, element);
        return;
    }
    if (at != *depth - 1 && w->v->lifo)
        broke(w, VRP_V_LIFO, element);
    memmove(w->t->lifo + at, w->t->lifo + at + 1, (size_t)(--*depth - at) * sizeof(int32_t));
}

static void serve(struct walk *w, struct trip *trip, int32_t *depth, int32_t element)
{
    const struct vrp_problem *p = w->t->p;
    int32_t stop = w->stops[element], task = stop / 2;
    const struct vrp_task *t = &p->tasks[task];
    w->r->visits++;
    if (!vrp_may_serve(p, w->vehicle, task))
        broke(w, (t->skills & ~w->v->skills) ? VRP_V_SKILLS : VRP_V_NOT_ALLOWED, element);
    if (t->kind == VRP_JOB) {
        load_job(w, t, trip, element);
    } else {
        stack_shipment(w, task, depth, element, stop & 1);
        load_shipment(w, t, trip, element, stop & 1);
    }
    if (stop & 1)
        return;
    w->r->cost = charge(w->r->cost, t->cost, 1);
    if (p->assign_cost)
        w->r->cost += p->assign_cost[(size_t)w->vehicle * (size_t)p->n_tasks + (size_t)task];
}

/* ---- forward ---- */

static void begin_visit(struct walk *w, struct call *c, int32_t from)
{
    const struct vrp_visit *x = vrp_visit_of(w->t->p, w->stops[c->element]);
    int32_t begin = next_allowed(x->windows, x->n_windows, c->arrive);
    if (begin < c->arrive) {
        int32_t late = c->arrive - begin;
        if (late > x->late_max)
            broke(w, VRP_V_WINDOW, c->element);
        begin = c->arrive;
    }
    c->begin = begin;
    c->leave = moment(begin + x->service + (from == x->location ? 0 : x->setup));
    w->r->service += c->leave - begin;
}

static int32_t home_of(const struct vrp_vehicle *v)
{
    return v->reload != VRP_NONE ? v->reload : v->start;
}

static int32_t place_of(const struct walk *w, int32_t element, int32_t from)
{
    if (element == w->n)
        return w->v->end != VRP_NONE ? w->v->end : from;
    int32_t s = w->stops[element];
    return s == VRP_RELOAD ? home_of(w->v) : vrp_visit_of(w->t->p, s)->location;
}

static void check_break_load(struct walk *w, int32_t first, int32_t element, const struct trip *trip)
{
    for (int32_t i = first; i < element; i++)
        for (int d = 0; break_at(w, i)->limit_load && d < w->t->p->n_dims; d++)
            if (trip->load[d] > break_at(w, i)->max_load[d])
                broke(w, VRP_V_BREAK, i);
}

static void put_step(struct walk *w, const struct call *c, const struct trip *trip)
{
    struct timing_step *s = &w->steps[c->element + 1];
    memset(s, 0, sizeof *s);
    s->stop = c->element == w->n ? TIMING_END : w->stops[c->element];
    s->location = c->to;
    s->travel = w->r->travel;
    s->distance = w->r->distance;
    memcpy(s->load, trip->load, sizeof s->load);
    for (int32_t i = c->first_break; i < c->element; i++)
        memcpy(w->steps[i + 1].load, trip->load, sizeof s->load);
}

static void reload(struct walk *w, struct call *c, struct trip *trip, int32_t depth)
{
    if (depth)
        broke(w, VRP_V_STRUCTURE, c->element);
    trip_begin(w, c->element + 1, trip);
    c->begin = c->arrive;
    c->floor = trip->release;
    c->leave = moment(c->arrive + w->v->reload_time);
    if (c->leave < trip->release)
        c->leave = trip->release;
}

static void drive(struct walk *w, struct call *c, int32_t leave)
{
    c->drive = leg_drive(w, c, leave);
    if (c->from != VRP_NONE && c->to != VRP_NONE)
        w->r->distance += vrp_metres(w->t->p, w->v->profile, c->from, c->to);
    w->r->travel += c->drive;
    c->arrive = leg_arrive(w, c, leave, true);
}

static void forward(struct walk *w)
{
    struct trip trip;
    int32_t from = w->v->start, first_break = 0, depth = 0, trips = 1, breaks = 0;
    trip_begin(w, 0, &trip);
    int32_t leave = w->v->shift.from > trip.release ? w->v->shift.from : trip.release;
    w->r->start = leave;
    for (int32_t i = 0; i <= w->n && !dead(w); i++) {
        if (i < w->n && w->stops[i] <= VRP_BREAK0) {
            if (VRP_BREAK0 - w->stops[i] != breaks++)
                broke(w, VRP_V_BREAK, i);
            continue;
        }
        struct call *c = &w->t->calls[w->n_calls++];
        *c =
            (struct call){.element = i, .from = from, .to = place_of(w, i, from), .first_break = first_break};
        drive(w, c, leave);
        check_break_load(w, first_break, i, &trip);
        struct trip before = trip;
        if (i == w->n) {
            c->begin = c->leave = c->arrive;
        } else if (w->stops[i] == VRP_RELOAD) {
            trips++;
            reload(w, c, &trip, depth);
        } else {
            begin_visit(w, c, from);
            serve(w, &trip, &depth, i);
        }
        if (w->steps)
            put_step(w, c, i == w->n ? &before : &trip);
        from = c->to;
        leave = c->leave;
        first_break = i + 1;
    }
    w->r->end = leave;
    if (depth)
        broke(w, VRP_V_STRUCTURE, w->n);
    if (breaks != w->v->n_breaks)
        broke(w, VRP_V_BREAK, w->n);
    if (trips > w->v->max_trips)
        broke(w, VRP_V_TRIPS, w->n);
}

/* ---- backward: as late as possible for the same end ---- */

static void backward(struct walk *w)
{
    int32_t by = w->r->end;
    for (int32_t k = w->n_calls - 1; k >= 0; k--) {
        struct call *c = &w->t->calls[k];
        int32_t spent = c->leave - c->begin;
        if (c->element < w->n && w->stops[c->element] == VRP_RELOAD) {
            c->begin = by - w->v->reload_time > c->begin ? by - w->v->reload_time : c->begin;
            c->leave = by;
        } else if (c->element < w->n) {
            const struct vrp_visit *x = vrp_visit_of(w->t->p, w->stops[c->element]);
            c->leave = by;
            c->begin = last_allowed(x->windows, x->n_windows, by - spent, c->begin);
            c->leave = c->begin + spent;
        } else {
            c->begin = c->leave = by;
        }
        int32_t scheduled = k ? w->t->calls[k - 1].leave : w->r->start;
        by = leg_leave(w, c, scheduled, c->begin);
    }
    if (w->n_calls)
        w->r->start = by;
}

/* Arrivals and breaks once the departures are final. */
static void settle(struct walk *w)
{
    int32_t leave = w->r->start;
    w->r->travel = 0;
    for (int32_t k = 0; k < w->n_calls; k++) {
        struct call *c = &w->t->calls[k];
        c->arrive = leg_arrive(w, c, leave, false);
        w->r->travel += c->drive = leg_drive(w, c, leave);
        if (w->steps)
            w->steps[c->element + 1].travel = w->r->travel;
        if (c->element < w->n && w->stops[c->element] == VRP_RELOAD) {
            c->begin = c->arrive;
            c->leave = moment(c->arrive + w->v->reload_time);
            c->leave = c->leave > c->floor ? c->leave : c->floor;
        } else if (c->element < w->n) {
            const struct vrp_visit *x = vrp_visit_of(w->t->p, w->stops[c->element]);
            int32_t spent = c->leave - c->begin, begin = next_allowed(x->windows, x->n_windows, c->arrive);
            c->begin = begin > c->arrive ? begin : c->arrive;
            c->leave = moment(c->begin + spent);
        } else {
            c->begin = c->leave = c->arrive;
        }
        leave = c->leave;
    }
}

static void late_and_waiting(struct walk *w)
{
    for (int32_t k = 0; k < w->n_calls; k++) {
        const struct call *c = &w->t->calls[k];
        if (c->element == w->n || w->stops[c->element] < 0)
            continue;
        const struct vrp_visit *x = vrp_visit_of(w->t->p, w->stops[c->element]);
        w->r->waiting += c->begin - c->arrive;
        if (!x->n_windows || c->begin <= x->windows[x->n_windows - 1].until)
            continue;
        int32_t late = c->begin - x->windows[x->n_windows - 1].until;
        w->r->late += late;
        w->r->cost = charge(w->r->cost, x->late_cost, late);
        if (w->steps)
            w->steps[c->element + 1].late = late;
    }
}

static void limits(struct walk *w)
{
    const struct vrp_vehicle *v = w->v;
    const struct timing_totals *r = w->r;
    if (r->end > v->shift.until)
        broke(w, VRP_V_SHIFT, w->n);
    if (r->visits > v->max_tasks)
        broke(w, VRP_V_MAX_TASKS, w->n);
    if (r->travel > v->max_travel)
        broke(w, VRP_V_MAX_TRAVEL, w->n);
    if (r->distance > v->max_distance)
        broke(w, VRP_V_MAX_DISTANCE, w->n);
    if (r->end - r->start > v->max_duration)
        broke(w, VRP_V_MAX_DURATION, w->n);
}

static void add_cost(struct walk *w)
{
    const struct vrp_vehicle *v = w->v;
    struct timing_totals *r = w->r;
    int32_t duration = r->end - r->start;
    r->cost = charge(r->cost, v->fixed_cost, 1);
    r->cost = charge(r->cost, v->unit_distance, r->distance);
    r->cost = charge(r->cost, v->unit_travel, r->travel);
    r->cost = charge(r->cost, v->unit_duration, duration);
    if (duration > v->soft_duration)
        r->cost = charge(r->cost, v->unit_overtime, duration - v->soft_duration);
}

static bool duration_counts(const struct vrp_vehicle *v)
{
    return v->unit_duration || v->unit_overtime || v->max_duration < VRP_LIMIT;
}

static void fill_steps(struct walk *w)
{
    struct trip trip;
    trip_begin(w, 0, &trip);
    w->steps[0] = (struct timing_step){.stop = TIMING_START,
                                       .location = w->v->start,
                                       .arrive = w->r->start,
                                       .begin = w->r->start,
                                       .leave = w->r->start};
    memcpy(w->steps[0].load, trip.load, sizeof trip.load);
    int32_t from = w->v->start;
    for (int32_t k = 0; k < w->n_calls; k++) {
        const struct call *c = &w->t->calls[k];
        struct timing_step *s = &w->steps[c->element + 1];
        s->arrive = c->arrive;
        s->begin = c->begin;
        s->leave = c->leave;
        if (c->element < w->n && w->stops[c->element] >= 0 && from != c->to)
            s->setup = vrp_visit_of(w->t->p, w->stops[c->element])->setup;
        for (int32_t i = c->first_break; i < c->element; i++) {
            w->steps[i + 1].travel += s->travel;
            w->steps[i + 1].distance = w->steps[c->first_break].distance;
        }
        from = c->to;
    }
}

static void walk_route(struct walk *w)
{
    memset(w->r, 0, sizeof *w->r);
    forward(w);
    if (dead(w))
        return;
    if (w->steps || sliced(w) || (duration_counts(w->v) && !w->r->broken)) {
        if (!w->r->broken)
            backward(w);
        settle(w);
    }
    limits(w);
    late_and_waiting(w);
    if (w->n)
        add_cost(w);
    if (w->steps)
        fill_steps(w);
}

void timing_eval(struct timing *t, int32_t vehicle, const int32_t *stops, int32_t n, bool strict,
                 struct timing_totals *ret)
{
    struct walk w = {
        .t = t, .v = &t->p->vehicles[vehicle], .vehicle = vehicle, .n = n, .stops = stops, .r = ret};
    w.strict = strict;
    walk_route(&w);
}

void timing_steps(struct timing *t, int32_t vehicle, const int32_t *stops, int32_t n,
                  struct timing_totals *ret, struct timing_step *ret_steps)
{
    struct walk w = {
        .t = t, .v = &t->p->vehicles[vehicle], .vehicle = vehicle, .n = n, .stops = stops, .r = ret};
    w.steps = ret_steps;
    walk_route(&w);
}
