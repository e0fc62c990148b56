#include "daemon/api/pages.h"

#include "base/log.h"

#include <dirent.h>
#include <event2/buffer.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>

enum { NAME_MAX_BYTES = 256, DEPTH_MAX = 4, PATH_MAX_BYTES = 1024 };

struct file {
    char name[NAME_MAX_BYTES]; /* "/assets/courier-abc.js" */
    char etag[40];
    UT_hash_handle hh;
};

struct pages {
    char root[PATH_MAX_BYTES - NAME_MAX_BYTES];
    struct file *files;
};

static const struct {
    const char *prefix; /* of the request's path; ends with '/' when anything may follow */
    const char *file;
} entries[] = {
    {"/", "/index.html"}, {"/courier", "/courier.html"}, {"/park", "/park.html"},
    {"/t/", "/t.html"},   {"/docs", "/docs.html"},
};

static const struct {
    const char *suffix, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".txt", "text/plain; charset=utf-8"},
};

static const char csp[] =
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

static void add_directory(struct pages *p, const char *under, int depth)
{
    char path[PATH_MAX_BYTES * 2], name[NAME_MAX_BYTES * 2];
    snprintf(path, sizeof path, "%s%s", p->root, under);
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));) {
        struct stat st;
        int n = snprintf(name, sizeof name, "%s/%s", under, e->d_name);
        snprintf(path, sizeof path, "%s%s", p->root, name);
        if (*e->d_name == '.' || n >= NAME_MAX_BYTES || stat(path, &st))
            continue;
        if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX) {
            add_directory(p, name, depth + 1);
        } else if (S_ISREG(st.st_mode)) {
            struct file *f = calloc(1, sizeof *f);
            if (!f)
                log_fatal("out of memory");
            memcpy(f->name, name, (size_t)n + 1);
            snprintf(f->etag, sizeof f->etag, "\"%llx-%llx\"", (unsigned long long)st.st_size,
                     (unsigned long long)st.st_mtime);
            HASH_ADD_STR(p->files, name, f);
        }
    }
    if (d)
        closedir(d);
}

struct pages *pages_new(const char *root)
{
    struct pages *p = calloc(1, sizeof *p);
    if (!p)
        log_fatal("out of memory");
    snprintf(p->root, sizeof p->root, "%s", root);
    add_directory(p, "", 0);
    if (!p->files)
        log_warn("pages: nothing under '%s'", root);
    return p;
}

void pages_free(struct pages *p)
{
    struct file *f, *next;
    HASH_ITER(hh, p->files, f, next)
    {
        HASH_DEL(p->files, f);
        free(f);
    }
    free(p);
}

static const struct file *file_named(const struct pages *p, const char *name)
{
    struct file *f;
    HASH_FIND_STR(p->files, name, f);
    return f;
}

static const struct file *file_for(const struct pages *p, const char *path)
{
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        size_t n = strlen(entries[i].prefix);
        bool open_ended = n > 1 && entries[i].prefix[n - 1] == '/';
        if (open_ended ? !strncmp(path, entries[i].prefix, n) : !strcmp(path, entries[i].prefix))
            return file_named(p, entries[i].file);
    }
    return file_named(p, path);
}

static const char *type_of(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t n = strlen(name), s = strlen(types[i].suffix);
        if (n > s && !strcmp(name + n - s, types[i].suffix))
            return types[i].type;
    }
    return "application/octet-stream";
}

static bool accepts_gzip(const struct http_request *r)
{
    const char *accept = http_header(r, "Accept-Encoding");
    return accept && strstr(accept, "gzip");
}

bool pages_serve(struct pages *p, struct http_request *r)
{
    char path[PATH_MAX_BYTES + 8], gz[NAME_MAX_BYTES + 4];
    struct stat st;
    const char *method = http_method(r), *known;
    const struct file *f = file_for(p, http_path(r));
    if (!f || (strcmp(method, "GET") && strcmp(method, "HEAD")))
        return false;
    snprintf(gz, sizeof gz, "%s.gz", f->name);
    bool packed = accepts_gzip(r) && file_named(p, gz);
    snprintf(path, sizeof path, "%s%s", p->root, packed ? gz : f->name);
    http_set_header(r, "ETag", f->etag);
    http_set_header(r, "Vary", "Accept-Encoding");
    http_set_header(r, "Cache-Control",
                    !strncmp(f->name, "/assets/", 8) ? "public, max-age=31536000, immutable" : "no-cache");
    http_set_header(r, "Content-Security-Policy", csp);
    if ((known = http_header(r, "If-None-Match")) && !strcmp(known, f->etag)) {
        http_reply(r, 304, NULL, "", 0);
        return true;
    }
    struct evbuffer *b = evbuffer_new();
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) || evbuffer_add_file(b, fd, 0, st.st_size)) {
        if (fd >= 0)
            close(fd);
        evbuffer_free(b);
        return false;
    }
    if (packed)
        http_set_header(r, "Content-Encoding", "gzip");
    http_reply_buffer(r, 200, type_of(f->name), b);
    evbuffer_free(b);
    return true;
}
