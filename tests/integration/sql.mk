# The schema, its functions and the daemon's statements, used as the daemon uses them, and the invariants' checks.
TESTS += tests/integration/sql_test.sh
EXTRA_DIST += tests/integration/sql_test.sh tests/integration/sql_checks.sh tests/integration/sql_sendings.sh tests/integration/schema_doc.awk tests/integration/sql.mk
