/* The road commands of yizhan-route; see doc/yizhan-route.1. */
#ifndef ROUTING_CLI_CMD_ROAD_H
#define ROUTING_CLI_CMD_ROAD_H

int cmd_import(int argc, char **argv);
int cmd_matrix(int argc, char **argv);
int cmd_route(int argc, char **argv);
int cmd_nearest(int argc, char **argv);
int cmd_isochrone(int argc, char **argv);
int cmd_customize(int argc, char **argv);
int cmd_match(int argc, char **argv);
int cmd_osrm(int argc, char **argv);
int cmd_tile(int argc, char **argv);

#endif
