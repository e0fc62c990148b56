/* yizhan-route: the routing library on the command line. This file only picks the subcommand. */
#include "routing/cli/cmd.h"
#include "routing/cli/cmd_road.h"

#include <stdio.h>
#include <string.h>

static const struct cmd commands[] = {
    {"import", cmd_import, "OpenStreetMap file to road file"},
    {"matrix", cmd_matrix, "seconds and metres between points"},
    {"route", cmd_route, "the way between points, with instructions"},
    {"nearest", cmd_nearest, "the nearest roads, or the nearest of many points"},
    {"isochrone", cmd_isochrone, "the area within a travel time"},
    {"customize", cmd_customize, "put traffic or an hour into a road file"},
    {"match", cmd_match, "match a trace to roads, learn speeds"},
    {"osrm", cmd_osrm, "answer one OSRM request"},
    {"tile", cmd_tile, "draw one vector tile"},
    {"solve", cmd_solve, "solve an instance"},
    {"check", cmd_check, "check a solution against its instance"},
    {NULL, NULL, NULL},
};

static int usage(FILE *out)
{
    fputs("usage: yizhan-route COMMAND [ARG ...]\n\n", out);
    for (const struct cmd *c = commands; c->name; c++)
        fprintf(out, "  %-10s %s\n", c->name, c->summary);
    return out == stderr ? 2 : 0;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return usage(stderr);
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return usage(stdout);
    for (const struct cmd *c = commands; c->name; c++)
        if (!strcmp(argv[1], c->name))
            return c->run(argc - 1, argv + 1);
    fprintf(stderr, "yizhan-route: no command '%s'\n", argv[1]);
    return usage(stderr);
}
