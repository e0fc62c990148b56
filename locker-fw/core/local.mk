# The freestanding core: libc's string functions only; also linked by the daemon, which signs what this verifies.
noinst_LTLIBRARIES += locker-fw/core/liblockercore.la
locker_fw_core_liblockercore_la_SOURCES = \
	locker-fw/core/apply.c locker-fw/core/apply.h \
	locker-fw/core/code.c locker-fw/core/code.h \
	locker-fw/core/command.c \
	locker-fw/core/core.c locker-fw/core/core.h \
	locker-fw/core/crypto.h \
	locker-fw/core/door.c \
	locker-fw/core/grant.c locker-fw/core/grant.h \
	locker-fw/core/keys.c locker-fw/core/keys.h \
	locker-fw/core/modbus.c locker-fw/core/modbus.h \
	locker-fw/core/names.c locker-fw/core/names.h \
	locker-fw/core/open.c locker-fw/core/open.h \
	locker-fw/core/profile.c locker-fw/core/profile.h \
	locker-fw/core/record.c locker-fw/core/record.h \
	locker-fw/core/snapshot.c locker-fw/core/snapshot.h \
	locker-fw/core/text.c locker-fw/core/text.h

# For tests: a locker in memory, with libsodium behind the crypto table.
check_LTLIBRARIES += locker-fw/core/libtestbox.la
locker_fw_core_libtestbox_la_SOURCES = locker-fw/core/testbox.c locker-fw/core/testbox.h \
	locker-fw/port/crypto.c locker-fw/port/crypto.h
locker_fw_core_libtestbox_la_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)
core_test_libs = locker-fw/core/libtestbox.la locker-fw/core/liblockercore.la $(BASE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += locker-fw/core/core_test
TESTS += locker-fw/core/core_test
locker_fw_core_core_test_SOURCES = locker-fw/core/core_test.c
locker_fw_core_core_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(SODIUM_CFLAGS)
locker_fw_core_core_test_LDADD = $(core_test_libs)

# The simulator has a build of its own of the core: a small one, with deliberate defects that can be switched on.
check_PROGRAMS += locker-fw/core/locker-sim
TESTS += locker-fw/core/locker-sim
locker_fw_core_locker_sim_SOURCES = locker-fw/core/sim_main.c locker-fw/core/sim.c locker-fw/core/sim.h \
	contrib/boards/board.c contrib/boards/board.h $(locker_fw_core_liblockercore_la_SOURCES)
locker_fw_core_locker_sim_CPPFLAGS = $(AM_CPPFLAGS) -DCORE_SMALL -DCORE_SABOTAGE
locker_fw_core_locker_sim_CFLAGS = $(AM_CFLAGS)

# A million fault sequences.
.PHONY: verify-locker
verify-locker: locker-fw/core/locker-sim
	locker-fw/core/locker-sim 1000000 1 40
