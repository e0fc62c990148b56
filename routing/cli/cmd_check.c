/* yizhan-route check: a solution against its instance, by the independent checker. */
#include "routing/cli/choose_eta.h"
#include "routing/cli/cmd.h"
#include "routing/cli/load.h"
#include "routing/format/output.h"
#include "routing/vrp/checker.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

enum { OPT_FORMAT = 256, OPT_OBJECTIVE, OPT_ROUNDING, OPT_HELP };

static const struct option options[] = {
    {"format", required_argument, NULL, OPT_FORMAT},
    {"objective", required_argument, NULL, OPT_OBJECTIVE},
    {"rounding", required_argument, NULL, OPT_ROUNDING},
    {"choose-eta", no_argument, NULL, 'c'},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static int usage(FILE *to)
{
    fputs("usage: yizhan-route check FILE SOLUTION [--format auto|vrplib|solomon|lilim|vroom|loggi|yizhan]\n"
          "         [--objective distance|hierarchical|native] [--rounding exact|round|trunc1]\n"
          "       yizhan-route check -c FILE    the routes given as VROOM's steps, at the best times for "
          "them\n",
          to);
    return to == stderr ? 2 : 0;
}

/* -1 = go on, otherwise the exit status */
static int parse(struct load *l, bool *eta, int argc, char **argv)
{
    int opt;
    while ((opt = getopt_long(argc, argv, "c", options, NULL)) != -1) {
        bool ok = true;
        switch (opt) {
        case OPT_FORMAT:
            l->format = optarg;
            break;
        case OPT_OBJECTIVE:
            ok = load_objective(l, optarg);
            break;
        case OPT_ROUNDING:
            ok = load_rounding(l, optarg);
            break;
        case 'c':
            *eta = true;
            break;
        case OPT_HELP:
            return usage(stdout);
        default:
            return usage(stderr);
        }
        if (!ok)
            return 2;
    }
    return optind == argc - (*eta ? 1 : 2) ? -1 : usage(stderr);
}

static void say(const struct instance *in, const struct vrp_solution *s, const struct vrp_report *r)
{
    printf("{\"instance\":");
    output_string(stdout, in->name);
    printf(",\"cost\":%.12g,\"feasible\":%s,\"vehicles\":%d,\"served\":%d,\"distance\":%" PRId64
           ",\"travel\":%" PRId64 ",\"duration\":%" PRId64 ",\"waiting\":%" PRId64 ",\"service\":%" PRId64
           ",\"late\":%" PRId64 ",\"violations\":[",
           output_cost(in, &(struct vrp_solution){.n_routes = s->n_routes,
                                                  .routes = s->routes,
                                                  .cost = r->cost,
                                                  .feasible = r->n_violations == 0}),
           r->n_violations ? "false" : "true", r->vehicles, r->served, r->distance, r->travel, r->duration,
           r->waiting, r->service, r->late);
    for (int32_t i = 0; i < r->n_kept; i++) {
        const struct vrp_violation *v = &r->violations[i];
        printf("%s{\"rule\":\"%s\",\"route\":%d,\"task\":%d,\"amount\":%" PRId64 "}", i ? "," : "",
               vrp_rule_name(v->rule), v->route, v->task, v->amount);
    }
    printf("],\"n_violations\":%d}\n", r->n_violations);
}

int cmd_check(int argc, char **argv)
{
    struct load l = LOAD_DEFAULT;
    struct vrp_solution s;
    struct vrp_report report;
    bool eta = false;
    int status = parse(&l, &eta, argc, argv);
    if (status >= 0)
        return status;
    if (!load_instance(&l, argv[optind]))
        return 2;
    if (eta) {
        status = choose_eta(&l, argv[optind], NULL);
        load_free(&l);
        return status;
    }
    struct vrp_fault fault;
    if (vrp_problem_check(&l.in.p, &fault) < 0) {
        fprintf(stderr, "yizhan-route: %s: %s\n", argv[optind], fault.text);
        load_free(&l);
        return 2;
    }
    if (!load_solution(&l, argv[optind + 1], &s)) {
        load_free(&l);
        return 2;
    }
    int n = vrp_check(&l.in.p, &s, &report);
    if (n < 0)
        fprintf(stderr, "yizhan-route check: out of memory\n");
    else
        say(&l.in, &s, &report);
    vrp_solution_fini(&s);
    load_free(&l);
    return n < 0 ? 2 : n > 0;
}
