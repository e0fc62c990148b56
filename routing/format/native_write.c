#include "routing/format/native.h"
#include "routing/format/output.h"
#include "routing/vrp/timing.h"

#include <inttypes.h>
#include <stdlib.h>

static void write_stop(int32_t stop, FILE *to)
{
    if (stop == VRP_RELOAD)
        fputs("\"reload\"", to);
    else if (stop <= VRP_BREAK0)
        fputs("\"break\"", to);
    else if (stop & 1)
        fprintf(to, "[%d,1]", stop / 2);
    else
        fprintf(to, "%d", stop / 2);
}

static void write_step(const struct timing_step *s, int dims, FILE *to)
{
    fputs("{\"stop\":", to);
    if (s->stop == TIMING_START || s->stop == TIMING_END)
        fputs(s->stop == TIMING_START ? "\"start\"" : "\"end\"", to);
    else
        write_stop(s->stop, to);
    fprintf(to,
            ",\"location\":%d,\"arrive\":%d,\"begin\":%d,\"leave\":%d,\"distance\":%" PRId64
            ",\"travel\":%" PRId64,
            s->location, s->arrive, s->begin, s->leave, s->distance, s->travel);
    if (s->late)
        fprintf(to, ",\"late\":%d", s->late);
    fputs(",\"load\":[", to);
    for (int d = 0; d < dims; d++)
        fprintf(to, "%s%d", d ? "," : "", s->load[d]);
    fputs("]}", to);
}

static void write_route(const struct instance *in, const struct vrp_route *r, struct timing *timing,
                        struct timing_step *steps, FILE *to)
{
    struct timing_totals t;
    timing_steps(timing, r->vehicle, r->stops, r->n, &t, steps);
    fprintf(to,
            "{\"vehicle\":%d,\"frozen\":%d,\"cost\":%.12g,\"distance\":%" PRId64 ",\"travel\":%" PRId64
            ",\"duration\":%d,\"waiting\":%" PRId64 ",\"stops\":[",
            r->vehicle, r->frozen, (double)t.cost * in->cost_unit, t.distance, t.travel, t.end - t.start,
            t.waiting);
    for (int32_t i = 0; i < r->n; i++) {
        if (i)
            fputc(',', to);
        write_stop(r->stops[i], to);
    }
    fputs("],\"steps\":[", to);
    for (int32_t i = 0; i < r->n + 2; i++) {
        if (i)
            fputc(',', to);
        write_step(&steps[i], in->p.n_dims, to);
    }
    fputs("]}", to);
}

int native_write(const struct instance *in, const struct vrp_solution *s, FILE *to)
{
    int32_t longest = 0;
    for (int32_t i = 0; i < s->n_routes; i++)
        longest = s->routes[i].n > longest ? s->routes[i].n : longest;
    struct timing *timing = timing_new(&in->p, longest);
    struct timing_step *steps = malloc(((size_t)longest + 2) * sizeof *steps);
    fputs("{\"yizhan\":1,\"instance\":", to);
    output_string(to, in->name);
    fprintf(to, ",\"cost\":%.12g,\"feasible\":%s,\"routes\":[", output_cost(in, s),
            s->feasible ? "true" : "false");
    for (int32_t i = 0; timing && steps && i < s->n_routes; i++) {
        if (i)
            fputs(",\n", to);
        write_route(in, &s->routes[i], timing, steps, to);
    }
    fputs("],\"unserved\":[", to);
    for (int32_t i = 0; i < s->n_unserved; i++)
        fprintf(to, "%s{\"task\":%d,\"reason\":\"%s\",\"extra_cost\":%.12g}", i ? "," : "",
                s->unserved[i].task, vrp_reason_name(s->unserved[i].reason),
                (double)s->unserved[i].extra_cost * in->cost_unit);
    fputs("]}\n", to);
    bool ok = timing && steps && !ferror(to);
    timing_free(timing);
    free(steps);
    return ok ? 0 : -1;
}

/* ---- GeoJSON ---- */

static void write_point(const struct instance *in, int32_t at, bool first, FILE *to)
{
    if (at == VRP_NONE)
        return;
    bool degrees = in->lon != NULL;
    fprintf(to, "%s[%.7f,%.7f]", first ? "" : ",", degrees ? in->lon[at] : in->p.plane.x[at],
            degrees ? in->lat[at] : in->p.plane.y[at]);
}

static void write_line(const struct instance *in, const struct vrp_route *r, int32_t index, FILE *to)
{
    const struct vrp_vehicle *v = &in->p.vehicles[r->vehicle];
    bool first = v->start == VRP_NONE;
    fprintf(to,
            "%s{\"type\":\"Feature\",\"properties\":{\"route\":%d,\"vehicle\":%d,\"visits\":%d},"
            "\"geometry\":{\"type\":\"LineString\",\"coordinates\":[",
            index ? ",\n" : "", index, r->vehicle, r->n);
    write_point(in, v->start, true, to);
    for (int32_t i = 0; i < r->n; i++) {
        if (r->stops[i] <= VRP_BREAK0)
            continue;
        write_point(in,
                    r->stops[i] == VRP_RELOAD ? (v->reload != VRP_NONE ? v->reload : v->start)
                                              : vrp_visit_of(&in->p, r->stops[i])->location,
                    first, to);
        first = false;
    }
    write_point(in, v->end, first, to);
    fputs("]}}", to);
}

int geojson_write(const struct instance *in, const struct vrp_solution *s, FILE *to)
{
    if (!in->lon && !in->p.plane.x)
        return -1;
    fputs("{\"type\":\"FeatureCollection\",\"features\":[", to);
    for (int32_t i = 0; i < s->n_routes; i++)
        write_line(in, &s->routes[i], i, to);
    fputs("]}\n", to);
    return ferror(to) ? -1 : 0;
}
