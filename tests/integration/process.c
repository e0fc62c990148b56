#include "tests/integration/process.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

int process_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || getsockname(fd, (struct sockaddr *)&a, &len) < 0)
        err(1, "no free port");
    close(fd);
    return ntohs(a.sin_port);
}

/* Appends blank-separated words; `room` keeps them. */
void process_words(const char **argv, int *argc, char *room, size_t cap, const char *words,
                   const char *before)
{
    char *save = NULL;

    snprintf(room, cap, "%s", words ? words : "");
    for (char *w = strtok_r(room, " ", &save); w && *argc < PROCESS_ARGS - 2;
         w = strtok_r(NULL, " ", &save)) {
        if (before)
            argv[(*argc)++] = before;
        argv[(*argc)++] = w;
    }
    argv[*argc] = NULL;
}

pid_t process_spawn(const char *dir, const char *log, const char **argv)
{
    char path[128];
    pid_t pid = fork();

    if (pid < 0)
        err(1, "fork");
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(path, sizeof path, "%s/%s", dir, log);
    {
        int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

        dup2(fd, 1);
        dup2(fd, 2);
    }
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

const char *process_built(const char *name)
{
    static char path[3][256];
    static int turn;
    const char *top = getenv("top_builddir");

    turn = (turn + 1) % 3;
    snprintf(path[turn], sizeof path[turn], "%s/%s", top ? top : ".", name);
    return path[turn];
}

const char *process_source(const char *leaf)
{
    static char path[2][256];
    static int turn;
    const char *top = getenv("srcdir");

    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", top ? top : "..", leaf);
    return path[turn];
}

void process_wait_text(const char *dir, const char *log, const char *text)
{
    char path[128], line[512];

    snprintf(path, sizeof path, "%s/%s", dir, log);
    for (int i = 0; i < 500; i++) {
        FILE *f = fopen(path, "r");

        while (f && fgets(line, sizeof line, f)) {
            if (strstr(line, text)) {
                fclose(f);
                return;
            }
        }
        if (f)
            fclose(f);
        usleep(10000);
    }
    errx(1, "%s never said \"%s\"", path, text);
}

void process_remove_folder(const char *dir)
{
    DIR *d = opendir(dir);
    struct dirent *e;

    while (d && (e = readdir(d)))
        unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
    rmdir(dir);
}

int process_talk(int fd, const char *request, char *ret, size_t cap, int one_line)
{
    size_t len = 0;
    ssize_t n;

    if (write(fd, request, strlen(request)) < 0)
        return -1;
    while (len + 1 < cap && (n = read(fd, ret + len, cap - 1 - len)) > 0) {
        len += (size_t)n;
        if (one_line && ret[len - 1] == '\n')
            break;
    }
    ret[len] = '\0';
    return 0;
}
