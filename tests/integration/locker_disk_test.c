/* A real controller whose journal lies on a real ext4 that goes bad: full, read-only after an error, shut
 * down under it (EXT4_IOC_SHUTDOWN, as a power cut) again and again, with and without kill -9. What was told
 * as done must be there afterwards, no door may open twice, and while nothing can be recorded the locker must
 * say so and open nothing. Needs root and loop devices; without them it is skipped, and journal_disk_test
 * stands for the medium. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/types.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/integration/locker_rig.h"

enum { SHUTDOWN_NOLOGFLUSH = 2, SHUTDOWNS = 5 /* LOCKER_SHUTDOWNS: more */ };

static char dir[64], image[96], disk[96], answer[4096];

static int sh(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static int sh(const char *fmt, ...)
{
    char line[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    return system(line);
}

static int mount_disk(void)
{
    return sh("mount -o loop,errors=remount-ro %s %s 2>/dev/null", image, disk);
}

static void make_disk(void)
{
    strcpy(dir, "/tmp/locker_disk.XXXXXX");
    if (!mkdtemp(dir))
        abort();
    snprintf(image, sizeof image, "%s/image", dir);
    snprintf(disk, sizeof disk, "%s/disk", dir);
    if (sh("mkdir %s && truncate -s 16M %s && mkfs.ext4 -q -F %s 2>/dev/null", disk, image, image) != 0 ||
        mount_disk() != 0) {
        sh("rm -rf %s", dir);
        puts("skipped: no root, mkfs.ext4 or loop devices; journal_disk_test models the medium instead");
        exit(77);
    }
}

static void unmount(void)
{
    for (int i = 0; i < 100 && sh("umount %s 2>/dev/null", disk) != 0; i++)
        usleep(50000);
}

static void drop_disk(void)
{
    unmount();
    sh("rm -rf %s", dir);
}

static void shut_down(void)
{
    const unsigned how = SHUTDOWN_NOLOGFLUSH;
    int fd = open(disk, O_RDONLY | O_DIRECTORY);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ioctl(fd, _IOR('X', 125, __u32), &how), 0);
    close(fd);
}

static struct rig *rig(void)
{
    return rig_new(&(struct rig_options){.profile = "xunming16",
                                         .boards = "--auto",
                                         .journal = disk,
                                         .lockerd = "bus.poll_ms=20 limits.tries=10"});
}

static void hand(struct rig *r, const char *verb, unsigned n)
{
    char line[64];

    snprintf(line, sizeof line, "%s JN-01-001 %u", verb, n);
    rig_hand(r, line, answer, sizeof answer);
}

static void deposit(struct rig *r, unsigned n, uint8_t ref)
{
    unsigned had = rig_events(r, EVENT_DEPOSITED);
    uint8_t id[16];

    rig_command(r, OP_OPEN_DEPOSIT, n, ref, 0, id);
    ck_assert_int_eq(rig_result(r, id, "opened", 4000), WHY_NONE);
    hand(r, "close", n);
    ck_assert_int_eq(rig_event(r, EVENT_DEPOSITED, had + 1, 4000), 0);
}

static void collect(struct rig *r, unsigned n, uint8_t ref, const char *want)
{
    char code[CODE_DIGITS + 1], body[64];

    rig_code(r, ref, 0, code);
    snprintf(body, sizeof body, "{\"digits\":\"%s\"}", code);
    ck_assert_int_eq(rig_kiosk(r, "POST", "/api/code", body, answer, sizeof answer), 200);
    ck_assert_msg(strstr(answer, want) != NULL, "%s, not %s", answer, want);
    if (strstr(want, "true") == NULL)
        return;
    rig_run(r, 300);
    hand(r, "close", n);
}

static int alarm_stands(struct rig *r, const char *name, int want, int ms)
{
    char word[32];

    snprintf(word, sizeof word, "\"%s\"", name);
    for (int t = 0; t < ms; t += 50) {
        const char *at = strstr(rig_state(r), "\"alarms\":[");
        const char *end = at ? strchr(at, ']') : NULL, *hit = at ? strstr(at, word) : NULL;

        if (at && (hit && hit < end) == want)
            return 1;
        rig_run(r, 50);
    }
    return 0;
}

static unsigned pulses_of(struct rig *r)
{
    unsigned n = 0;

    rig_run(r, 300);
    while (rig_ledger_time(r, "pulse_on", n + 1))
        n++;
    return n;
}

START_TEST(a_full_disk)
{
    struct rig *r;

    make_disk();
    sh("dd if=/dev/zero of=%s/filler bs=64k 2>/dev/null; dd if=/dev/zero of=%s/filler2 bs=1k 2>/dev/null",
       disk, disk);
    r = rig(); /* nothing can be recorded from the start */
    ck_assert(alarm_stands(r, "journal", 1, 3000));
    ck_assert_int_eq(rig_kiosk(r, "GET", "/api/status", "", answer, sizeof answer), 200);
    ck_assert_ptr_nonnull(strstr(answer, "\"broken\":true"));
    collect(r, 1, 1, "\"why\":\"journal\"");
    ck_assert_uint_eq(pulses_of(r), 0);
    sh("rm %s/filler*", disk);
    ck_assert(alarm_stands(r, "journal", 0, 8000));
    deposit(r, 2, 1);
    sh("dd if=/dev/zero of=%s/filler bs=64k 2>/dev/null; dd if=/dev/zero of=%s/filler2 bs=1k 2>/dev/null",
       disk, disk);
    deposit(r, 3, 2); /* there is room ahead */
    rig_kill(r, 'l', SIGKILL);
    rig_start(r, 'l');
    ck_assert_int_eq(rig_wait_session(r, 5000), 0);
    ck_assert(alarm_stands(r, "disk", 1, 3000));
    ck_assert(alarm_stands(r, "journal", 0, 1000));
    collect(r, 2, 1, "\"ok\":true,\"compartment\":2");
    collect(r, 3, 2, "\"ok\":true,\"compartment\":3");
    ck_assert_int_eq(rig_event(r, EVENT_COLLECTED, 2, 4000), 0);
    ck_assert_uint_eq(pulses_of(r), 4);
    ck_assert_uint_eq(rig_chain_faults(r), 0);
    rig_free(r);
}
END_TEST

START_TEST(read_only_after_an_error)
{
    struct rig *r;
    uint8_t id[16];

    make_disk();
    r = rig();
    deposit(r, 4, 1);
    if (sh("mount -o remount,abort %s 2>/dev/null", disk) != 0)
        shut_down(); /* a kernel without that option */
    rig_command(r, OP_OPEN_SERVICE, 5, 0, 0, id);
    ck_assert_int_eq(rig_result(r, id, "refused", 4000), WHY_JOURNAL);
    ck_assert(alarm_stands(r, "journal", 1, 4000));
    collect(r, 4, 1, "\"why\":\"journal\"");
    ck_assert_uint_eq(pulses_of(r), 1);
    unmount();
    ck_assert_int_eq(mount_disk(), 0);
    ck_assert(alarm_stands(r, "journal", 0, 9000));
    collect(r, 4, 1, "\"ok\":true,\"compartment\":4");
    ck_assert_int_eq(rig_event(r, EVENT_COLLECTED, 1, 4000), 0);
    ck_assert_uint_eq(rig_chain_faults(r), 0);
    rig_free(r);
}
END_TEST

/* Deposits go on while the disk goes away; each that was told as deposited is collected by its code in the
 * end. */
START_TEST(shut_down_again_and_again)
{
    struct rig *r;
    const char *more = getenv("LOCKER_SHUTDOWNS");
    int rounds = more ? atoi(more) : SHUTDOWNS;
    unsigned accepted = 0;
    uint8_t refs = 0;

    make_disk();
    r = rig();
    for (int round = 0; round < rounds; round++) {
        uint8_t id[16];
        unsigned n = 1 + (unsigned)round % 16;

        deposit(r, n, ++refs);
        accepted++;
        rig_command(r, OP_OPEN_SERVICE, 16, 0, 0, id);
        usleep((unsigned)(round * 700));
        shut_down();
        if (round % 3 == 0)
            rig_kill(r, 'l', SIGKILL);
        accepted += rig_result(r, id, "accepted", 700) == WHY_NONE;
        unmount();
        ck_assert_int_eq(mount_disk(), 0);
        if (round % 3 == 0) {
            rig_start(r, 'l');
            ck_assert_int_eq(rig_wait_session(r, 5000), 0);
        }
        ck_assert(alarm_stands(r, "journal", 0, 9000));
        hand(r, "close", 16);
        rig_run(r, 200);
        rig_command(r, OP_IN_SERVICE, 16, 0, 0, id);
        ck_assert_int_eq(rig_result(r, id, "done", 3000), WHY_NONE);
        collect(r, n, refs, "\"ok\":true");
        accepted++;
        ck_assert_int_eq(rig_event(r, EVENT_COLLECTED, refs, 4000), 0);
    }
    ck_assert_uint_le(pulses_of(r), accepted);
    ck_assert_uint_ge(pulses_of(r), 2 * (unsigned)rounds);
    ck_assert_uint_eq(rig_chain_faults(r), 0);
    rig_free(r);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("locker on a bad disk");
    TCase *c = tcase_create("disk");
    SRunner *runner = srunner_create(s);
    int failed;

    setenv("PATH", "/usr/sbin:/sbin:/usr/local/sbin:/usr/bin:/bin", 1);
    make_disk();
    drop_disk();
    tcase_add_checked_fixture(c, NULL, drop_disk);
    tcase_set_timeout(c, 600);
    tcase_add_test(c, a_full_disk);
    tcase_add_test(c, read_only_after_an_error);
    tcase_add_test(c, shut_down_again_and_again);
    suite_add_tcase(s, c);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
