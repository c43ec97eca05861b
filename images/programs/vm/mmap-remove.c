// Removes a file that is mapped, and makes another that needs its room.
// shows: a removed file lives on in its mapping, and nobody else can reach it.
// needs: sample.txt
#include "mmap.h"

static char zeros[4 * PAGE_SIZE];

TEST
{
    int fd = must_open("sample.txt");
    mapid_t map;
    CHECK((map = mmap(fd, AREA)) != MAP_FAILED, "mmap \"sample.txt\"");
    close(fd);
    CHECK(remove("sample.txt"), "remove \"sample.txt\"");
    CHECK(open("sample.txt") == -1, "open \"sample.txt\"");
    make_file("other", zeros, sizeof zeros);
    compare_bytes(AREA, sample, SAMPLE_SIZE, 0, "sample.txt");
    make_file("sample.txt", "new", 3);
    store(AREA, 'a');
    munmap(map);
    check_file("sample.txt", "new", 3);
    check_file("other", zeros, sizeof zeros);
}
