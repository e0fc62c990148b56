/* Picks the kernel, then tells the reasons of what is left out. */
#include "routing/vrp/solver.h"
#include "routing/vrp/alike.h"
#include "routing/vrp/explain.h"
#include "routing/vrp/flat.h"
#include "routing/vrp/flat_model.h"
#include "routing/vrp/general.h"
#include "routing/vrp/pairs.h"
#include "routing/vrp/pairs_model.h"
#include "routing/vrp/portfolio.h"
#include "routing/vrp/trips.h"
#include "routing/vrp/trips_model.h"

#include <string.h>

static int out_of_memory(struct vrp_fault *fault)
{
    if (fault)
        strcpy(fault->text, "out of memory");
    return -1;
}

static bool group_served(const struct vrp_problem *p, const struct vrp_solution *s, int32_t group)
{
    for (int32_t i = 0; i < s->n_unserved; i++)
        if (p->tasks[s->unserved[i].task].group == group && s->unserved[i].reason == VRP_R_ALTERNATIVE)
            return true;
    return false;
}

/* Feasible: nothing that is required is left out. Routes are feasible by construction, except a frozen
 * prefix that was not. */
static bool complete(const struct vrp_problem *p, const struct vrp_solution *s)
{
    for (int32_t i = 0; i < s->n_unserved; i++) {
        const struct vrp_task *t = &p->tasks[s->unserved[i].task];
        if (t->prize >= VRP_REQUIRED && (t->group == VRP_NONE || !group_served(p, s, t->group)))
            return false;
    }
    return s->cost < VRP_REQUIRED;
}

/* Only completing a plan needs no model of its own. */
static int run_kernel(const struct vrp_problem *p, const struct vrp_params *params, struct vrp_result *ret)
{
    bool completes = params->iterations == 0 && !params->spent && p->n_plan > 0;
    kernel_fn *kernel = completes      ? general_solve
                        : flat_fits(p) ? flat_solve
                        : pairs_fit(p) ? pairs_solve
                        : trips_fit(p) ? trips_solve
                                       : general_solve;
    return portfolio_solve(kernel, p, params, ret);
}

/* Passes incumbents of the folded problem on as plans of the original one. */
struct caller {
    const struct alike *alike;
    const struct vrp_params *asked;
};

static int32_t spent(void *arg)
{
    const struct caller *c = arg;
    return c->asked->spent(c->asked->arg);
}

static void incumbent(void *arg, const struct vrp_solution *best, int64_t iterations)
{
    const struct caller *c = arg;
    struct vrp_solution unfolded;
    if (vrp_solution_copy(best, &unfolded) < 0)
        return;
    alike_undo(c->alike, &unfolded);
    c->asked->incumbent(c->asked->arg, &unfolded, iterations);
    vrp_solution_fini(&unfolded);
}

static int solve_and_explain(const struct vrp_problem *p, const struct vrp_params *params,
                             struct vrp_result *ret)
{
    struct vrp_result result;
    if (run_kernel(p, params, &result) < 0)
        return -1;
    if (explain(p, &result.best) < 0) {
        vrp_solution_fini(&result.best);
        return -1;
    }
    result.best.feasible = complete(p, &result.best);
    *ret = result;
    return 0;
}

static int solve_folded(const struct alike *alike, const struct vrp_params *params, struct vrp_result *ret)
{
    struct caller caller = {alike, params};
    struct vrp_params inner = *params;
    inner.spent = params->spent ? spent : NULL;
    inner.incumbent = params->incumbent ? incumbent : NULL;
    inner.arg = &caller;
    if (solve_and_explain(alike_problem(alike), &inner, ret) < 0)
        return -1;
    alike_undo(alike, &ret->best);
    return 0;
}

int vrp_solve(const struct vrp_problem *p, const struct vrp_params *params, struct vrp_result *ret,
              struct vrp_fault *fault)
{
    struct alike *alike;
    if (vrp_problem_check(p, fault) < 0)
        return -1;
    if (alike_new(p, &alike) < 0)
        return out_of_memory(fault);
    int status = alike ? solve_folded(alike, params, ret) : solve_and_explain(p, params, ret);
    alike_free(alike);
    return status < 0 ? out_of_memory(fault) : 0;
}
