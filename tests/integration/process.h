/* Programs, ports and folders for tests that run real processes. What cannot be done ends the test program.
 */
#ifndef TESTS_INTEGRATION_PROCESS_H
#define TESTS_INTEGRATION_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

enum { PROCESS_ARGS = 40 };

/* A port of 127.0.0.1 that was free a moment ago. */
int process_port(void);

/* Appends blank-separated words to argv, each after `before` unless that is NULL; `room` keeps them. */
void process_words(const char **argv, int *argc, char *room, size_t cap, const char *words,
                   const char *before);

/* Starts a program that dies with this one; its output is appended to dir/log. */
pid_t process_spawn(const char *dir, const char *log, const char **argv);

/* A program of the build tree, a file of the source tree; the text lasts for a few calls. */
const char *process_built(const char *name);
const char *process_source(const char *leaf);

/* Until a line of dir/log holds this text; five seconds at most. */
void process_wait_text(const char *dir, const char *log, const char *text);

/* A folder with files only. */
void process_remove_folder(const char *dir);

/* Writes a request and reads the answer: up to a newline, or to the end. 0 or -1. */
int process_talk(int fd, const char *request, char *ret, size_t cap, int one_line);

#endif
