# routing/cli: yizhan-route, one file per subcommand; main.c holds only the table.
bin_PROGRAMS += yizhan-route
yizhan_route_SOURCES = routing/cli/main.c routing/cli/cmd.h routing/cli/cmd_road.h routing/cli/args.c \
  routing/cli/args.h routing/cli/cmd_import.c routing/cli/cmd_matrix.c routing/cli/cmd_route.c \
  routing/cli/cmd_nearest.c routing/cli/cmd_customize.c routing/cli/session.c routing/cli/session.h
yizhan_route_SOURCES += routing/cli/choose_eta.c routing/cli/choose_eta.h routing/cli/cmd_solve.c routing/cli/cmd_check.c routing/cli/load.c routing/cli/load.h
yizhan_route_CFLAGS = $(AM_CFLAGS)
yizhan_route_LDADD = routing/road/libroadio.la routing/format/libosrmclient.la routing/format/libformat.la routing/vrp/libvrp.la $(JANSSON_LIBS) -lm

TESTS += routing/cli/roads_test.sh
EXTRA_DIST += routing/cli/roads_test.sh
