# daemon/intake: parcels and scans come in.
noinst_LTLIBRARIES += daemon/intake/libintake.la
daemon_intake_libintake_la_SOURCES = \
	daemon/intake/fold.c daemon/intake/fold.h \
	daemon/intake/scan.c daemon/intake/scan.h \
	daemon/intake/sheet.c daemon/intake/sheet.h \
	daemon/intake/waybill.c daemon/intake/waybill.h
daemon_intake_libintake_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)

check_PROGRAMS += daemon/intake/sheet_test daemon/intake/waybill_test
TESTS += daemon/intake/sheet_test daemon/intake/waybill_test
daemon_intake_waybill_test_SOURCES = daemon/intake/waybill_test.c daemon/intake/waybill.c daemon/intake/waybill.h
daemon_intake_waybill_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
daemon_intake_waybill_test_LDADD = $(CHECK_LIBS)
daemon_intake_sheet_test_SOURCES = daemon/intake/sheet_test.c daemon/intake/sheet.c daemon/intake/sheet.h
daemon_intake_sheet_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
daemon_intake_sheet_test_LDADD = -lcsv $(BASE_LIBS) $(CHECK_LIBS)
