/* How the locker is, for whoever stands before the box: what the kiosk's server answers to /api/diagnostics,
 * and the command that asks it. */
#ifndef LOCKER_FW_PORT_DIAGNOSE_H
#define LOCKER_FW_PORT_DIAGNOSE_H

#include <jansson.h>

#include "locker-fw/port/cabinet.h"

/* New reference. No secret and no deposit's id is in it. */
json_t *diagnose(struct cabinet *c, int online);

/* Asks the controller on 127.0.0.1:port and prints the answer for a person. 0 all is well, 1 something is
 * wrong (it is marked with '!'), 3 no controller answers. Being cut off from the network is no fault: the
 * locker serves. */
int diagnose_print(int port);

#endif
