# The controller with real processes around it.
check_LTLIBRARIES += tests/integration/liblockerrig.la
tests_integration_liblockerrig_la_SOURCES = tests/integration/locker_rig.c tests/integration/locker_rig.h tests/integration/locker_rig_hands.c \
	tests/integration/process.c tests/integration/process.h tests/contract/schema.c tests/contract/schema.h
tests_integration_liblockerrig_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
LOCKER_RIG_LIBS = tests/integration/liblockerrig.la locker-fw/port/liblocker.la locker-fw/core/liblockercore.la $(BASE_LIBS)

check_PROGRAMS += tests/integration/locker_life_test
TESTS += tests/integration/locker_life_test
tests_integration_locker_life_test_SOURCES = tests/integration/locker_life_test.c
tests_integration_locker_life_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_integration_locker_life_test_LDADD = $(LOCKER_RIG_LIBS) $(CHECK_LIBS)
AM_TESTS_ENVIRONMENT = top_builddir='$(abs_top_builddir)'; export top_builddir;

check_PROGRAMS += tests/integration/locker_faults_test
TESTS += tests/integration/locker_faults_test
tests_integration_locker_faults_test_SOURCES = tests/integration/locker_faults_test.c
tests_integration_locker_faults_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_integration_locker_faults_test_LDADD = $(LOCKER_RIG_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/integration/locker_disk_test
TESTS += tests/integration/locker_disk_test
tests_integration_locker_disk_test_SOURCES = tests/integration/locker_disk_test.c
tests_integration_locker_disk_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_integration_locker_disk_test_LDADD = $(LOCKER_RIG_LIBS) $(CHECK_LIBS)
EXTRA_DIST += tests/integration/locker.mk tests/contract/locker.mk

dist_check_SCRIPTS = tests/integration/locker_slots.sh tests/integration/locker_tools.sh
TESTS += tests/integration/locker_slots.sh tests/integration/locker_tools.sh
TESTS += tests/integration/offline.sh tests/integration/sending.sh
EXTRA_DIST += tests/integration/offline.sh tests/integration/offline.mjs tests/integration/sending.sh tests/integration/sending.mjs
