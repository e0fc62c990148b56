/* The rig's hands: on doors, on the screen, and what can be read of it from outside. */
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/integration/locker_rig.h"
#include "tests/integration/process.h"

void rig_hand(struct rig *r, const char *line, char *ret, size_t cap)
{
    struct sockaddr_un u = {.sun_family = AF_UNIX};
    char request[200];
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(u.sun_path, sizeof u.sun_path, "%s/boards.sock", rig_folder(r));
    snprintf(request, sizeof request, "%s\n", line);
    if (connect(fd, (struct sockaddr *)&u, sizeof u) < 0 || process_talk(fd, request, ret, cap, 1) < 0)
        err(1, "the boards do not listen");
    ret[strcspn(ret, "\n")] = '\0';
    close(fd);
}

int rig_kiosk(struct rig *r, const char *method, const char *path, const char *body, char *ret, size_t cap)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)rig_kiosk_port(r))};
    int fd = socket(AF_INET, SOCK_STREAM, 0), status = -1;
    static char request[2048], answer[262144];
    const char *at;

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    snprintf(request, sizeof request,
             "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
             "Connection: close\r\n\r\n%s",
             method, path, strlen(body), body);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0 &&
        process_talk(fd, request, answer, sizeof answer, 0) == 0 &&
        sscanf(answer, "HTTP/1.1 %d", &status) == 1) {
        at = strstr(answer, "\r\n\r\n");
        snprintf(ret, cap, "%s", at ? at + 4 : "");
    }
    close(fd);
    return status;
}

long rig_rss_kb(const struct rig *r, char which)
{
    char path[64], line[128];
    long kb = -1;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/status", (int)rig_pid(r, which));
    f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        sscanf(line, "VmRSS: %ld", &kb);
    if (f)
        fclose(f);
    return kb;
}

int64_t rig_ledger_time(struct rig *r, const char *event, unsigned nth)
{
    char path[128], line[256], name[32];
    long long at;
    unsigned n = 0;
    int64_t found = 0;
    FILE *f;

    snprintf(path, sizeof path, "%s/ledger", rig_folder(r));
    f = fopen(path, "r");
    while (f && !found && fgets(line, sizeof line, f)) {
        if (sscanf(line, "%lld\t%*s\t%*u\t%31s", &at, name) == 2 && strcmp(name, event) == 0 && ++n == nth)
            found = at;
    }
    if (f)
        fclose(f);
    return found;
}
