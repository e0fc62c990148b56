# The freestanding core: libc's string functions only; also linked by the daemon, which signs what this verifies.
noinst_LTLIBRARIES += locker-fw/core/liblockercore.la
locker_fw_core_liblockercore_la_SOURCES = \
	locker-fw/core/apply.c locker-fw/core/apply.h \
	locker-fw/core/box.c locker-fw/core/box.h \
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

check_PROGRAMS += locker-fw/core/snapshot_test
TESTS += locker-fw/core/snapshot_test
locker_fw_core_snapshot_test_SOURCES = locker-fw/core/snapshot_test.c
locker_fw_core_snapshot_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
locker_fw_core_snapshot_test_LDADD = $(core_test_libs)

check_PROGRAMS += locker-fw/core/box_test
TESTS += locker-fw/core/box_test
locker_fw_core_box_test_SOURCES = locker-fw/core/box_test.c
locker_fw_core_box_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
locker_fw_core_box_test_LDADD = $(core_test_libs)

# The simulator has a build of its own of the core: a small one, with deliberate defects that can be switched on.
check_PROGRAMS += locker-fw/core/locker-sim
TESTS += locker-fw/core/locker-sim
locker_fw_core_locker_sim_SOURCES = locker-fw/core/sim_main.c locker-fw/core/sim.c locker-fw/core/sim.h \
	locker-fw/core/sim_crypto.c locker-fw/core/sim_day.c \
	contrib/boards/board.c contrib/boards/board.h $(locker_fw_core_liblockercore_la_SOURCES)
locker_fw_core_locker_sim_CPPFLAGS = $(AM_CPPFLAGS) -DCORE_SMALL -DCORE_SABOTAGE
locker_fw_core_locker_sim_CFLAGS = $(AM_CFLAGS)

# Branch coverage of grants, codes, journal and frames; fails below 100 %.
.PHONY: coverage-locker
coverage-locker: all
	@$(top_srcdir)/contrib/coverage-locker .

# A million fault sequences.
.PHONY: verify-locker
verify-locker: locker-fw/core/locker-sim
	locker-fw/core/locker-sim 1000000 1 40

check_PROGRAMS += locker-fw/core/parts_test
TESTS += locker-fw/core/parts_test
locker_fw_core_parts_test_SOURCES = locker-fw/core/parts_test.c
locker_fw_core_parts_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
locker_fw_core_parts_test_LDADD = $(core_test_libs)

# make locker-m4: the core for a Cortex-M4 (thumb2, -Os) with room for 128 doors; its size is printed and bounded.
# Counted: all of core/ (state machine, journal records and snapshot, grants and codes, profiles, Modbus frames)
# and its one struct core. Not counted: SHA-256 and Ed25519, which are passed in (a part's own crypto library),
# and libc's memcpy, memset, strlen and the like. With qemu-system-arm the same objects run a script.
M4_CC = arm-none-eabi-gcc
M4_SIZE = arm-none-eabi-size
M4_QEMU = qemu-system-arm
M4_FLAGS = -mcpu=cortex-m4 -mthumb -Os -std=gnu11 -ffreestanding -ffunction-sections -fdata-sections -DCORE_SMALL
M4_FLASH_MAX = 49152
M4_RAM_MAX = 16384
M4_FILES = $(filter %.c,$(locker_fw_core_liblockercore_la_SOURCES))
EXTRA_DIST += locker-fw/core/m4.c locker-fw/core/m4.ld

.PHONY: locker-m4
locker-m4:
	@mkdir -p m4 && rm -f m4/*.o
	@for f in $(M4_FILES); do $(M4_CC) $(M4_FLAGS) -Wall -Wextra -Werror -I$(top_srcdir) -c $(top_srcdir)/$$f \
	  -o m4/$$(basename $$f .c).o || exit 1; done
	@echo '#include "locker-fw/core/core.h"' > m4/ram.c && echo 'extern struct core core; struct core core;' >> m4/ram.c
	@$(M4_CC) $(M4_FLAGS) -I$(top_srcdir) -c m4/ram.c -o m4/ram.o
	@$(M4_SIZE) m4/*.o | awk 'NR > 1 { flash += $$1 + $$2; ram += $$2 + $$3 } \
	  END { printf "cortex-m4: flash %d of $(M4_FLASH_MAX) bytes, RAM %d of $(M4_RAM_MAX) bytes for 128 doors\n", flash, ram; \
	        exit !(flash <= $(M4_FLASH_MAX) && ram <= $(M4_RAM_MAX)) }'
	@! arm-none-eabi-nm -u m4/*.o | grep -E ' (open|read|write|printf|malloc|free|time|rand|clock)$$' || \
	  { echo 'the core must not know files, heap, time or chance'; exit 1; }
	@if command -v $(M4_QEMU) >/dev/null; then rm m4/ram.o && \
	  $(M4_CC) $(M4_FLAGS) -I$(top_srcdir) -nostartfiles --specs=nano.specs -T $(top_srcdir)/locker-fw/core/m4.ld \
	    -Wl,--gc-sections $(top_srcdir)/locker-fw/core/m4.c m4/*.o -o m4/locker-m4.elf && \
	  timeout 60 $(M4_QEMU) -M mps2-an386 -nographic -semihosting-config enable=on,target=native -kernel m4/locker-m4.elf; \
	fi
