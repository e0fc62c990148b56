# The API held to its own description: a real daemon on a private cluster, asked wrongly in every way.
TESTS += tests/contract/api.sh
EXTRA_DIST += tests/contract/api.sh tests/contract/api.test.mjs tests/contract/city.json tests/contract/map.osm tests/contract/package.json tests/contract/package-lock.json \
	tests/contract/.npmrc

# What the manual says is what the program does.
dist_man_MANS += doc/yizhand.8
TESTS += tests/contract/manual.sh
EXTRA_DIST += tests/contract/api.mk tests/contract/manual.sh doc/schema.md
