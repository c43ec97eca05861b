// Maps a file over the stack, and over the room that the stack has to grow.
// shows: a mapping cannot replace the stack, nor what the stack may become.
// needs: sample.txt
#include "mmap.h"

TEST
{
    int fd = must_open("sample.txt");
    uintptr_t here = (uintptr_t)&fd / PAGE_SIZE * PAGE_SIZE;
    CHECK(mmap(fd, (void *)here) == MAP_FAILED, "mmap over the stack");
    CHECK(mmap(fd, (void *)(here - PAGE_SIZE)) == MAP_FAILED, "mmap a page below it");
    CHECK(mmap(fd, (void *)(here - 1024 * 1024)) == MAP_FAILED, "mmap 1 MiB below it");
}
