# The locker contract: schemas and code say the same.
check_PROGRAMS += tests/contract/locker_contract_test
TESTS += tests/contract/locker_contract_test
tests_contract_locker_contract_test_SOURCES = tests/contract/locker_contract_test.c tests/contract/schema.c \
	tests/contract/schema.h daemon/lockers/message.c daemon/lockers/message.h
tests_contract_locker_contract_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_contract_locker_contract_test_LDADD = locker-fw/core/libtestbox.la locker-fw/port/liblocker.la \
	locker-fw/core/liblockercore.la $(BASE_LIBS) $(CHECK_LIBS)
