/* Instance and solution files as the subcommands take them; errors are told on stderr. */
#ifndef ROUTING_CLI_LOAD_H
#define ROUTING_CLI_LOAD_H

#include "routing/format/instance.h"
#include "routing/vrp/solution.h"

#include <stdbool.h>

struct load {
    const char *format;
    struct instance_options options;
    struct instance in;
};
#define LOAD_DEFAULT                                                                                         \
    {                                                                                                        \
        .format = "auto"                                                                                     \
    }

bool load_objective(struct load *l, const char *word);
bool load_rounding(struct load *l, const char *word);
bool load_instance(struct load *l, const char *path);
/* .sol or the project's own JSON */
bool load_solution(const struct load *l, const char *path, struct vrp_solution *ret);
void load_free(struct load *l);

#endif
