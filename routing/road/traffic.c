#include "routing/road/traffic.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct way_place {
    int64_t osm_id;
    uint32_t first_segment, n_segments;
};

struct change {
    uint32_t first, n; /* segments */
    int directions;    /* bit 0 forward, bit 1 backward */
    bool scale;
    double speed;   /* mm/s, or the factor */
    uint32_t hours; /* bit h: at hour h; 0: always */
};

struct traffic {
    VEC(struct change) changes;
};

struct reader {
    const struct net *net;
    const char *where;
    struct way_place *ways;
    size_t n_ways;
    bool by_segment;
    struct traffic *out;
    struct traffic_report report;
    struct route_error *err;
};

static int by_id(const void *a, const void *b)
{
    const struct way_place *x = a, *y = b;

    return x->osm_id < y->osm_id ? -1 : x->osm_id > y->osm_id;
}

/* Segments of a way are consecutive. */
static void index_ways(struct reader *r)
{
    uint32_t n = (uint32_t)net_segments(r->net);

    r->ways = MEM_NEW(struct way_place, r->net->ways.n);
    for (uint32_t s = 0; s < n; s++) {
        uint32_t way = r->net->segments.at[s].way;

        if (r->n_ways && s && r->net->segments.at[s - 1].way == way)
            r->ways[r->n_ways - 1].n_segments++;
        else
            r->ways[r->n_ways++] = (struct way_place){r->net->ways.at[way].osm_id, s, 1};
    }
    qsort(r->ways, r->n_ways, sizeof *r->ways, by_id);
}

static int fail(struct reader *r, int line, const char *what)
{
    return route_error_set(r->err, ROUTE_BAD_INPUT, line, "%s:%d: %s", r->where, line, what);
}

static bool find(struct reader *r, long long id, struct change *c)
{
    struct way_place key = {id, 0, 0}, *w;

    if (r->by_segment) {
        c->first = (uint32_t)id;
        c->n = 1;
        return id >= 0 && id < (long long)net_segments(r->net);
    }
    w = bsearch(&key, r->ways, r->n_ways, sizeof key, by_id);
    if (!w)
        return false;
    c->first = w->first_segment;
    c->n = w->n_segments;
    return true;
}

static bool parse_speed(const char *s, struct change *c)
{
    char *end;

    c->scale = *s == 'x';
    c->speed = strtod(s + c->scale, &end);
    if (end == s + c->scale || *end || !isfinite(c->speed) || c->speed < 0 || c->speed > 300)
        return false;
    if (!c->scale)
        c->speed *= 1000 / 3.6;
    return true;
}

/* "7" or "7-9" (until nine) or "22-5". */
static bool parse_hours(const char *s, uint32_t *ret)
{
    unsigned from, to;
    char extra;
    int n = sscanf(s, "%2u-%2u%c", &from, &to, &extra);

    if (n == 1 && !strchr(s, '-'))
        to = from + 1;
    else if (n != 2)
        return false;
    if (from > 23 || to > 24 || from == to)
        return false;
    for (unsigned h = from; h != to % 24; h = (h + 1) % 24)
        *ret |= 1U << h;
    return true;
}

static int parse_fields(struct reader *r, const char *line, int number, long long *id, struct change *c)
{
    static const char *const directions[] = {"", "forward", "backward", "both"};
    char direction[16], speed[32], hours[16] = "", extra;
    int n = sscanf(line, "%lld,%15[a-z],%31[x0-9.],%15[0-9-]%c", id, direction, speed, hours, &extra);

    if (n != 4 && (n != 3 || sscanf(line, "%*d,%*[a-z],%*[x0-9.]%c", &extra) == 1))
        return fail(r, number, "not of the form way,direction,speed[,hours]");
    for (int d = 1; d < 4; d++)
        if (!strcmp(direction, directions[d]))
            c->directions = d;
    if (!c->directions)
        return fail(r, number, "the direction is none of forward, backward, both");
    if (!parse_speed(speed, c))
        return fail(r, number, "the speed is no number of km/h from 0 to 300, nor x and a factor");
    if (*hours && !parse_hours(hours, &c->hours))
        return fail(r, number, "the hours are not of the form 7 or 7-9");
    return 0;
}

static int parse_line(struct reader *r, const char *line, int number)
{
    struct change c = {0};
    long long id;

    if (!strncmp(line, "way,", 4) || !strncmp(line, "segment,", 8)) {
        r->by_segment = *line == 's';
        return 0;
    }
    if (parse_fields(r, line, number, &id, &c))
        return -1;
    r->report.lines++;
    if (find(r, id, &c))
        VEC_PUSH(&r->out->changes, c);
    else
        r->report.unknown++;
    return 0;
}

static int parse(struct reader *r, const char *text, size_t size)
{
    char line[128];
    int number = 0;

    for (size_t at = 0; at < size;) {
        const char *nl = memchr(text + at, '\n', size - at);
        size_t n = nl ? (size_t)(nl - text) - at : size - at, kept = n;

        number++;
        while (kept && (text[at + kept - 1] == '\r' || text[at + kept - 1] == ' '))
            kept--;
        if (kept >= sizeof line)
            return fail(r, number, "the line is longer than 127 bytes");
        memcpy(line, text + at, kept);
        line[kept] = '\0';
        if (kept && *line != '#' && parse_line(r, line, number))
            return -1;
        at += n + 1;
    }
    return 0;
}

static void apply(const struct change *c, uint32_t *speeds)
{
    for (uint32_t s = c->first; s < c->first + c->n; s++)
        for (int d = 0; d < 2; d++) {
            uint32_t *v = &speeds[2 * s + (uint32_t)d];
            double to = c->scale ? *v * c->speed : c->speed;

            if (c->directions & 1 << d && *v)
                *v = to > 0 && to < 1 ? 1 : (uint32_t)lround(fmin(to, 1e5));
        }
}

struct traffic *traffic_read(const struct net *net, const char *text, size_t size, const char *where,
                             struct traffic_report *ret, struct route_error *err)
{
    struct reader r = {.net = net, .where = where, .err = err, .out = MEM_NEW(struct traffic, 1)};
    int rc;

    index_ways(&r);
    rc = parse(&r, text, size);
    free(r.ways);
    if (rc) {
        traffic_free(r.out);
        return NULL;
    }
    if (ret)
        *ret = r.report;
    return r.out;
}

void traffic_free(struct traffic *t)
{
    if (!t)
        return;
    free(t->changes.at);
    free(t);
}

void traffic_change(const struct traffic *t, int hour, uint32_t *speeds)
{
    for (size_t i = 0; t && i < t->changes.n; i++) {
        uint32_t hours = t->changes.at[i].hours;

        if (!hours || (hour >= 0 && hours & 1U << hour % 24))
            apply(&t->changes.at[i], speeds);
    }
}

int traffic_apply(const struct net *net, const char *text, size_t size, const char *where, int hour,
                  uint32_t *speeds, struct traffic_report *ret, struct route_error *err)
{
    struct traffic *t = traffic_read(net, text, size, where, ret, err);

    if (!t)
        return -1;
    traffic_change(t, hour, speeds);
    traffic_free(t);
    return 0;
}
