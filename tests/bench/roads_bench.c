/* Measures and verifies road files.
 *
 *   roads_bench bench FILE.yzr [--profile P] [--seed S] [--peer COMMAND]
 *   roads_bench verify FILE.yzr [--pairs N] [--seed S]      every profile, also after random traffic
 *
 * verify compares point-to-point costs, unpacked paths and many-to-many tables with plain Dijkstra on the
 * same expanded graph; exit status 1 at the first difference. */
#include "routing/road/file.h"
#include "routing/road/many.h"
#include "routing/road/mem.h"
#include "routing/road/provider.h"
#include "routing/road/query.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Of this thread: what others take of the machine does not count. */
static double cpu(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double cpu_of_all(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint64_t random_state;

static uint64_t random_next(void)
{
    random_state += 0x9e3779b97f4a7c15ULL; /* splitmix64 */
    uint64_t z = random_state;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

/* A placement at a random spot of a random open dlink, sometimes in both directions. */
static struct place random_place(const struct road_profile *p, const struct metric *m)
{
    const struct graph *g = &p->graph;
    struct place place = {.n = 0};

    while (!place.n) {
        uint32_t s = (uint32_t)(random_next() % g->n_segments), along = g->segment_dlink[s];
        double fraction = (double)(random_next() % 1001) / 1000;

        for (uint32_t k = 0; along != NET_NONE && k < 2; k++)
            if (g->dlink_flags[along ^ k] & GRAPH_OPEN && (random_next() % 4 || !place.n))
                place.n += placement_set(g, m, along ^ k, s, fraction, &place.at[place.n]);
        place.asked =
            (struct geo_point){(int32_t)s, (int32_t)(fraction * 1000)}; /* equal only for equal places */
    }
    return place;
}

static cost target_cost(const struct graph *g, const struct metric *m, const struct place *from,
                        const struct place *to, const cost *reached)
{
    uint32_t a, b;
    cost best = spot_direct_best(from, to, &a, &b);
    struct spot s[SPOTS_MAX];
    uint32_t n = spot_targets(g, m, to, s);

    for (uint32_t i = 0; i < n; i++)
        if (reached[s[i].vertex] + s[i].offset < best)
            best = reached[s[i].vertex] + s[i].offset;
    return best;
}

/* Does the unpacked path exist, connect and cost what it says? */
static bool path_holds(const struct graph *g, const struct metric *m, const struct spot *from,
                       const struct spot *to, const struct query_path *path)
{
    uint32_t v = from[path->from].vertex;
    cost sum = from[path->from].offset;

    for (size_t i = 0; i < path->n_arcs; i++) {
        const struct graph_arc *a = &g->arcs[path->arcs[i]];

        if (a->from != v)
            return false;
        v = a->to;
        sum += metric_arc(m, a);
    }
    return v == to[path->to].vertex && sum + to[path->to].offset == path->cost;
}

enum { SOURCES_PER_ROUND = 40, TARGETS_PER_ROUND = 250 };

struct round {
    struct place from[SOURCES_PER_ROUND], to[TARGETS_PER_ROUND];
    cost want[SOURCES_PER_ROUND][TARGETS_PER_ROUND];
};

static void run_dijkstra(const struct road_profile *p, const struct metric *m, struct round *r)
{
    cost *reached = MEM_NEW(cost, p->graph.n_vertices);
    struct spot s[SPOTS_MAX];

    for (int i = 0; i < SOURCES_PER_ROUND; i++) {
        dijkstra(&p->graph, m, s, spot_sources(&p->graph, &r->from[i], s), COST_NONE, reached);
        for (int k = 0; k < TARGETS_PER_ROUND; k++)
            r->want[i][k] = target_cost(&p->graph, m, &r->from[i], &r->to[k], reached);
    }
    free(reached);
}

static uint64_t check_queries(const struct road_profile *p, const struct metric *m, const struct round *r)
{
    struct query *q = query_new(&p->graph, &p->cch, m);
    struct spot s[SPOTS_MAX], t[SPOTS_MAX];
    uint64_t wrong = 0;

    for (int i = 0; i < SOURCES_PER_ROUND; i++)
        for (int k = 0; k < TARGETS_PER_ROUND; k++) {
            uint32_t n = spot_sources(&p->graph, &r->from[i], s),
                     n_to = spot_targets(&p->graph, m, &r->to[k], t), a, b;
            cost direct = spot_direct_best(&r->from[i], &r->to[k], &a, &b), c = query_cost(q, s, n, t, n_to);
            struct query_path path = query_path(q, s, n, t, n_to);

            wrong += (direct < c ? direct : c) != r->want[i][k] || path.cost != c ||
                     (c < COST_NONE && !path_holds(&p->graph, m, s, t, &path));
        }
    query_free(q);
    return wrong;
}

static uint64_t check_table(const struct road_profile *p, const struct metric *m, const struct round *r,
                            bool metres)
{
    static int32_t seconds[SOURCES_PER_ROUND][TARGETS_PER_ROUND], far[SOURCES_PER_ROUND][TARGETS_PER_ROUND];
    uint64_t wrong = 0;

    road_matrix(p, m, r->from, SOURCES_PER_ROUND, r->to, TARGETS_PER_ROUND, 2, seconds[0],
                metres ? far[0] : NULL);
    for (int i = 0; i < SOURCES_PER_ROUND; i++)
        for (int k = 0; k < TARGETS_PER_ROUND; k++) {
            cost c = r->want[i][k];
            bool none = c >= COST_NONE;

            wrong += seconds[i][k] != (none ? MATRIX_UNREACHABLE : (int32_t)((cost_ms(c) + 500) / 1000)) ||
                     (metres && far[i][k] != (none ? MATRIX_UNREACHABLE : (int32_t)((cost_dm(c) + 5) / 10)));
        }
    return wrong;
}

/* Random traffic: a fifth of the directed segments slower or faster, one in a hundred closed. */
static struct metric *with_traffic(const struct road *r, const struct road_profile *p)
{
    uint32_t *speeds = metric_speeds(&r->net, &p->graph, p->profile, -1);
    struct metric *m;

    for (uint32_t d = 0; d < 2 * p->graph.n_segments; d++) {
        uint64_t x = random_next();

        if (x % 5 == 0)
            speeds[d] = (uint32_t)((double)speeds[d] * (0.2 + (double)(x >> 32) / 4294967296.0));
        if (x % 100 == 1)
            speeds[d] = 0;
    }
    m = metric_new(&r->net, &p->graph, &p->cch, speeds);
    free(speeds);
    return m;
}

static uint64_t verify_metric(const struct road_profile *p, const struct metric *m, uint64_t pairs,
                              const char *what)
{
    struct round *round = MEM_NEW(struct round, 1);
    uint64_t done = 0, wrong = 0, unreachable = 0;

    for (; done < pairs; done += SOURCES_PER_ROUND * TARGETS_PER_ROUND) {
        for (int i = 0; i < SOURCES_PER_ROUND; i++)
            round->from[i] = random_place(p, m);
        for (int k = 0; k < TARGETS_PER_ROUND; k++)
            round->to[k] = k < 3 ? round->from[k] : random_place(p, m);
        round->to[3] = round->from[3];
        if (round->to[3].n)
            round->to[3].n = 1;
        run_dijkstra(p, m, round);
        wrong +=
            check_queries(p, m, round) + check_table(p, m, round, false) + check_table(p, m, round, true);
        for (int i = 0; i < SOURCES_PER_ROUND; i++)
            for (int k = 0; k < TARGETS_PER_ROUND; k++)
                unreachable += round->want[i][k] >= COST_NONE;
    }
    printf("%-8s %-9s %8llu pairs  %llu wrong  (%llu without a way)\n", profile_name(p->profile), what,
           (unsigned long long)done, (unsigned long long)wrong, (unsigned long long)unreachable);
    fflush(stdout);
    free(round);
    return wrong;
}

static int verify(const struct road *r, uint64_t pairs)
{
    uint64_t wrong = 0;

    for (size_t i = 0; i < r->n_profiles; i++) {
        struct metric *m = with_traffic(r, &r->profiles[i]);

        wrong += verify_metric(&r->profiles[i], &r->profiles[i].metric, pairs, "free");
        wrong += verify_metric(&r->profiles[i], m, pairs, "traffic");
        metric_free(m);
    }
    return wrong ? 1 : 0;
}

/* --- measuring --- */

static void bench_customize(const struct road *r, const struct road_profile *p)
{
    uint32_t *speeds = metric_speeds(&r->net, &p->graph, p->profile, -1);
    struct metric *m = metric_new(&r->net, &p->graph, &p->cch, speeds);
    double best = 1e9;

    for (int i = 0; i < 10; i++) {
        double t = cpu();

        metric_refresh(m, &p->graph, &p->cch);
        t = cpu() - t;
        best = t < best ? t : best;
    }
    printf("customize                    %9.2f ms of CPU (best of 10)\n", best * 1e3);
    metric_free(m);
    free(speeds);
}

static void bench_queries(const struct road_profile *p)
{
    enum { N = 1000, ROUNDS = 10 };
    struct query *q = query_new(&p->graph, &p->cch, &p->metric);
    struct place *places = MEM_NEW(struct place, 2 * N);
    struct spot s[SPOTS_MAX], t[SPOTS_MAX];
    double cheap = 1e9, path = 1e9;
    uint64_t arcs = 0;
    cost sum = 0;

    for (int i = 0; i < 2 * N; i++)
        places[i] = random_place(p, &p->metric);
    for (int k = 0; k < ROUNDS; k++) {
        double a = cpu(), b;

        for (int i = 0; i < N; i++) {
            uint32_t n = spot_sources(&p->graph, &places[2 * i], s);

            sum += query_cost(q, s, n, t, spot_targets(&p->graph, &p->metric, &places[2 * i + 1], t));
        }
        b = cpu();
        cheap = b - a < cheap ? b - a : cheap;
        for (int i = 0; i < N; i++) {
            uint32_t n = spot_sources(&p->graph, &places[2 * i], s);

            arcs += query_path(q, s, n, t, spot_targets(&p->graph, &p->metric, &places[2 * i + 1], t)).n_arcs;
        }
        a = cpu();
        path = a - b < path ? a - b : path;
    }
    printf("point to point, cost         %9.2f us of CPU (mean of %d, best of %d rounds)\n", cheap / N * 1e6,
           N, ROUNDS);
    printf("point to point, full path    %9.2f us of CPU (%.0f arcs a path)\n", path / N * 1e6,
           (double)arcs / N / ROUNDS);
    if (sum == 1)
        putchar('\n');
    free(places);
    query_free(q);
}

static void bench_many(const struct road_profile *p, size_t n, int threads, bool metres)
{
    struct place *places = MEM_NEW(struct place, n);
    int32_t *seconds = MEM_NEW(int32_t, n * n), *far = metres ? MEM_NEW(int32_t, n * n) : NULL;
    double best = 1e9, least = 1e9;

    for (size_t i = 0; i < n; i++)
        places[i] = random_place(p, &p->metric);
    for (int k = 0; k < 3; k++) {
        double t = now(), spent = cpu_of_all();

        road_matrix(p, &p->metric, places, n, places, n, threads, seconds, far);
        t = now() - t;
        spent = cpu_of_all() - spent;
        best = t < best ? t : best;
        least = spent < least ? spent : least;
    }
    printf("many to many %5zu^2 %s%d thread%s %9.3f s wall, %.3f s of CPU (%.1f ns a pair)\n", n,
           metres ? "s+m " : "s   ", threads, threads > 1 ? "s" : " ", best, least,
           least / (double)n / (double)n * 1e9);
    fflush(stdout);
    free(places);
    free(seconds);
    free(far);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

enum { PAIRED = 7 };

static double median(double *of)
{
    qsort(of, PAIRED, sizeof *of, by_size);
    return of[PAIRED / 2];
}

/* One table of its own, computed by one thread. */
struct alone {
    const struct road_profile *p;
    const struct place *places;
    size_t n;
    int32_t *seconds;
};

static void *compute_alone(void *arg)
{
    struct alone *a = arg;

    road_matrix(a->p, &a->p->metric, a->places, a->n, a->places, a->n, 1, a->seconds, NULL);
    return NULL;
}

/* Seconds by the wall for two tables at once that share nothing but the map: what the machine's second core
 * gives now. */
static double two_alone(struct alone *a, struct alone *b)
{
    double t = now();
    pthread_t other;

    if (pthread_create(&other, NULL, compute_alone, b))
        abort();
    compute_alone(a);
    pthread_join(other, NULL);
    return now() - t;
}

/* One thread, two threads and two tables at once take turns, so that other work on the machine falls on all
 * alike. */
static void bench_two_threads(const struct road_profile *p)
{
    enum { N = 5000 };
    struct place *places = MEM_NEW(struct place, N);
    struct alone a = {p, places, N, MEM_NEW(int32_t, (size_t)N * N)},
                 b = {p, places, N, MEM_NEW(int32_t, (size_t)N * N)};
    double one[PAIRED], two[PAIRED], both[PAIRED], ratio[PAIRED], room[PAIRED];

    for (size_t i = 0; i < N; i++)
        places[i] = random_place(p, &p->metric);
    two_alone(&a, &b); /* pages of the tables and the map */
    for (int k = 0; k < PAIRED; k++) {
        one[k] = now();
        compute_alone(&a);
        one[k] = now() - one[k];
        two[k] = now();
        road_matrix(p, &p->metric, places, N, places, N, 2, a.seconds, NULL);
        two[k] = now() - two[k];
        both[k] = two_alone(&a, &b);
        ratio[k] = one[k] / two[k];
        room[k] = 2 * one[k] / both[k];
    }
    printf("two threads on %d^2           %9.2f times as fast (medians of %d by turns: %.3f s and %.3f s by "
           "the wall; "
           "two single runs at once %.2f times)\n",
           N, median(ratio), PAIRED, median(one), median(two), median(room));
    free(places);
    free(a.seconds);
    free(b.seconds);
}

static void bench_snap(const struct road *r, const struct road_profile *p)
{
    enum { N = 5000 };
    struct rtree_box b = road_bounds(r);
    struct place place;
    double t = now();
    int on = 0;

    for (int i = 0; i < N; i++) {
        struct geo_point x = r->net.nodes.at[random_next() % r->net.nodes.n].point;

        x.lon += (int32_t)(random_next() % 4000) - 2000;
        x.lat += (int32_t)(random_next() % 4000) - 2000;
        on += snap_point(r, p, &p->metric, x, NULL, &place);
    }
    printf("placing a point              %9.2f us (%d of %d on a road; map %d x %d)\n", (now() - t) / N * 1e6,
           on, N, b.east - b.west, b.north - b.south);
}

static void bench(const struct road *r, const struct road_profile *p, const struct file_map *map)
{
    const struct graph *g = &p->graph;

    printf("profile %s: %u links, %u vertices, %u arcs, %u hierarchy arcs, depth %u\n",
           profile_name(p->profile), g->n_links, g->n_vertices, g->n_arcs,
           p->cch.forward.n_arcs + p->cch.backward.n_arcs, p->cch.max_depth);
    printf("file: %.1f MB for %zu profiles; %.0f bytes a vertex, %.0f bytes an arc\n",
           (double)map->size / 1e6, r->n_profiles, (double)map->size / (double)r->n_profiles / g->n_vertices,
           (double)map->size / (double)r->n_profiles / g->n_arcs);
    bench_customize(r, p);
    bench_queries(p);
    bench_snap(r, p);
    for (size_t n = 200; n <= 5000; n = n == 200 ? 1000 : n == 1000 ? 2000 : n == 2000 ? 5000 : 10000)
        bench_many(p, n, 1, false);
    bench_many(p, 5000, 1, true);
    bench_many(p, 5000, 2, false);
    bench_two_threads(p);
}

static const char *option(int argc, char **argv, const char *name, const char *otherwise)
{
    for (int i = 3; i + 1 < argc; i++)
        if (!strcmp(argv[i], name))
            return argv[i + 1];
    return otherwise;
}

int main(int argc, char **argv)
{
    struct route_error err = {0};
    struct road_file f;
    const struct road_profile *p;
    int rc = 2;

    if (argc < 3 || (strcmp(argv[1], "bench") && strcmp(argv[1], "verify"))) {
        fputs("usage: roads_bench bench|verify FILE.yzr [--profile P] [--seed S] [--pairs N] [--peer "
              "COMMAND]\n",
              stderr);
        return 2;
    }
    random_state = strtoull(option(argc, argv, "--seed", "1"), NULL, 10);
    if (road_file_open(argv[2], &f, &err)) {
        fprintf(stderr, "roads_bench: %s\n", err.text);
        return 2;
    }
    p = road_profile_find(f.road, option(argc, argv, "--profile", profile_name(f.road->profiles[0].profile)),
                          &err);
    if (!p)
        fprintf(stderr, "roads_bench: %s\n", err.text);
    else if (!strcmp(argv[1], "verify"))
        rc = verify(f.road, strtoull(option(argc, argv, "--pairs", "100000"), NULL, 10));
    else {
        bench(f.road, p, &f.map);
        rc = 0;
        if (option(argc, argv, "--peer", NULL)) {
            fflush(stdout);
            rc = system(option(argc, argv, "--peer", NULL)) ? 1 : 0;
        }
    }
    road_file_close(&f);
    return rc;
}
