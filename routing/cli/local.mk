# routing/cli: yizhan-route, one file per subcommand; main.c holds only the table.
bin_PROGRAMS += yizhan-route
yizhan_route_SOURCES = routing/cli/main.c routing/cli/cmd.h routing/cli/cmd_road.h routing/cli/args.c \
  routing/cli/args.h routing/cli/cmd_import.c routing/cli/cmd_matrix.c
yizhan_route_CFLAGS = $(AM_CFLAGS)
yizhan_route_LDADD = routing/road/libroadio.la -lm
