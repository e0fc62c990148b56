# yizhan-day: the city and its day (Node.js, no packages), and the spots on a map's streets that a city is laid out on.
noinst_PROGRAMS += yizhan-streets
yizhan_streets_SOURCES = contrib/day/streets.c
yizhan_streets_CFLAGS = $(AM_CFLAGS)
yizhan_streets_LDADD = routing/road/libroadio.la -lm

daydir = $(pkgdatadir)/day
dist_day_DATA = contrib/day/main.mjs contrib/day/city.mjs contrib/day/clock.mjs contrib/day/courier.mjs \
	contrib/day/day.mjs contrib/day/dock.mjs contrib/day/hands.mjs contrib/day/http.mjs contrib/day/ledger.mjs \
	contrib/day/park.mjs contrib/day/people.mjs contrib/day/random.mjs contrib/day/resident.mjs contrib/day/rig.mjs \
	contrib/day/shop.mjs contrib/day/summary.mjs contrib/day/counties.csv contrib/day/townships.csv

bin_SCRIPTS += yizhan-day
CLEANFILES += yizhan-day
EXTRA_DIST += contrib/day/yizhan-day.in contrib/day/README.md
yizhan-day: contrib/day/yizhan-day.in Makefile
	$(AM_V_GEN)sed 's,@pkgdatadir@,$(pkgdatadir),' $(top_srcdir)/contrib/day/yizhan-day.in >$@ && chmod +x $@
