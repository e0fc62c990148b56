# daemon/api: the route table and what serves it.
check_PROGRAMS += daemon/api/path_test
TESTS += daemon/api/path_test
daemon_api_path_test_SOURCES = daemon/api/path_test.c daemon/api/path.c daemon/api/path.h
daemon_api_path_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
daemon_api_path_test_LDADD = $(CHECK_LIBS)
