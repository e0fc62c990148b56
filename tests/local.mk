# tests/
include tests/bench/system.mk
include tests/bench/roads.mk
include tests/contract/api.mk
include tests/contract/locker.mk
include tests/integration/locker.mk
include tests/bench/locker.mk
include tests/fuzz/roads.mk
include tests/integration/sql.mk
include tests/integration/leases.mk
include tests/integration/roads.mk
include tests/fuzz/locker.mk
include tests/fuzz/base.mk
include tests/fuzz/routing.mk
include tests/bench/routing.mk
include tests/browser/browser.mk

# Limits are only against hanging: a busy machine must not fail a test.
AM_TESTS_ENVIRONMENT += CK_TIMEOUT_MULTIPLIER=$${CK_TIMEOUT_MULTIPLIER-6}; export CK_TIMEOUT_MULTIPLIER;
