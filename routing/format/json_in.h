/* Typed reading of a JSON document with one sticky fault: the first thing that is wrong is kept with its
 * path ("vehicles[3].capacity"), every later call answers the default. */
#ifndef ROUTING_FORMAT_JSON_IN_H
#define ROUTING_FORMAT_JSON_IN_H

#include "routing/format/instance.h"
#include "routing/format/json_tables.h"

#include <jansson.h>

struct json_in {
    struct instance *in; /* memory */
    struct instance_fault *fault;
    bool failed;
    char where[96]; /* path of the object under reading */
    struct json_tables tables;
};

/* Parses a text; its large tables stay aside until json_in_close. NULL with the fault set. */
json_t *json_in_open(struct json_in *j, const char *text, size_t n);
void json_in_close(struct json_in *j, json_t *root);

void json_in_fail(struct json_in *j, const char *key, const char *what);

/* Sets the path to `list[index]`. */
void json_in_at(struct json_in *j, const char *list, size_t index);

/* Integer within [least, most]; absent = otherwise. A real without fraction counts as an integer. */
int64_t json_in_integer(struct json_in *j, json_t *o, const char *key, int64_t least, int64_t most,
                        int64_t otherwise);
double json_in_real(struct json_in *j, json_t *o, const char *key, double least, double most,
                    double otherwise);
bool json_in_flag(struct json_in *j, json_t *o, const char *key);
/* A copy, or NULL when absent. */
const char *json_in_text(struct json_in *j, json_t *o, const char *key);
/* An array, or NULL when absent. */
json_t *json_in_array(struct json_in *j, json_t *o, const char *key);
/* Up to VRP_DIMS amounts; returns how many were given. */
int json_in_amounts(struct json_in *j, json_t *o, const char *key, int32_t ret[VRP_DIMS]);
/* [[from, until], …] less `base`, sorted. */
int32_t json_in_windows(struct json_in *j, json_t *o, const char *key, int64_t base,
                        const struct vrp_window **ret);
/* A square matrix of n rows; NULL when absent. */
const int32_t *json_in_matrix(struct json_in *j, json_t *o, const char *key, int32_t n);
/* [lon, lat] */
bool json_in_point(struct json_in *j, json_t *o, const char *key, double *ret_lon, double *ret_lat);

/* instance_alloc that sets the fault. */
void *json_in_alloc(struct json_in *j, size_t count, size_t size);

/* Metres between n points of the earth along great circles, times `detour`, rounded: n². NULL with the fault
 * set without memory. */
int32_t *json_in_circles(struct json_in *j, const double *lon, const double *lat, int32_t n, double detour);

#endif
