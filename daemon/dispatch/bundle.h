/* Parcels become bundles: what one courier hands over at one place in one way. Here it is decided how each
 * parcel is delivered: the first way its recipient agreed to for which there is room, lockers being filled by
 * compartment size and shared by the parcels of one recipient. Pure; the same wave gives the same bundles. */
#ifndef DAEMON_DISPATCH_BUNDLE_H
#define DAEMON_DISPATCH_BUNDLE_H

#include "daemon/dispatch/wave.h"

struct bundle {
    int32_t point;
    enum wave_mode mode;
    int32_t locker;   /* index; -1 when the mode is not the locker */
    int32_t first, n; /* its parcels: order[first … first + n − 1] */
    int32_t grams, cm3;
    int32_t service_s; /* hand-over, without the walk from the kerb */
    int32_t promised;  /* the earliest promise among them */
    int32_t priority;  /* the highest */
};

struct bundles {
    int32_t n;
    struct bundle *list;
    int32_t *order; /* parcel indices, grouped by bundle */
    int32_t n_left; /* parcels for which no agreed way has room */
    int32_t *left;
};

/* Never more than `max_pieces`, `max_grams` or `max_cm3` in one bundle (a single parcel above them stands
 * alone), so that the solver can spread a busy place over several couriers. Free with bundles_fini. */
void bundles_make(const struct wave *w, int32_t max_pieces, int32_t max_grams, int32_t max_cm3,
                  struct bundles *ret);
void bundles_fini(struct bundles *b);

#endif
