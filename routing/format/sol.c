#include "routing/format/sol.h"
#include "routing/format/reader.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int32_t sol_number(const struct instance *in, int32_t stop)
{
    if (in->sol_number)
        return in->sol_number[stop / 2 + ((stop & 1) ? in->p.n_tasks : 0)];
    return stop / 2 + in->first_node;
}

static void write_cost(const struct instance *in, int64_t cost, FILE *to)
{
    if (in->cost_unit == 1)
        fprintf(to, "Cost %" PRId64 "\n", cost);
    else
        fprintf(to, "Cost %.4f\n", (double)cost * in->cost_unit);
}

int sol_write(const struct instance *in, const struct vrp_solution *s, FILE *to)
{
    for (int32_t i = 0; i < s->n_routes; i++) {
        const struct vrp_route *r = &s->routes[i];
        fprintf(to, in->p.n_vehicles > 1 ? "Route #%d (type %d):" : "Route #%d:", i + 1, r->vehicle);
        for (int32_t j = 0; j < r->n; j++)
            if (r->stops[j] >= 0 || r->stops[j] == VRP_RELOAD)
                fprintf(to, " %d", r->stops[j] >= 0 ? sol_number(in, r->stops[j]) : 0);
        fputc('\n', to);
    }
    write_cost(in, s->cost, to);
    return ferror(to) ? -1 : 0;
}

/* ---- reading ---- */

struct sol_file {
    const struct instance *in;
    int32_t *stop_of; /* visit + 1 by number */
    int32_t most;
    struct vrp_solution s;
    int32_t room;
};

static bool index_numbers(struct sol_file *f)
{
    const struct vrp_problem *p = &f->in->p;
    for (int pass = 0; pass < 2; pass++) {
        for (int32_t stop = 0; stop < 2 * p->n_tasks; stop++) {
            if ((stop & 1) && p->tasks[stop / 2].kind == VRP_JOB)
                continue;
            int32_t number = sol_number(f->in, stop);
            if (pass)
                f->stop_of[number] = stop + 1;
            else
                f->most = number > f->most ? number : f->most;
        }
        if (!pass && !(f->stop_of = calloc((size_t)f->most + 1, sizeof *f->stop_of)))
            return false;
    }
    return true;
}

/* The type of the fleet's k-th vehicle. */
static int32_t type_of(const struct vrp_problem *p, int32_t k)
{
    for (int32_t v = 0; v < p->n_vehicles; v++) {
        if (k < p->vehicles[v].count)
            return v;
        k -= p->vehicles[v].count;
    }
    return 0;
}

static int add_route(struct sol_file *f, const char *line, size_t n, struct instance_fault *fault)
{
    struct vrp_route *more = realloc(f->s.routes, ((size_t)f->s.n_routes + 1) * sizeof *more);
    if (!more)
        return instance_complain(fault, "out of memory");
    f->s.routes = more;
    struct vrp_route *r = &more[f->s.n_routes];
    const char *colon = memchr(line, ':', n), *type = memchr(line, '(', n);
    *r = (struct vrp_route){.vehicle = type_of(&f->in->p, f->s.n_routes)};
    if (colon && type && type < colon && !strncmp(type, "(type ", 6))
        r->vehicle = (int32_t)strtol(type + 6, NULL, 10);
    r->stops = malloc((n + 1) * sizeof *r->stops);
    f->s.n_routes++;
    if (!colon || !r->stops)
        return instance_complain(fault, "route %d: no ':' after its number", f->s.n_routes);
    struct scan words = {colon + 1, line + n, 1};
    double v;
    while (scan_number(&words, false, &v)) {
        int32_t number = v >= 0 && v <= f->most ? (int32_t)v : -1;
        if (number != 0 && (number < 0 || !f->stop_of[number]))
            return instance_complain(fault, "route %d: %.0f is no client", f->s.n_routes, v);
        r->stops[r->n++] = f->stop_of[number] ? f->stop_of[number] - 1 : VRP_RELOAD;
    }
    return 0;
}

int sol_read(const struct instance *in, const char *text, size_t n, struct vrp_solution *ret,
             struct instance_fault *fault)
{
    struct sol_file f = {.in = in};
    struct scan s = {text, text + n, 1};
    int status = index_numbers(&f) ? 0 : instance_complain(fault, "out of memory");
    while (status == 0 && s.at < s.end) {
        const char *line;
        size_t len;
        scan_line(&s, &line, &len);
        if (len > 5 && !strncmp(line, "Route", 5))
            status = add_route(&f, line, len, fault);
    }
    free(f.stop_of);
    if (status == 0) {
        *ret = f.s;
        return 0;
    }
    vrp_solution_fini(&f.s);
    return -1;
}
