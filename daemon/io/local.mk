# daemon/io: the only files that name libpq and libcurl.
noinst_LTLIBRARIES += daemon/io/libio.la
daemon_io_libio_la_SOURCES = daemon/io/db.c daemon/io/db.h
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
