# tests/
include tests/bench/ingest.mk
include tests/bench/roads.mk
include tests/contract/locker.mk
include tests/integration/locker.mk
include tests/bench/locker.mk
include tests/fuzz/roads.mk
include tests/integration/sql.mk
