# daemon/roads: the road map of a running daemon.
noinst_LTLIBRARIES += daemon/roads/libroads.la
daemon_roads_libroads_la_SOURCES = daemon/roads/feed.c daemon/roads/feed.h daemon/roads/roads.c \
	daemon/roads/roads.h
daemon_roads_libroads_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS)
