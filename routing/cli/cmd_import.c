#include "routing/cli/args.h"
#include "routing/cli/cmd_road.h"
#include "routing/road/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char usage[] = "import MAP.osm.pbf|MAP.osm [--profiles DIR|FILE] [--quiet] OUT.yzr";

static void on_progress(void *arg, const char *step, double share)
{
    int *last = arg, now = (int)(share * 20);

    if (now == *last && strcmp(step, "read") == 0)
        return;
    *last = now;
    fprintf(stderr, "\r%-12s %3.0f %%", step, share * 100);
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void print_report(const struct road_report *r, size_t size, double time)
{
    const struct net_report *n = &r->net;

    printf("read: %llu ways, %llu relations; kept: %llu ways, %llu segments, %llu nodes\n",
           (unsigned long long)n->osm_ways, (unsigned long long)n->osm_relations, (unsigned long long)n->ways,
           (unsigned long long)n->segments, (unsigned long long)n->nodes);
    printf("restrictions: %llu kept, %llu dropped (members missing, not joined or ambiguous), %llu with "
           "conditions\n",
           (unsigned long long)n->restrictions, (unsigned long long)n->restrictions_dropped,
           (unsigned long long)n->restrictions_conditional);
    printf("ways cut where nodes are missing: %llu\n", (unsigned long long)n->ways_missing_nodes);
    for (size_t i = 0; i < r->n_profiles; i++)
        printf("%s: %u links, %u vertices, %u arcs, %u hierarchy arcs, depth %u; %u restrictions; %u islands "
               "(%u links)\n",
               r->profiles[i].name, r->profiles[i].links, r->profiles[i].vertices, r->profiles[i].arcs,
               r->profiles[i].shortcuts, r->profiles[i].depth, r->profiles[i].graph.restrictions,
               r->profiles[i].graph.islands, r->profiles[i].graph.island_links);
    printf("file: %zu bytes, %.2f s\n", size, time);
}

static int import(const char *map, const char *out, struct profile **profiles, size_t n, bool quiet)
{
    struct road_report report;
    struct route_error err = {0};
    struct file_map m;
    double start = seconds();
    int last = -1, rc;
    bool show = !quiet && isatty(2);
    size_t size;
    void *data;

    if (file_map(map, &m, &err))
        return args_fail("import", &err);
    rc = road_import(m.data, m.size, profiles, n, show ? on_progress : NULL, &last, &data, &size, &report,
                     &err);
    file_unmap(&m);
    if (show)
        fputs("\r                    \r", stderr);
    if (rc) {
        fprintf(stderr, "yizhan-route import: %s: %s\n", map, err.text);
        return 2;
    }
    rc = file_write(out, data, size, &err);
    free(data);
    if (rc)
        return args_fail("import", &err);
    if (!quiet)
        print_report(&report, size, seconds() - start);
    return 0;
}

int cmd_import(int argc, char **argv)
{
    const char *folder = NULL;
    bool quiet = false;
    const struct arg table[] = {{"profiles", &folder, NULL, NULL}, {"quiet", NULL, NULL, &quiet}, {0}};
    struct profile *profiles[ROAD_PROFILES_MAX];
    struct route_error err = {0};
    size_t n;
    int k = args_parse(argc, argv, table, usage), rc;

    if (k != 2) {
        if (k >= 0)
            fprintf(stderr, "usage: yizhan-route %s\n", usage);
        return 2;
    }
    if (file_profiles(folder ? folder : args_profiles(), profiles, ROAD_PROFILES_MAX, &n, &err))
        return args_fail("import", &err);
    rc = import(argv[1], argv[2], profiles, n, quiet);
    for (size_t i = 0; i < n; i++)
        profile_free(profiles[i]);
    return rc;
}
