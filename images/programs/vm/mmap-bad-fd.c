// Maps descriptors that name no open file.
// shows: only an open file can be mapped.
// needs: sample.txt
#include "mmap.h"

TEST
{
    CHECK(mmap(0x5678, AREA) == MAP_FAILED, "mmap of a descriptor that never was");
    CHECK(mmap(-1, AREA) == MAP_FAILED, "mmap of descriptor -1");
    int fd = must_open("sample.txt");
    close(fd);
    CHECK(mmap(fd, AREA) == MAP_FAILED, "mmap of a closed descriptor");
}
