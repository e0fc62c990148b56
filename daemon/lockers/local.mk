# daemon/lockers: signed commands, results, the controllers' journals.
noinst_LTLIBRARIES += daemon/lockers/liblockers.la
daemon_lockers_liblockers_la_SOURCES = \
	daemon/lockers/fleet.c daemon/lockers/fleet.h \
	daemon/lockers/journal.c daemon/lockers/journal.h \
	daemon/lockers/lockers.c daemon/lockers/lockers.h \
	daemon/lockers/message.c daemon/lockers/message.h
daemon_lockers_liblockers_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)

check_PROGRAMS += daemon/lockers/fleet_test
TESTS += daemon/lockers/fleet_test
daemon_lockers_fleet_test_SOURCES = daemon/lockers/fleet_test.c daemon/lockers/fleet.c daemon/lockers/fleet.h
daemon_lockers_fleet_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
daemon_lockers_fleet_test_LDADD = $(BASE_LIBS) $(CHECK_LIBS)
