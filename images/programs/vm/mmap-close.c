// Closes a file that is mapped.
// shows: a mapping does not end with its descriptor.
// needs: sample.txt
#include "mmap.h"

TEST
{
    int fd = must_open("sample.txt");
    mapid_t map;
    CHECK((map = mmap(fd, AREA)) != MAP_FAILED, "mmap \"sample.txt\"");
    close(fd);
    compare_bytes(AREA, sample, SAMPLE_SIZE, 0, "sample.txt");
    store(AREA, 'a');
    munmap(map);
    char byte;
    fd = must_open("sample.txt");
    CHECK(read(fd, &byte, 1) == 1 && byte == 'a', "a store after close is in the file");
}
