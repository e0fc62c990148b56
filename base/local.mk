# base/: the ground that the daemon and the controller share; no domain in it.
noinst_LTLIBRARIES += base/libbase.la
base_libbase_la_SOURCES = \
	base/clock.c base/clock.h \
	base/config.c base/config.h \
	base/crypto.c base/crypto.h \
	base/error.c base/error.h \
	base/http.c base/http.h \
	base/http_head.c base/http_head.h \
	base/http_link.c base/http_link.h \
	base/id.c base/id.h \
	base/json.c base/json.h \
	base/jsonw.c base/jsonw.h \
	base/log.c base/log.h \
	base/log_limit.c base/log_limit.h \
	base/loop.c base/loop.h \
	base/mailbox.c base/mailbox.h \
	base/mqtt.c base/mqtt.h \
	base/time.c base/time.h \
	base/wire.c base/wire.h \
	base/worker.c base/worker.h
base_libbase_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(CRYPTO_CFLAGS) $(INIH_CFLAGS) -pthread
# What a program that links libbase.la links too.
BASE_LIBS = base/libbase.la $(EVENT_LIBS) $(JANSSON_LIBS) $(SODIUM_LIBS) $(INIH_LIBS) $(PAHO_LIBS) $(CRYPTO_LIBS) -lpthread

BASE_TESTS = base/id_test base/crypto_test base/log_test base/clock_test \
	base/mailbox_test base/jsonw_test base/http_head_test \
	base/json_test base/time_test base/config_test base/http_test base/mqtt_test base/worker_test
check_PROGRAMS += $(BASE_TESTS)
TESTS += $(BASE_TESTS)
BASE_TEST_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS)
base_id_test_CFLAGS = $(BASE_TEST_CFLAGS)
base_id_test_LDADD = $(BASE_LIBS) $(CHECK_LIBS)
base_crypto_test_CFLAGS = $(BASE_TEST_CFLAGS)
base_crypto_test_LDADD = $(BASE_LIBS) $(CHECK_LIBS)
base_log_test_CFLAGS = $(BASE_TEST_CFLAGS)
base_log_test_LDADD = $(BASE_LIBS) $(CHECK_LIBS)
base_clock_test_CFLAGS = $(BASE_TEST_CFLAGS)
base_clock_test_LDADD = $(BASE_LIBS) $(CHECK_LIBS)
base_mailbox_test_CFLAGS = $(BASE_TEST_CFLAGS)
base_mailbox_test_LDADD = $(BASE_LIBS) $(CHECK_LIBS)
base_jsonw_test_CFLAGS = $(BASE_TEST_CFLAGS)
base_jsonw_test_LDADD = $(BASE_LIBS) $(CHECK_LIBS) -lm
base_http_head_test_CFLAGS = $(BASE_TEST_CFLAGS)
base_http_head_test_LDADD = $(BASE_LIBS) $(CHECK_LIBS)
base_json_test_CFLAGS = $(BASE_TEST_CFLAGS)
base_json_test_LDADD = $(BASE_LIBS) $(CHECK_LIBS)
base_time_test_CFLAGS = $(BASE_TEST_CFLAGS)
base_time_test_LDADD = $(BASE_LIBS) $(CHECK_LIBS)
base_config_test_CFLAGS = $(BASE_TEST_CFLAGS)
base_config_test_LDADD = $(BASE_LIBS) $(CHECK_LIBS)
base_http_test_CFLAGS = $(BASE_TEST_CFLAGS) -DCERTS_SH='"$(abs_top_srcdir)/tests/integration/certs.sh"'
EXTRA_DIST += tests/integration/certs.sh
base_http_test_LDADD = $(BASE_LIBS) $(CHECK_LIBS)
base_worker_test_CFLAGS = $(BASE_TEST_CFLAGS)
base_worker_test_LDADD = $(BASE_LIBS) $(CHECK_LIBS)
base_mqtt_test_CFLAGS = $(BASE_TEST_CFLAGS) -DCERTS_SH='"$(abs_top_srcdir)/tests/integration/certs.sh"' \
	-DBROKER_SH='"$(abs_top_srcdir)/tests/integration/broker.sh"'
base_mqtt_test_LDADD = $(BASE_LIBS) $(CHECK_LIBS)
EXTRA_DIST += tests/integration/broker.sh
