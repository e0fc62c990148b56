# routing/cli: yizhan-route, one file per subcommand; main.c holds only the table.
bin_PROGRAMS += yizhan-route
yizhan_route_SOURCES = routing/cli/main.c routing/cli/cmd.h
yizhan_route_CFLAGS = $(AM_CFLAGS)
yizhan_route_LDADD = -lm
