# Two daemons, one database.
TESTS += tests/integration/leases.sh
EXTRA_DIST += tests/integration/leases.sh tests/integration/leases.mk
