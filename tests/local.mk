# tests/
include tests/bench/ingest.mk
include tests/bench/roads.mk
include tests/integration/locker.mk
include tests/bench/locker.mk
include tests/fuzz/locker.mk
include tests/fuzz/routing.mk
