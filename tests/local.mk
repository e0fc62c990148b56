# tests/
include tests/bench/roads.mk
