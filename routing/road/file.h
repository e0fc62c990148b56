/* The only I/O of the road code: reading whole files, mapping road files, writing them atomically. */
#ifndef ROUTING_ROAD_FILE_H
#define ROUTING_ROAD_FILE_H

#include "routing/road/road.h"

struct file_map {
    void *data;
    size_t size;
};

/* Maps a regular file for reading. */
int file_map(const char *path, struct file_map *ret, struct route_error *err);
void file_unmap(struct file_map *m);

/* Writes beside the path, flushes, then renames: readers see the old file or the new one. A symbolic link
 * stays and its file is replaced; into a pipe or device it is written as it comes; a directory is refused. */
int file_write(const char *path, const void *data, size_t size, struct route_error *err);

/* A road file, mapped and opened. */
struct road_file {
    struct file_map map;
    struct road *road;
};
int road_file_open(const char *path, struct road_file *ret, struct route_error *err);
void road_file_close(struct road_file *f);

/* All *.profile files of a folder, in the order of their names; or one file. */
int file_profiles(const char *path, struct profile **ret, size_t max, size_t *ret_n, struct route_error *err);

#endif
