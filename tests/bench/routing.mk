# tests/bench: the solver's benchmark. make bench-routing BENCH_DATA=DIR [BUDGETS="1 10"] [SETS="X VRPTW"] [SEEDS=3]
#   [PEER='name=command {instance} {seconds}']
EXTRA_DIST += tests/bench/routing.sh tests/bench/routing.sample tests/bench/routing_plot.awk

.PHONY: bench-routing
BUDGETS = 1 10
bench-routing: yizhan-route
	@test -n "$(BENCH_DATA)" || { echo "usage: make bench-routing BENCH_DATA=DIR [BUDGETS='1 10']"; exit 2; }
	mkdir -p bench-routing
	OUT=bench-routing $(top_srcdir)/tests/bench/routing.sh ./yizhan-route "$(BENCH_DATA)" "$(BUDGETS)"
