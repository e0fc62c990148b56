/* A solution as the JSON that the statement plan_store takes: routes with their stops, times and parcels, and
 * every parcel left out with its reason. */
#ifndef DAEMON_DISPATCH_PLAN_H
#define DAEMON_DISPATCH_PLAN_H

#include "daemon/dispatch/model.h"
#include "routing/vrp/solver.h"

/* `solve_ms` is reported as it is. Bundles at one place in a row become one stop per way and locker. New
 * reference. */
json_t *plan_json(const struct wave *w, const struct bundles *b, const struct model *m,
                  const struct vrp_result *r, int64_t solve_ms);

#endif
