# daemon/: yizhand, in the order of its dependencies. Each folder has its own local.mk.
include daemon/domain/local.mk
include daemon/io/local.mk
include daemon/intake/local.mk
include daemon/dispatch/local.mk
include daemon/lockers/local.mk
include daemon/park/local.mk
include daemon/outbox/local.mk
include daemon/api/local.mk
include daemon/web/local.mk
