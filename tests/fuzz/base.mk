# Every parser fed with bytes by chance, with seeds and with their mutations by `make check`, under sanitizers when it is
# built with them; `make fuzz [FUZZ_SECONDS=30]` looks further, with libFuzzer (clang).
BASE_FUZZ = json http sheet path words
BASE_FUZZ_SEEDS = tests/fuzz/base/json tests/fuzz/base/http tests/fuzz/base/sheet tests/fuzz/base/path tests/fuzz/base/path2 \
	tests/fuzz/base/path3 tests/fuzz/base/words tests/fuzz/base/words2 tests/fuzz/base/words3
EXTRA_DIST += tests/fuzz/base.mk tests/fuzz/replay.sh $(BASE_FUZZ_SEEDS)
REPLAYS = tests/fuzz/replay_json tests/fuzz/replay_http tests/fuzz/replay_sheet tests/fuzz/replay_path tests/fuzz/replay_words \
	tests/fuzz/replay_grant tests/fuzz/replay_receipt tests/fuzz/replay_record tests/fuzz/replay_snapshot \
	tests/fuzz/replay_frame tests/fuzz/replay_profile tests/fuzz/replay_command \
	tests/fuzz/replay_input tests/fuzz/replay_neighbour tests/fuzz/replay_bank \
	tests/fuzz/replay_map tests/fuzz/replay_rules tests/fuzz/replay_traffic tests/fuzz/replay_osrm
check_PROGRAMS += $(REPLAYS)
TESTS += tests/fuzz/replay.sh

REPLAY_LOCKER = locker-fw/port/liblocker.la locker-fw/core/liblockercore.la $(BASE_LIBS)
REPLAY_ROADS = routing/road/libroadio.la routing/geo/libgeo.la $(EXPAT_LIBS) $(ZLIB_LIBS) -lm
tests_fuzz_replay_json_SOURCES = tests/fuzz/base_fuzz.c tests/fuzz/replay.c daemon/api/path.c daemon/api/path.h daemon/intake/sheet.c \
	daemon/intake/sheet.h daemon/intake/waybill.c daemon/intake/waybill.h
tests_fuzz_replay_json_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_json
tests_fuzz_replay_json_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_replay_json_LDADD = -lcsv $(BASE_LIBS)
tests_fuzz_replay_http_SOURCES = tests/fuzz/base_fuzz.c tests/fuzz/replay.c daemon/api/path.c daemon/api/path.h daemon/intake/sheet.c \
	daemon/intake/sheet.h daemon/intake/waybill.c daemon/intake/waybill.h
tests_fuzz_replay_http_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_http
tests_fuzz_replay_http_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_replay_http_LDADD = -lcsv $(BASE_LIBS)
tests_fuzz_replay_sheet_SOURCES = tests/fuzz/base_fuzz.c tests/fuzz/replay.c daemon/api/path.c daemon/api/path.h daemon/intake/sheet.c \
	daemon/intake/sheet.h daemon/intake/waybill.c daemon/intake/waybill.h
tests_fuzz_replay_sheet_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_sheet
tests_fuzz_replay_sheet_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_replay_sheet_LDADD = -lcsv $(BASE_LIBS)
tests_fuzz_replay_path_SOURCES = tests/fuzz/base_fuzz.c tests/fuzz/replay.c daemon/api/path.c daemon/api/path.h daemon/intake/sheet.c \
	daemon/intake/sheet.h daemon/intake/waybill.c daemon/intake/waybill.h
tests_fuzz_replay_path_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_path
tests_fuzz_replay_path_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_replay_path_LDADD = -lcsv $(BASE_LIBS)
tests_fuzz_replay_words_SOURCES = tests/fuzz/base_fuzz.c tests/fuzz/replay.c daemon/api/path.c daemon/api/path.h daemon/intake/sheet.c \
	daemon/intake/sheet.h daemon/intake/waybill.c daemon/intake/waybill.h
tests_fuzz_replay_words_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_words
tests_fuzz_replay_words_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_replay_words_LDADD = -lcsv $(BASE_LIBS)
tests_fuzz_replay_grant_SOURCES = tests/fuzz/locker_fuzz.c tests/fuzz/replay.c
tests_fuzz_replay_grant_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_grant
tests_fuzz_replay_grant_LDADD = $(REPLAY_LOCKER)
tests_fuzz_replay_receipt_SOURCES = tests/fuzz/locker_fuzz.c tests/fuzz/replay.c
tests_fuzz_replay_receipt_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_receipt
tests_fuzz_replay_receipt_LDADD = $(REPLAY_LOCKER)
tests_fuzz_replay_record_SOURCES = tests/fuzz/locker_fuzz.c tests/fuzz/replay.c
tests_fuzz_replay_record_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_record
tests_fuzz_replay_record_LDADD = $(REPLAY_LOCKER)
tests_fuzz_replay_snapshot_SOURCES = tests/fuzz/locker_fuzz.c tests/fuzz/replay.c
tests_fuzz_replay_snapshot_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_snapshot
tests_fuzz_replay_snapshot_LDADD = $(REPLAY_LOCKER)
tests_fuzz_replay_frame_SOURCES = tests/fuzz/locker_fuzz.c tests/fuzz/replay.c
tests_fuzz_replay_frame_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_frame
tests_fuzz_replay_frame_LDADD = $(REPLAY_LOCKER)
tests_fuzz_replay_profile_SOURCES = tests/fuzz/locker_fuzz.c tests/fuzz/replay.c
tests_fuzz_replay_profile_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_profile
tests_fuzz_replay_profile_LDADD = $(REPLAY_LOCKER)
tests_fuzz_replay_command_SOURCES = tests/fuzz/locker_fuzz.c tests/fuzz/replay.c
tests_fuzz_replay_command_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_command
tests_fuzz_replay_command_LDADD = $(REPLAY_LOCKER)
tests_fuzz_replay_input_SOURCES = tests/fuzz/locker_fuzz.c tests/fuzz/replay.c
tests_fuzz_replay_input_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_input
tests_fuzz_replay_input_LDADD = $(REPLAY_LOCKER)
tests_fuzz_replay_neighbour_SOURCES = tests/fuzz/locker_fuzz.c tests/fuzz/replay.c
tests_fuzz_replay_neighbour_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_neighbour
tests_fuzz_replay_neighbour_LDADD = contrib/openlocker/libopenlocker.la $(REPLAY_LOCKER)
tests_fuzz_replay_bank_SOURCES = tests/fuzz/locker_fuzz.c tests/fuzz/replay.c
tests_fuzz_replay_bank_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_bank
tests_fuzz_replay_bank_LDADD = contrib/openlocker/libopenlocker.la $(REPLAY_LOCKER)
tests_fuzz_replay_map_SOURCES = tests/fuzz/roads_fuzz.c tests/fuzz/replay.c
tests_fuzz_replay_map_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_map
tests_fuzz_replay_map_LDADD = $(REPLAY_ROADS)
tests_fuzz_replay_rules_SOURCES = tests/fuzz/roads_fuzz.c tests/fuzz/replay.c
tests_fuzz_replay_rules_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_profile
tests_fuzz_replay_rules_LDADD = $(REPLAY_ROADS)
tests_fuzz_replay_traffic_SOURCES = tests/fuzz/roads_fuzz.c tests/fuzz/replay.c
tests_fuzz_replay_traffic_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_traffic
tests_fuzz_replay_traffic_LDADD = $(REPLAY_ROADS)
tests_fuzz_replay_osrm_SOURCES = tests/fuzz/roads_fuzz.c tests/fuzz/replay.c
tests_fuzz_replay_osrm_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_osrm
tests_fuzz_replay_osrm_LDADD = $(REPLAY_ROADS)

FUZZ_BASE_FILES = tests/fuzz/base_fuzz.c base/http_head.c base/id.c base/json.c base/log.c base/log_limit.c base/clock.c base/time.c \
	base/error.c daemon/api/path.c daemon/intake/sheet.c daemon/intake/waybill.c
.PHONY: fuzz fuzz-base
fuzz: fuzz-base fuzz-locker fuzz-roads fuzz-routing
fuzz-base:
	@mkdir -p tests/fuzz
	@set -e; for t in $(BASE_FUZZ); do \
	  $(FUZZ_CC) $(FUZZ_CFLAGS) -DFUZZ_$$t -I$(top_srcdir) -I. $(JANSSON_CFLAGS) -o tests/fuzz/base_$${t}_fuzz \
	    $(addprefix $(top_srcdir)/,$(FUZZ_BASE_FILES)) $(JANSSON_LIBS) $(SODIUM_LIBS) -lcsv -lpthread; \
	  mkdir -p tests/fuzz/corpus-$$t && cp $(top_srcdir)/tests/fuzz/base/$$t* tests/fuzz/corpus-$$t; \
	  tests/fuzz/base_$${t}_fuzz -max_total_time=$(or $(FUZZ_SECONDS),30) -max_len=4096 -print_final_stats=1 \
	    tests/fuzz/corpus-$$t >tests/fuzz/$$t.log 2>&1 || { tail -30 tests/fuzz/$$t.log; exit 1; }; \
	  echo "$$t: $$(sed -n 's/stat::number_of_executed_units: *//p' tests/fuzz/$$t.log) inputs, no fault"; \
	done
