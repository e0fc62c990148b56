#include "routing/geo/point.h"

#include <math.h>

#define RAD (M_PI / 180.0)
#define METRES_PER_UNIT (GEO_EARTH_RADIUS_M * RAD / GEO_E7)

bool geo_point_from_degrees(double lon, double lat, struct geo_point *ret)
{
    if (!(lon >= -180.0 && lon <= 180.0 && lat >= -90.0 && lat <= 90.0))
        return false;
    ret->lon = (int32_t)lround(lon * GEO_E7);
    ret->lat = (int32_t)lround(lat * GEO_E7);
    return true;
}

double geo_lon(struct geo_point p)
{
    return p.lon / GEO_E7;
}

double geo_lat(struct geo_point p)
{
    return p.lat / GEO_E7;
}

double geo_distance(struct geo_point a, struct geo_point b)
{
    double lat1 = geo_lat(a) * RAD, lat2 = geo_lat(b) * RAD;
    double slat = sin((lat2 - lat1) / 2), slon = sin((geo_lon(b) - geo_lon(a)) * RAD / 2);
    double h = slat * slat + cos(lat1) * cos(lat2) * slon * slon;

    return 2 * GEO_EARTH_RADIUS_M * asin(sqrt(fmin(1.0, h)));
}

/* Longitude difference the short way round. */
static double delta_lon(struct geo_point from, struct geo_point to)
{
    double d = (double)to.lon - from.lon;

    if (d > 180 * GEO_E7)
        d -= 360 * GEO_E7;
    else if (d < -180 * GEO_E7)
        d += 360 * GEO_E7;
    return d;
}

double geo_distance_plane(struct geo_point a, struct geo_point b)
{
    double y = ((double)b.lat - a.lat) * METRES_PER_UNIT;
    double x = delta_lon(a, b) * METRES_PER_UNIT * cos((geo_lat(a) + geo_lat(b)) * 0.5 * RAD);

    return sqrt(x * x + y * y);
}

double geo_bearing(struct geo_point a, struct geo_point b)
{
    double x = delta_lon(a, b) * cos((geo_lat(a) + geo_lat(b)) * 0.5 * RAD);
    double y = (double)b.lat - a.lat;
    double deg = atan2(x, y) / RAD;

    return deg < 0 ? deg + 360 : deg;
}

struct geo_foot geo_nearest_on_segment(struct geo_point p, struct geo_point a, struct geo_point b)
{
    double k = cos(geo_lat(p) * RAD);
    double ax = delta_lon(p, a) * k, ay = (double)a.lat - p.lat;
    double dx = delta_lon(a, b) * k, dy = (double)b.lat - a.lat;
    double len2 = dx * dx + dy * dy;
    double t = len2 > 0 ? -(ax * dx + ay * dy) / len2 : 0;
    struct geo_foot f;

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    f.fraction = t;
    f.metres = hypot(ax + t * dx, ay + t * dy) * METRES_PER_UNIT;
    f.left = dx * -ay - dy * -ax > 0;
    f.point.lon = (int32_t)lround(a.lon + t * ((double)b.lon - a.lon));
    f.point.lat = (int32_t)lround(a.lat + t * dy);
    return f;
}

struct geo_point geo_move(struct geo_point p, double bearing, double metres)
{
    double units = metres / METRES_PER_UNIT;
    double dlat = units * cos(bearing * RAD), dlon = units * sin(bearing * RAD) / cos(geo_lat(p) * RAD);
    double lat = fmax(-90 * GEO_E7, fmin(90 * GEO_E7, p.lat + dlat));
    double lon = fmax(-180 * GEO_E7, fmin(180 * GEO_E7, p.lon + dlon));

    return (struct geo_point){.lon = (int32_t)lround(lon), .lat = (int32_t)lround(lat)};
}
