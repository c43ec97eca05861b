// Maps its own executable, and stores there.
// shows: a running program's file can be mapped, but nothing reaches it.
#include "mmap.h"

TEST
{
    int fd;
    mapid_t map = open_and_map("mmap-exe", AREA, &fd);
    REQUIRE(memcmp(AREA, "\177ELF", 4) == 0, "an executable starts otherwise");
    msg("the mapping holds an executable");
    store(AREA, 'x');
    REQUIRE(load(AREA) == 'x', "the store is lost");
    char start[4];
    CHECK(read(fd, start, 4) == 4 && memcmp(start, "\177ELF", 4) == 0, "the file is as it was");
    munmap(map);
    seek(fd, 0);
    CHECK(read(fd, start, 4) == 4 && memcmp(start, "\177ELF", 4) == 0, "and stays so");
}
