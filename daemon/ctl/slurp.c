#include "daemon/ctl/slurp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_all(FILE *in, const char *path, size_t max, size_t *ret_len, struct error *err)
{
    size_t room = 0, len = 0, n;
    char *text = NULL;

    do {
        if (room - len < 2) {
            room = room ? room * 2 : 4096;
            text = realloc(text, room);
            if (!text)
                abort();
        }
        n = fread(text + len, 1, room - len - 1, in);
        len += n;
    } while (n && len <= max);
    if (ferror(in) || len > max) {
        free(text);
        error_set(err, len > max ? EFBIG : errno, "%s: %s", path,
                  len > max ? "larger than a file of its kind may be" : strerror(errno));
        return NULL;
    }
    text[len] = '\0';
    *ret_len = len;
    return text;
}

char *slurp(const char *path, size_t max, size_t *ret_len, struct error *err)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    char *text;

    if (!in) {
        error_set(err, errno, "%s: %s", path, strerror(errno));
        return NULL;
    }
    text = read_all(in, path, max, ret_len, err);
    if (in != stdin)
        fclose(in);
    return text;
}
