#include "locker-fw/port/notify.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

void notify_manager(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un u = {.sun_family = AF_UNIX};
    char text[96];
    struct timespec ts;
    int fd;

    if (!path || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof u.sun_path)
        return;
    memcpy(u.sun_path, path, strlen(path));
    if (u.sun_path[0] == '@')
        u.sun_path[0] = '\0';
    clock_gettime(CLOCK_MONOTONIC, &ts);
    snprintf(text, sizeof text, "%s\nMONOTONIC_USEC=%" PRId64, state,
             (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)!sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&u,
                  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path)));
    close(fd);
}

int64_t notify_watchdog_us(void)
{
    const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

    if (!us || (pid && atol(pid) != (long)getpid()))
        return 0;
    return atoll(us);
}
