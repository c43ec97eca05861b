// Writes into a mapping and reads the file after the mapping is gone.
// shows: what is stored into a mapping is in the file.
#include "mmap.h"

TEST
{
    make_file("sample", NULL, SAMPLE_SIZE);
    int fd = must_open("sample");
    mapid_t map;
    CHECK((map = mmap(fd, AREA)) != MAP_FAILED, "mmap \"sample\"");
    memcpy(AREA, sample, SAMPLE_SIZE);
    munmap(map);
    close(fd);
    check_file("sample", sample, SAMPLE_SIZE);
}
