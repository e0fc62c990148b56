#include "routing/road/osrm_json.h"

#include <math.h>
#include <stdlib.h>

int osrm_error(struct text *t, const char *code, const char *message)
{
    text_add(t, "{\"code\":\"%s\",\"message\":", code);
    text_json(t, message);
    text_add(t, "}");
    return 400;
}

int osrm_stopped(const struct osrm_job *j)
{
    osrm_error(j->t, "Timeout", "the request takes longer than this server gives it; ask for less at once");
    return 504;
}

static void location(struct text *t, struct geo_point p)
{
    text_add(t, "[%.6f,%.6f]", geo_lon(p), geo_lat(p));
}

void osrm_waypoint_open(const struct osrm_job *j, const struct placement *x, struct geo_point asked)
{
    uint32_t way = j->r->net.segments.at[x->segment].way;

    text_add(j->t, "{\"hint\":\"\",\"distance\":%.2f,\"name\":", geo_distance_plane(asked, x->point));
    text_json(j->t, route_way_name(j->r, way, ROUTE_ZH));
    text_add(j->t, ",\"location\":");
    location(j->t, x->point);
}

/* Douglas–Peucker (1973): marks the points to keep. */
static void simplify(const struct geo_point *p, size_t n, double metres, uint8_t *keep)
{
    VEC(size_t) todo = {0};

    keep[0] = keep[n - 1] = 1;
    VEC_PUSH(&todo, 0);
    VEC_PUSH(&todo, n - 1);
    while (todo.n) {
        size_t b = todo.at[--todo.n], a = todo.at[--todo.n], far = 0;
        double worst = metres;

        for (size_t i = a + 1; i < b; i++) {
            double d = geo_nearest_on_segment(p[i], p[a], p[b]).metres;

            if (d > worst) {
                worst = d;
                far = i;
            }
        }
        if (!far)
            continue;
        keep[far] = 1;
        VEC_PUSH(&todo, a);
        VEC_PUSH(&todo, far);
        VEC_PUSH(&todo, far);
        VEC_PUSH(&todo, b);
    }
    free(todo.at);
}

static void geometry(const struct osrm_job *j, const struct geo_point *p, size_t n)
{
    struct text line = {0};

    if (j->q->geometry == OSRM_GEOJSON) {
        text_add(j->t, "{\"type\":\"LineString\",\"coordinates\":[");
        for (size_t i = 0; i < n; i++) {
            text_add(j->t, i ? "," : "");
            location(j->t, p[i]);
        }
        text_add(j->t, "]}");
        return;
    }
    osrm_polyline_encode(p, n, j->q->geometry == OSRM_POLYLINE6 ? 1e6 : 1e5, &line);
    text_json(j->t, line.at);
    free(line.at);
}

static void overview(const struct osrm_job *j, const struct route *legs, size_t n)
{
    VEC(struct geo_point) all = {0};
    uint8_t *keep;
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t k = i ? 1 : 0; k < legs[i].points.n; k++)
            VEC_PUSH(&all, legs[i].points.at[k]);
    if (j->q->overview == OSRM_SIMPLIFIED && all.n > 2) {
        keep = MEM_NEW(uint8_t, all.n);
        simplify(all.at, all.n, 10, keep);
        for (size_t i = 0; i < all.n; i++)
            if (keep[i])
                all.at[kept++] = all.at[i];
        all.n = kept;
        free(keep);
    }
    text_add(j->t, "\"geometry\":");
    geometry(j, all.at, all.n);
    text_add(j->t, ",");
    free(all.at);
}

static void instruction(const struct osrm_job *j, const struct route_step *s, const char *key,
                        enum route_language language)
{
    struct text words = {0};

    route_step_text(j->r, s, language, &words);
    text_add(j->t, ",\"%s\":", key);
    text_json(j->t, words.at);
    free(words.at);
}

static void maneuver(const struct osrm_job *j, const struct route *leg, const struct route_step *s)
{
    text_add(j->t,
             "\"maneuver\":{\"type\":\"%s\",\"modifier\":\"%s\",\"bearing_before\":%d,\"bearing_after\":%d,"
             "\"location\":",
             route_kind_name(s->kind), route_modifier_name(s->modifier), (int)lround(s->bearing_before) % 360,
             (int)lround(s->bearing_after) % 360);
    location(j->t, leg->points.at[s->first_point]);
    if (s->exit)
        text_add(j->t, ",\"exit\":%u", s->exit);
    text_add(j->t, "}");
}

static void step(const struct osrm_job *j, const struct route *leg, size_t i)
{
    const struct route_step *s = &leg->steps.at[i];
    uint32_t end = i + 1 < leg->steps.n ? leg->steps.at[i + 1].first_point : s->first_point;
    uint32_t n = end - s->first_point + 1;
    struct geo_point twice[2] = {leg->points.at[s->first_point], leg->points.at[s->first_point]};

    text_add(j->t,
             "%s{\"distance\":%.1f,\"duration\":%.1f,\"weight\":%.1f,\"mode\":\"%s\",\"driving_side\":"
             "\"right\",\"geometry\":",
             i ? "," : "", s->dm / 10.0, s->ms / 1000.0, s->ms / 1000.0,
             s->kind == ROUTE_FERRY ? "ferry" : "driving");
    geometry(j, n > 1 ? leg->points.at + s->first_point : twice, n > 1 ? n : 2);
    text_add(j->t, ",\"name\":");
    text_json(j->t, route_way_name(j->r, s->way, ROUTE_ZH));
    text_add(j->t, ",\"ref\":");
    text_json(j->t, intern_text(&j->r->net.strings, j->r->net.ways.at[s->way].ref));
    text_add(j->t, ",");
    maneuver(j, leg, s);
    instruction(j, s, "instruction", ROUTE_EN);
    instruction(j, s, "instruction_zh", ROUTE_ZH);
    text_add(j->t, ",\"intersections\":[{\"location\":");
    location(j->t, twice[0]);
    text_add(j->t, ",\"bearings\":[%d],\"entry\":[true],\"out\":0}]}", (int)lround(s->bearing_after) % 360);
}

static void annotation(const struct osrm_job *j, const struct route *leg)
{
    text_add(j->t, ",\"annotation\":{\"distance\":[");
    for (size_t i = 0; i < leg->pieces.n; i++)
        text_add(j->t, "%s%.1f", i ? "," : "", cost_dm(leg->pieces.at[i].cost) / 10.0);
    text_add(j->t, "],\"duration\":[");
    for (size_t i = 0; i < leg->pieces.n; i++)
        text_add(j->t, "%s%.1f", i ? "," : "", cost_ms(leg->pieces.at[i].cost) / 1000.0);
    text_add(j->t, "],\"segments\":[");
    for (size_t i = 0; i < leg->pieces.n; i++)
        text_add(j->t, "%s%u", i ? "," : "", leg->pieces.at[i].dseg / 2);
    text_add(j->t, "]}");
}

static void leg_json(const struct osrm_job *j, const struct route *leg)
{
    text_add(j->t, "{\"distance\":%.1f,\"duration\":%.1f,\"weight\":%.1f,\"summary\":\"\",\"steps\":[",
             cost_dm(leg->total) / 10.0, cost_ms(leg->total) / 1000.0, cost_ms(leg->total) / 1000.0);
    for (size_t i = 0; j->q->steps && i < leg->steps.n; i++)
        step(j, leg, i);
    text_add(j->t, "]");
    if (j->q->annotations)
        annotation(j, leg);
    text_add(j->t, "}");
}

void osrm_route_json(const struct osrm_job *j, const struct route *legs, size_t n, double confidence)
{
    double dm = 0, ms = 0;

    for (size_t i = 0; i < n; i++) {
        dm += cost_dm(legs[i].total);
        ms += cost_ms(legs[i].total);
    }
    text_add(j->t, "{");
    if (confidence >= 0)
        text_add(j->t, "\"confidence\":%.4f,", confidence);
    if (j->q->overview != OSRM_NO_OVERVIEW)
        overview(j, legs, n);
    text_add(j->t,
             "\"distance\":%.1f,\"duration\":%.1f,\"weight\":%.1f,\"weight_name\":\"duration\",\"legs\":[",
             dm / 10, ms / 1000, ms / 1000);
    for (size_t i = 0; i < n; i++) {
        text_add(j->t, i ? "," : "");
        leg_json(j, &legs[i]);
    }
    text_add(j->t, "]}");
}
