# routing/format: instances and solutions as files. libc and, for JSON, jansson.
noinst_LTLIBRARIES += routing/format/libformat.la
routing_format_libformat_la_SOURCES = \
	routing/format/instance.c routing/format/instance.h \
	routing/format/reader.c routing/format/reader.h \
	routing/format/vrplib.c routing/format/solomon.c routing/format/lilim.c routing/format/loggi.c \
	routing/format/json_in.c routing/format/json_in.h \
	routing/format/json_tables.c routing/format/json_tables.h \
	routing/format/vroom_read.c routing/format/vroom_tasks.c routing/format/vroom_work.h \
	routing/format/vroom_solution.c routing/format/vroom_plan.c routing/format/vroom_write.c routing/format/vroom.h \
	routing/format/native_read.c routing/format/native_write.c routing/format/native.h \
	routing/format/sol.c routing/format/sol.h \
	routing/format/output.c routing/format/output.h
routing_format_libformat_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
routing_format_libformat_la_LIBADD = routing/vrp/libvrp.la $(JANSSON_LIBS) -lm

check_PROGRAMS += routing/format/vroom_read_test
TESTS += routing/format/vroom_read_test
routing_format_vroom_read_test_SOURCES = routing/format/vroom_read_test.c
routing_format_vroom_read_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
routing_format_vroom_read_test_LDADD = routing/format/libformat.la routing/vrp/libvrp.la $(CHECK_LIBS) $(JANSSON_LIBS) -lm

check_PROGRAMS += routing/format/native_test
TESTS += routing/format/native_test
routing_format_native_test_SOURCES = routing/format/native_test.c
routing_format_native_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
routing_format_native_test_LDADD = routing/format/libformat.la routing/vrp/libvrp.la $(CHECK_LIBS) $(JANSSON_LIBS) -lm

check_PROGRAMS += routing/format/format_test
TESTS += routing/format/format_test
routing_format_format_test_SOURCES = routing/format/format_test.c
routing_format_format_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
routing_format_format_test_LDADD = routing/format/libformat.la routing/vrp/libvrp.la $(CHECK_LIBS) $(JANSSON_LIBS) -lm

check_PROGRAMS += routing/format/vroom_plan_test
TESTS += routing/format/vroom_plan_test
routing_format_vroom_plan_test_SOURCES = routing/format/vroom_plan_test.c
routing_format_vroom_plan_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
routing_format_vroom_plan_test_LDADD = routing/format/libformat.la routing/vrp/libvrp.la $(CHECK_LIBS) $(JANSSON_LIBS) -lm

# Another engine's server as matrix provider: the part that reads, and the part that asks over HTTP.
noinst_LTLIBRARIES += routing/format/libosrmclient.la
routing_format_libosrmclient_la_SOURCES = routing/format/fetch.c routing/format/fetch.h routing/format/matrix_osrm.c \
	routing/format/matrix_osrm.h routing/format/matrix_osrm_http.c
routing_format_libosrmclient_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(CURL_CFLAGS)
routing_format_libosrmclient_la_LIBADD = routing/geo/libgeo.la $(JANSSON_LIBS) $(CURL_LIBS) -lpthread -lm

check_PROGRAMS += routing/format/matrix_osrm_test
TESTS += routing/format/matrix_osrm_test
routing_format_matrix_osrm_test_SOURCES = routing/format/matrix_osrm_test.c $(road_test_common)
routing_format_matrix_osrm_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
routing_format_matrix_osrm_test_LDADD = routing/format/libosrmclient.la routing/road/libroadio.la $(CHECK_LIBS) -lm
