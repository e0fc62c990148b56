# daemon/api: the route table and what serves it.
noinst_LTLIBRARIES += daemon/api/libapi.la
daemon_api_libapi_la_SOURCES = \
	daemon/api/api.h \
	daemon/api/body.c daemon/api/body.h \
	daemon/api/deposits.c \
	daemon/api/describe.c daemon/api/describe.h \
	daemon/api/handlers.h \
	daemon/api/intake.c \
	daemon/api/login.c \
	daemon/api/metrics.c daemon/api/metrics.h \
	daemon/api/ops.c \
	daemon/api/pages.c daemon/api/pages.h \
	daemon/api/path.c daemon/api/path.h \
	daemon/api/request.c daemon/api/request.h \
	daemon/api/roads.c \
	daemon/api/route.h daemon/api/routes.c \
	daemon/api/sendings.c daemon/api/sendings.h \
	daemon/api/session.c daemon/api/session.h \
	daemon/api/shapes.c daemon/api/shapes.h \
	daemon/api/streams.c \
	daemon/api/traffic.c \
	daemon/api/waves.c \
	daemon/api/webhooks.c
daemon_api_libapi_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS)

check_PROGRAMS += daemon/api/path_test
TESTS += daemon/api/path_test
daemon_api_path_test_SOURCES = daemon/api/path_test.c daemon/api/path.c daemon/api/path.h
daemon_api_path_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
daemon_api_path_test_LDADD = $(CHECK_LIBS)
