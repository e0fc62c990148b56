# daemon/park: the live board.
noinst_LTLIBRARIES += daemon/park/libpark.la
daemon_park_libpark_la_SOURCES = daemon/park/board.c daemon/park/board.h
daemon_park_libpark_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
