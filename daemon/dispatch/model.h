/* A wave and its bundles as a routing problem: location 0 is the site, location 1 + i is point i, task i is
 * bundle i, vehicle type i is courier i. Costs are seconds of a courier's working time plus metres at a tenth
 * of that. */
#ifndef DAEMON_DISPATCH_MODEL_H
#define DAEMON_DISPATCH_MODEL_H

#include "daemon/dispatch/bundle.h"
#include "routing/vrp/problem.h"

#include <stdbool.h>

/* Travel between the wave's locations for one vehicle class: (1 + points)² each, row = origin. */
struct travel {
    int32_t *seconds, *metres;
};

struct model {
    struct vrp_problem problem;
    struct vrp_profile profiles[CLASSES];
    struct vrp_task *tasks;
    struct vrp_vehicle *vehicles;
    struct vrp_window *windows;
    int32_t *assign_cost;
};

/* Ways that do not exist are longer than any shift, and still small enough to be added up. */
enum { NO_WAY = 1 << 27 };

/* Seconds a courier takes to load one parcel again between two trips, and for turning round at the site. */
enum { RELOAD_SECONDS = 900 };

/* Fills *ret from w, b and travel (one per class; classes no courier has may be empty). The model points into
 * all three and into itself: keep them, and do not copy it. Free with model_fini. Pure. */
void model_make(const struct wave *w, const struct bundles *b, const struct travel travel[CLASSES],
                struct model *ret);
void model_fini(struct model *m);

/* Some courier finds a way from the site to that location and back. */
bool model_has_way(const struct model *m, int32_t location);

#endif
