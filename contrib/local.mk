# contrib/
include contrib/boards/local.mk
