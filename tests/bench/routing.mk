# tests/bench: the solver's benchmark. make bench-routing BENCH_DATA=DIR [BUDGETS="1 10"] [SETS="X VRPTW"] [SEEDS=3]
#   [PEER='name=command {instance} {seconds} {solution} {seed}']
EXTRA_DIST += tests/bench/routing.sh tests/bench/routing.sample tests/bench/routing_plot.awk tests/bench/routing_table.awk

check_PROGRAMS += tests/bench/routing_limits
tests_bench_routing_limits_SOURCES = tests/bench/routing_limits.c
tests_bench_routing_limits_LDADD = routing/vrp/libvrp.la -lm

.PHONY: bench-routing bench-routing-limits
# First plans, stops and insertions in processor milliseconds; needs no data.
bench-routing-limits: tests/bench/routing_limits
	./tests/bench/routing_limits

BUDGETS = 1 10
bench-routing: yizhan-route bench-routing-limits
	@test -n "$(BENCH_DATA)" || { echo "usage: make bench-routing BENCH_DATA=DIR [BUDGETS='1 10']"; exit 2; }
	mkdir -p bench-routing
	OUT=bench-routing $(top_srcdir)/tests/bench/routing.sh ./yizhan-route "$(BENCH_DATA)" "$(BUDGETS)"
