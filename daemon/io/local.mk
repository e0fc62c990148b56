# daemon/io: the only files that name libpq and libcurl.
noinst_LTLIBRARIES += daemon/io/libio.la
daemon_io_libio_la_SOURCES = daemon/io/db.c daemon/io/db.h
daemon_io_libio_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(PQ_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS)
