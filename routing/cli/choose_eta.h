/* VROOM's plan mode on the command line: `solve -c` and `check -c`. */
#ifndef ROUTING_CLI_CHOOSE_ETA_H
#define ROUTING_CLI_CHOOSE_ETA_H

#include "routing/cli/load.h"

/* Chooses the times of the given routes, writes them to `out` (VROOM's JSON; NULL = nowhere) and prints one
 * JSON line with every violation. Exit status: 0, 1 = something is violated, 2 = could not be done (told). */
int choose_eta(const struct load *l, const char *path, const char *out);

#endif
