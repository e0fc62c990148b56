#include "daemon/dispatch/plan.h"

#include "base/time.h"

/* Walks a route as the courier will: the clock of one vehicle. */
struct walk {
    const struct wave *w;
    const struct model *m;
    const struct vrp_vehicle *vehicle;
    int32_t at;  /* location */
    int32_t now; /* seconds after the wave's start */
    int64_t metres;
};

static json_t *time_json(const struct wave *w, int32_t seconds)
{
    char text[TIME_TEXT_MAX];
    time_format(w->start_us + (int64_t)seconds * 1000000, text);
    return json_string(text);
}

/* Drives to `location` and waits until a window of `v` (may be NULL) is open. Returns the metres of this leg.
 */
static int32_t go(struct walk *walk, int32_t location, const struct vrp_visit *v)
{
    const struct vrp_problem *p = &walk->m->problem;
    int32_t metres = vrp_metres(p, walk->vehicle->profile, walk->at, location);
    walk->now += vrp_seconds(p, walk->vehicle, walk->at, location, walk->now);
    walk->metres += metres;
    if (v && location != walk->at)
        walk->now += v->setup;
    walk->at = location;
    for (int32_t i = 0; v && i < v->n_windows; i++)
        if (walk->now <= v->windows[i].until) {
            if (walk->now < v->windows[i].from)
                walk->now = v->windows[i].from;
            break;
        }
    return metres;
}

static void add_parcels(const struct wave *w, const struct bundles *b, const struct bundle *bundle,
                        json_t *into)
{
    for (int32_t i = bundle->first; i < bundle->first + bundle->n; i++)
        json_array_append_new(into, json_string(w->parcels[b->order[i]].id));
}

static json_t *stop_json(struct walk *walk, const struct bundle *bundle, const struct vrp_visit *v, int seq)
{
    int32_t metres = go(walk, v->location, v);
    json_t *arrive = time_json(walk->w, walk->now);
    walk->now += v->service;
    json_t *locker = bundle->locker < 0 ? json_null() : json_string(walk->w->lockers[bundle->locker].id);
    return json_pack("{s:i, s:s, s:s, s:o, s:o, s:o, s:i, s:[]}", "seq", seq, "point_id",
                     walk->w->points[bundle->point].id, "kind", wave_mode_name[bundle->mode], "locker_id",
                     locker, "arrive", arrive, "depart", time_json(walk->w, walk->now), "metres", metres,
                     "parcels");
}

static json_t *reload_json(struct walk *walk, int seq)
{
    int32_t metres = go(walk, 0, NULL);
    json_t *arrive = time_json(walk->w, walk->now);
    walk->now += walk->vehicle->reload_time;
    return json_pack("{s:i, s:n, s:s, s:n, s:o, s:o, s:i, s:[]}", "seq", seq, "point_id", "kind", "reload",
                     "locker_id", "arrive", arrive, "depart", time_json(walk->w, walk->now), "metres", metres,
                     "parcels");
}

static bool same_stop(const struct bundle *a, const struct bundle *b)
{
    return a && a->point == b->point && a->mode == b->mode && a->locker == b->locker;
}

static json_t *stops_json(struct walk *walk, const struct bundles *b, const struct vrp_route *route)
{
    json_t *stops = json_array(), *stop = NULL;
    const struct bundle *previous = NULL;
    for (int32_t i = 0; i < route->n; i++) {
        int32_t element = route->stops[i];
        const struct bundle *bundle = element >= 0 ? &b->list[element / 2] : NULL;
        int seq = (int)json_array_size(stops) + 1;
        if (!bundle) {
            json_array_append_new(stops, reload_json(walk, seq));
        } else {
            const struct vrp_visit *v = vrp_visit_of(&walk->m->problem, element);
            if (same_stop(previous, bundle)) {
                walk->now += v->service;
                json_object_set_new(stop, "depart", time_json(walk->w, walk->now));
            } else {
                stop = stop_json(walk, bundle, v, seq);
                json_array_append_new(stops, stop);
            }
            add_parcels(walk->w, b, bundle, json_object_get(stop, "parcels"));
        }
        previous = bundle;
    }
    return stops;
}

static json_t *route_json(const struct wave *w, const struct bundles *b, const struct model *m,
                          const struct vrp_route *route, int64_t *metres, int64_t *seconds)
{
    const struct wave_courier *c = &w->couriers[route->vehicle];
    const struct vrp_vehicle *v = &m->vehicles[route->vehicle];
    struct walk walk = {.w = w, .m = m, .vehicle = v, .now = v->shift.from};
    json_t *stops = stops_json(&walk, b, route);
    go(&walk, 0, NULL);
    int32_t took = walk.now - v->shift.from;
    *metres += walk.metres;
    *seconds += took;
    return json_pack("{s:s, s:o, s:o, s:o, s:I, s:i, s:o}", "courier_id", c->id, "vehicle_id",
                     c->vehicle_id ? json_string(c->vehicle_id) : json_null(), "start",
                     time_json(w, v->shift.from), "end", time_json(w, walk.now), "metres",
                     (json_int_t)walk.metres, "seconds", took, "stops", stops);
}

static void add_left(const struct wave *w, int32_t parcel, const char *reason, const char *detail,
                     json_t *into)
{
    json_array_append_new(into, json_pack("{s:s, s:s, s:s}", "parcel_id", w->parcels[parcel].id, "reason",
                                          reason, "detail", detail));
}

/* A place that no road leads to is late for every window, too. */
static const char *reason_of(const struct model *m, const struct bundle *b, enum vrp_reason reason)
{
    if (reason != VRP_R_NO_VEHICLE && !model_has_way(m, 1 + b->point))
        return "no_road";
    return vrp_reason_name(reason);
}

static json_t *left_json(const struct wave *w, const struct bundles *b, const struct model *m,
                         const struct vrp_solution *s)
{
    json_t *left = json_array();
    for (int32_t i = 0; i < b->n_left; i++)
        add_left(w, b->left[i], "locker_full", "no compartment is free and no other way was agreed to", left);
    for (int32_t i = 0; i < s->n_unserved; i++) {
        const struct bundle *bundle = &b->list[s->unserved[i].task];
        for (int32_t k = bundle->first; k < bundle->first + bundle->n; k++)
            add_left(w, b->order[k], reason_of(m, bundle, s->unserved[i].reason), "", left);
    }
    return left;
}

json_t *plan_json(const struct wave *w, const struct bundles *b, const struct model *m,
                  const struct vrp_result *r, int64_t solve_ms)
{
    json_t *routes = json_array();
    int64_t metres = 0, seconds = 0;
    for (int32_t i = 0; i < r->best.n_routes; i++)
        if (r->best.routes[i].n)
            json_array_append_new(routes, route_json(w, b, m, &r->best.routes[i], &metres, &seconds));
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "metres", (json_int_t)metres, "seconds",
                     (json_int_t)seconds, "cost", (json_int_t)r->best.cost, "iterations",
                     (json_int_t)r->iterations, "solve_ms", (json_int_t)solve_ms, "routes", routes,
                     "unassigned", left_json(w, b, m, &r->best));
}
