# tests/fuzz, the routing readers: replayed by `make check`, fuzzed by `make fuzz-routing` (clang).
routing_seeds = tests/fuzz/routing/vrplib tests/fuzz/routing/rich tests/fuzz/routing/solomon \
	tests/fuzz/routing/lilim tests/fuzz/routing/vroom tests/fuzz/routing/vroom_plan tests/fuzz/routing/vroom_solution \
	tests/fuzz/routing/native_absurd tests/fuzz/routing/vroom_absurd tests/fuzz/routing/lilim_absurd tests/fuzz/routing/native tests/fuzz/routing/loggi
EXTRA_DIST += $(routing_seeds) tests/fuzz/routing_replay.sh
check_PROGRAMS += tests/fuzz/routing_readers
tests_fuzz_routing_readers_SOURCES = tests/fuzz/routing_readers.c tests/fuzz/replay.c
tests_fuzz_routing_readers_CFLAGS = $(AM_CFLAGS)
tests_fuzz_routing_readers_LDADD = routing/format/libformat.la routing/vrp/libvrp.la $(JANSSON_LIBS) -lm
TESTS += tests/fuzz/routing_replay.sh

.PHONY: fuzz-routing
ROUTING_FUZZ_SECONDS = 60
fuzz-routing:
	mkdir -p fuzz-corpus && cp $(addprefix $(srcdir)/,$(routing_seeds)) fuzz-corpus/
	clang-14 -std=gnu11 -D_GNU_SOURCE -g -O1 -ffp-contract=off -fsanitize=fuzzer,address,undefined -I$(top_srcdir) \
	  $(JANSSON_CFLAGS) $(srcdir)/tests/fuzz/routing_readers.c $(filter-out %_test.c,$(wildcard $(srcdir)/routing/vrp/*.c)) \
	  $(filter-out %_test.c,$(wildcard $(srcdir)/routing/format/*.c)) $(JANSSON_LIBS) -lm -o fuzz-routing-bin
	./fuzz-routing-bin -max_total_time=$(ROUTING_FUZZ_SECONDS) fuzz-corpus
