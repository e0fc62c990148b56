# routing/vrp: the solver and the checker. libc and libm only.
noinst_LTLIBRARIES += routing/vrp/libvrp.la
routing_vrp_libvrp_la_SOURCES = \
	routing/vrp/problem.c routing/vrp/problem.h \
	routing/vrp/solution.c routing/vrp/solution.h \
	routing/vrp/checker.c routing/vrp/checker.h \
	routing/vrp/solver.c routing/vrp/solver.h \
	routing/vrp/alike.c routing/vrp/alike.h \
	routing/vrp/terms.c routing/vrp/terms.h \
	routing/vrp/timing.c routing/vrp/timing.h \
	routing/vrp/eta.c routing/vrp/eta.h \
	routing/vrp/state.c routing/vrp/state.h \
	routing/vrp/insert.c routing/vrp/insert.h \
	routing/vrp/general.c routing/vrp/general.h routing/vrp/general_run.h \
	routing/vrp/general_fleet.c \
	routing/vrp/explain.c routing/vrp/explain.h \
	routing/vrp/portfolio.c routing/vrp/portfolio.h \
	routing/vrp/pairs.c routing/vrp/pairs.h routing/vrp/pairs_run.h \
	routing/vrp/pairs_model.c routing/vrp/pairs_model.h \
	routing/vrp/pairs_tour.c routing/vrp/pairs_tour.h \
	routing/vrp/pairs_find.c routing/vrp/pairs_find.h \
	routing/vrp/pairs_fleet.c \
	routing/vrp/trips.c routing/vrp/trips.h routing/vrp/trips_run.h \
	routing/vrp/trips_model.c routing/vrp/trips_model.h \
	routing/vrp/trips_tour.c routing/vrp/trips_tour.h \
	routing/vrp/trips_find.c routing/vrp/trips_find.h \
	routing/vrp/trips_fleet.c routing/vrp/trips_swap.c \
	routing/vrp/near.c routing/vrp/near.h \
	routing/vrp/flat.c routing/vrp/flat.h \
	routing/vrp/flat_fleet.c routing/vrp/flat_run.h \
	routing/vrp/flat_model.c routing/vrp/flat_model.h \
	routing/vrp/flat_tour.c routing/vrp/flat_tour.h \
	routing/vrp/flat_insert.c routing/vrp/flat_insert.h \
	routing/vrp/flat_savings.c routing/vrp/flat_savings.h \
	routing/vrp/flat_elite.c routing/vrp/flat_elite.h \
	routing/vrp/flat_search.c \
	routing/vrp/random.h
# The same floating-point results everywhere: no fused multiply-add.
routing_vrp_libvrp_la_CFLAGS = $(AM_CFLAGS) -O3 -ffp-contract=off
routing_vrp_libvrp_la_LIBADD = -lm

check_PROGRAMS += routing/vrp/solver_test
TESTS += routing/vrp/solver_test
routing_vrp_solver_test_SOURCES = routing/vrp/solver_test.c
routing_vrp_solver_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
routing_vrp_solver_test_LDADD = routing/vrp/libvrp.la $(CHECK_LIBS) -lm

check_PROGRAMS += routing/vrp/flat_test
TESTS += routing/vrp/flat_test
routing_vrp_flat_test_SOURCES = routing/vrp/flat_test.c
routing_vrp_flat_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
routing_vrp_flat_test_LDADD = routing/vrp/libvrp.la $(CHECK_LIBS) -lm

check_PROGRAMS += routing/vrp/eta_test
TESTS += routing/vrp/eta_test
routing_vrp_eta_test_SOURCES = routing/vrp/eta_test.c
routing_vrp_eta_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
routing_vrp_eta_test_LDADD = routing/vrp/libvrp.la $(CHECK_LIBS) -lm

check_PROGRAMS += routing/vrp/pairs_test
TESTS += routing/vrp/pairs_test
routing_vrp_pairs_test_SOURCES = routing/vrp/pairs_test.c
routing_vrp_pairs_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
routing_vrp_pairs_test_LDADD = routing/vrp/libvrp.la $(CHECK_LIBS) -lm

check_PROGRAMS += routing/vrp/trips_test
TESTS += routing/vrp/trips_test
routing_vrp_trips_test_SOURCES = routing/vrp/trips_test.c
routing_vrp_trips_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
routing_vrp_trips_test_LDADD = routing/vrp/libvrp.la $(CHECK_LIBS) -lm

TESTS += routing/vrp/pure_test.sh
EXTRA_DIST += routing/vrp/pure_test.sh doc/solver.md
