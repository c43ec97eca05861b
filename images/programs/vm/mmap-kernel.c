// Maps files at the kernel's addresses, and over the end of user space.
// shows: a mapping lies in user space as a whole.
// needs: sample.txt
#include "mmap.h"

TEST
{
    int fd = must_open("sample.txt");
    CHECK(mmap(fd, (void *)PHYS_BASE) == MAP_FAILED, "mmap where the kernel starts");
    CHECK(mmap(fd, (void *)0xfffff000) == MAP_FAILED, "mmap in the last page there is");
    make_file("large", NULL, 16 * 1024 * 1024);
    fd = must_open("large");
    CHECK(mmap(fd, (void *)0xbf400000) == MAP_FAILED, "mmap over the stack into the kernel");
}
