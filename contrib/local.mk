# contrib/
include contrib/boards/local.mk
include contrib/day/local.mk
EXTRA_DIST += contrib/packages.txt contrib/quickstart contrib/check contrib/lint contrib/sanitize contrib/coverage \
	contrib/lib/common.sh contrib/lib/packages.sh contrib/lib/build.sh contrib/lib/certs.sh contrib/lib/postgres.sh \
	contrib/lib/broker.sh contrib/lib/city.sh contrib/lib/count.sh contrib/lib/leaks.supp .ci/run
