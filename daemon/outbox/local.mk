# daemon/outbox: notices and webhooks go out.
noinst_LTLIBRARIES += daemon/outbox/liboutbox.la
daemon_outbox_liboutbox_la_SOURCES = \
	daemon/outbox/notice.c daemon/outbox/notice.h \
	daemon/outbox/outbox.c daemon/outbox/outbox.h
daemon_outbox_liboutbox_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
