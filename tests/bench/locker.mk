# make bench-locker: unlock latency and the controller's size.
check_PROGRAMS += tests/bench/locker_bench
tests_bench_locker_bench_SOURCES = tests/bench/locker_bench.c
tests_bench_locker_bench_LDADD = $(LOCKER_RIG_LIBS)

.PHONY: bench-locker
bench-locker: all tests/bench/locker_bench locker-fw/core/locker-sim
	@echo 'bench-locker: locker-fw/core/locker-sim day 100 3'
	@locker-fw/core/locker-sim day 100 3
	@echo 'bench-locker: tests/bench/locker_bench 50'
	@top_builddir='$(abs_top_builddir)' srcdir='$(abs_top_srcdir)' tests/bench/locker_bench 50
BENCHES += bench-locker
EXTRA_DIST += tests/bench/locker.mk
