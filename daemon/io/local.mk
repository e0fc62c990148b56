# daemon/io: the only files that name libpq and libcurl.
noinst_LTLIBRARIES += daemon/io/libio.la
daemon_io_libio_la_SOURCES = \
	daemon/io/address.c daemon/io/address.h \
	daemon/io/array.c daemon/io/array.h \
	daemon/io/batch.c daemon/io/batch.h \
	daemon/io/db.c daemon/io/db.h \
	daemon/io/lease.c daemon/io/lease.h \
	daemon/io/outgoing.c daemon/io/outgoing.h \
	daemon/io/sse.c daemon/io/sse.h
nodist_daemon_io_libio_la_SOURCES = daemon/io/queries.gen.c daemon/io/queries.gen.h
daemon_io_libio_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(PQ_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS)
# What a program that links libio.la links too, before BASE_LIBS.
IO_LIBS = daemon/io/libio.la $(PQ_LIBS) $(CURL_LIBS)

# sql/queries/NAME.sql becomes Q_NAME. Files may come and go at any time, so the generator (a few milliseconds)
# runs every time; what it makes is touched only when it changed.
EXTRA_DIST += daemon/io/gen-queries
BUILT_SOURCES += daemon/io/queries.gen.h daemon/io/queries.gen.c
CLEANFILES += daemon/io/queries.gen.h daemon/io/queries.gen.c
daemon/io/queries.gen.h daemon/io/queries.gen.c: FORCE
	@test -d daemon/io || $(MKDIR_P) daemon/io
	@form=`echo $@ | sed 's/.*\.//'`; \
	$(top_srcdir)/daemon/io/gen-queries $$form $(top_srcdir)/sql/queries >$@.new || { rm -f $@.new; exit 1; }; \
	if cmp -s $@.new $@; then rm -f $@.new; else mv -f $@.new $@ && echo "  GEN      $@"; fi
FORCE:
.PHONY: FORCE
daemon/io/queries.gen.c: daemon/io/queries.gen.h

# Tests with a private server; pg.sh serves other folders' tests, too.
EXTRA_DIST += tests/integration/pg.sh
IO_TESTS = daemon/io/batch_test daemon/io/db_test daemon/io/outgoing_test daemon/io/sse_test
check_PROGRAMS += $(IO_TESTS)
TESTS += $(IO_TESTS)
check_LTLIBRARIES += daemon/io/libpgtest.la
daemon_io_libpgtest_la_SOURCES = daemon/io/pg_test.c daemon/io/pg_test.h
daemon_io_libpgtest_la_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(PQ_CFLAGS) -DPG_SH='"$(abs_top_srcdir)/tests/integration/pg.sh"'
IO_TEST_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS) $(PQ_CFLAGS)
IO_TEST_LIBS = daemon/io/libpgtest.la $(IO_LIBS) $(BASE_LIBS) $(CHECK_LIBS)
daemon_io_batch_test_CFLAGS = $(IO_TEST_CFLAGS)
daemon_io_batch_test_LDADD = $(IO_TEST_LIBS)
daemon_io_outgoing_test_CFLAGS = $(IO_TEST_CFLAGS)
daemon_io_outgoing_test_LDADD = $(IO_LIBS) $(BASE_LIBS) $(CHECK_LIBS)
daemon_io_sse_test_CFLAGS = $(IO_TEST_CFLAGS)
daemon_io_sse_test_LDADD = $(IO_LIBS) $(BASE_LIBS) $(CHECK_LIBS)
daemon_io_db_test_CFLAGS = $(IO_TEST_CFLAGS)
daemon_io_db_test_LDADD = $(IO_TEST_LIBS)
