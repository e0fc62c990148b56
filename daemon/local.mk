# daemon/: yizhand, in the order of its dependencies. Each folder has its own local.mk.
include daemon/io/local.mk
include daemon/intake/local.mk
include daemon/dispatch/local.mk
include daemon/lockers/local.mk
include daemon/park/local.mk
include daemon/outbox/local.mk
include daemon/roads/local.mk
include daemon/api/local.mk
include daemon/web/local.mk

sbin_PROGRAMS += yizhand
yizhand_SOURCES = daemon/main.c daemon/settings.c daemon/settings.h
yizhand_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SYSTEMD_CFLAGS)
yizhand_LDADD = daemon/api/libapi.la daemon/intake/libintake.la daemon/lockers/liblockers.la daemon/park/libpark.la daemon/roads/libroads.la \
	daemon/outbox/liboutbox.la $(DISPATCH_LIBS) routing/road/libroadio.la routing/format/libosrmclient.la locker-fw/core/liblockercore.la \
	$(IO_LIBS) $(BASE_LIBS) $(SYSTEMD_LIBS) -lcsv -lm
include daemon/ctl/local.mk
