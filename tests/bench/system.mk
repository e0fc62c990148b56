# make bench-system: the daemon under load, beside pgbench, on a cluster with the settings that the quick start's has.
noinst_PROGRAMS += tests/bench/http_load
tests_bench_http_load_SOURCES = tests/bench/http_load.c
tests_bench_http_load_LDADD = $(BASE_LIBS)
EXTRA_DIST += tests/bench/system.sh
BENCHES += bench-system
.PHONY: bench-system
bench-system: all tests/bench/http_load
	top_builddir='$(abs_top_builddir)' PG_FSYNC=on PG_OPTIONS='-c shared_buffers=256MB -c wal_compression=on \
	  -c wal_buffers=16MB -c max_wal_size=4GB -c checkpoint_timeout=15min -c random_page_cost=1.1' \
	  $(top_srcdir)/tests/integration/pg.sh run sh $(top_srcdir)/tests/bench/system.sh

# make bench-open: HTTP request until the coil pulses.
EXTRA_DIST += tests/bench/open.sh tests/bench/open.mjs
BENCHES += bench-open
.PHONY: bench-open
bench-open: all
	top_builddir='$(abs_top_builddir)' bash $(top_srcdir)/tests/bench/open.sh 240 tcp
	top_builddir='$(abs_top_builddir)' bash $(top_srcdir)/tests/bench/open.sh 240 rtu

# make bench-fleet: 1,000 and 10,000 lockers at one daemon.
noinst_PROGRAMS += tests/bench/fleet_bench
tests_bench_fleet_bench_SOURCES = tests/bench/fleet_bench.c
tests_bench_fleet_bench_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS) $(JANSSON_CFLAGS)
tests_bench_fleet_bench_LDADD = locker-fw/port/liblocker.la locker-fw/core/liblockercore.la $(BASE_LIBS) $(PQ_LIBS)
EXTRA_DIST += tests/bench/fleet.sh
BENCHES += bench-fleet
.PHONY: bench-fleet
bench-fleet: all
	top_builddir='$(abs_top_builddir)' $(top_srcdir)/tests/integration/pg.sh run bash $(top_srcdir)/tests/bench/fleet.sh 1000 64
	top_builddir='$(abs_top_builddir)' $(top_srcdir)/tests/integration/pg.sh run bash $(top_srcdir)/tests/bench/fleet.sh 10000 256
