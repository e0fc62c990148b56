/* Constants and formula as published with the reverse-engineered GCJ-02 and BD-09 transforms: the
 * Krasovsky 1940 ellipsoid and two trigonometric polynomials of (lon − 105°, lat − 35°). */
#include "routing/geo/datum.h"

#include <math.h>
#include <string.h>

#define KRASOVSKY_A 6378245.0
#define KRASOVSKY_EE 0.00669342162296594323
#define BD_PI (M_PI * 3000.0 / 180.0)
enum { INVERSE_STEPS = 30 };

static const char *const names[] = {[GEO_WGS84] = "wgs84", [GEO_GCJ02] = "gcj02", [GEO_BD09] = "bd09"};

bool geo_datum_parse(const char *name, enum geo_datum *ret)
{
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i])) {
            *ret = (enum geo_datum)i;
            return true;
        }
    return false;
}

const char *geo_datum_name(enum geo_datum datum)
{
    return names[datum];
}

static bool offset_applies(struct geo_degrees p)
{
    return p.lon >= 72.004 && p.lon <= 137.8347 && p.lat >= 0.8293 && p.lat <= 55.8271;
}

static double short_waves(double x)
{
    return (20.0 * sin(6.0 * x * M_PI) + 20.0 * sin(2.0 * x * M_PI)) * 2.0 / 3.0;
}

static double lat_metres(double x, double y)
{
    double d = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(fabs(x));

    d += short_waves(x);
    d += (20.0 * sin(y * M_PI) + 40.0 * sin(y / 3.0 * M_PI)) * 2.0 / 3.0;
    return d + (160.0 * sin(y / 12.0 * M_PI) + 320.0 * sin(y * M_PI / 30.0)) * 2.0 / 3.0;
}

static double lon_metres(double x, double y)
{
    double d = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x));

    d += short_waves(x);
    d += (20.0 * sin(x * M_PI) + 40.0 * sin(x / 3.0 * M_PI)) * 2.0 / 3.0;
    return d + (150.0 * sin(x / 12.0 * M_PI) + 300.0 * sin(x / 30.0 * M_PI)) * 2.0 / 3.0;
}

static struct geo_degrees wgs_to_gcj(struct geo_degrees p)
{
    double x = p.lon - 105.0, y = p.lat - 35.0, rad = p.lat / 180.0 * M_PI;
    double magic = 1 - KRASOVSKY_EE * sin(rad) * sin(rad), root = sqrt(magic);

    if (!offset_applies(p))
        return p;
    return (struct geo_degrees){
        .lon = p.lon + lon_metres(x, y) * 180.0 / (KRASOVSKY_A / root * cos(rad) * M_PI),
        .lat = p.lat + lat_metres(x, y) * 180.0 / (KRASOVSKY_A * (1 - KRASOVSKY_EE) / (magic * root) * M_PI)};
}

static struct geo_degrees gcj_to_bd(struct geo_degrees p)
{
    double z = sqrt(p.lon * p.lon + p.lat * p.lat) + 0.00002 * sin(p.lat * BD_PI);
    double theta = atan2(p.lat, p.lon) + 0.000003 * cos(p.lon * BD_PI);

    if (!offset_applies(p))
        return p;
    return (struct geo_degrees){.lon = z * cos(theta) + 0.0065, .lat = z * sin(theta) + 0.006};
}

/* Fixed-point iteration x ← x + (target − f(x)); both offsets are contractions (derivative ≪ 1). */
static struct geo_degrees invert(struct geo_degrees (*forward)(struct geo_degrees), struct geo_degrees target)
{
    struct geo_degrees x = target;

    for (int i = 0; i < INVERSE_STEPS; i++) {
        struct geo_degrees y = forward(x);
        double dlon = target.lon - y.lon, dlat = target.lat - y.lat;

        x.lon += dlon;
        x.lat += dlat;
        if (fabs(dlon) < 1e-10 && fabs(dlat) < 1e-10)
            break;
    }
    return x;
}

struct geo_degrees geo_datum_convert(struct geo_degrees p, enum geo_datum from, enum geo_datum to)
{
    for (; from > to; from--)
        p = invert(from == GEO_BD09 ? gcj_to_bd : wgs_to_gcj, p);
    for (; from < to; from++)
        p = from == GEO_WGS84 ? wgs_to_gcj(p) : gcj_to_bd(p);
    return p;
}
