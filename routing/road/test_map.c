#include "routing/road/test_map.h"
#include "routing/road/mem.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LON 116.6
#define LAT 35.4

struct geo_point test_at(double x, double y)
{
    double k = M_PI / 180 * GEO_EARTH_RADIUS_M;
    struct geo_point p = {0, 0};

    ck_assert(geo_point_from_degrees(LON + x / (k * cos(LAT * M_PI / 180)), LAT + y / k, &p));
    return p;
}

/* Nodes are numbered as they come; names map to numbers. */
struct writer {
    struct text xml;
    char names[512][16];
    int n;
};

static int node_id(const struct writer *w, const char *name)
{
    for (int i = 0; i < w->n; i++)
        if (!strcmp(w->names[i], name))
            return i + 1;
    ck_abort_msg("no node '%s'", name);
    return 0;
}

static void add_tag(struct writer *w, char *word)
{
    char *eq = strchr(word, '=');

    *eq = '\0';
    for (char *c = eq + 1; *c; c++)
        if (*c == '_' && strcmp(word, "highway") && strncmp(word, "restriction", 11) &&
            strcmp(word, "cycleway") && strcmp(word, "barrier"))
            *c = ' ';
    text_add(&w->xml, "<tag k=\"%s\" v=\"%s\"/>", word, eq + 1);
}

static void add_node(struct writer *w)
{
    const char *name = strtok(NULL, " ");
    double x = strtod(strtok(NULL, " "), NULL), y = strtod(strtok(NULL, " "), NULL);
    struct geo_point p = test_at(x, y);

    ck_assert_int_lt(w->n, 512);
    snprintf(w->names[w->n++], sizeof w->names[0], "%s", name);
    text_add(&w->xml, "<node id=\"%d\" lon=\"%.7f\" lat=\"%.7f\">", w->n, geo_lon(p), geo_lat(p));
    for (char *s; (s = strtok(NULL, " "));)
        add_tag(w, s);
    text_add(&w->xml, "</node>\n");
}

static void add_way(struct writer *w)
{
    text_add(&w->xml, "<way id=\"%s\">", strtok(NULL, " "));
    for (char *s; (s = strtok(NULL, " "));)
        if (strchr(s, '='))
            add_tag(w, s);
        else
            text_add(&w->xml, "<nd ref=\"%d\"/>", node_id(w, s));
    text_add(&w->xml, "</way>\n");
}

static void add_via(struct writer *w, char *s)
{
    if (*s < '0' || *s > '9') {
        text_add(&w->xml, "<member type=\"node\" ref=\"%d\" role=\"via\"/>", node_id(w, s));
        return;
    }
    for (char *next; s; s = next) {
        next = strchr(s, ',');
        if (next)
            *next++ = '\0';
        text_add(&w->xml, "<member type=\"way\" ref=\"%s\" role=\"via\"/>", s);
    }
}

static void add_restriction(struct writer *w)
{
    text_add(&w->xml, "<relation id=\"%s\"><tag k=\"type\" v=\"restriction\"/>", strtok(NULL, " "));
    for (char *s; (s = strtok(NULL, " "));)
        if (!strncmp(s, "from=", 5))
            text_add(&w->xml, "<member type=\"way\" ref=\"%s\" role=\"from\"/>", s + 5);
        else if (!strncmp(s, "to=", 3))
            text_add(&w->xml, "<member type=\"way\" ref=\"%s\" role=\"to\"/>", s + 3);
        else if (!strncmp(s, "via=", 4))
            add_via(w, s + 4);
        else
            add_tag(w, s);
    text_add(&w->xml, "</relation>\n");
}

char *test_map_xml(const char *lines)
{
    static struct writer w;
    char *copy = mem_copy(lines, strlen(lines) + 1), *next;

    memset(&w, 0, sizeof w);
    text_add(&w.xml, "<?xml version=\"1.0\"?>\n<osm version=\"0.6\">\n");
    for (char *line = copy; line && *line; line = next) {
        const char *kind;

        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        kind = strtok(line, " ");
        if (!kind)
            continue;
        if (*kind == 'n')
            add_node(&w);
        else if (*kind == 'w')
            add_way(&w);
        else
            add_restriction(&w);
    }
    text_add(&w.xml, "</osm>\n");
    free(copy);
    return w.xml.at;
}

char *test_profile_text(const char *name, size_t *ret_size)
{
    const char *top = getenv("srcdir");
    struct text path = {0}, t = {0};
    char buffer[4096];
    size_t n;
    FILE *f;

    text_add(&path, "%s/routing/profiles/%s.profile", top ? top : ".", name);
    f = fopen(path.at, "r");
    ck_assert_msg(f != NULL, "%s", path.at);
    while ((n = fread(buffer, 1, sizeof buffer, f)) > 0)
        text_append(&t, buffer, n);
    fclose(f);
    free(path.at);
    *ret_size = t.n;
    return t.at;
}

size_t test_profiles(struct profile *ret[4])
{
    static const char *const names[] = {"van", "etrike", "ebike", "foot"};
    struct route_error err = {0};

    for (int i = 0; i < 4; i++) {
        size_t n;
        char *text = test_profile_text(names[i], &n);

        ret[i] = profile_parse(text, n, names[i], &err);
        ck_assert_msg(ret[i] != NULL, "%s", err.text);
        free(text);
    }
    return 4;
}

void test_profiles_free(struct profile *p[4], size_t n)
{
    while (n > 0)
        profile_free(p[--n]);
}

void test_map_new(struct test_map *m, const char *lines)
{
    struct profile *p[4];
    size_t n = test_profiles(p);
    struct route_error err = {0};
    char *xml = test_map_xml(lines);
    int rc = road_import(xml, strlen(xml), p, n, NULL, NULL, &m->data, &m->size, &m->report, &err);

    ck_assert_msg(rc == 0, "%s", err.text);
    m->road = road_open(m->data, m->size, &err);
    ck_assert_msg(m->road != NULL, "%s", err.text);
    test_profiles_free(p, n);
    free(xml);
}

void test_map_free(struct test_map *m)
{
    road_close(m->road);
    free(m->data);
}

cost test_drive(const struct test_map *m, const char *profile, double x1, double y1, double x2, double y2)
{
    const struct road_profile *p = road_profile_find(m->road, profile, NULL);
    struct snap_options o = {.radius = 30, .no_parking = true};
    struct spot s[SPOTS_MAX], t[SPOTS_MAX];
    struct place from, to;
    struct query *q;
    uint32_t a, b, n, n_to;
    cost c, direct;

    ck_assert_ptr_nonnull(p);
    if (!snap_point(m->road, p, &p->metric, test_at(x1, y1), &o, &from) ||
        !snap_point(m->road, p, &p->metric, test_at(x2, y2), &o, &to))
        return COST_NONE;
    q = query_new(&p->graph, &p->cch, &p->metric);
    n = spot_sources(&p->graph, &from, s);
    n_to = spot_targets(&p->graph, &p->metric, &to, t);
    c = query_cost(q, s, n, t, n_to);
    direct = spot_direct_best(&from, &to, &a, &b);
    query_free(q);
    return direct < c ? direct : c;
}

int test_metres(const struct test_map *m, const char *profile, double x1, double y1, double x2, double y2)
{
    cost c = test_drive(m, profile, x1, y1, x2, y2);

    return c < COST_NONE ? (int)((cost_dm(c) + 5) / 10) : -1;
}

int test_ms(const struct test_map *m, const char *profile, double x1, double y1, double x2, double y2)
{
    cost c = test_drive(m, profile, x1, y1, x2, y2);

    return c < COST_NONE ? (int)cost_ms(c) : -1;
}
