/* The journal through power cuts: at every byte of the file, around every write, in the middle of a rewrite.
 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "locker-fw/port/crypto.h"
#include "locker-fw/port/journal.h"

static char dir[64], path[96];
static struct core core;
static struct core_place places[8];
static struct journal *journal;
static struct core_time now = {1800000000000000, 1000000, 1800000000000000};

static int on_record(void *arg, const struct record *r)
{
    (void)arg;
    return journal_append(journal, r);
}

static int on_sync(void *arg)
{
    (void)arg;
    return journal_sync(journal);
}

static int on_pulse(void *arg, unsigned n)
{
    (void)arg;
    (void)n;
    return 0;
}

static void on_result(void *arg, const struct core_result *r)
{
    (void)arg;
    (void)r;
}

static const struct core_out out = {on_record, on_sync, on_pulse, on_result};

static void fresh_core(uint8_t secret_byte)
{
    uint8_t secret[32] = {secret_byte};
    struct core_setup s = {.locker = "L1",
                           .crypto = &crypto_host,
                           .places = places,
                           .count = 8,
                           .limits = core_limits_default,
                           .out = &out};

    for (int i = 0; i < 8; i++)
        places[i].size = 1;
    keys_derive(&crypto_host, secret, &s.keys);
    core_init(&core, &s);
}

static int open_journal(void)
{
    struct error err;

    fresh_core(1);
    journal = journal_open(dir, &core, &err);
    return journal ? 0 : -1;
}

static void start(void)
{
    ck_assert_int_eq(open_journal(), 0);
    ck_assert_int_eq(core_start(&core, &now, 1), 0);
}

static void setup(void)
{
    strcpy(dir, "/tmp/journal_test.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/journal", dir);
}

static void teardown(void)
{
    char fresh[128];

    snprintf(fresh, sizeof fresh, "%s.new", path);
    unlink(path);
    unlink(fresh);
    rmdir(dir);
}

/* Door edges, one record each. */
static void events(int n)
{
    for (int i = 0; i < n; i++)
        core_note(&core, EVENT_MAINS, WHY_SENSOR, i & 1, &now);
}

static long size_of(void)
{
    struct stat st;

    return stat(path, &st) < 0 ? -1 : (long)st.st_size;
}

START_TEST(what_is_synced_comes_back)
{
    struct record r[64];
    uint8_t prev[RECORD_MAC];
    uint32_t boot;

    start();
    boot = core.boot;
    events(10);
    ck_assert_uint_eq(journal_backlog(journal), 1);
    ck_assert_int_eq(journal_sync(journal), 0);
    ck_assert_uint_eq(journal_backlog(journal), 11);
    journal_close(journal);
    start();
    ck_assert_uint_eq(core.boot, boot + 1);
    ck_assert_int_eq(journal_read(journal, 0, r, 64, prev), 11);
    ck_assert_int_eq(record_holds(&crypto_host, core.setup.keys.chain, prev, &r[0]), 1);
    ck_assert_int_eq(journal_read(journal, 11, r, 64, prev), 1);
    ck_assert_int_eq(r[0].type, EVENT_BOOT);
    ck_assert_int_eq(journal_read(journal, 12, r, 64, prev), 0);
    journal_close(journal);
}
END_TEST

START_TEST(cut_at_every_byte)
{
    char *whole;
    long size, head;
    FILE *f;

    start();
    head = size_of() - RECORD_SIZE;
    events(5);
    journal_sync(journal);
    journal_close(journal);
    size = size_of();
    whole = malloc((size_t)size);
    f = fopen(path, "r");
    ck_assert_uint_eq(fread(whole, 1, (size_t)size, f), (size_t)size);
    fclose(f);
    for (long cut = head; cut <= size; cut++) {
        f = fopen(path, "w");
        fwrite(whole, 1, (size_t)cut, f);
        fclose(f);
        ck_assert_msg(open_journal() == 0, "cut at %ld", cut);
        ck_assert_uint_eq(journal_backlog(journal), (uint64_t)(cut - head) / RECORD_SIZE);
        ck_assert_uint_eq(core.seq, (uint32_t)((cut - head) / RECORD_SIZE));
        journal_close(journal);
    }
    for (long cut = 0; cut < head; cut++) {
        f = fopen(path, "w");
        fwrite(whole, 1, (size_t)cut, f);
        fclose(f);
        ck_assert_int_eq(open_journal(), -1);
    }
    free(whole);
}
END_TEST

START_TEST(torn_page_in_the_tail)
{
    long size;
    int fd;

    start();
    events(8);
    journal_sync(journal);
    journal_close(journal);
    size = size_of();
    for (int back = 1; back <= 8; back++) {
        uint8_t byte;

        fd = open(path, O_RDWR);
        ck_assert_int_eq(pread(fd, &byte, 1, size - back * RECORD_SIZE + 40), 1);
        byte ^= 1;
        ck_assert_int_eq(pwrite(fd, &byte, 1, size - back * RECORD_SIZE + 40), 1);
        close(fd);
        ck_assert_int_eq(open_journal(), 0);
        ck_assert_uint_eq(journal_backlog(journal), (uint64_t)(9 - back));
        journal_close(journal);
    }
}
END_TEST

START_TEST(damage_far_from_the_end_is_an_error)
{
    int fd;

    start();
    events(1200);
    journal_sync(journal);
    journal_close(journal);
    fd = open(path, O_RDWR);
    ck_assert_int_eq(pwrite(fd, "damaged!", 8, size_of() - 1150 * RECORD_SIZE + 40), 8);
    close(fd);
    ck_assert_int_eq(open_journal(), -1);
}
END_TEST

START_TEST(another_secret_is_refused)
{
    struct error err;

    start();
    journal_close(journal);
    fresh_core(2);
    ck_assert_ptr_null(journal_open(dir, &core, &err));
    ck_assert_ptr_null(journal_open("/nonexistent", &core, &err));
}
END_TEST

START_TEST(one_process_at_a_time)
{
    struct journal *first;

    start();
    first = journal;
    ck_assert_int_eq(open_journal(), -1);
    journal_close(first);
}
END_TEST

START_TEST(acknowledged_records_are_trimmed)
{
    struct record r[64], before;
    uint8_t prev[RECORD_MAC];
    struct error err;
    long size;

    start();
    events(5000);
    journal_sync(journal);
    size = size_of();
    ck_assert_int_eq(journal_acknowledge(journal, core.boot, 4000, &core, &err), 4000);
    ck_assert_int_lt(size_of(), size / 3);
    ck_assert_uint_eq(journal_backlog(journal), 1001);
    ck_assert_int_eq(journal_acknowledge(journal, core.boot, 4000, &core, &err), 0);
    ck_assert_int_eq(journal_acknowledge(journal, core.boot - 1, 9000, &core, &err), 0);
    ck_assert_int_eq(journal_read(journal, 0, r, 1, prev), 1);
    ck_assert_uint_eq(r[0].seq, 4001);
    before = r[0];
    events(3);
    journal_sync(journal);
    journal_close(journal);
    start();
    ck_assert_uint_eq(journal_backlog(journal), 1005);
    ck_assert_int_eq(journal_read(journal, 0, r, 64, prev), 64);
    ck_assert_mem_eq(&r[0], &before, sizeof before);
    ck_assert_int_eq(record_holds(&crypto_host, core.setup.keys.chain, prev, &r[0]), 1);
    ck_assert_int_eq(journal_acknowledge(journal, core.boot, 1, &core, &err), 1005);
    ck_assert_int_eq(journal_read(journal, 0, r, 64, prev), 0);
    journal_close(journal);
}
END_TEST

START_TEST(a_rewrite_that_was_cut_leaves_the_old_file)
{
    char fresh[128];
    FILE *f;

    start();
    events(20);
    journal_sync(journal);
    journal_close(journal);
    snprintf(fresh, sizeof fresh, "%s.new", path);
    f = fopen(fresh, "w");
    fputs("half a snap", f);
    fclose(f);
    start();
    ck_assert_uint_eq(journal_backlog(journal), 22);
    journal_close(journal);
}
END_TEST

START_TEST(a_full_disk_stops_everything)
{
    struct error err;

    if (access("/dev/full", W_OK) < 0)
        return;
    start();
    journal_close(journal);
    unlink(path);
    ck_assert_int_eq(symlink("/dev/full", path), 0);
    fresh_core(1);
    ck_assert_ptr_null(journal_open(dir, &core, &err));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("journal");
    TCase *c = tcase_create("journal");
    SRunner *runner = srunner_create(s);
    int failed;

    crypto_init();
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, what_is_synced_comes_back);
    tcase_add_test(c, cut_at_every_byte);
    tcase_add_test(c, torn_page_in_the_tail);
    tcase_add_test(c, damage_far_from_the_end_is_an_error);
    tcase_add_test(c, another_secret_is_refused);
    tcase_add_test(c, one_process_at_a_time);
    tcase_add_test(c, acknowledged_records_are_trimmed);
    tcase_add_test(c, a_rewrite_that_was_cut_leaves_the_old_file);
    tcase_add_test(c, a_full_disk_stops_everything);
    suite_add_tcase(s, c);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
