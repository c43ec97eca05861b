// Maps a file at address 0.
// shows: address 0 cannot be mapped.
// needs: sample.txt
#include "mmap.h"

TEST
{
    int fd = must_open("sample.txt");
    CHECK(mmap(fd, NULL) == MAP_FAILED, "mmap at address 0");
}
