#include "locker-fw/port/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "locker-fw/core/snapshot.h"
#include "locker-fw/port/alloc.h"

enum {
    BUFFERED = 64,           /* records gathered before a write */
    TORN_MAX = 1024,         /* more than so many records behind a bad one: damage, not a torn tail */
    TRIM_BYTES = 256 * 1024, /* acknowledged bytes that make a rewrite worth while */
    RESERVE = 1024 * 1024,   /* bytes kept free ahead of the end */
    PATH_ROOM = 512,
};

struct journal {
    int fd, dir_fd;
    char path[PATH_ROOM], fresh[PATH_ROOM];
    off_t head;                     /* snapshot and first_prev in front */
    uint64_t acked;                 /* records of the file that are acknowledged */
    uint64_t synced;                /* records of the file that are on the medium */
    uint64_t written;               /* records handed to the kernel */
    uint8_t first_prev[RECORD_MAC]; /* mac before the first record of the file */
    uint8_t pending[BUFFERED * RECORD_SIZE];
    unsigned buffered;
    off_t reserved; /* the file has blocks up to here */
    int low;
    int failed;
};

static off_t offset_of(const struct journal *j, uint64_t index)
{
    return j->head + (off_t)(index * RECORD_SIZE);
}

static int write_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        bytes += n;
        len -= (size_t)n;
    }
    return 0;
}

/* errno is EBADMSG when the file ends before. */
static int read_at(int fd, off_t at, uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = pread(fd, bytes, len, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EBADMSG;
        if (n <= 0)
            return -1;
        bytes += n;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

static int read_record(const struct journal *j, uint64_t index, struct record *ret)
{
    uint8_t bytes[RECORD_SIZE];

    if (read_at(j->fd, offset_of(j, index), bytes, sizeof bytes) < 0)
        return -1;
    errno = EBADMSG;
    return record_read(bytes, ret);
}

static int flush_pending(struct journal *j)
{
    if (j->buffered == 0)
        return 0;
    if (write_all(j->fd, j->pending, (size_t)j->buffered * RECORD_SIZE) < 0) {
        j->failed = 1;
        return -1;
    }
    j->written += j->buffered;
    j->buffered = 0;
    return 0;
}

int journal_append(struct journal *j, const struct record *r)
{
    if (j->failed || (j->buffered == BUFFERED && flush_pending(j) < 0))
        return -1;
    record_write(r, j->pending + (size_t)j->buffered * RECORD_SIZE);
    j->buffered++;
    return 0;
}

/* Blocks without a size: a record that fits into them cannot meet a full disk. */
static void reserve(struct journal *j)
{
    off_t end = offset_of(j, j->written);

    if (j->reserved - end >= RESERVE / 2)
        return;
    j->low = fallocate(j->fd, FALLOC_FL_KEEP_SIZE, end, RESERVE) < 0 && errno == ENOSPC;
    if (!j->low)
        j->reserved = end + RESERVE;
}

int journal_is_low(const struct journal *j)
{
    return j->low;
}

int journal_sync(struct journal *j)
{
    if (j->failed || flush_pending(j) < 0)
        return -1;
    if (j->written == j->synced)
        return 0;
    if (fdatasync(j->fd) < 0) {
        j->failed = 1;
        return -1;
    }
    j->synced = j->written;
    reserve(j);
    return 0;
}

uint64_t journal_backlog(const struct journal *j)
{
    return j->synced - j->acked;
}

int journal_read(struct journal *j, uint64_t skip, struct record *ret_records, int max,
                 uint8_t ret_prev[RECORD_MAC])
{
    uint64_t from = j->acked + skip;
    struct record before;
    int n = 0;

    if (from >= j->synced)
        return 0;
    memcpy(ret_prev, j->first_prev, RECORD_MAC);
    if (from > 0 && read_record(j, from - 1, &before) < 0)
        return -1;
    if (from > 0)
        memcpy(ret_prev, before.mac, RECORD_MAC);
    while (n < max && from + (uint64_t)n < j->synced) {
        if (read_record(j, from + (uint64_t)n, &ret_records[n]) < 0)
            return -1;
        if (ret_records[n].boot != ret_records[0].boot)
            break;
        n++;
    }
    return n;
}

static int is_old(const struct core *core, const struct record *r)
{
    return r->boot < core->boot || (r->boot == core->boot && r->seq <= core->seq);
}

/* Replays what follows the snapshot; returns how many records are good, or -1 when the medium does not read:
 * what cannot be read now may still be there and must not be cut off. */
static int64_t replay(struct journal *j, struct core *core, uint64_t count)
{
    const struct core_setup *s = &core->setup;
    uint8_t prev[RECORD_MAC];
    struct record r;
    uint64_t i;

    memcpy(prev, j->first_prev, sizeof prev);
    for (i = 0; i < count; i++) {
        int old;

        if (read_record(j, i, &r) < 0)
            return errno == EBADMSG ? (int64_t)i : -1;
        old = is_old(core, &r);
        if (!old && core_replay(core, &r) < 0)
            return (int64_t)i;
        if (old && !record_holds(s->crypto, s->keys.chain, prev, &r))
            return (int64_t)i;
        memcpy(prev, r.mac, sizeof prev);
    }
    return (int64_t)count;
}

static int load_snapshot(struct journal *j, struct core *core, struct error *err)
{
    uint8_t *bytes = alloc_zeroed(SNAPSHOT_MAX);
    int size, ret = -1;

    size = read_at(j->fd, 0, bytes, SNAPSHOT_HEAD) < 0 ? -1 : snapshot_size(bytes);
    errno = size < 0 ? errno : EBADMSG;
    if (size > 0 && read_at(j->fd, 0, bytes, (size_t)size) == 0 &&
        snapshot_load(core, bytes, (size_t)size) == 0 &&
        read_at(j->fd, size, j->first_prev, RECORD_MAC) == 0) {
        j->head = size + RECORD_MAC;
        ret = 0;
    }
    free(bytes);
    if (ret < 0 && errno == EIO)
        return error_set(err, EIO, "%s: %s", j->path, strerror(EIO));
    return ret < 0 ? error_set(err, EBADMSG, "%s: its head is damaged or was written with another secret",
                               j->path)
                   : 0;
}

static int load(struct journal *j, struct core *core, struct error *err)
{
    struct stat st;
    uint64_t count;
    int64_t good;

    if (load_snapshot(j, core, err) < 0)
        return -1;
    if (fstat(j->fd, &st) < 0)
        return error_set(err, errno, "%s: %s", j->path, strerror(errno));
    count = (uint64_t)(st.st_size - j->head) / RECORD_SIZE;
    good = replay(j, core, count);
    if (good < 0)
        return error_set(err, errno, "%s: %s", j->path, strerror(errno));
    if (count - (uint64_t)good > TORN_MAX)
        return error_set(err, EBADMSG, "%s: record %llu of %llu is damaged", j->path,
                         (unsigned long long)good + 1, (unsigned long long)count);
    /* a tail is cut off; the same size would only give back the room that was reserved */
    if ((st.st_size != offset_of(j, (uint64_t)good) && ftruncate(j->fd, offset_of(j, (uint64_t)good)) < 0) ||
        fdatasync(j->fd) < 0)
        return error_set(err, errno, "%s: %s", j->path, strerror(errno));
    j->written = j->synced = (uint64_t)good;
    return 0;
}

static int copy_records(const struct journal *j, int to, uint64_t from, uint64_t until)
{
    uint8_t block[BUFFERED * RECORD_SIZE];

    while (from < until) {
        uint64_t n = until - from < BUFFERED ? until - from : BUFFERED;

        if (read_at(j->fd, offset_of(j, from), block, (size_t)n * RECORD_SIZE) < 0 ||
            write_all(to, block, (size_t)n * RECORD_SIZE) < 0)
            return -1;
        from += n;
    }
    return 0;
}

/* The mac before the first record that is not acknowledged. */
static int prev_of_kept(const struct journal *j, const struct core *core, uint8_t ret_prev[RECORD_MAC])
{
    struct record r;

    if (j->acked == j->synced) {
        memcpy(ret_prev, core->prev, RECORD_MAC);
        return 0;
    }
    memcpy(ret_prev, j->first_prev, RECORD_MAC);
    if (j->acked > 0 && read_record(j, j->acked - 1, &r) < 0)
        return -1;
    if (j->acked > 0)
        memcpy(ret_prev, r.mac, RECORD_MAC);
    return 0;
}

/* Half a file must not take the room that the old one needs. errno stays. */
static void drop_fresh(const struct journal *j, int fd)
{
    int e = errno;

    if (fd >= 0)
        close(fd);
    unlink(j->fresh);
    errno = e;
}

/* The new file, whole and synced, beside the old one. Its descriptor, or -1. */
static int write_fresh(struct journal *j, const struct core *core, const uint8_t prev[RECORD_MAC],
                       off_t *ret_head)
{
    uint8_t *bytes = alloc_zeroed(SNAPSHOT_MAX);
    int fd, size, good;

    fd = open(j->fresh, O_RDWR | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size = fd < 0 ? -1 : snapshot_save(core, bytes, SNAPSHOT_MAX);
    good = size > 0 && write_all(fd, bytes, (size_t)size) == 0 && write_all(fd, prev, RECORD_MAC) == 0 &&
           flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (good && j->fd >= 0)
        good = copy_records(j, fd, j->acked, j->synced) == 0;
    free(bytes);
    if (good && fdatasync(fd) == 0) {
        *ret_head = size + RECORD_MAC;
        return fd;
    }
    drop_fresh(j, fd);
    return -1;
}

static int rewrite(struct journal *j, const struct core *core, struct error *err)
{
    uint8_t prev[RECORD_MAC];
    off_t head = 0;
    int fd = prev_of_kept(j, core, prev) < 0 ? -1 : write_fresh(j, core, prev, &head);

    if (fd < 0)
        return error_set(err, errno, "%s: %s", j->fresh, strerror(errno));
    if (rename(j->fresh, j->path) < 0) {
        drop_fresh(j, fd);
        return error_set(err, errno, "%s: %s", j->path, strerror(errno));
    }
    if (j->fd >= 0)
        close(j->fd);
    memcpy(j->first_prev, prev, RECORD_MAC);
    j->fd = fd;
    j->reserved = 0;
    j->head = head;
    j->synced = j->written = j->synced - j->acked;
    j->acked = 0;
    if (fsync(j->dir_fd) == 0)
        return 0;
    j->failed = 1; /* after a power cut the old file might be there again */
    return error_set(err, errno, "%s: %s", j->path, strerror(errno));
}

/* On a full disk the old file has to do. */
static int renew(struct journal *j, const struct core *core, struct error *err)
{
    struct error why = {0};

    if (rewrite(j, core, &why) < 0 && why.code != ENOSPC) {
        *err = why;
        return -1;
    }
    return 0;
}

static int open_or_create(struct journal *j, struct core *core, struct error *err)
{
    j->fd = open(j->path, O_RDWR | O_APPEND | O_CLOEXEC);
    if (j->fd < 0 && errno == ENOENT)
        return rewrite(j, core, err);
    if (j->fd < 0)
        return error_set(err, errno, "%s: %s", j->path, strerror(errno));
    if (flock(j->fd, LOCK_EX | LOCK_NB) < 0)
        return error_set(err, EBUSY, "%s: another process uses it", j->path);
    return load(j, core, err) < 0 ? -1 : renew(j, core, err);
}

struct journal *journal_open(const char *dir, struct core *core, struct error *err)
{
    struct journal *j = alloc_zeroed(sizeof *j);

    j->fd = -1;
    j->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    snprintf(j->path, sizeof j->path, "%s/journal", dir);
    snprintf(j->fresh, sizeof j->fresh, "%s/journal.new", dir);
    if (j->dir_fd < 0)
        error_set(err, errno, "%s: %s", dir, strerror(errno));
    else if (open_or_create(j, core, err) == 0) {
        reserve(j);
        return j;
    }
    journal_close(j);
    return NULL;
}

struct journal *journal_failed(void)
{
    struct journal *j = alloc_zeroed(sizeof *j);

    j->fd = j->dir_fd = -1;
    j->failed = 1;
    return j;
}

void journal_close(struct journal *j)
{
    if (j->fd >= 0)
        close(j->fd);
    if (j->dir_fd >= 0)
        close(j->dir_fd);
    free(j);
}

int64_t journal_acknowledge(struct journal *j, uint32_t boot, uint32_t upto, const struct core *core,
                            struct error *err)
{
    int64_t freed = 0;
    struct record r;

    while (j->acked < j->synced && read_record(j, j->acked, &r) == 0 &&
           (r.boot < boot || (r.boot == boot && r.seq <= upto))) {
        j->acked++;
        freed++;
    }
    if (j->acked * RECORD_SIZE >= TRIM_BYTES && (journal_sync(j) < 0 || rewrite(j, core, err) < 0))
        return -1;
    return freed;
}
