/* The three datums of Chinese maps. WGS-84 is what GNSS and OpenStreetMap speak and the only one that
 * Yizhan stores; GCJ-02 is the offset datum that licensed maps (AMap, Tencent, Google in China) must
 * use; BD-09 is Baidu's second offset upon GCJ-02. Conversion happens at the edge of the program.
 *
 * The offset has no official closed inverse: the inverses here iterate the published forward formula
 * until it returns the input, so a round trip stays far below a metre (tested: below a centimetre).
 * Outside the rectangle 72.004–137.8347°E, 0.8293–55.8271°N the offset is zero, as in every published
 * implementation. Degrees in and out. Pure; any thread. */
#ifndef ROUTING_GEO_DATUM_H
#define ROUTING_GEO_DATUM_H

#include <stdbool.h>

enum geo_datum { GEO_WGS84, GEO_GCJ02, GEO_BD09 };

struct geo_degrees {
    double lon, lat;
};

/* "wgs84", "gcj02" or "bd09"; false for anything else. */
bool geo_datum_parse(const char *name, enum geo_datum *ret);
const char *geo_datum_name(enum geo_datum datum);

struct geo_degrees geo_datum_convert(struct geo_degrees p, enum geo_datum from, enum geo_datum to);

#endif
