# daemon/dispatch: wave → routing problem → plan.
noinst_LTLIBRARIES += daemon/dispatch/libdispatch.la
daemon_dispatch_libdispatch_la_SOURCES = \
	daemon/dispatch/bundle.c daemon/dispatch/bundle.h \
	daemon/dispatch/model.c daemon/dispatch/model.h \
	daemon/dispatch/plan.c daemon/dispatch/plan.h \
	daemon/dispatch/planner.c daemon/dispatch/planner.h \
	daemon/dispatch/solve.c daemon/dispatch/solve.h \
	daemon/dispatch/wave.c daemon/dispatch/wave.h
daemon_dispatch_libdispatch_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)

DISPATCH_LIBS = daemon/dispatch/libdispatch.la routing/vrp/libvrp.la routing/geo/libgeo.la -lm
# the planner names statements, which the tests of the pure part do not link
DISPATCH_PURE = daemon/dispatch/bundle.c daemon/dispatch/model.c daemon/dispatch/plan.c daemon/dispatch/solve.c daemon/dispatch/wave.c
DISPATCH_TESTS = daemon/dispatch/bundle_test daemon/dispatch/solve_test
check_PROGRAMS += $(DISPATCH_TESTS)
TESTS += $(DISPATCH_TESTS)
daemon_dispatch_bundle_test_SOURCES = daemon/dispatch/bundle_test.c $(DISPATCH_PURE)
daemon_dispatch_bundle_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
daemon_dispatch_bundle_test_LDADD = routing/vrp/libvrp.la routing/geo/libgeo.la $(BASE_LIBS) $(CHECK_LIBS)
daemon_dispatch_solve_test_SOURCES = daemon/dispatch/solve_test.c $(DISPATCH_PURE)
daemon_dispatch_solve_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
daemon_dispatch_solve_test_LDADD = routing/vrp/libvrp.la routing/geo/libgeo.la $(BASE_LIBS) $(CHECK_LIBS)
