#include "routing/format/output.h"
#include "routing/format/native.h"
#include "routing/format/sol.h"
#include "routing/format/vroom.h"

#include <errno.h>
#include <math.h>
#include <string.h>

void output_string(FILE *to, const char *text)
{
    fputc('"', to);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c == '"' || *c == '\\')
            fprintf(to, "\\%c", *c);
        else if (*c < 0x20)
            fprintf(to, "\\u%04x", *c);
        else
            fputc(*c, to);
    fputc('"', to);
}

static double gap(const struct vrp_plane *m, int32_t a, int32_t b)
{
    double dx = m->x[a] - m->x[b], dy = m->y[a] - m->y[b];
    return sqrt(dx * dx + dy * dy);
}

/* Sum of real distances, for conventions whose integers are only a fine grid. */
static double real_distance(const struct vrp_problem *p, const struct vrp_solution *s)
{
    double sum = 0;
    for (int32_t i = 0; i < s->n_routes; i++) {
        const struct vrp_route *r = &s->routes[i];
        int32_t at = p->vehicles[r->vehicle].start;
        for (int32_t j = 0; j < r->n; j++) {
            int32_t to = vrp_visit_of(p, r->stops[j])->location;
            sum += gap(&p->plane, at, to);
            at = to;
        }
        if (r->n)
            sum += gap(&p->plane, at, p->vehicles[r->vehicle].end);
    }
    return sum;
}

double output_cost(const struct instance *in, const struct vrp_solution *s)
{
    if (in->p.plane.ceil && in->p.plane.scale > 1 && s->feasible)
        return real_distance(&in->p, s);
    return (double)s->cost * in->cost_unit;
}

static bool ends(const char *path, const char *with)
{
    size_t n = strlen(path), m = strlen(with);
    return n >= m && !strcmp(path + n - m, with);
}

static int json_write(const struct instance *in, const struct vrp_solution *s, FILE *to)
{
    return strcmp(in->format, "vroom") ? native_write(in, s, to) : vroom_write(in, s, to);
}

static const struct writer {
    const char *ending;
    int (*write)(const struct instance *in, const struct vrp_solution *s, FILE *to);
} writers[] = {
    {".sol", sol_write},
    {".geojson", geojson_write},
    {".json", json_write},
};

int output_write(const struct instance *in, const struct vrp_solution *s, const char *path,
                 struct instance_fault *fault)
{
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        if (!ends(path, writers[i].ending))
            continue;
        FILE *to = fopen(path, "w");
        if (!to)
            return instance_complain(fault, "%s", strerror(errno));
        int status = writers[i].write(in, s, to);
        if (fclose(to) != 0 || status < 0)
            return instance_complain(fault, "could not be written: %s", strerror(errno));
        return 0;
    }
    return instance_complain(fault, "the name must end in .sol, .json or .geojson");
}
