# routing/road: OpenStreetMap to travel times. libroad does no I/O; libroadio maps files and starts threads.
noinst_LTLIBRARIES += routing/road/libroad.la routing/road/libroadio.la
routing_road_libroad_la_SOURCES = \
  routing/road/cch.c routing/road/cch.h routing/road/condition.c routing/road/condition.h \
  routing/road/dijkstra.c routing/road/flow.c routing/road/flow.h \
  routing/road/graph.c routing/road/graph.h routing/road/graph_islands.c routing/road/graph_links.c \
  routing/road/graph_turns.c routing/road/import.c routing/road/import.h routing/road/import_turns.c \
  routing/road/intern.c routing/road/intern.h routing/road/many.c routing/road/many.h routing/road/mem.c \
  routing/road/mem.h routing/road/metric.c routing/road/metric.h routing/road/net.h routing/road/order.c \
  routing/road/order.h routing/road/osm.c routing/road/osm.h routing/road/osm_pbf.c routing/road/osm_xml.c \
  routing/road/park.c routing/road/park.h routing/road/postorder.c routing/road/profile.c routing/road/profile.h \
  routing/road/profile_judge.c routing/road/profile_rules.h routing/road/query.c \
  routing/road/query.h routing/road/road.c routing/road/road.h routing/road/rtree.c routing/road/rtree.h \
  routing/road/snap.c routing/road/snap.h routing/road/spot.c routing/road/spot.h routing/road/store.c \
  routing/road/store.h routing/road/traffic.c routing/road/traffic.h routing/road/route.c routing/road/route.h \
  routing/road/route_text.c routing/road/reach.c routing/road/reach.h routing/road/isochrone.c \
  routing/road/tile.c routing/road/tile.h routing/road/trace.c routing/road/trace.h routing/road/match.c \
  routing/road/learn.c routing/road/osrm.c routing/road/osrm.h routing/road/osrm_json.c \
  routing/road/osrm_json.h routing/road/osrm_trip.c routing/road/osrm_url.c routing/road/osrm_url.h
# the inner loops (sweeps, triangles) want the vectorizer; -f options hold whatever -O level CFLAGS asks for
routing_road_libroad_la_CFLAGS = $(AM_CFLAGS) $(EXPAT_CFLAGS) $(ZLIB_CFLAGS) -ftree-vectorize
routing_road_libroad_la_LIBADD = routing/geo/libgeo.la $(EXPAT_LIBS) $(ZLIB_LIBS) -lm

routing_road_libroadio_la_SOURCES = routing/road/file.c routing/road/file.h routing/road/live.c routing/road/live.h routing/road/provider.c \
  routing/road/provider.h
routing_road_libroadio_la_LIBADD = routing/road/libroad.la -lpthread

nobase_dist_pkgdata_DATA += routing/profiles/van.profile routing/profiles/etrike.profile \
  routing/profiles/ebike.profile routing/profiles/foot.profile

# tests: maps drawn by hand as text (test_map.h); they read the shipped profiles from $srcdir
road_tests = routing/road/rules_test routing/road/hierarchy_test routing/road/input_test routing/road/surface_test \
  routing/road/condition_test
check_PROGRAMS += $(road_tests)
TESTS += $(road_tests)
road_test_common = routing/road/test_map.c routing/road/test_map.h
routing_road_rules_test_SOURCES = routing/road/rules_test.c $(road_test_common)
routing_road_rules_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
routing_road_rules_test_LDADD = routing/road/libroadio.la $(CHECK_LIBS) -lm
routing_road_hierarchy_test_SOURCES = routing/road/hierarchy_test.c $(road_test_common)
routing_road_hierarchy_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
routing_road_hierarchy_test_LDADD = routing/road/libroadio.la $(CHECK_LIBS) -lm
routing_road_input_test_SOURCES = routing/road/input_test.c $(road_test_common)
routing_road_input_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
routing_road_input_test_LDADD = routing/road/libroadio.la $(CHECK_LIBS) $(ZLIB_LIBS) -lm
routing_road_surface_test_SOURCES = routing/road/surface_test.c $(road_test_common)
routing_road_surface_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
routing_road_surface_test_LDADD = routing/road/libroadio.la $(CHECK_LIBS) $(ZLIB_LIBS) -lm

routing_road_condition_test_SOURCES = routing/road/condition_test.c $(road_test_common)
routing_road_condition_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
routing_road_condition_test_LDADD = routing/road/libroadio.la $(CHECK_LIBS) -lm

EXTRA_DIST += doc/roads.md
dist_man_MANS += doc/yizhan-route.1
