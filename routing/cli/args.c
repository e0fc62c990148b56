#include "routing/cli/args.h"
#include "routing/road/condition.h"
#include "routing/road/file.h"
#include "routing/road/mem.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const struct arg *find(const struct arg *table, const char *word, size_t n)
{
    for (; table->name; table++)
        if (strlen(table->name) == n && !strncmp(table->name, word, n))
            return table;
    return NULL;
}

static bool set(const struct arg *a, const char *value)
{
    char *end;
    long v;

    if (a->text) {
        *a->text = value;
        return true;
    }
    v = strtol(value, &end, 10);
    if (end == value || *end || v < INT_MIN || v > INT_MAX)
        return false;
    *a->number = (int)v;
    return true;
}

int args_parse(int argc, char **argv, const struct arg *table, const char *usage)
{
    int n = 0;

    for (int i = 1; i < argc; i++) {
        const char *word = argv[i], *eq = strchr(word, '=');
        const struct arg *a;

        if (strncmp(word, "--", 2)) {
            argv[++n] = argv[i];
            continue;
        }
        a = find(table, word + 2, eq ? (size_t)(eq - word - 2) : strlen(word + 2));
        if (a && a->flag && !eq) {
            *a->flag = true;
            continue;
        }
        if (a && !a->flag && (eq || i + 1 < argc) && set(a, eq ? eq + 1 : argv[++i]))
            continue;
        fprintf(stderr, "yizhan-route %s: bad option '%s'\nusage: yizhan-route %s\n", argv[0], word, usage);
        return -1;
    }
    return n;
}

int args_fail(const char *command, const struct route_error *err)
{
    fprintf(stderr, "yizhan-route %s: %s\n", command, err->text);
    return 2;
}

bool args_point(const char *s, struct geo_point *ret)
{
    char *end;
    double lon = strtod(s, &end), lat;

    if (end == s || *end != ',')
        return false;
    s = end + 1;
    lat = strtod(s, &end);
    return end != s && !*end && geo_point_from_degrees(lon, lat, ret);
}

int args_hour(int hour, struct route_error *err)
{
    if (hour >= -1 && hour < CONDITION_HOURS)
        return 0;
    return route_error_set(err, ROUTE_BAD_INPUT, -1,
                           "--hour %d: must be 0 to %d (0-23 of a working day, 24 + 24 x weekday + hour)",
                           hour, CONDITION_HOURS - 1);
}

const char *args_profiles(void)
{
    static const char *const places[] = {PKGDATADIR "/routing/profiles", "routing/profiles",
                                         "../routing/profiles"};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (!access(places[i], R_OK))
            return places[i];
    return places[0];
}

/* Splits a line of simple CSV in place; quotes around a field are taken off. */
static size_t split(char *line, char **field, size_t max)
{
    size_t n = 0;

    while (n < max) {
        char *next = strchr(line, ','), *end;

        if (next)
            *next = '\0';
        while (isspace((unsigned char)*line) || *line == '"')
            line++;
        for (end = line + strlen(line); end > line && (isspace((unsigned char)end[-1]) || end[-1] == '"');)
            *--end = '\0';
        field[n++] = line;
        if (!next)
            break;
        line = next + 1;
    }
    return n;
}

static int column(char **field, size_t n, const char *const *names)
{
    for (size_t i = 0; i < n; i++)
        for (const char *const *k = names; *k; k++)
            if (!strcasecmp(field[i], *k))
                return (int)i;
    return -1;
}

static bool number(const char *s, double *ret)
{
    char *end;

    *ret = strtod(s, &end);
    return end != s && !*end;
}

enum { FIELDS_MAX = 64 };

struct table {
    int lon, lat;
    VEC(struct geo_point) points;
};

static int read_line(struct table *t, char *line, int number_of_line, const char *path,
                     struct route_error *err)
{
    static const char *const lon_names[] = {"lon", "lng", "longitude", "x", NULL};
    static const char *const lat_names[] = {"lat", "latitude", "y", NULL};
    char *field[FIELDS_MAX];
    size_t n = split(line, field, FIELDS_MAX);
    struct geo_point p;
    double lon, lat;

    if (number_of_line == 1) {
        t->lon = column(field, n, lon_names);
        t->lat = column(field, n, lat_names);
        return t->lon >= 0 && t->lat >= 0
                   ? 0
                   : route_error_set(err, ROUTE_BAD_INPUT, 1, "%s:1: the header names no lon and lat columns",
                                     path);
    }
    if (n == 1 && !*field[0])
        return 0;
    if ((size_t)t->lon >= n || (size_t)t->lat >= n || !number(field[t->lon], &lon) ||
        !number(field[t->lat], &lat) || !geo_point_from_degrees(lon, lat, &p))
        return route_error_set(err, ROUTE_BAD_INPUT, number_of_line, "%s:%d: no valid lon and lat", path,
                               number_of_line);
    VEC_PUSH(&t->points, p);
    return 0;
}

int args_points(const char *path, struct geo_point **ret, size_t *ret_n, struct route_error *err)
{
    struct file_map m;
    struct table t = {0};
    char *text, *line, *next;
    int rc = 0, n = 0;

    if (file_map(path, &m, err))
        return -1;
    text = mem_new(m.size + 1, 1);
    memcpy(text, m.data, m.size);
    file_unmap(&m);
    line = !strncmp(text, "\xef\xbb\xbf", 3) ? text + 3 : text;
    for (; line && !rc; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        rc = read_line(&t, line, ++n, path, err);
    }
    free(text);
    if (rc) {
        free(t.points.at);
        return -1;
    }
    if (!t.points.n)
        return route_error_set(err, ROUTE_BAD_INPUT, 1, "%s: no point below the header", path);
    *ret = t.points.at;
    *ret_n = t.points.n;
    return 0;
}
