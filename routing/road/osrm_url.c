/* Parsing of /SERVICE/v1/PROFILE/COORDINATES[.json]?OPTION=VALUE&… */
#include "routing/road/osrm_url.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    struct osrm_request *q;
    const char *code;
    struct route_error *err;
    bool sources_set, destinations_set;
};

static int bad(struct parser *p, const char *code, const char *what)
{
    p->code = code;
    return route_error_set(p->err, ROUTE_BAD_INPUT, -1, "%s", what);
}

/* Percent-decoding in place. */
static void decode(char *s)
{
    char *out = s;
    unsigned v;

    for (; *s; s++)
        if (*s == '%' && sscanf(s + 1, "%2x", &v) == 1 && s[1] && s[2]) {
            *out++ = (char)v;
            s += 2;
        } else
            *out++ = *s;
    *out = '\0';
}

bool osrm_polyline_decode(const char *s, size_t n, double precision, struct osrm_request *ret)
{
    int64_t value[2] = {0, 0};
    size_t i = 0;

    while (i < n) {
        struct geo_point p;

        for (int k = 0; k < 2; k++) {
            uint64_t v = 0;
            int shift = 0, c;

            do {
                c = i < n && shift < 50 ? s[i++] - 63 : -1;
                if (c < 0 || c > 63)
                    return false;
                v |= (uint64_t)(c & 31) << shift;
                shift += 5;
            } while (c & 32);
            value[k] += (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
        }
        if (ret->points.n == OSRM_POINTS_MAX ||
            !geo_point_from_degrees((double)value[1] / precision, (double)value[0] / precision, &p))
            return false;
        VEC_PUSH(&ret->points, p);
    }
    return ret->points.n > 0;
}

static void encode_number(int64_t v, struct text *t)
{
    uint64_t u = (uint64_t)v << 1 ^ (uint64_t)(v >> 63);

    for (; u >= 32; u >>= 5)
        text_add(t, "%c", (int)((u & 31) | 32) + 63);
    text_add(t, "%c", (int)u + 63);
}

void osrm_polyline_encode(const struct geo_point *p, size_t n, double precision, struct text *t)
{
    int64_t lat = 0, lon = 0;

    text_append(t, "", 0);
    for (size_t i = 0; i < n; i++) {
        int64_t y = llround(geo_lat(p[i]) * precision), x = llround(geo_lon(p[i]) * precision);

        encode_number(y - lat, t);
        encode_number(x - lon, t);
        lat = y;
        lon = x;
    }
}

static int parse_coordinates(struct parser *p, const char *s)
{
    size_t n = strlen(s);
    double precision = !strncmp(s, "polyline6(", 10) ? 1e6 : 1e5;

    if (!strncmp(s, "polyline", 8)) {
        const char *open = strchr(s, '(');

        if (!open || s[n - 1] != ')' ||
            !osrm_polyline_decode(open + 1, n - (size_t)(open - s) - 2, precision, p->q))
            return bad(p, "InvalidUrl", "the polyline is broken");
        return 0;
    }
    for (;;) {
        char *end;
        double lon = strtod(s, &end), lat;
        struct geo_point point;

        if (end == s || *end != ',')
            return bad(p, "InvalidUrl", "coordinates are not of the form lon,lat;lon,lat");
        s = end + 1;
        lat = strtod(s, &end);
        if (end == s || (*end && *end != ';' && strcmp(end, ".json")))
            return bad(p, "InvalidUrl", "coordinates are not of the form lon,lat;lon,lat");
        if (!geo_point_from_degrees(lon, lat, &point))
            return bad(p, "InvalidOptions", "a coordinate lies outside -180..180, -90..90");
        if (p->q->points.n == OSRM_POINTS_MAX)
            return bad(p, "TooBig", "too many coordinates");
        VEC_PUSH(&p->q->points, point);
        if (*end != ';')
            return 0;
        s = end + 1;
    }
}

/* --- options --- */

static int parse_bool(struct parser *p, const char *s, bool *ret)
{
    if (strcmp(s, "true") && strcmp(s, "false"))
        return bad(p, "InvalidOptions", "an option that is true or false says something else");
    *ret = *s == 't';
    return 0;
}

/* One word of a semicolon-separated list; moves on. */
static size_t next_word(const char **s, char *word, size_t max)
{
    size_t n = strcspn(*s, ";"), kept = n < max ? n : max - 1;

    memcpy(word, *s, kept);
    word[kept] = '\0';
    *s += n + ((*s)[n] == ';');
    return n;
}

static int per_point(struct parser *p, const char *s, int (*set)(struct parser *, size_t, const char *))
{
    char word[64];

    for (size_t i = 0; i < p->q->points.n; i++) {
        bool more = *s || i + 1 == p->q->points.n || i == 0;

        if (!more && i)
            return bad(p, "InvalidOptions", "a list has not as many entries as there are coordinates");
        next_word(&s, word, sizeof word);
        if (*word && set(p, i, word))
            return -1;
    }
    return *s ? bad(p, "InvalidOptions", "a list has more entries than there are coordinates") : 0;
}

static int set_radius(struct parser *p, size_t i, const char *s)
{
    char *end;
    double v = strtod(s, &end);

    if (!strcmp(s, "unlimited"))
        v = 1e6;
    else if (end == s || *end || !(v >= 0))
        return bad(p, "InvalidOptions", "a radius is neither unlimited nor a number of metres");
    p->q->snap[i].radius = v > 0 ? v : 0.1;
    return 0;
}

static int set_bearing(struct parser *p, size_t i, const char *s)
{
    double bearing, range;
    char extra;

    if (sscanf(s, "%lf,%lf%c", &bearing, &range, &extra) != 2 ||
        !(bearing >= 0 && bearing <= 360 && range >= 0 && range <= 180))
        return bad(p, "InvalidOptions", "a bearing is not of the form 0..360,0..180");
    p->q->snap[i].bearing = bearing;
    p->q->snap[i].range = range > 0 ? range : 0.5;
    return 0;
}

static int set_approach(struct parser *p, size_t i, const char *s)
{
    if (strcmp(s, "curb") && strcmp(s, "unrestricted") && strcmp(s, "opposite"))
        return bad(p, "InvalidOptions", "an approach is neither curb nor unrestricted");
    p->q->snap[i].curb = !strcmp(s, "curb");
    return 0;
}

static int set_time(struct parser *p, size_t i, const char *s)
{
    char *end;
    long long v = strtoll(s, &end, 10);

    if (end == s || *end || v < 0 || v > 1LL << 40)
        return bad(p, "InvalidOptions", "a timestamp is no number of seconds");
    if (i && i == p->q->timestamps.n && v * 1000 < p->q->timestamps.at[i - 1])
        return bad(p, "InvalidValue", "timestamps go back");
    VEC_PUSH(&p->q->timestamps, v * 1000);
    return 0;
}

static int index_list(struct parser *p, const char *s, uint32_t **at, size_t *n, size_t *cap)
{
    while (*s) {
        char *end;
        unsigned long v = strtoul(s, &end, 10);

        if (end == s || (*end && *end != ';') || v >= p->q->points.n)
            return bad(p, "InvalidOptions", "an index is no number below the number of coordinates");
        *at = mem_room(*at, cap, *n + 1, sizeof **at);
        (*at)[(*n)++] = (uint32_t)v;
        s = *end ? end + 1 : end;
    }
    return *n ? 0 : bad(p, "InvalidOptions", "an index list is empty");
}

static int opt_radiuses(struct parser *p, const char *v)
{
    return per_point(p, v, set_radius);
}

static int opt_bearings(struct parser *p, const char *v)
{
    return per_point(p, v, set_bearing);
}

static int opt_approaches(struct parser *p, const char *v)
{
    return per_point(p, v, set_approach);
}

static int opt_timestamps(struct parser *p, const char *v)
{
    return per_point(p, v, set_time);
}

static int opt_sources(struct parser *p, const char *v)
{
    p->q->all_sources = !strcmp(v, "all");
    return p->q->all_sources ? 0 : index_list(p, v, &p->q->sources.at, &p->q->sources.n, &p->q->sources.cap);
}

static int opt_destinations(struct parser *p, const char *v)
{
    p->q->all_destinations = !strcmp(v, "all");
    return p->q->all_destinations
               ? 0
               : index_list(p, v, &p->q->destinations.at, &p->q->destinations.n, &p->q->destinations.cap);
}

static int opt_waypoints(struct parser *p, const char *v)
{
    return index_list(p, v, &p->q->waypoints.at, &p->q->waypoints.n, &p->q->waypoints.cap);
}

static int opt_steps(struct parser *p, const char *v)
{
    return parse_bool(p, v, &p->q->steps);
}

static int opt_alternatives(struct parser *p, const char *v)
{
    char *end;
    long n = strtol(v, &end, 10);
    bool number = n >= 0 && end != v && !*end;

    if (!number && strcmp(v, "true") && strcmp(v, "false"))
        return bad(p, "InvalidOptions", "alternatives is true, false or a number");
    if (!number)
        n = *v == 't';
    p->q->alternatives = n < ALTERNATIVES_MAX ? (uint32_t)n : ALTERNATIVES_MAX;
    return 0;
}

static int opt_annotations(struct parser *p, const char *v)
{
    p->q->annotate_duration = strstr(v, "duration") != NULL;
    p->q->annotate_distance = strstr(v, "distance") != NULL;
    p->q->annotations = strcmp(v, "false") != 0;
    return 0;
}

static int opt_geometries(struct parser *p, const char *v)
{
    static const char *const names[] = {"polyline", "polyline6", "geojson"};

    for (int i = 0; i < 3; i++)
        if (!strcmp(v, names[i])) {
            p->q->geometry = (enum osrm_geometry)i;
            return 0;
        }
    return bad(p, "InvalidOptions", "geometries is polyline, polyline6 or geojson");
}

static int opt_overview(struct parser *p, const char *v)
{
    static const char *const names[] = {"simplified", "full", "false"};

    for (int i = 0; i < 3; i++)
        if (!strcmp(v, names[i])) {
            p->q->overview = (enum osrm_overview)i;
            return 0;
        }
    return bad(p, "InvalidOptions", "overview is simplified, full or false");
}

static int opt_number(struct parser *p, const char *v)
{
    char *end;
    unsigned long n = strtoul(v, &end, 10);

    if (end == v || *end || !n || n > 100)
        return bad(p, "InvalidOptions", "number is no number from 1 to 100");
    p->q->number = (uint32_t)n;
    return 0;
}

static int opt_roundtrip(struct parser *p, const char *v)
{
    return parse_bool(p, v, &p->q->roundtrip);
}

static int opt_source(struct parser *p, const char *v)
{
    if (strcmp(v, "any") && strcmp(v, "first"))
        return bad(p, "InvalidOptions", "source is any or first");
    p->q->any_start = *v == 'a';
    return 0;
}

static int opt_destination(struct parser *p, const char *v)
{
    if (strcmp(v, "any") && strcmp(v, "last"))
        return bad(p, "InvalidOptions", "destination is any or last");
    p->q->any_end = *v == 'a';
    return 0;
}

static int opt_tidy(struct parser *p, const char *v)
{
    return parse_bool(p, v, &p->q->tidy);
}

static int opt_gaps(struct parser *p, const char *v)
{
    if (strcmp(v, "split") && strcmp(v, "ignore"))
        return bad(p, "InvalidOptions", "gaps is split or ignore");
    p->q->split_gaps = *v == 's';
    return 0;
}

static int opt_exclude(struct parser *p, const char *v)
{
    return *v ? bad(p, "InvalidValue", "exclude: this profile has no classes to exclude") : 0;
}

static int opt_ignored(struct parser *p, const char *v)
{
    (void)p, (void)v;
    return 0;
}

static const struct {
    const char *name;
    int (*run)(struct parser *, const char *);
} options[] = {
    {"radiuses", opt_radiuses},
    {"bearings", opt_bearings},
    {"approaches", opt_approaches},
    {"timestamps", opt_timestamps},
    {"sources", opt_sources},
    {"destinations", opt_destinations},
    {"waypoints", opt_waypoints},
    {"steps", opt_steps},
    {"alternatives", opt_alternatives},
    {"annotations", opt_annotations},
    {"geometries", opt_geometries},
    {"overview", opt_overview},
    {"number", opt_number},
    {"roundtrip", opt_roundtrip},
    {"source", opt_source},
    {"destination", opt_destination},
    {"tidy", opt_tidy},
    {"gaps", opt_gaps},
    {"exclude", opt_exclude},
    {"hints", opt_ignored},
    {"generate_hints", opt_ignored},
    {"continue_straight", opt_ignored},
    {"snapping", opt_ignored},
    {"skip_waypoints", opt_ignored},
    {"fallback_speed", opt_ignored},
    {"fallback_coordinate", opt_ignored},
    {"scale_factor", opt_ignored},
};

static int parse_option(struct parser *p, const char *pair)
{
    const char *eq = strchr(pair, '=');

    if (!eq)
        return bad(p, "InvalidQuery", "an option has no value");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strlen(options[i].name) == (size_t)(eq - pair) &&
            !strncmp(options[i].name, pair, (size_t)(eq - pair)))
            return options[i].run(p, eq + 1);
    return bad(p, "InvalidQuery", "no such option");
}

static int parse_path(struct parser *p, char *path)
{
    static const char *const services[] = {"route", "table", "nearest", "trip", "match"};
    char *part[4];
    size_t n = 0;

    while (*path == '/')
        path++;
    for (; n < 4; n++) {
        part[n] = path;
        path = n < 3 ? strchr(path, '/') : NULL;
        if (!path)
            break;
        *path++ = '\0';
    }
    if (n != 3 && !(n == 4))
        return bad(p, "InvalidUrl", "the path is not /service/v1/profile/coordinates");
    for (size_t i = 0;; i++) {
        if (i == sizeof services / sizeof *services)
            return bad(p, "InvalidService", "no such service: route, table, nearest, trip, match");
        if (!strcmp(part[0], services[i])) {
            p->q->service = (enum osrm_service)i;
            break;
        }
    }
    if (strcmp(part[1], "v1"))
        return bad(p, "InvalidVersion", "only v1 is spoken here");
    if (strlen(part[2]) > PROFILE_NAME_MAX)
        return bad(p, "InvalidUrl", "the profile's name is too long");
    memcpy(p->q->profile, part[2], strlen(part[2]) + 1);
    return parse_coordinates(p, part[3]);
}

static int parse_target(struct parser *p, char *target)
{
    char *query = strchr(target, '?'), *next;

    if (query)
        *query++ = '\0';
    decode(target);
    if (parse_path(p, target))
        return -1;
    p->q->snap = MEM_NEW(struct snap_options, p->q->points.n);
    for (; query && *query; query = next) {
        next = strchr(query, '&');
        if (next)
            *next++ = '\0';
        decode(query);
        if (parse_option(p, query))
            return -1;
    }
    if (p->q->timestamps.n && p->q->timestamps.n != p->q->points.n)
        return bad(p, "InvalidOptions", "there are not as many timestamps as coordinates");
    return 0;
}

int osrm_parse(const char *target, struct osrm_request *ret, const char **ret_code, struct route_error *err)
{
    struct parser p = {.q = ret, .err = err};
    size_t n = strlen(target);
    char *copy;
    int rc;

    memset(ret, 0, sizeof *ret);
    ret->all_sources = ret->all_destinations = ret->roundtrip = ret->any_start = ret->any_end =
        ret->split_gaps = true;
    ret->annotate_duration = true;
    ret->number = 1;
    if (n > OSRM_URL_MAX) {
        *ret_code = "TooBig";
        return route_error_set(err, ROUTE_TOO_LARGE, -1, "the URL is longer than %d bytes", OSRM_URL_MAX);
    }
    copy = mem_copy(target, n + 1);
    rc = parse_target(&p, copy);
    free(copy);
    *ret_code = p.code;
    return rc;
}

void osrm_request_fini(struct osrm_request *q)
{
    free(q->points.at);
    free(q->snap);
    free(q->sources.at);
    free(q->destinations.at);
    free(q->waypoints.at);
    free(q->timestamps.at);
}
