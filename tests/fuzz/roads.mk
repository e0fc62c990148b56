# make fuzz-roads [FUZZ_SECONDS=30]: map import, profiles, traffic, road files and the OSRM surface under
# libFuzzer with address and undefined sanitizers. Needs clang and its run-time.
ROADS_FUZZ_CC = clang-14
ROADS_FUZZ_CFLAGS = -std=gnu11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -D_GNU_SOURCE
ROADS_FUZZ = map profile traffic osrm file
ROADS_FUZZ_FILES = tests/fuzz/roads_fuzz.c $(filter %.c,$(routing_road_libroad_la_SOURCES)) \
	$(filter %.c,$(routing_geo_libgeo_la_SOURCES))
EXTRA_DIST += tests/fuzz/roads.mk tests/fuzz/roads_fuzz.c

.PHONY: fuzz-roads
fuzz-roads:
	@mkdir -p tests/fuzz
	@set -e; for t in $(ROADS_FUZZ); do \
	  $(ROADS_FUZZ_CC) $(ROADS_FUZZ_CFLAGS) -DFUZZ_$$t -I$(top_srcdir) -I. -o tests/fuzz/roads_$${t}_fuzz \
	    $(addprefix $(top_srcdir)/,$(ROADS_FUZZ_FILES)) $(EXPAT_LIBS) $(ZLIB_LIBS) -lm; \
	  mkdir -p tests/fuzz/corpus-roads-$$t; \
	  tests/fuzz/roads_$${t}_fuzz -max_total_time=$(or $(FUZZ_SECONDS),30) -max_len=8192 -print_final_stats=1 \
	    tests/fuzz/corpus-roads-$$t $(wildcard $(top_srcdir)/tests/fuzz/seed-roads-$$t) \
	    >tests/fuzz/roads-$$t.log 2>&1 || { tail -40 tests/fuzz/roads-$$t.log; exit 1; }; \
	  echo "$$t: $$(sed -n 's/stat::number_of_executed_units: *//p' tests/fuzz/roads-$$t.log) inputs, no fault"; \
	done
