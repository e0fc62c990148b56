# Linux around the core: the controller yizhan-lockerd.
noinst_LTLIBRARIES += locker-fw/port/liblocker.la
locker_fw_port_liblocker_la_SOURCES = \
	locker-fw/port/alloc.c locker-fw/port/alloc.h \
	locker-fw/port/bus.c locker-fw/port/bus.h \
	locker-fw/port/cabinet.c locker-fw/port/cabinet.h \
	locker-fw/port/crypto.c locker-fw/port/crypto.h \
	locker-fw/port/diagnose.c locker-fw/port/diagnose.h \
	locker-fw/port/inputs.c locker-fw/port/inputs.h \
	locker-fw/port/journal.c locker-fw/port/journal.h \
	locker-fw/port/kiosk.c locker-fw/port/kiosk.h \
	locker-fw/port/line.c locker-fw/port/line.h \
	locker-fw/port/message.c locker-fw/port/message.h \
	locker-fw/port/notify.c locker-fw/port/notify.h \
	locker-fw/port/profile_file.c locker-fw/port/profile_file.h \
	locker-fw/port/settings.c locker-fw/port/settings.h \
	locker-fw/port/tools.c locker-fw/port/tools.h \
	locker-fw/port/uplink.c locker-fw/port/uplink.h \
	locker-fw/port/wiring.c locker-fw/port/wiring.h
locker_fw_port_liblocker_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(MODBUS_CFLAGS) $(INIH_CFLAGS) $(JANSSON_CFLAGS) $(QRENCODE_CFLAGS) -pthread

sbin_PROGRAMS += yizhan-lockerd
yizhan_lockerd_SOURCES = locker-fw/port/main.c
yizhan_lockerd_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS)
yizhan_lockerd_LDADD = locker-fw/port/liblocker.la locker-fw/core/liblockercore.la $(BASE_LIBS) $(MODBUS_LIBS) \
	$(QRENCODE_LIBS)

check_PROGRAMS += locker-fw/port/journal_test locker-fw/port/profiles_test
TESTS += locker-fw/port/journal_test locker-fw/port/profiles_test
locker_fw_port_journal_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
locker_fw_port_journal_test_LDADD = locker-fw/port/liblocker.la locker-fw/core/liblockercore.la $(BASE_LIBS) $(CHECK_LIBS)
# The calls that reach the medium go through the test.
check_PROGRAMS += locker-fw/port/journal_disk_test
TESTS += locker-fw/port/journal_disk_test
locker_fw_port_journal_disk_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
locker_fw_port_journal_disk_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=write,--wrap=ftruncate,--wrap=fdatasync \
	-Wl,--wrap=fsync,--wrap=rename,--wrap=pread,--wrap=open,--wrap=fallocate,--wrap=fstat,--wrap=flock
locker_fw_port_journal_disk_test_LDADD = locker-fw/port/liblocker.la locker-fw/core/liblockercore.la $(BASE_LIBS) $(CHECK_LIBS)
locker_fw_port_profiles_test_SOURCES = locker-fw/port/profiles_test.c contrib/boards/board.c contrib/boards/board.h
locker_fw_port_profiles_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
locker_fw_port_profiles_test_LDADD = locker-fw/port/liblocker.la locker-fw/core/liblockercore.la $(BASE_LIBS) $(CHECK_LIBS)

dist_sbin_SCRIPTS = locker-fw/port/yizhan-slots
