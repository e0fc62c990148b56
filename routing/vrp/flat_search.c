#include "routing/vrp/flat_run.h"

/* One fall of temperature over the whole budget or, where it is long for the size, a population: several
 * falls found it, and children of two of its members, annealed for a moment where they differ from the
 * first, take that one's place when they are cheaper. */

enum {
    PROBE = 256, /* part of the budget after which the pace is known */
    STALE = 600  /* children in a row without a gain after which others are founded */
};
static const double MANY = 20, /* iterations a client, a client, from which a population pays off … */
    LARGE = 800;               /* … and the clients above which it takes more in proportion */
static const double FOUNDING_SHARE = 0.45; /* of the budget */
static const double CHILD = 30,            /* iterations of a child for a client it may move … */
    CHILD_HOT = 0.1; /* … and where its temperature begins, as a share of a founder's */

/* Iterations that the rest of the budget buys, by the pace so far. */
static double affordable(struct flat_run *run)
{
    int32_t from = run->spent;
    int64_t before = run->iterations;
    run->round.until = from + (VRP_SPENT_ALL - from) / PROBE;
    if (!flat_anneal(run))
        return 0;
    return (double)(run->iterations - before) / (run->spent - from) * (VRP_SPENT_ALL - from);
}

static void count_round(struct flat_run *run, double iterations, double hot)
{
    run->round.counted = true;
    run->round.from = run->iterations;
    run->round.until = run->iterations + 1 + (int64_t)iterations;
    run->round.hot = hot;
}

/* The tour is the best of what begins. */
static void begin_best(struct flat_run *run)
{
    flat_snapshot_assign(&run->best, run->t);
    flat_snapshot_take(&run->best, run->t);
}

/* Falls of temperature from the top until the population is full. */
static int found(struct flat_run *run, double hot)
{
    double length = FOUNDING_SHARE / FLAT_ELITES * run->each * run->t->n;
    run->n_region = 0;
    while (run->elites.n < FLAT_ELITES) {
        begin_best(run);
        count_round(run, length, hot);
        bool more = flat_anneal(run);
        if (flat_elites_add(&run->elites, &run->best, run->t) < 0)
            return -1;
        if (!more)
            return 0;
    }
    return 0;
}

/* A child that is its first parent again is annealed everywhere. Returns 1 if it was taken in, 0 if not, -1
 * out of memory. */
static int breed(struct flat_run *run, double hot)
{
    int32_t parent = flat_elites_mix(&run->elites, run->t, &run->rng);
    flat_fill(run);
    run->n_region = flat_elites_differ(&run->elites, parent, run->t, run->region);
    begin_best(run);
    count_round(run, CHILD * (run->n_region ? run->n_region : run->t->n), CHILD_HOT * hot);
    flat_anneal(run);
    return flat_elites_replace(&run->elites, parent, &run->best, run->t);
}

/* Whether what is left of the budget pays for founding again and as much breeding. */
static bool long_enough(const struct flat_run *run, int32_t left)
{
    return VRP_SPENT_ALL - run->spent > 2 * FOUNDING_SHARE * left;
}

static int evolve(struct flat_run *run, int32_t left)
{
    double hot = run->round.hot;
    int status = found(run, hot);
    for (int32_t stale = 0; status == 0 && run->elites.n > 1 && flat_budget_left(run); stale++) {
        if (stale > STALE && long_enough(run, left)) {
            flat_elites_thin(&run->elites);
            status = found(run, hot);
            stale = 0;
        }
        int gain = status ? status : breed(run, hot);
        if (gain > 0)
            stale = 0;
        status = gain < 0 ? -1 : 0;
    }
    return status;
}

/* The cheapest of the population, unless the last child is. */
static void choose_best(struct flat_run *run)
{
    const struct flat_elites *e = &run->elites;
    if (!e->n || e->kept[flat_elites_best(e)].cost >= run->best.cost)
        return;
    flat_snapshot_restore(&e->kept[flat_elites_best(e)], run->t);
    begin_best(run);
}

static bool pays_off(const struct flat_run *run)
{
    double n = run->t->n;
    return run->each >= MANY * n * (n > LARGE ? n / LARGE : 1);
}

int flat_search(struct flat_run *run)
{
    static const double PROBE_HOT =
        0.25; /* of the heat: no hotter than the longest budget with windows begins */
    if (!flat_budget_left(run))
        return 0;
    int32_t from = run->spent, left = VRP_SPENT_ALL - from;
    run->round.from = from;
    if (run->m->timed && !run->m->prizes)
        run->round.hot *= PROBE_HOT;
    run->each = affordable(run) / run->t->n;
    flat_heat(run);
    run->round.from = from;
    run->round.until = VRP_SPENT_ALL;
    if (!pays_off(run)) {
        flat_anneal(run);
        return 0;
    }
    int status = evolve(run, left);
    choose_best(run);
    return status;
}
