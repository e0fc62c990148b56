/* From a wave to a plan: bundles, travel times, the solver, the plan's JSON. Runs on a planner thread;
 * touches nothing but its arguments. */
#ifndef DAEMON_DISPATCH_SOLVE_H
#define DAEMON_DISPATCH_SOLVE_H

#include "base/error.h"
#include "daemon/dispatch/wave.h"
#include "routing/geo/matrix.h"

#include <stdatomic.h>

struct solve_budget {
    int64_t (*now_us)(void); /* a monotonic clock */
    int64_t limit_us;        /* for the whole call, travel times included */
    int64_t iterations;      /* < 0: only the time limits; used by tests for a result that repeats */
    uint64_t seed;
    int threads;
    const atomic_bool *stop; /* when it becomes true the best so far is taken at once; NULL: never */
};

/* The plan as plan_store takes it (new reference), or NULL with err. */
json_t *solve_wave(const struct wave *w, const struct matrix_provider *travel,
                   const struct solve_budget *budget, struct error *err);

/* A sensible limit for `parcels` parcels when the manager names none: 1 s to 30 s. */
int64_t solve_default_us(int32_t parcels);

#endif
