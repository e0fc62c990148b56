# Linux around the core: the controller yizhan-lockerd.
noinst_LTLIBRARIES += locker-fw/port/liblocker.la
locker_fw_port_liblocker_la_SOURCES = \
	locker-fw/port/bus.c locker-fw/port/bus.h \
	locker-fw/port/crypto.c locker-fw/port/crypto.h \
	locker-fw/port/journal.c locker-fw/port/journal.h \
	locker-fw/port/line.c locker-fw/port/line.h \
	locker-fw/port/profile_file.c locker-fw/port/profile_file.h
locker_fw_port_liblocker_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(MODBUS_CFLAGS) $(INIH_CFLAGS) $(JANSSON_CFLAGS) -pthread
