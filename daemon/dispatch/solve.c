#include "daemon/dispatch/solve.h"

#include "daemon/dispatch/plan.h"

#include <errno.h>
#include <stdlib.h>

/* A bundle is at most this part of the smallest vehicle, so that a place can be shared between couriers. */
enum { BUNDLE_SHARE = 4, BUNDLE_PIECES = 40, CHINA_AHEAD_S = 8 * 3600 };

struct limit {
    const struct solve_budget *budget;
    int64_t began_us;
};

static int32_t spent(void *arg)
{
    const struct limit *l = arg;
    int64_t used = l->budget->now_us() - l->began_us;
    if (used >= l->budget->limit_us || (l->budget->stop && atomic_load(l->budget->stop)))
        return VRP_SPENT_ALL;
    return (int32_t)(used * VRP_SPENT_ALL / l->budget->limit_us);
}

int64_t solve_default_us(int32_t parcels)
{
    int64_t us = (int64_t)parcels * 2000;
    return us < 1000000 ? 1000000 : us > 30000000 ? 30000000 : us;
}

static int travel_of_class(const struct wave *w, const struct matrix_provider *travel, enum wave_class class,
                           const struct geo_point *places, struct travel *ret, struct error *err)
{
    size_t n = (size_t)w->n_points + 1;
    struct matrix_query q = {.from = places,
                             .n_from = n,
                             .to = places,
                             .n_to = n,
                             .profile = wave_class_name[class],
                             .hour = matrix_hour_at(w->start_us, CHINA_AHEAD_S)};
    struct route_error re;
    ret->seconds = malloc(n * n * sizeof *ret->seconds);
    ret->metres = malloc(n * n * sizeof *ret->metres);
    if (!ret->seconds || !ret->metres)
        return error_set(err, ENOMEM, "no memory for the travel times of %zu places", n);
    if (matrix_get(travel, &q, ret->seconds, ret->metres, &re))
        return error_set(err, EINVAL, "travel times for %s: %s", q.profile, re.text);
    for (size_t i = 0; i < n * n; i++)
        if (ret->seconds[i] == MATRIX_UNREACHABLE)
            ret->seconds[i] = ret->metres[i] = NO_WAY;
    return 0;
}

/* Travel times for each class that drives; the others share them, for the solver reads no empty table. */
static int travel_times(const struct wave *w, const struct matrix_provider *provider,
                        struct travel ret[CLASSES], struct error *err)
{
    struct geo_point *places = calloc((size_t)w->n_points + 1, sizeof *places);
    int rc = 0;
    if (!geo_point_from_degrees(w->lon, w->lat, &places[0]))
        rc = error_set(err, EINVAL, "the site's coordinates %g, %g are off the globe", w->lon, w->lat);
    for (int32_t i = 0; i < w->n_points && !rc; i++)
        if (!geo_point_from_degrees(w->points[i].lon, w->points[i].lat, &places[1 + i]))
            rc = error_set(err, EINVAL, "point %s: its coordinates are off the globe", w->points[i].id);
    for (int32_t i = 0; i < w->n_couriers && !rc; i++)
        if (!ret[w->couriers[i].vehicle].seconds)
            rc = travel_of_class(w, provider, w->couriers[i].vehicle, places, &ret[w->couriers[i].vehicle],
                                 err);
    free(places);
    return rc;
}

static void share_travel(const struct travel own[CLASSES], struct travel ret[CLASSES])
{
    const struct travel *any = NULL;
    for (int i = 0; i < CLASSES; i++)
        if (own[i].seconds)
            any = &own[i];
    for (int i = 0; i < CLASSES; i++)
        ret[i] = own[i].seconds ? own[i] : any ? *any : own[i];
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static void make_bundles(const struct wave *w, struct bundles *ret)
{
    int32_t pieces = BUNDLE_PIECES * BUNDLE_SHARE, grams = VRP_LIMIT, cm3 = VRP_LIMIT;
    for (int32_t i = 0; i < w->n_couriers; i++) {
        pieces = smaller(pieces, w->couriers[i].pieces);
        grams = smaller(grams, w->couriers[i].grams);
        cm3 = smaller(cm3, w->couriers[i].cm3);
    }
    bundles_make(w, pieces / BUNDLE_SHARE > 0 ? pieces / BUNDLE_SHARE : 1, grams / BUNDLE_SHARE,
                 cm3 / BUNDLE_SHARE, ret);
}

/* With nobody to drive there is nothing to solve, and every bundle has the same reason. */
static void nobody_drives(int32_t n, struct vrp_result *ret)
{
    *ret = (struct vrp_result){.best.unserved = calloc((size_t)n + 1, sizeof *ret->best.unserved)};
    for (; ret->best.n_unserved < n; ret->best.n_unserved++)
        ret->best.unserved[ret->best.n_unserved] =
            (struct vrp_unserved){.task = ret->best.n_unserved, .reason = VRP_R_NO_VEHICLE};
}

static json_t *solve_model(const struct wave *w, const struct bundles *b, const struct model *m,
                           const struct solve_budget *budget, struct limit *limit, struct error *err)
{
    struct vrp_params params = {.iterations = budget->iterations,
                                .seed = budget->seed,
                                .threads = budget->threads,
                                .spent = budget->iterations < 0 ? spent : NULL,
                                .arg = limit};
    struct vrp_result result;
    struct vrp_fault fault;
    if (!w->n_couriers) {
        nobody_drives(b->n, &result);
    } else if (vrp_solve(&m->problem, &params, &result, &fault)) {
        error_set(err, EINVAL, "%s", fault.text);
        return NULL;
    }
    json_t *plan = plan_json(w, b, m, &result, (budget->now_us() - limit->began_us) / 1000);
    vrp_solution_fini(&result.best);
    return plan;
}

json_t *solve_wave(const struct wave *w, const struct matrix_provider *travel,
                   const struct solve_budget *budget, struct error *err)
{
    struct limit limit = {budget, budget->now_us()};
    struct travel own[CLASSES] = {0}, all[CLASSES];
    json_t *plan = NULL;
    if (!travel_times(w, travel, own, err)) {
        struct bundles bundles;
        struct model model;
        share_travel(own, all);
        make_bundles(w, &bundles);
        model_make(w, &bundles, all, &model);
        plan = solve_model(w, &bundles, &model, budget, &limit, err);
        model_fini(&model);
        bundles_fini(&bundles);
    }
    for (int i = 0; i < CLASSES; i++) {
        free(own[i].seconds);
        free(own[i].metres);
    }
    return plan;
}
