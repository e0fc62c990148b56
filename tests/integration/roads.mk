# The road map of a running daemon.
TESTS += tests/integration/roads_test.sh
EXTRA_DIST += tests/integration/roads_test.sh tests/integration/roads_rig.sh tests/integration/roads_map.osm
