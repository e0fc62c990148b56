/* Picks the kernel, then tells the reasons of what is left out. */
#include "routing/vrp/solver.h"
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

int vrp_solve(const struct vrp_problem *p, const struct vrp_params *params, struct vrp_result *ret,
              struct vrp_fault *fault)
{
    struct vrp_result result;
    if (vrp_problem_check(p, fault) < 0)
        return -1;
    if (run_kernel(p, params, &result) < 0)
        return out_of_memory(fault);
    if (explain(p, &result.best) < 0) {
        vrp_solution_fini(&result.best);
        return out_of_memory(fault);
    }
    result.best.feasible = complete(p, &result.best);
    *ret = result;
    return 0;
}
