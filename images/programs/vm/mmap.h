// Mapping whole files at addresses of choice: what the tests mmap-* share.
#ifndef VM_MMAP_H
#define VM_MMAP_H

#include <pages.h>

#include "../userprog/sample.h"

#define SAMPLE_SIZE (sizeof sample - 1)

// Opens a file and maps it; the descriptor stays open, and goes to `*fd`.
static inline mapid_t open_and_map(const char *file, void *address, int *fd)
{
    *fd = must_open(file);
    mapid_t map = mmap(*fd, address);
    REQUIRE(map != MAP_FAILED, "mmap \"%s\" at %p", file, address);
    return map;
}

// Maps a file and forgets its descriptor.
static inline mapid_t must_map(const char *file, void *address)
{
    int fd;
    mapid_t map = open_and_map(file, address, &fd);
    close(fd);
    return map;
}

#endif
