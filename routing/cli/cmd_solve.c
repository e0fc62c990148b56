/* yizhan-route solve: reads an instance, gives the solver a clock, writes the solution and one JSON line. */
#include "routing/cli/choose_eta.h"
#include "routing/cli/cmd.h"
#include "routing/cli/load.h"
#include "routing/format/output.h"
#include "routing/vrp/solver.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static volatile sig_atomic_t interrupted;

struct solve {
    struct load load;
    const char *out, *plan;
    double seconds; /* 0 = by size */
    int64_t iterations;
    uint64_t seed;
    int threads;
    bool progress, choose_eta;
    clockid_t clock;
    struct timespec began;
    double limit; /* seconds since began at which the solver has to end */
};

static double elapsed(const struct solve *s)
{
    struct timespec now;
    clock_gettime(s->clock, &now);
    return (double)(now.tv_sec - s->began.tv_sec) + (double)(now.tv_nsec - s->began.tv_nsec) / 1e9;
}

static void interrupt(int signum)
{
    (void)signum;
    interrupted = 1;
}

static int32_t spent(void *arg)
{
    const struct solve *s = arg;
    if (interrupted)
        return VRP_SPENT_ALL;
    double share = elapsed(s) / s->limit;
    return share >= 1 ? VRP_SPENT_ALL : (int32_t)(share * VRP_SPENT_ALL);
}

static void incumbent(void *arg, const struct vrp_solution *best, int64_t iterations)
{
    const struct solve *s = arg;
    fprintf(stderr, "%.2f s  %" PRId64 " iterations  cost %.10g  %d routes  %d unserved\n", elapsed(s),
            iterations, (double)best->cost * s->load.in.cost_unit, best->n_routes, best->n_unserved);
}

enum {
    OPT_FORMAT = 256,
    OPT_OBJECTIVE,
    OPT_ROUNDING,
    OPT_TIME,
    OPT_ITERATIONS,
    OPT_THREADS,
    OPT_SEED,
    OPT_OUT,
    OPT_PROGRESS,
    OPT_PLAN,
    OPT_CPU,
    OPT_HELP
};

static const struct option options[] = {
    {"format", required_argument, NULL, OPT_FORMAT},
    {"objective", required_argument, NULL, OPT_OBJECTIVE},
    {"rounding", required_argument, NULL, OPT_ROUNDING},
    {"time", required_argument, NULL, OPT_TIME},
    {"iterations", required_argument, NULL, OPT_ITERATIONS},
    {"threads", required_argument, NULL, OPT_THREADS},
    {"seed", required_argument, NULL, OPT_SEED},
    {"out", required_argument, NULL, OPT_OUT},
    {"progress", no_argument, NULL, OPT_PROGRESS},
    {"plan", required_argument, NULL, OPT_PLAN},
    {"cpu", no_argument, NULL, OPT_CPU},
    {"choose-eta", no_argument, NULL, 'c'},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static int usage(FILE *to)
{
    fputs("usage: yizhan-route solve FILE [--format auto|vrplib|solomon|lilim|vroom|loggi|yizhan]\n"
          "         [--objective distance|hierarchical|native] [--rounding exact|round|trunc1]\n"
          "         [--time SECONDS [--cpu] | --iterations N] [--threads N] [--seed N] [--plan SOLUTION]\n"
          "         [--out FILE.sol|FILE.json|FILE.geojson] [--progress]\n"
          "       yizhan-route solve -c FILE [--out FILE.json]    times for the routes given as VROOM's "
          "steps\n",
          to);
    return to == stderr ? 2 : 0;
}

static bool number(const char *text, double least, double most, double *ret)
{
    char *end;
    errno = 0;
    double v = strtod(text, &end);
    if (errno || end == text || *end || !(v >= least && v <= most)) {
        fprintf(stderr, "yizhan-route solve: '%s' is not a number from %g to %g\n", text, least, most);
        return false;
    }
    *ret = v;
    return true;
}

static bool set_number(struct solve *s, int opt, const char *text)
{
    double v;
    switch (opt) {
    case OPT_TIME:
        return number(text, 0.001, 1e6, &s->seconds);
    case OPT_ITERATIONS:
        if (!number(text, 0, 1e15, &v))
            return false;
        s->iterations = (int64_t)v;
        return true;
    case OPT_THREADS:
        if (!number(text, 1, 64, &v))
            return false;
        s->threads = (int)v;
        return true;
    default:
        if (!number(text, 0, 9e15, &v))
            return false;
        s->seed = (uint64_t)v;
        return true;
    }
}

/* -1 = go on, otherwise the exit status */
static int parse(struct solve *s, int argc, char **argv)
{
    int opt;
    while ((opt = getopt_long(argc, argv, "c", options, NULL)) != -1) {
        bool ok = true;
        switch (opt) {
        case OPT_FORMAT:
            s->load.format = optarg;
            break;
        case OPT_OBJECTIVE:
            ok = load_objective(&s->load, optarg);
            break;
        case OPT_ROUNDING:
            ok = load_rounding(&s->load, optarg);
            break;
        case OPT_OUT:
            s->out = optarg;
            break;
        case OPT_PLAN:
            s->plan = optarg;
            break;
        case OPT_CPU:
            s->clock = CLOCK_PROCESS_CPUTIME_ID;
            break;
        case 'c':
            s->choose_eta = true;
            break;
        case OPT_PROGRESS:
            s->progress = true;
            break;
        case OPT_HELP:
            return usage(stdout);
        case '?':
            return usage(stderr);
        default:
            ok = set_number(s, opt, optarg);
        }
        if (!ok)
            return 2;
    }
    return optind == argc - 1 ? -1 : usage(stderr);
}

/* Seconds by number of tasks when none are given. */
static double usual_seconds(int32_t n_tasks)
{
    double s = 0.02 * n_tasks;
    return s < 1 ? 1 : s > 300 ? 300 : s;
}

static void say(const struct solve *s, const struct vrp_result *r)
{
    struct rusage usage_now;
    getrusage(RUSAGE_SELF, &usage_now);
    int required = 0;
    for (int32_t i = 0; i < r->best.n_unserved; i++)
        required += r->best.unserved[i].reason != VRP_R_ALTERNATIVE;
    printf("{\"instance\":");
    output_string(stdout, s->load.in.name);
    printf(",\"cost\":%.12g,\"vehicles\":%d,\"feasible\":%s,\"unassigned\":%d,\"seconds\":%.3f,"
           "\"iterations\":%" PRId64 ",\"seed\":%" PRIu64 ",\"memory_kb\":%ld}\n",
           output_cost(&s->load.in, &r->best), r->best.n_routes, r->best.feasible ? "true" : "false",
           required, elapsed(s), r->iterations, s->seed, usage_now.ru_maxrss);
}

static int finish(const struct solve *s, const struct vrp_result *r)
{
    struct instance_fault fault;
    if (s->out && output_write(&s->load.in, &r->best, s->out, &fault) < 0) {
        fprintf(stderr, "yizhan-route solve: %s: %s\n", s->out, fault.text);
        return 2;
    }
    say(s, r);
    return r->best.feasible ? 0 : 1;
}

/* Tearing down and writing take a little after the solver ends: the budget leaves room for it. */
static void set_limit(struct solve *s)
{
    double total = s->seconds > 0 ? s->seconds : usual_seconds(s->load.in.p.n_tasks);
    s->limit = total - 0.002 - 2e-7 * s->load.in.p.n_tasks;
    if (s->limit < 1e-3)
        s->limit = 1e-3;
}

int cmd_solve(int argc, char **argv)
{
    struct solve s = {
        .iterations = -1, .seed = 1, .threads = 1, .load = LOAD_DEFAULT, .clock = CLOCK_MONOTONIC};
    struct vrp_solution plan = {0};
    struct vrp_result result;
    struct vrp_fault fault;
    int status = parse(&s, argc, argv);
    clock_gettime(s.clock, &s.began);
    if (status >= 0)
        return status;
    if (!load_instance(&s.load, argv[optind]) || (s.plan && !load_solution(&s.load, s.plan, &plan))) {
        load_free(&s.load);
        return 2;
    }
    if (s.choose_eta) {
        status = choose_eta(&s.load, argv[optind], s.out);
        load_free(&s.load);
        return status;
    }
    if (s.plan) {
        s.load.in.p.plan = plan.routes;
        s.load.in.p.n_plan = plan.n_routes;
    }
    set_limit(&s);
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    struct vrp_params params = {.iterations = s.iterations, .seed = s.seed, .threads = s.threads, .arg = &s};
    if (s.iterations < 0 || s.seconds > 0)
        params.spent = spent;
    if (s.progress)
        params.incumbent = incumbent;
    if (vrp_solve(&s.load.in.p, &params, &result, &fault) < 0) {
        fprintf(stderr, "yizhan-route solve: %s: %s\n", argv[optind], fault.text);
        status = 2;
    } else {
        status = finish(&s, &result);
        vrp_solution_fini(&result.best);
    }
    vrp_solution_fini(&plan);
    load_free(&s.load);
    return status;
}
