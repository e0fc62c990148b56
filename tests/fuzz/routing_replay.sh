#!/bin/sh
# The readers on every seed file and its mutations; run by automake in the build directory.
exec ./tests/fuzz/routing_readers "${srcdir:?}"/tests/fuzz/routing/*
