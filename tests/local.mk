# tests/
include tests/bench/roads.mk
include tests/integration/locker.mk
