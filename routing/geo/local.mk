# routing/geo: coordinates, datums, and the interface through which the planner gets its matrices.
noinst_LTLIBRARIES += routing/geo/libgeo.la
routing_geo_libgeo_la_SOURCES = routing/geo/error.c routing/geo/error.h routing/geo/point.c routing/geo/point.h \
  routing/geo/datum.c routing/geo/datum.h routing/geo/matrix.h routing/geo/matrix_circle.c \
  routing/geo/matrix_given.c
routing_geo_libgeo_la_LIBADD = -lm

check_PROGRAMS += routing/geo/geo_test
TESTS += routing/geo/geo_test
routing_geo_geo_test_SOURCES = routing/geo/geo_test.c
routing_geo_geo_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
routing_geo_geo_test_LDADD = routing/geo/libgeo.la $(CHECK_LIBS) -lm
