#include "locker-fw/port/inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

enum { NUMBER_ROOM = 32, LARGEST = 1000000 };

/* A file with one number. 0 or -1 with errno. */
static int read_number(const char *path, int32_t *ret)
{
    char text[NUMBER_ROOM], *end;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    int e = errno;
    long v;

    if (fd >= 0)
        close(fd);
    errno = e;
    if (n < 0)
        return -1;
    text[n] = '\0';
    v = strtol(text, &end, 10);
    errno = EINVAL;
    if (end == text || end[strspn(end, " \n")] != '\0' || v < -LARGEST || v > LARGEST)
        return -1;
    *ret = (int32_t)v;
    return 0;
}

void inputs_read(struct inputs *in, struct box *b, int64_t now_ms)
{
    static const char *const names[BOX_INPUTS] = {"tamper", "mains", "temperature"};

    for (int i = 0; i < BOX_INPUTS; i++) {
        const char *path = in->path[i];
        int inverted = path[0] == '!' && i != BOX_TEMPERATURE;
        int32_t v;

        if (!path[0])
            continue;
        if (read_number(path + inverted, &v) < 0) {
            if (!in->failed[i])
                log_error("inputs.%s: %s: %s", names[i], path, strerror(errno));
            in->failed[i] = 1;
            continue;
        }
        in->failed[i] = 0;
        box_read(b, 0, (enum box_input)i, i == BOX_TEMPERATURE ? v : (v != 0) != inverted, now_ms);
    }
}
