/* Draws the network as Mapbox Vector Tiles (specification 2.1), so that pages have a base map without the
 * internet. One layer "roads": lines with `class` (the highway value), `name`, `name_en` and `oneway`, all
 * lines that agree in these as one feature, in 4096 units; small roads appear from zoom 12 on, paths from 14.
 * The data is
 * ROAD_ATTRIBUTION (road.h): whoever shows a tile shows that line. Pure; any thread. */
#ifndef ROUTING_ROAD_TILE_H
#define ROUTING_ROAD_TILE_H

#include "routing/road/road.h"

enum { TILE_ZOOM_MAX = 18 };

/* Appends the tile's bytes (none for an empty tile). False if z, x, y name no tile. */
bool tile_draw(const struct road *r, int z, uint32_t x, uint32_t y, struct text *ret);

/* A TileJSON 3.0.0 document; `url` is the template with {z}/{x}/{y}. */
void tile_json(const struct road *r, const char *url, struct text *ret);

#endif
