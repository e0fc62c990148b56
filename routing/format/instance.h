/* An instance read from a file: the problem with all memory behind it, and what the writers need to speak
 * of it in the file's own terms. Freed at once. */
#ifndef ROUTING_FORMAT_INSTANCE_H
#define ROUTING_FORMAT_INSTANCE_H

#include "routing/vrp/problem.h"

#include <stddef.h>

enum instance_rounding { ROUNDING_AUTO, ROUNDING_EXACT, ROUNDING_ROUND, ROUNDING_TRUNC1 };
enum instance_objective { OBJECTIVE_NATIVE, OBJECTIVE_DISTANCE, OBJECTIVE_HIERARCHICAL };

struct instance_options {
    enum instance_rounding rounding;
    enum instance_objective objective;
};

struct instance_block;

/* A reader's text about what it could not accept: "line 12: …" or a JSON path. */
struct instance_fault {
    char text[200];
};

struct instance {
    struct vrp_problem p;
    struct instance_block *blocks; /* everything p points to */
    char *name;
    double cost_unit;          /* problem cost × cost_unit = cost in the file's convention */
    int32_t first_node;        /* .sol number of task 0 */
    int32_t *sol_number;       /* .sol number by task, or NULL: task + first_node */
    const double *lon, *lat;   /* by location, degrees WGS-84, or NULL */
    const int64_t *task_id;    /* the file's ids by task, or NULL: the index */
    const int64_t *vehicle_id; /* … by vehicle type */
    const char *const *task_text, *const *vehicle_text; /* descriptions or text ids; entries may be NULL */
    const char *format; /* "vrplib", "solomon", "lilim", "vroom", "loggi", "yizhan" */
    void *detail;       /* what the format's own writer keeps; memory of the instance too */
};

/* Memory that lives as long as the instance, zeroed; NULL when out of memory or count × size overflows. */
void *instance_alloc(struct instance *in, size_t count, size_t size);
char *instance_text(struct instance *in, const char *text, size_t n);
void instance_free(struct instance *in);

/* Reads the text of a file in the named format ("auto" finds out). 0, or -1 with *fault. `name` is the
 * instance's name where the format has none. text must be NUL-terminated at text[n]. */
int instance_read(const char *format, const char *name, const char *text, size_t n,
                  const struct instance_options *options, struct instance *ret, struct instance_fault *fault);

/* Always -1. */
int instance_complain(struct instance_fault *fault, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
