/* The solver: pure (no I/O, clock or globals). The same problem, parameters and iteration budget give
 * the same result on every machine.
 *
 * Threads: a call may start params.threads − 1 threads of its own and joins them before it returns;
 * callbacks run on the calling thread only. Calls on different threads are independent. */
#ifndef ROUTING_VRP_SOLVER_H
#define ROUTING_VRP_SOLVER_H

#include "routing/vrp/solution.h"

enum { VRP_SPENT_ALL = 1000000 };

struct vrp_params {
    /* The budget: iterations, or `spent`, or both (whichever ends first). iterations 0 with spent NULL
     * only completes the plan: insertion of what it leaves out, nothing is moved. iterations < 0 =
     * unlimited. */
    int64_t iterations;
    uint64_t seed;
    int threads; /* 0 and 1 = none besides the caller's */
    /* Millionths of the time budget spent so far; ≥ VRP_SPENT_ALL ends the call within some
     * milliseconds. Asked every few hundred microseconds; cheap and monotone, please. */
    int32_t (*spent)(void *arg);
    /* A better plan is there; *best is lent until return. Not called more than about 20 times a
     * second's worth of iterations; may be NULL. */
    void (*incumbent)(void *arg, const struct vrp_solution *best, int64_t iterations);
    void *arg; /* given to both */
};

struct vrp_result {
    struct vrp_solution best;
    int64_t iterations; /* over all threads */
};

/* Solves p. 0 with *ret filled (free with vrp_solution_fini(&ret->best)); -1 with *fault filled if the
 * problem is malformed or memory ran out, *ret untouched. A solution always exists: what cannot be
 * served is unserved with its reason, and best.feasible tells whether that includes required tasks. */
int vrp_solve(const struct vrp_problem *p, const struct vrp_params *params, struct vrp_result *ret,
              struct vrp_fault *fault);

#endif
