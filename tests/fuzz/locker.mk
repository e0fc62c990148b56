# make fuzz-locker [FUZZ_SECONDS=30]: every parser of the locker under libFuzzer with address and undefined
# sanitizers. Needs clang and its run-time; nothing of it is built otherwise.
LOCKER_FUZZ = grant receipt record snapshot frame profile input command neighbour bank
FUZZ_CC = clang-14
FUZZ_CFLAGS = -std=gnu11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -D_GNU_SOURCE
LOCKER_FUZZ_FILES = tests/fuzz/locker_fuzz.c locker-fw/port/message.c locker-fw/port/profile_file.c \
	contrib/openlocker/bank.c contrib/openlocker/payload.c base/json.c base/error.c base/id.c base/time.c base/crypto.c base/log.c base/log_limit.c base/clock.c \
	$(filter %.c,$(locker_fw_core_liblockercore_la_SOURCES))
EXTRA_DIST += tests/fuzz/locker.mk tests/fuzz/locker_fuzz.c

.PHONY: fuzz-locker
fuzz-locker:
	@mkdir -p tests/fuzz
	@set -e; for t in $(LOCKER_FUZZ); do \
	  $(FUZZ_CC) $(FUZZ_CFLAGS) -DFUZZ_$$t -I$(top_srcdir) -I. $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(INIH_CFLAGS) \
	    -o tests/fuzz/locker_$${t}_fuzz $(addprefix $(top_srcdir)/,$(LOCKER_FUZZ_FILES)) \
	    $(JANSSON_LIBS) $(INIH_LIBS) $(SODIUM_LIBS); \
	  mkdir -p tests/fuzz/corpus-$$t; \
	  tests/fuzz/locker_$${t}_fuzz -max_total_time=$(or $(FUZZ_SECONDS),30) -max_len=4096 -print_final_stats=1 \
	    tests/fuzz/corpus-$$t >tests/fuzz/$$t.log 2>&1 || { tail -30 tests/fuzz/$$t.log; exit 1; }; \
	  echo "$$t: $$(sed -n 's/stat::number_of_executed_units: *//p' tests/fuzz/$$t.log) inputs, no fault"; \
	done
