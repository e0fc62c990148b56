# tests/bench: the road benchmark. make bench-roads MAP=porto.osm.pbf [PEER='command printing its own figures']
noinst_PROGRAMS += tests/bench/roads_bench tests/bench/roads_synthetic
tests_bench_roads_bench_SOURCES = tests/bench/roads_bench.c
tests_bench_roads_bench_CFLAGS = $(AM_CFLAGS)
tests_bench_roads_bench_LDADD = routing/road/libroadio.la -lpthread -lm

tests_bench_roads_synthetic_SOURCES = tests/bench/roads_synthetic.c
tests_bench_roads_synthetic_CFLAGS = $(AM_CFLAGS)
tests_bench_roads_synthetic_LDADD = routing/road/libroad.la -lm

.PHONY: bench-roads verify-roads
bench-roads: tests/bench/roads_bench yizhan-route
	@test -n "$(MAP)" || { echo "usage: make bench-roads MAP=FILE.osm.pbf [PEER=COMMAND]"; exit 2; }
	./yizhan-route import --profiles $(top_srcdir)/routing/profiles/van.profile "$(MAP)" bench-turns.yzr
	./tests/bench/roads_bench bench bench-turns.yzr
	sed -e '/^turn /d' $(top_srcdir)/routing/profiles/van.profile > bench-noturns.profile
	echo 'turn uturn 0' >> bench-noturns.profile
	./yizhan-route import --profiles bench-noturns.profile "$(MAP)" bench-noturns.yzr
	./tests/bench/roads_bench bench bench-noturns.yzr
	@$(if $(PEER),$(PEER),:)
	rm -f bench-turns.yzr bench-noturns.yzr bench-noturns.profile

verify-roads: tests/bench/roads_bench yizhan-route
	@test -n "$(MAP)" || { echo "usage: make verify-roads MAP=FILE.osm.pbf [PAIRS=100000]"; exit 2; }
	./yizhan-route import --profiles $(top_srcdir)/routing/profiles "$(MAP)" verify.yzr
	./tests/bench/roads_bench verify verify.yzr --pairs $${PAIRS:-100000}
	rm -f verify.yzr
