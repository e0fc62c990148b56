/* What the road commands share: options, error lines, points. */
#ifndef ROUTING_CLI_ARGS_H
#define ROUTING_CLI_ARGS_H

#include "routing/geo/error.h"
#include "routing/geo/point.h"

#include <stdbool.h>
#include <stddef.h>

/* One long option: with a value (text or number) or a flag. The table ends with a NULL name. */
struct arg {
    const char *name;
    const char **text;
    int *number;
    bool *flag;
};

/* Takes options out of argv (anywhere), leaving the operands in argv[1 …]; returns their number, or -1
 * after telling stderr what is wrong together with the usage line. */
int args_parse(int argc, char **argv, const struct arg *table, const char *usage);

/* "yizhan-route COMMAND: text" on stderr; returns 2. */
int args_fail(const char *command, const struct route_error *err);

/* Reads a CSV whose header names a lon and a lat column (any case, also longitude/latitude, lng, x/y).
 * The caller frees *ret. The error's offset is the line. */
int args_points(const char *path, struct geo_point **ret, size_t *ret_n, struct route_error *err);

/* "LON,LAT" */
bool args_point(const char *s, struct geo_point *ret);

/* -1 (no hour) or one that condition.h counts; else -1 and the error. */
int args_hour(int hour, struct route_error *err);

/* The folder of the shipped profiles: the installed one, or the source tree's seen from its top or build
 * folder. */
const char *args_profiles(void);

#endif
