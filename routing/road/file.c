#include "routing/road/file.h"
#include "routing/road/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(struct route_error *err, const char *path, const char *what)
{
    return route_error_set(err, ROUTE_OUTSIDE, -1, "%s: %s: %s", path, what, strerror(errno));
}

int file_map(const char *path, struct file_map *ret, struct route_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    void *data;

    if (fd < 0)
        return fail(err, path, "cannot open");
    if (fstat(fd, &st)) {
        fail(err, path, "cannot look at it");
        close(fd);
        return -1;
    }
    if (!S_ISREG(st.st_mode) || !st.st_size) {
        close(fd);
        return route_error_set(err, ROUTE_BAD_INPUT, 0, "%s: empty, or not a regular file", path);
    }
    data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (data == MAP_FAILED)
        return fail(err, path, "cannot map");
    *ret = (struct file_map){data, (size_t)st.st_size};
    return 0;
}

void file_unmap(struct file_map *m)
{
    if (m->data)
        munmap(m->data, m->size);
    m->data = NULL;
}

static int write_all(int fd, const uint8_t *p, size_t n)
{
    while (n) {
        ssize_t k = write(fd, p, n);

        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return -1;
        p += k;
        n -= (size_t)k;
    }
    return 0;
}

/* Beside its name and renamed. */
static int replace(const char *path, const void *data, size_t size, struct route_error *err)
{
    struct text temp = {0};
    int fd, rc = 0;

    text_add(&temp, "%s.XXXXXX", path);
    fd = mkstemp(temp.at);
    if (fd < 0) {
        rc = fail(err, path, "cannot write beside it");
    } else {
        bool good = !write_all(fd, data, size) && !fsync(fd) && !fchmod(fd, 0644);

        if (close(fd) || !good || rename(temp.at, path)) {
            rc = fail(err, path, "cannot write");
            unlink(temp.at);
        }
    }
    free(temp.at);
    return rc;
}

/* Into what is there and stays: a pipe, a terminal, a device. */
static int write_into(const char *path, const void *data, size_t size, struct route_error *err)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC), rc = 0;

    if (fd < 0)
        return fail(err, path, "cannot open");
    if (write_all(fd, data, size))
        rc = fail(err, path, "cannot write");
    if (close(fd) && !rc)
        rc = fail(err, path, "cannot write");
    return rc;
}

int file_write(const char *path, const void *data, size_t size, struct route_error *err)
{
    struct stat st;
    char *whole;
    int rc;

    if (stat(path, &st))
        return replace(path, data, size, err);
    if (S_ISDIR(st.st_mode))
        return route_error_set(err, ROUTE_OUTSIDE, -1, "%s: is a directory", path);
    if (!S_ISREG(st.st_mode))
        return write_into(path, data, size, err);
    whole = realpath(path, NULL); /* a symbolic link stays one */
    rc = replace(whole ? whole : path, data, size, err);
    free(whole);
    return rc;
}

int road_file_open(const char *path, struct road_file *ret, struct route_error *err)
{
    struct road_file f = {0};
    struct route_error inner = {0};

    if (file_map(path, &f.map, err))
        return -1;
    f.road = road_open(f.map.data, f.map.size, &inner);
    if (!f.road) {
        file_unmap(&f.map);
        return route_error_set(err, inner.code, inner.offset, "%.80s: %.160s", path, inner.text);
    }
    *ret = f;
    return 0;
}

void road_file_close(struct road_file *f)
{
    road_close(f->road);
    file_unmap(&f->map);
    f->road = NULL;
}

static struct profile *read_profile(const char *path, struct route_error *err)
{
    struct file_map m;
    struct profile *p;

    if (file_map(path, &m, err))
        return NULL;
    p = profile_parse(m.data, m.size, path, err);
    file_unmap(&m);
    return p;
}

static int is_profile(const struct dirent *e)
{
    size_t n = strlen(e->d_name);

    return n > 8 && !strcmp(e->d_name + n - 8, ".profile");
}

static int read_folder(const char *path, struct dirent **names, int n, struct profile **ret, size_t max,
                       size_t *ret_n, struct route_error *err)
{
    if ((size_t)n > max)
        return route_error_set(err, ROUTE_TOO_LARGE, -1, "%s: %d profiles; the most is %zu", path, n, max);
    for (int i = 0; i < n; i++) {
        struct text full = {0};

        text_add(&full, "%s/%s", path, names[i]->d_name);
        ret[*ret_n] = read_profile(full.at, err);
        free(full.at);
        if (!ret[*ret_n])
            return -1;
        ++*ret_n;
    }
    return n ? 0 : route_error_set(err, ROUTE_BAD_INPUT, -1, "%s: no *.profile file in it", path);
}

int file_profiles(const char *path, struct profile **ret, size_t max, size_t *ret_n, struct route_error *err)
{
    struct dirent **names = NULL;
    struct stat st;
    int n, rc;

    *ret_n = 0;
    if (stat(path, &st))
        return fail(err, path, "cannot find");
    if (!S_ISDIR(st.st_mode)) {
        ret[0] = read_profile(path, err);
        *ret_n = ret[0] != NULL;
        return ret[0] ? 0 : -1;
    }
    n = scandir(path, &names, is_profile, alphasort);
    if (n < 0)
        return fail(err, path, "cannot list");
    rc = read_folder(path, names, n, ret, max, ret_n, err);
    for (int i = 0; i < n; i++)
        free(names[i]);
    free(names);
    for (size_t i = 0; rc && i < *ret_n; i++)
        profile_free(ret[i]);
    return rc;
}
