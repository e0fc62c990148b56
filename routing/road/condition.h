/* Conditional restrictions of OpenStreetMap: `KEY:conditional` = "VALUE @ (CONDITION); VALUE @ (CONDITION)".
 * Understood are times of the week in the syntax of opening hours: days (Mo-Fr, Sa,Su), times (07:00-19:00,
 * also over midnight), or both; several, separated by ';' in the parentheses or ','. Anything else (weights,
 * seasons, weather, holidays) is a condition that never holds. Pure.
 *
 * A moment is an hour: 0–23 of a working day, or CONDITION_WEEK + 24 × weekday + hour with Monday 0. A
 * condition holds in an hour if it does in the middle of it. At -1, no hour, none holds. */
#ifndef ROUTING_ROAD_CONDITION_H
#define ROUTING_ROAD_CONDITION_H

#include "routing/road/osm.h"

#include <stdbool.h>
#include <stddef.h>

enum { CONDITION_WEEK = 24, CONDITION_HOURS = CONDITION_WEEK + 7 * 24, CONDITION_VALUE_MAX = 32 };

/* Whether what stands behind the '@' holds. */
bool condition_holds(const char *text, size_t n, int hour);

/* The value that a conditional tag gives its key at an hour (the last that holds): false if none does. */
bool condition_value(const char *text, int hour, char ret[CONDITION_VALUE_MAX]);

/* Is there a conditional tag among these? */
bool condition_any(const struct osm_tag *tags, size_t n);

/* The tags as they are at an hour: conditional values take the place of plain ones. Room for 2 × n tags and n
 * values; returns how many tags. Keys that had no plain value point into `keys`. */
struct condition_tags {
    struct osm_tag tags[128];
    char values[64][CONDITION_VALUE_MAX], keys[64][64];
    size_t n;
};
void condition_apply(const struct osm_tag *tags, size_t n, int hour, struct condition_tags *ret);

#endif
