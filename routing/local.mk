# routing/: the pure library (libc and libm only) and its command line.
include routing/geo/local.mk
include routing/road/local.mk
include routing/vrp/local.mk
include routing/format/local.mk
include routing/cli/local.mk
