#include "routing/vrp/flat.h"
#include "routing/vrp/flat_run.h"
#include "routing/vrp/flat_savings.h"

#include <stdlib.h>

enum {
    REMOVED_MEAN = 10, /* customers removed on average */
    STRING_MAX = 10,   /* longest string */
    ABSENT_TRIES = 30, /* of those left out, tried again in an iteration */
    ROAM_MOST = 4000,  /* clients up to which a ruin begins anywhere */
    STAY = 256,        /* iterations about one place where there are more */
    ASK_EVERY = 64,    /* iterations between looks at the budget */
    OPEN_EVERY = 30,   /* iterations between routes opened unasked */
    SEEN_ENOUGH = 10,  /* ways back before the cheapest of them is a bound */
    REPORT_EVERY = 20000
};
static const double SPLIT_CHANCE = 0.5, BLINK = 0.01;
static const double FLEET_SHARE = 0.4; /* of the budget, for fewer routes where those come first */
static const double HOT = 3, HOT_TIMED = 8, COLD = 0.1; /* first and last temperature in typical distances */
static const double LONG = 300, COOLER = -0.5,
                    HOT_LEAST = 2; /* with windows: iterations a client from which the first is lower */
static const double SHORT_ROUTE = 12,
                    LONG_ROUTE = 30, /* clients a route: with few vehicles first, up to the … */
    HOT_SHORT = 3;               /* … one the temperature begins there, from the other on at HOT_TIMED */
static const double SPARSE = 16; /* cooler by this times the square of the share left out */

/* ---- ruin ---- */

/* Walks back from the client by up to `steps` places, not over the start. */
static int32_t walk_back(const struct flat_tour *t, int32_t client, int32_t steps)
{
    while (steps-- > 0 && t->nodes[client].prev < t->n)
        client = t->nodes[client].prev;
    return client;
}

static void take(struct flat_run *run, int32_t client)
{
    flat_remove(run->t, client);
    run->out[run->n_out++] = client;
}

/* Removes `length` clients of a stretch around the client; with `keep` > 0 that many in its middle stay. */
static void take_string(struct flat_run *run, int32_t client, int32_t length, int32_t keep)
{
    struct flat_tour *t = run->t;
    int32_t span = length + keep,
            skip_from = keep ? 1 + rng_below(&run->rng, length > 1 ? length - 1 : 1) : span;
    int32_t v = walk_back(t, client, rng_below(&run->rng, span));
    int32_t ahead = v, have = 1;
    while (have < span && t->nodes[ahead].next < t->n) {
        ahead = t->nodes[ahead].next;
        have++;
    }
    v = walk_back(t, v, span - have);
    for (int32_t i = 0; i < span && v < t->n; i++) {
        int32_t next = t->nodes[v].next;
        if (i < skip_from || i >= skip_from + keep)
            take(run, v);
        v = next;
    }
}

static void ruin_route(struct flat_run *run, int32_t client, double longest)
{
    struct flat_tour *t = run->t;
    int32_t route = t->nodes[client].route, size = t->routes[route].count;
    int32_t most = longest < size ? (int32_t)longest : size;
    int32_t length = 1 + rng_below(&run->rng, most), keep = 0;
    if (length > 1 && length < size && rng_unit(&run->rng) < SPLIT_CHANCE)
        keep = 1;
    while (keep && length + keep < size && rng_below(&run->rng, 100) == 0)
        keep++;
    run->ruined_stamp[route] = run->stamp;
    run->ruined[run->n_ruined++] = route;
    take_string(run, client, length, keep);
}

static int32_t neighbour(struct flat_run *run, int32_t client)
{
    const int32_t *near = flat_near(run->m, client);
    int32_t n = 0;
    while (near[n] >= 0)
        n++;
    return n ? near[rng_below(&run->rng, n)] & FLAT_NODE : client;
}

/* Where to ruin. With many clients a while is spent about one place, so that what is looked at stays in the
 * caches. */
static int32_t choose_seed(struct flat_run *run)
{
    if (run->n_region)
        return run->region[rng_below(&run->rng, run->n_region)];
    if (run->m->n <= ROAM_MOST)
        return rng_below(&run->rng, run->m->n);
    if (run->iterations % STAY == 0)
        run->haunt = rng_below(&run->rng, run->m->n);
    return neighbour(run, neighbour(run, run->haunt));
}

/* Strings of routes next to each other around a seed; returns the seed. */
static int32_t ruin(struct flat_run *run)
{
    struct flat_tour *t = run->t;
    int32_t seed = choose_seed(run);
    double longest = run->mean_size < STRING_MAX ? run->mean_size : STRING_MAX;
    if (longest < 1)
        longest = 1;
    int32_t strings = (int32_t)(1 + rng_unit(&run->rng) * (4.0 * REMOVED_MEAN / (1 + longest) - 1));
    run->n_ruined = 0;
    run->stamp++;
    if (t->nodes[seed].route >= 0)
        ruin_route(run, seed, longest);
    for (const int32_t *e = flat_near(run->m, seed); *e >= 0 && run->n_ruined < strings; e++) {
        int32_t v = *e & FLAT_NODE, route = t->nodes[v].route;
        if (route >= 0 && run->ruined_stamp[route] != run->stamp)
            ruin_route(run, v, longest);
    }
    for (int32_t i = 0; run->m->timed && i < t->n_touched; i++)
        flat_retime(t, t->touched[i]);
    return seed;
}

/* ---- recreate ---- */

static void add_absent(struct flat_run *run, int32_t seed, int32_t absent_before)
{
    const struct flat_tour *t = run->t;
    if (absent_before == 0)
        return;
    int32_t before = run->n_out;
    if (absent_before <= ABSENT_TRIES) {
        run->n_out = 0;
        for (int32_t i = 0; i < t->n_absent; i++)
            run->out[run->n_out++] = t->absent[i];
        return;
    }
    /* those near the seed, a few of them left out at random */
    run->stamp++;
    for (const int32_t *e = flat_near(run->m, seed); *e >= 0 && run->n_out < before + ABSENT_TRIES; e++) {
        int32_t v = *e & FLAT_NODE;
        bool taken = t->nodes[v].route >= 0 || rng_below(&run->rng, 4) == 0;
        for (int32_t i = 0; i < before && !taken; i++)
            taken = run->out[i] == v;
        if (!taken)
            run->out[run->n_out++] = v;
    }
}

enum order { RANDOM, DEMAND, FAR, CLOSE, NARROW, EARLY, LATE };

static int64_t order_key(struct flat_run *run, enum order order, int32_t client)
{
    const struct flat_client *c = &run->m->clients[client];
    int32_t depot = run->m->types[0].start;
    switch (order) {
    case DEMAND:
        return -(int64_t)c->demand;
    case FAR:
        return -(int64_t)flat_cost(run->m, depot, client);
    case CLOSE:
        return flat_cost(run->m, depot, client);
    case NARROW:
        return (int64_t)c->until - c->from;
    case EARLY:
        return c->from;
    case LATE:
        return -(int64_t)c->until;
    default:
        return (int64_t)(rng_next(&run->rng) >> 2);
    }
}

static void sort_out(struct flat_run *run)
{
    static const uint8_t plain[] = {RANDOM, RANDOM, RANDOM, RANDOM, DEMAND, DEMAND,
                                    DEMAND, DEMAND, FAR,    FAR,    CLOSE};
    static const uint8_t timed[] = {RANDOM, RANDOM, RANDOM, RANDOM, DEMAND, DEMAND, FAR, FAR,
                                    CLOSE,  NARROW, NARROW, EARLY,  EARLY,  LATE,   LATE};
    enum order order =
        run->m->timed ? timed[rng_below(&run->rng, sizeof timed)] : plain[rng_below(&run->rng, sizeof plain)];
    for (int32_t i = 0; i < run->n_out; i++) {
        int32_t client = run->out[i], j = i;
        int64_t key = order_key(run, order, client);
        for (; j > 0 && run->key[j - 1] > key; j--) {
            run->key[j] = run->key[j - 1];
            run->out[j] = run->out[j - 1];
        }
        run->key[j] = key;
        run->out[j] = client;
    }
}

/* Too few ways back tell nothing yet. */
static int64_t at_least(const struct flat_seen *seen)
{
    return seen->times < SEEN_ENOUGH ? 0 : seen->least / 2;
}

static void see(struct flat_seen *seen, int64_t delta)
{
    seen->least = seen->times && seen->least < delta ? seen->least : delta;
    seen->times += seen->times < SEEN_ENOUGH;
}

/* The least the tour can cost once those taken out are back, as far as was ever seen. */
static int64_t cost_at_least(const struct flat_run *run)
{
    int64_t cost = run->t->cost;
    for (int32_t i = 0; i < run->n_out; i++)
        cost += at_least(&run->seen[run->out[i]]) - run->m->clients[run->out[i]].prize;
    return cost;
}

/* For the i-th of those taken out. A new route pays off for several clients only, so that none would ever ask
 * for one: now and then the first gets it unasked. */
static struct flat_place find_place(struct flat_run *run, int32_t i, int64_t limit)
{
    struct flat_place at = {.prev = VRP_NONE};
    if (i == 0 && run->opens)
        at = flat_insert_open(&run->insert, run->out[i]);
    return flat_place_found(&at) ? at : flat_insert_find(&run->insert, run->out[i], limit);
}

/* As put_back for clients that must be served; gives up once the result must be dearer than `most`. A client
 * whose every place would make it so opens a route, the next ones may share it: what vehicles that are nearly
 * full need to part their clients anew. */
static bool put_all_back(struct flat_run *run, int64_t most)
{
    int64_t cost = cost_at_least(run);
    for (int32_t i = 0; i < run->n_out; i++) {
        int32_t c = run->out[i];
        if (cost > most)
            return false;
        int64_t least = at_least(&run->seen[c]);
        struct flat_place at = find_place(run, i, VRP_REQUIRED);
        if (!run->m->timed && at.delta > most - cost + least) {
            struct flat_place alone = flat_insert_open(&run->insert, c);
            if (alone.delta < at.delta)
                at = alone;
        }
        if (!flat_place_found(&at))
            at = flat_insert_find_far(&run->insert, c, VRP_REQUIRED);
        if (!flat_place_found(&at))
            return false;
        flat_insert_apply(&run->insert, c, &at);
        cost += at.delta - least;
        see(&run->seen[c], at.delta);
    }
    return true;
}

static void put_back(struct flat_run *run, bool at_any_price)
{
    for (int32_t i = 0; i < run->n_out; i++) {
        int32_t c = run->out[i];
        int64_t limit = at_any_price ? VRP_REQUIRED : run->m->clients[c].prize;
        struct flat_place at = find_place(run, i, limit);
        if (!flat_place_found(&at) && limit >= run->m->dear)
            at = flat_insert_find_far(&run->insert, c, limit);
        if (flat_place_found(&at))
            flat_insert_apply(&run->insert, c, &at);
    }
}

/* The cheapest type that each touched route could have. */
static void fit_type(struct flat_run *run, int32_t route)
{
    struct flat_tour *t = run->t;
    const struct flat_route *r = &t->routes[route];
    int32_t was = r->type;
    for (int32_t k = 0; k < run->m->n_types && r->count; k++) {
        const struct flat_type *now = &run->m->types[r->type], *to = &run->m->types[k];
        if (k == r->type || to->capacity < r->load || to->capacity < r->back)
            continue;
        int32_t a = t->nodes[flat_first(t, route)].next, b = t->nodes[flat_last(t, route)].prev;
        int64_t length = r->length + flat_cost(run->m, to->start, a) + flat_cost(run->m, b, to->end) -
                         t->nodes[flat_first(t, route)].arc - t->nodes[b].arc;
        if (to->fixed + length * to->unit >= now->fixed + r->length * now->unit || !flat_left(t, k))
            continue;
        int32_t back = r->type;
        flat_retype(t, route, k);
        if (!flat_route_ok(t, route))
            flat_retype(t, route, back);
    }
    if (r->type != was)
        flat_retime(t, route);
}

static bool same_but_size(const struct flat_type *a, const struct flat_type *b)
{
    return a->start == b->start && a->end == b->end && a->from == b->from && a->until == b->until &&
           a->max_duration == b->max_duration && a->max_distance == b->max_distance;
}

/* Exchanges the vehicles of two routes where that is cheaper: what a limited fleet needs. */
static void swap_types(struct flat_run *run, int32_t route)
{
    struct flat_tour *t = run->t;
    const struct flat_type *types = run->m->types;
    for (int32_t q = 0; q < t->n_routes; q++) {
        const struct flat_route *a = &t->routes[route], *b = &t->routes[q];
        if (!b->count || a->type == b->type || flat_left(t, b->type) || a->load > b->capacity ||
            b->load > a->capacity || a->back > b->capacity || b->back > a->capacity ||
            (types[a->type].unit - types[b->type].unit) * (b->length - a->length) >= 0 ||
            !same_but_size(&types[a->type], &types[b->type]))
            continue;
        int32_t ta = a->type, tb = b->type;
        flat_retype(t, route, tb);
        flat_retype(t, q, ta);
        if (flat_route_ok(t, route) && flat_route_ok(t, q))
            continue;
        flat_retype(t, route, ta);
        flat_retype(t, q, tb);
    }
}

/* Insertions keep the limits, removals need not: a matrix may break the triangle inequality (truncated
 * distances do), and a route may lose its last delivery before its pickups. O(1) a route. */
static bool limits_kept(const struct flat_tour *t)
{
    for (int32_t i = 0; i < t->n_touched; i++) {
        int32_t route = t->touched[i];
        const struct flat_route *r = &t->routes[route];
        const struct flat_type *k = &t->m->types[r->type];
        if (r->count && ((t->m->linehaul_first && r->back && !r->load) || r->length > k->max_distance ||
                         (t->m->timed && t->nodes[flat_first(t, route)].latest < k->from) ||
                         (t->m->durations && t->before[flat_last(t, route)].duration > k->max_duration)))
            return false;
    }
    return true;
}

/* ---- the run ---- */

static int keep_best(struct flat_run *run)
{
    flat_snapshot_take(&run->best, run->t);
    run->unreported = true;
    return 0;
}

bool flat_step(struct flat_run *run)
{
    struct flat_tour *t = run->t;
    int32_t absent_before = t->n_absent;
    flat_mark(t);
    run->n_out = 0;
    int32_t seed = ruin(run);
    for (int32_t i = 0; run->m->upgrades && i < t->n_touched; i++)
        fit_type(run, t->touched[i]);
    add_absent(run, seed, absent_before);
    sort_out(run);
    run->opens = (run->m->prizes || (run->m->weigh_routes && !run->m->timed)) && !run->m->p->fleet_first &&
                 rng_below(&run->rng, OPEN_EVERY) == 0;
    run->iterations++;
    if (run->most == INT64_MAX || run->m->prizes || run->m->upgrades || absent_before)
        put_back(run, false);
    else if (!put_all_back(run, run->most))
        return false;
    for (int32_t i = 0; run->m->n_types > 1 && i < t->n_touched; i++)
        fit_type(run, t->touched[i]);
    for (int32_t i = 0; run->m->n_types > 1 && i < t->n_touched; i++)
        if (t->routes[t->touched[i]].count)
            swap_types(run, t->touched[i]);
    return limits_kept(t);
}

static void iterate(struct flat_run *run)
{
    struct flat_tour *t = run->t;
    int64_t before = t->cost;
    double worse = -run->temperature * rng_ln(rng_unit(&run->rng) + 1e-300);
    run->most = before + (int64_t)worse;
    bool ok = flat_step(run);
    run->most = INT64_MAX;
    run->opens = false;
    if (!ok || (t->cost > before && (double)(t->cost - before) >= worse))
        flat_rollback(t);
    else if (t->cost < run->best.cost)
        keep_best(run);
}

static int64_t progress(const struct flat_run *run)
{
    return run->round.counted ? run->iterations : run->spent;
}

static void cool(struct flat_run *run)
{
    const struct flat_round *r = &run->round;
    double share = (double)(progress(run) - r->from) / (double)(r->until > r->from ? r->until - r->from : 1);
    run->temperature = r->hot * rng_exp(rng_ln(r->cold / r->hot) * (share < 1 ? share : 1));
    run->mean_size = run->t->used ? (double)(run->t->n - run->t->n_absent) / run->t->used : 1;
}

static void report(struct flat_run *run)
{
    struct vrp_solution s;
    if (!run->params->incumbent || !run->unreported || run->iterations - run->last_report < REPORT_EVERY)
        return;
    run->last_report = run->iterations;
    run->unreported = false;
    if (run->t->cost == run->best.cost && run->t->cost < run->reported && flat_export(run->t, &s) == 0) {
        run->reported = run->t->cost;
        run->params->incumbent(run->params->arg, &s, run->iterations);
        vrp_solution_fini(&s);
    }
}

bool flat_budget_left(struct flat_run *run)
{
    const struct vrp_params *q = run->params;
    if (q->iterations >= 0 && run->iterations >= q->iterations && (q->iterations || !q->spent))
        return false;
    if (q->spent)
        run->spent = q->spent(q->arg);
    if (q->iterations > 0) {
        int32_t by = (int32_t)((double)run->iterations / (double)q->iterations * VRP_SPENT_ALL);
        run->spent = by > run->spent ? by : run->spent;
    }
    cool(run);
    report(run);
    return run->spent < VRP_SPENT_ALL && !run->t->failed;
}

static void start(struct flat_run *run)
{
    struct flat_tour *t = run->t;
    flat_lay(t, run->m->p->plan, run->m->p->n_plan);
    if (!run->m->p->n_plan)
        flat_savings(t);
    flat_mark(t);
    run->n_out = 0;
    for (int32_t i = 0; i < t->n_absent; i++)
        run->out[run->n_out++] = t->absent[i];
    if (run->n_out <= 5000)
        sort_out(run);
    put_back(run, true);
    flat_mark(t);
}

/* Few iterations must begin hot to leave where the start led them. Many would lose what it had in the heat,
 * routes above all, and not find it again: 8 against 3 typical distances, at 40 and at 2,000 iterations a
 * client. Where the number of routes is fixed it is the short ones that lose. */
static double hot_timed(const struct flat_run *run)
{
    const struct flat_tour *t = run->t;
    if (run->each <= LONG)
        return HOT_TIMED;
    if (run->m->p->fleet_first) {
        double size = t->used ? (double)(t->n - t->n_absent) / t->used : 1;
        double share = (size - SHORT_ROUTE) / (LONG_ROUTE - SHORT_ROUTE);
        return HOT_SHORT + (HOT_TIMED - HOT_SHORT) * (share < 0 ? 0 : share > 1 ? 1 : share);
    }
    double hot = HOT_TIMED * rng_exp(COOLER * rng_ln(run->each / LONG));
    return hot > HOT_LEAST ? hot : HOT_LEAST;
}

/* The scale of temperatures: what a typical distance costs. Where most clients are left out each has many
 * that could take its place, and less heat mixes them. */
void flat_heat(struct flat_run *run)
{
    const struct flat_tour *t = run->t;
    double cost = 0, length = 0, left_out = run->each > 0 ? (double)t->n_absent / t->n : 1;
    for (int32_t r = 0; r < t->n_routes; r++) {
        length += (double)t->routes[r].length;
        cost += (double)t->routes[r].length * (double)run->m->types[t->routes[r].type].unit;
    }
    double scale = run->m->typical * (length > 0 ? cost / length : 1);
    if (run->m->prizes)
        scale /= 1 + SPARSE * left_out * left_out;
    run->round.hot = scale * (run->m->prizes || !run->m->timed ? HOT : hot_timed(run));
    run->round.cold = scale * COLD;
}

bool flat_anneal(struct flat_run *run)
{
    int64_t last = run->params->iterations > 0 ? run->params->iterations : INT64_MAX;
    bool more;
    while ((more = flat_budget_left(run)) && progress(run) < run->round.until)
        for (int32_t i = 0; i < ASK_EVERY && run->iterations < last; i++)
            iterate(run);
    return more;
}

void flat_fill(struct flat_run *run)
{
    struct flat_tour *t = run->t;
    run->n_out = 0;
    for (int32_t i = 0; i < t->n_absent; i++)
        run->out[run->n_out++] = t->absent[i];
    sort_out(run);
    put_back(run, false);
    flat_mark(t);
}

static int run_all(struct flat_run *run)
{
    start(run);
    flat_heat(run);
    run->round.until = VRP_SPENT_ALL;
    run->reported = INT64_MAX;
    if (flat_snapshot_init(&run->best, run->t) < 0)
        return -1;
    flat_snapshot_take(&run->best, run->t);
    if (run->m->p->fleet_first)
        flat_fleet_reduce(run, FLEET_SHARE);
    if (flat_search(run) < 0)
        return -1;
    flat_snapshot_restore(&run->best, run->t);
    return run->t->failed ? -1 : 0;
}

int flat_solve(const struct vrp_problem *p, const struct vrp_params *params, struct vrp_result *ret)
{
    struct flat_run run = {.params = params};
    struct flat_model *m = flat_model_new(p);
    int status = -1;
    if (!m)
        return -1;
    run.m = m;
    rng_init(&run.rng, params->seed);
    run.t = flat_tour_new(m, p->fleet_first);
    run.out = malloc(((size_t)m->n + ABSENT_TRIES) * 2 * sizeof *run.out);
    run.seen = calloc((size_t)m->n, sizeof *run.seen);
    run.most = INT64_MAX;
    run.region = malloc((size_t)m->n * sizeof *run.region);
    run.key = malloc(((size_t)m->n + ABSENT_TRIES) * 2 * sizeof *run.key);
    if (run.t && run.out && run.key && run.seen && run.region &&
        flat_insert_init(&run.insert, run.t, &run.rng, BLINK) == 0) {
        run.ruined = calloc((size_t)run.t->max_routes + 1, sizeof *run.ruined);
        run.ruined_stamp = calloc((size_t)run.t->max_routes + 1, sizeof *run.ruined_stamp);
        if (run.ruined && run.ruined_stamp && run_all(&run) == 0 && flat_export(run.t, &ret->best) == 0) {
            ret->iterations = run.iterations;
            status = 0;
        }
    }
    flat_insert_fini(&run.insert);
    flat_snapshot_fini(&run.best);
    flat_elites_fini(&run.elites);
    free(run.out);
    free(run.key);
    free(run.seen);
    free(run.region);
    free(run.ruined);
    free(run.ruined_stamp);
    flat_tour_free(run.t);
    flat_model_free(m);
    return status;
}
