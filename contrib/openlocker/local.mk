# yizhan-openlocker: controllers that speak Open-Locker's MQTT contract, as lockers of ours.
noinst_LTLIBRARIES += contrib/openlocker/libopenlocker.la
contrib_openlocker_libopenlocker_la_SOURCES = \
	contrib/openlocker/bank.c contrib/openlocker/bank.h \
	contrib/openlocker/driver.c contrib/openlocker/driver.h \
	contrib/openlocker/payload.c contrib/openlocker/payload.h
contrib_openlocker_libopenlocker_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)

sbin_PROGRAMS += yizhan-openlocker
yizhan_openlocker_SOURCES = contrib/openlocker/main.c
yizhan_openlocker_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS)
yizhan_openlocker_LDADD = contrib/openlocker/libopenlocker.la locker-fw/port/liblocker.la \
	locker-fw/core/liblockercore.la $(BASE_LIBS) $(MODBUS_LIBS) $(QRENCODE_LIBS)
dist_man_MANS += contrib/openlocker/yizhan-openlocker.8

check_PROGRAMS += contrib/openlocker/payload_test contrib/openlocker/openlocker_test
TESTS += contrib/openlocker/payload_test contrib/openlocker/openlocker_test
contrib_openlocker_payload_test_SOURCES = contrib/openlocker/payload_test.c tests/contract/schema.c tests/contract/schema.h
contrib_openlocker_payload_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
contrib_openlocker_payload_test_LDADD = contrib/openlocker/libopenlocker.la locker-fw/port/liblocker.la \
	locker-fw/core/liblockercore.la $(BASE_LIBS) $(CHECK_LIBS)
contrib_openlocker_openlocker_test_SOURCES = contrib/openlocker/openlocker_test.c
contrib_openlocker_openlocker_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
contrib_openlocker_openlocker_test_LDADD = $(LOCKER_RIG_LIBS) $(CHECK_LIBS)
EXTRA_DIST += contrib/openlocker/contract.json contrib/openlocker/examples.json
