/* What the daemon adds to a sending that is awaited. */
#ifndef DAEMON_API_SENDINGS_H
#define DAEMON_API_SENDINGS_H

#include "daemon/api/api.h"

#include <jansson.h>

/* Takes "permit" out of a sending (or null) as the use case told it, and puts in its place "qr", a signed
 * grant that opens one free compartment also without a network, and, once the locker was told, "code", the
 * eight digits for its pad. Neither, where this daemon drives no lockers. */
void sending_dress(struct api *api, json_t *sending);

#endif
