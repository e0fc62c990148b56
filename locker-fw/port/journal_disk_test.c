/* The journal on a medium that fails. Every system call of a long scenario is made to fail in turn, with a
 * full disk, an error and a disk that has become read-only, once or for good; afterwards the journal is
 * opened again, at once or after a power cut. The medium is modelled: bytes count only once an fdatasync that
 * covers them has succeeded, bytes that a failed fdatasync covered are readable until the power cut and gone
 * after it, and a rename counts once its folder was synced. Whatever journal_sync reported as synced must be
 * there, in order, under an unbroken chain. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "locker-fw/port/crypto.h"
#include "locker-fw/port/journal.h"

enum { FILES = 8, BYTES = 1 << 19, LEDGER = 8192, ROUNDS = 14, STEPS_MAX = 2000 };
enum { DURABLE, DIRTY, LOST };

/* ---- the medium ---- */

static struct file {
    ino_t ino;
    size_t size, durable_size;
    uint8_t bytes[BYTES], state[BYTES];
} files[FILES];
static ino_t named, named_durably; /* the inode that is "journal" */
static char dir[64], path[96], fresh[128];
static long step, fail_at;
static int fail_errno, fail_for_good, armed, no_reserve;

int __real_fstat(int fd, struct stat *ret);

static struct file *file_of(int fd)
{
    struct stat st;

    if (__real_fstat(fd, &st) < 0)
        abort();
    for (int i = 0; i < FILES; i++) {
        if (files[i].ino == st.st_ino)
            return &files[i];
    }
    for (int i = 0; i < FILES; i++) {
        if (files[i].ino == 0 || (files[i].ino != named && files[i].ino != named_durably)) {
            memset(&files[i], 0, sizeof files[i]);
            files[i].ino = st.st_ino;
            return &files[i];
        }
    }
    abort();
}

/* 1 when this call is to fail; errno is set. */
static int fails(void)
{
    if (!armed)
        return 0;
    step++;
    if (fail_at == 0 || (fail_for_good ? step < fail_at : step != fail_at))
        return 0;
    errno = fail_errno;
    return 1;
}

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
    off_t at;
    struct file *f;
    ssize_t n;

    if (!armed)
        return __real_write(fd, bytes, len);
    if (fails()) {
        if (fail_errno != ENOSPC || fail_for_good || len < 2)
            return -1;
        len /= 2; /* the last of the room */
    }
    at = lseek(fd, 0, SEEK_END);
    n = __real_write(fd, bytes, len);
    ck_assert_int_eq(n, (ssize_t)len);
    f = file_of(fd);
    ck_assert_uint_le((size_t)at + len, BYTES);
    memcpy(f->bytes + at, bytes, len);
    memset(f->state + at, DIRTY, len);
    f->size = (size_t)at + len > f->size ? (size_t)at + len : f->size;
    return n;
}

int __real_ftruncate(int fd, off_t size);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_ftruncate(int fd, off_t size)
{
    if (fail_errno != ENOSPC && fails())
        return -1;
    if (armed)
        file_of(fd)->size = (size_t)size;
    return __real_ftruncate(fd, size);
}

int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
    struct file *f = file_of(fd);
    int bad = !(fail_errno == ENOSPC && fail_for_good) && fails();

    for (size_t i = 0; i < f->size; i++) {
        if (f->state[i] == DIRTY)
            f->state[i] = bad ? LOST : DURABLE;
    }
    if (bad)
        return -1;
    f->durable_size = f->size;
    return 0;
}

int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    (void)fd;
    if (fail_errno != ENOSPC && fails())
        return -1;
    named_durably = named;
    return 0;
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to)
{
    struct stat st;

    if (fail_errno != ENOSPC && fails())
        return -1;
    if (stat(from, &st) < 0)
        abort();
    named = st.st_ino;
    return __real_rename(from, to);
}

ssize_t __real_pread(int fd, void *bytes, size_t len, off_t at);
ssize_t __wrap_pread(int fd, void *bytes, size_t len, off_t at);
ssize_t __wrap_pread(int fd, void *bytes, size_t len, off_t at)
{
    return (fail_errno == EIO || fail_errno == EINTR) && fails() ? -1 : __real_pread(fd, bytes, len, at);
}

int __real_open(const char *name, int flags, ...);
int __wrap_open(const char *name, int flags, ...);
int __wrap_open(const char *name, int flags, ...)
{
    if ((flags & O_ACCMODE) != O_RDONLY && (fail_errno != ENOSPC || flags & O_CREAT) && fails())
        return -1;
    return __real_open(name, flags, 0600);
}

int __wrap_fallocate(int fd, int mode, off_t at, off_t len);
int __wrap_fallocate(int fd, int mode, off_t at, off_t len)
{
    (void)fd;
    (void)mode;
    (void)at;
    (void)len;
    errno = EOPNOTSUPP;
    return no_reserve || (fail_errno == ENOSPC && fails()) ? -1 : 0;
}

int __real_fstat(int fd, struct stat *ret);
int __wrap_fstat(int fd, struct stat *ret);
int __wrap_fstat(int fd, struct stat *ret)
{
    return armed && fail_errno == EIO && fails() ? -1 : __real_fstat(fd, ret);
}

int __real_flock(int fd, int how);
int __wrap_flock(int fd, int how);
int __wrap_flock(int fd, int how)
{
    return fail_errno == EIO && fails() ? -1 : __real_flock(fd, how);
}

/* The folder as it is found when the power is back: what was never durable is gone, of the last writes a part
 * may have made it. */
static void cut_power(unsigned luck)
{
    size_t size, spare;
    struct file *f = NULL;
    int fd;

    unlink(path);
    unlink(fresh);
    for (int i = 0; i < FILES; i++)
        f = files[i].ino == named_durably && named_durably ? &files[i] : f;
    if (!f)
        return;
    spare = f->size > f->durable_size ? f->size - f->durable_size : 0;
    size = f->durable_size + (spare ? luck % (spare + 1) : 0);
    for (size_t i = 0; i < size; i++) {
        if (f->state[i] == LOST)
            f->bytes[i] = 0;
        f->state[i] = DURABLE;
    }
    fd = __real_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_eq(__real_write(fd, f->bytes, size), (ssize_t)size);
    f->size = f->durable_size = size;
    f->ino = named = named_durably = 0;
    {
        struct stat st;

        ck_assert_int_eq(__real_fstat(fd, &st), 0);
        f->ino = named = named_durably = st.st_ino;
    }
    close(fd);
}

/* ---- the locker ---- */

static struct core core;
static struct core_place places[8];
static struct journal *journal;
static struct core_time now = {1800000000000000, 1000000, 1800000000000000};
static struct record ledger[LEDGER]; /* what was reported as synced */
static struct record waiting[LEDGER];
static unsigned synced, acked, unsynced;

static int on_record(void *arg, const struct record *r)
{
    (void)arg;
    if (journal_append(journal, r) < 0)
        return -1;
    ck_assert_uint_lt(unsynced, LEDGER);
    waiting[unsynced++] = *r;
    return 0;
}

static int on_sync(void *arg)
{
    (void)arg;
    if (journal_sync(journal) < 0)
        return -1;
    for (unsigned i = 0; i < unsynced; i++)
        ledger[synced++] = waiting[i];
    unsynced = 0;
    return 0;
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

static int start(struct error *err)
{
    uint8_t secret[32] = {1};
    struct core_setup s = {.locker = "L1",
                           .crypto = &crypto_host,
                           .places = places,
                           .count = 8,
                           .limits = core_limits_default,
                           .out = &out};

    keys_derive(&crypto_host, secret, &s.keys);
    core_init(&core, &s);
    unsynced = 0;
    journal = journal_open(dir, &core, err);
    if (!journal)
        return -1;
    if (core_start(&core, &now, 1) == 0)
        return 0;
    journal_close(journal);
    journal = NULL;
    return -1;
}

/* Everything in the ledger that is not acknowledged is in the journal, in this order. */
static void check_ledger(const char *what)
{
    static struct record got[LEDGER];
    uint8_t prev[RECORD_MAC], before[RECORD_MAC];
    uint64_t n = 0;
    unsigned at = 0;
    int k;

    while ((k = journal_read(journal, n, got + n, 64, prev)) > 0) {
        memcpy(before, prev, RECORD_MAC);
        for (int i = 0; i < k; i++) {
            ck_assert_msg(record_holds(&crypto_host, core.setup.keys.chain, before, &got[n + (unsigned)i]),
                          "%s", what);
            memcpy(before, got[n + (unsigned)i].mac, RECORD_MAC);
        }
        n += (unsigned)k;
    }
    ck_assert_int_eq(k, 0);
    if (acked == synced)
        return;
    while (at < n && memcmp(got[at].mac, ledger[acked].mac, RECORD_MAC) != 0)
        at++;
    for (unsigned i = acked; i < synced; i++, at++) {
        while (at < n && memcmp(got[at].mac, ledger[i].mac, RECORD_MAC) != 0)
            at++; /* not reported, but written all the same */
        ck_assert_msg(at < n && memcmp(&got[at], &ledger[i], sizeof got[at]) == 0,
                      "%s: record %u of %u is lost (%s)", what, i - acked, synced - acked,
                      event_name(ledger[i].type));
    }
}

/* Records, syncs and acknowledgements, until something fails. 0 when all went well. */
static int work(int rounds)
{
    struct error err;

    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i <= round % 5; i++) {
            if (core_note(&core, EVENT_MAINS, WHY_SENSOR, i & 1, &now) < 0)
                return -1;
        }
        if (on_sync(NULL) < 0)
            return -1;
        if (round % 4 == 3 && synced > acked + 3) {
            const struct record *r = &ledger[synced - 3];
            int64_t n = journal_acknowledge(journal, r->boot, r->seq, &core, &err);

            acked = synced - 2;
            if (n < 0)
                return -1;
        }
    }
    return 0;
}

static void setup(void)
{
    strcpy(dir, "/tmp/journal_disk_test.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/journal", dir);
    snprintf(fresh, sizeof fresh, "%s/journal.new", dir);
}

static void clear(void)
{
    unlink(path);
    unlink(fresh);
    memset(files, 0, sizeof files);
    named = named_durably = 0;
    synced = acked = unsynced = 0;
    step = 0;
}

static void teardown(void)
{
    clear();
    rmdir(dir);
}

/* What happens after the fault. */
enum after { RESTART, POWER_CUT, RESTART_THEN_POWER_CUT, AFTERS };

static int open_again(const char *what)
{
    struct error err = {0};

    for (int tries = 0; tries < 3; tries++) {
        if (start(&err) == 0)
            return 0;
        ck_assert_msg(err.code != EBADMSG, "%s: %s", what, err.text);
    }
    return -1;
}

static int one_run(long at, int error, int for_good, enum after after)
{
    struct error err = {0};
    char what[96];
    long reached;

    clear();
    snprintf(what, sizeof what, "call %ld: %s%s, then %d", at, strerror(error), for_good ? " for good" : "",
             after);
    fail_at = at;
    fail_errno = error;
    fail_for_good = for_good;
    armed = 1;
    if (start(&err) == 0)
        (void)work(ROUNDS);
    reached = step;
    if (journal)
        journal_close(journal);
    fail_at = 0; /* the disk is well again */
    if (after == POWER_CUT)
        cut_power((unsigned)at * 2654435761u);
    ck_assert_msg(open_again(what) == 0, "%s", what);
    check_ledger(what);
    ck_assert_msg(work(3) == 0, "%s", what);
    if (after == RESTART_THEN_POWER_CUT) {
        journal_close(journal);
        cut_power((unsigned)at * 40503u);
        ck_assert_msg(open_again(what) == 0, "%s", what);
    }
    check_ledger(what);
    journal_close(journal);
    journal = NULL;
    armed = 0;
    return reached >= at;
}

static const int errors[] = {ENOSPC, EIO, EROFS};

START_TEST(every_call_fails_in_turn)
{
    long at = 1;

    for (int for_good = 0; for_good < 2; for_good++) {
        for (at = 1; at < STEPS_MAX && one_run(at, errors[_i], for_good, (enum after)(at % AFTERS)); at++)
            ;
        ck_assert_int_gt(at, 15);
        ck_assert_int_lt(at, STEPS_MAX);
    }
}
END_TEST

/* A signal is no failure. */
START_TEST(every_call_is_interrupted)
{
    long at = 1;

    while (at < STEPS_MAX && one_run(at, EINTR, 0, POWER_CUT))
        at++;
    ck_assert_int_lt(at, STEPS_MAX);
}
END_TEST

/* Thousands of records are acknowledged, so that the file is written anew, on a disk that fails while it is.
 */
START_TEST(every_call_of_a_trim_fails)
{
    long calls = LONG_MAX;

    for (long at = calls; at > 0; at = at > calls ? calls : at < calls - 100 && at > 4 ? 4 : at - 1) {
        struct error err = {0};
        char what[64];
        long from;

        clear();
        snprintf(what, sizeof what, "call %ld of a trim", at);
        fail_at = 0;
        fail_errno = errors[_i];
        armed = 1;
        ck_assert_int_eq(start(&err), 0);
        for (int i = 0; i < 3000; i++)
            core_note(&core, EVENT_MAINS, WHY_SENSOR, i & 1, &now);
        ck_assert_int_eq(on_sync(NULL), 0);
        ck_assert_int_eq(journal_acknowledge(journal, core.boot, 10, &core, &err), 10);
        for (int i = 0; i < 70; i++)
            core_note(&core, EVENT_MAINS, WHY_SENSOR, i & 1, &now);
        acked = 2950;
        fail_for_good = at % 2;
        from = step;
        fail_at = calls == LONG_MAX ? 0 : step + at;
        (void)journal_acknowledge(journal, core.boot, 2950, &core, &err);
        (void)on_sync(NULL);
        calls = calls == LONG_MAX ? step - from : calls;
        journal_close(journal);
        fail_at = 0;
        if (at % 3 == 0)
            cut_power((unsigned)at * 2654435761u);
        ck_assert_int_eq(open_again(what), 0);
        check_ledger(what);
        journal_close(journal);
        journal = NULL;
        armed = 0;
    }
    ck_assert_int_gt(calls, 4);
}
END_TEST

START_TEST(reading_what_does_not_read)
{
    struct record r[64];
    uint8_t prev[RECORD_MAC];
    struct error err = {0};
    int good = 0;

    clear();
    fail_at = 0;
    fail_errno = EIO;
    fail_for_good = 1;
    armed = 1;
    ck_assert_int_eq(start(&err), 0);
    for (int i = 0; i < 5; i++)
        core_note(&core, EVENT_MAINS, WHY_SENSOR, i & 1, &now);
    ck_assert_int_eq(on_sync(NULL), 0);
    for (int k = 1; k <= 6; k++) {
        fail_at = step + k;
        good += journal_read(journal, 2, r, 4, prev) == 4;
        ck_assert_int_eq(good, k == 6);
    }
    fail_at = step + 1;
    for (int i = 0; i < 64; i++)
        ck_assert_int_eq(journal_append(journal, &ledger[0]), 0);
    ck_assert_int_eq(journal_append(journal, &ledger[0]), -1); /* the buffer is full and cannot be written */
    ck_assert_int_eq(journal_append(journal, &ledger[0]), -1);
    journal_close(journal);
    journal = NULL;
    armed = 0;
}
END_TEST

/* Records that were never acknowledged stand before and behind the snapshot, from several boots. */
START_TEST(boots_that_were_never_acknowledged)
{
    struct error err = {0};

    clear();
    fail_at = 0;
    no_reserve = 1; /* a file system that cannot */
    armed = 1;
    for (int boot = 0; boot < 4; boot++) {
        ck_assert_int_eq(start(&err), 0);
        ck_assert_int_eq(journal_is_low(journal), 0);
        ck_assert_int_eq(work(2), 0);
        check_ledger("boots");
        journal_close(journal);
    }
    journal = NULL;
    armed = no_reserve = 0;
}
END_TEST

START_TEST(every_call_fails_then_power_cut)
{
    for (int a = 0; a < AFTERS; a++) {
        long at = 1;

        while (at < STEPS_MAX && one_run(at, EIO, 0, (enum after)a))
            at++;
        ck_assert_int_lt(at, STEPS_MAX);
    }
}
END_TEST

/* Half a record behind the last one. */
static void tear(void)
{
    static const uint8_t half[RECORD_SIZE / 2] = {'Y', 'J'};
    int fd = __real_open(path, O_WRONLY | O_APPEND);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(__wrap_write(fd, half, sizeof half), (int)sizeof half);
    close(fd);
}

/* What cannot be read today may be readable tomorrow: a start on a failing disk must not cut it off. */
START_TEST(every_call_of_a_start_fails)
{
    for (long at = 1, reached = 1; reached; at++) {
        struct error err = {0};
        char what[64];

        clear();
        snprintf(what, sizeof what, "call %ld of a start", at);
        fail_at = 0;
        armed = 1;
        ck_assert_int_eq(start(&err), 0);
        ck_assert_int_eq(work(ROUNDS), 0);
        journal_close(journal);
        tear();
        fail_errno = errors[_i];
        fail_for_good = at % 2;
        fail_at = step + at;
        if (start(&err) == 0)
            journal_close(journal);
        reached = step >= fail_at;
        fail_at = 0;
        ck_assert_int_eq(open_again(what), 0);
        check_ledger(what);
        journal_close(journal);
        journal = NULL;
        armed = 0;
        ck_assert_int_lt(at, STEPS_MAX);
    }
}
END_TEST

START_TEST(power_cuts_alone)
{
    for (long luck = 1; luck < 400; luck++) {
        struct error err;

        clear();
        fail_at = 0;
        armed = 1;
        ck_assert_int_eq(start(&err), 0);
        ck_assert_int_eq(work((int)(luck % ROUNDS)), 0);
        core_note(&core, EVENT_MAINS, WHY_SENSOR, 1, &now);
        journal_close(journal);
        cut_power((unsigned)luck * 2654435761u);
        ck_assert_int_eq(open_again("power cut"), 0);
        check_ledger("power cut");
        journal_close(journal);
        journal = NULL;
        armed = 0;
    }
}
END_TEST

START_TEST(a_disk_that_fills_is_known_before)
{
    struct error err;

    clear();
    armed = 1;
    fail_at = 0;
    fail_errno = 0;
    ck_assert_int_eq(start(&err), 0);
    ck_assert_int_eq(journal_is_low(journal), 0);
    journal_close(journal);
    fail_errno = ENOSPC;
    fail_for_good = 1;
    fail_at = step + 1; /* no new file, no reserve; what is open can still be appended to */
    {
        struct core_setup s = core.setup;

        core_init(&core, &s);
    }
    journal = journal_open(dir, &core, &err);
    ck_assert_ptr_nonnull(journal);
    ck_assert_int_eq(journal_is_low(journal), 1);
    journal_close(journal);
    journal = journal_failed();
    ck_assert_int_eq(journal_append(journal, &ledger[0]), -1);
    ck_assert_int_eq(journal_sync(journal), -1);
    ck_assert_uint_eq(journal_backlog(journal), 0);
    ck_assert_int_eq(journal_is_low(journal), 0);
    journal_close(journal);
    journal = NULL;
    armed = 0;
}
END_TEST

int main(void)
{
    Suite *s = suite_create("journal on bad disks");
    TCase *c = tcase_create("disk");
    SRunner *runner = srunner_create(s);
    int failed;

    crypto_init();
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, every_call_fails_in_turn, 0, 3);
    tcase_add_test(c, every_call_is_interrupted);
    tcase_add_loop_test(c, every_call_of_a_trim_fails, 0, 2);
    tcase_add_test(c, reading_what_does_not_read);
    tcase_add_test(c, boots_that_were_never_acknowledged);
    tcase_add_test(c, every_call_fails_then_power_cut);
    tcase_add_loop_test(c, every_call_of_a_start_fails, 0, 3);
    tcase_add_test(c, power_cuts_alone);
    tcase_add_test(c, a_disk_that_fills_is_known_before);
    suite_add_tcase(s, c);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
