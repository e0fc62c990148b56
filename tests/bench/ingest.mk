noinst_PROGRAMS += tests/bench/ingest_bench
tests_bench_ingest_bench_SOURCES = tests/bench/ingest_bench.c
tests_bench_ingest_bench_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(PQ_CFLAGS) $(JANSSON_CFLAGS) -pthread
tests_bench_ingest_bench_LDADD = $(IO_LIBS) $(BASE_LIBS)
EXTRA_DIST += tests/bench/ingest.sh
BENCHES += bench-ingest
.PHONY: bench-ingest
bench-ingest: tests/bench/ingest_bench
	PG_FSYNC=on $(top_srcdir)/tests/integration/pg.sh run $(top_srcdir)/tests/bench/ingest.sh tests/bench/ingest_bench
