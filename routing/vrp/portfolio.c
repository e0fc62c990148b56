#include "routing/vrp/portfolio.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { MOST_THREADS = 64 };

/* What the caller's thread tells the others about the clock. */
struct board {
    const struct vrp_params *asked;
    _Atomic int32_t spent;
};

struct member {
    kernel_fn *kernel;
    const struct vrp_problem *p;
    struct vrp_params params;
    struct vrp_result result;
    pthread_t thread;
    int status;
    bool started;
};

static int32_t ask_clock(void *arg)
{
    struct board *b = arg;
    int32_t spent = b->asked->spent(b->asked->arg);
    atomic_store_explicit(&b->spent, spent, memory_order_relaxed);
    return spent;
}

static int32_t read_board(void *arg)
{
    struct board *b = arg;
    return atomic_load_explicit(&b->spent, memory_order_relaxed);
}

static void pass_incumbent(void *arg, const struct vrp_solution *best, int64_t iterations)
{
    const struct board *b = arg;
    b->asked->incumbent(b->asked->arg, best, iterations);
}

static void *work(void *arg)
{
    struct member *m = arg;
    m->status = m->kernel(m->p, &m->params, &m->result);
    return NULL;
}

static void set_member(struct member *m, int index, int n, struct board *b)
{
    m->params = *b->asked;
    m->params.seed += (uint64_t)index * 0x9e3779b97f4a7c15u;
    if (b->asked->iterations > 0) {
        int64_t share = b->asked->iterations / n, rest = b->asked->iterations % n;
        m->params.iterations = share + (index < rest ? 1 : 0);
    }
    m->params.arg = b;
    if (b->asked->spent)
        m->params.spent = index ? read_board : ask_clock;
    m->params.incumbent = index || !b->asked->incumbent ? NULL : pass_incumbent;
}

/* The best result; the others are freed. */
static int choose(struct member *members, int n, struct vrp_result *ret)
{
    struct member *best = NULL;
    int64_t iterations = 0;
    for (int i = 0; i < n; i++) {
        struct member *m = &members[i];
        if (m->status != 0)
            continue;
        iterations += m->result.iterations;
        bool fewer = m->p->fleet_first && best && m->result.best.n_unserved == best->result.best.n_unserved &&
                     m->result.best.n_routes != best->result.best.n_routes;
        if (!best || (fewer ? m->result.best.n_routes < best->result.best.n_routes
                            : m->result.best.cost < best->result.best.cost)) {
            if (best)
                vrp_solution_fini(&best->result.best);
            best = m;
        } else {
            vrp_solution_fini(&m->result.best);
        }
    }
    if (!best)
        return -1;
    *ret = best->result;
    ret->iterations = iterations;
    return 0;
}

int portfolio_solve(kernel_fn *kernel, const struct vrp_problem *p, const struct vrp_params *params,
                    struct vrp_result *ret)
{
    int n = params->threads < MOST_THREADS ? params->threads : MOST_THREADS;
    if (params->iterations > 0 && params->iterations < n)
        n = (int)params->iterations;
    if (n < 2 || (params->iterations == 0 && !params->spent))
        return kernel(p, params, ret);
    struct member *members = calloc((size_t)n, sizeof *members);
    struct board board = {.asked = params};
    if (!members)
        return -1;
    for (int i = 0; i < n; i++) {
        members[i] = (struct member){.kernel = kernel, .p = p, .status = -1};
        set_member(&members[i], i, n, &board);
        members[i].started = i > 0 && pthread_create(&members[i].thread, NULL, work, &members[i]) == 0;
    }
    work(&members[0]);
    if (params->spent && params->iterations <= 0)
        atomic_store(&board.spent, VRP_SPENT_ALL);
    for (int i = 1; i < n; i++)
        if (members[i].started)
            pthread_join(members[i].thread, NULL);
    int status = choose(members, n, ret);
    free(members);
    return status;
}
