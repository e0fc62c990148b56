# routing/format: instances and solutions as files. libc and, for JSON, jansson.
noinst_LTLIBRARIES += routing/format/libformat.la
routing_format_libformat_la_SOURCES = \
	routing/format/instance.c routing/format/instance.h \
	routing/format/reader.c routing/format/reader.h \
	routing/format/vrplib.c routing/format/solomon.c routing/format/lilim.c routing/format/loggi.c \
	routing/format/json_in.c routing/format/json_in.h \
	routing/format/vroom_read.c routing/format/vroom_plan.c routing/format/vroom_write.c routing/format/vroom.h \
	routing/format/native_read.c routing/format/native_write.c routing/format/native.h \
	routing/format/sol.c routing/format/sol.h \
	routing/format/output.c routing/format/output.h
routing_format_libformat_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
routing_format_libformat_la_LIBADD = routing/vrp/libvrp.la $(JANSSON_LIBS) -lm

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
