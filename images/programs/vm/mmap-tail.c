// Maps a file that ends in the middle of a page, and stores past its end.
// shows: the rest of the last page is zero, and is never written to the file.
#include "mmap.h"

#define SIZE (PAGE_SIZE + 100)

static uint8_t bytes[SIZE];

TEST
{
    memset(bytes, 'x', SIZE);
    make_file("short", bytes, SIZE);
    int fd;
    mapid_t map = open_and_map("short", AREA, &fd);
    compare_bytes(AREA, bytes, SIZE, 0, "short");
    check_zero(AREA + SIZE, 2 * PAGE_SIZE - SIZE, "the tail");
    msg("the tail is zero");
    memset(AREA, 'y', 2 * PAGE_SIZE);
    munmap(map);
    CHECK(filesize(fd) == SIZE, "the file is as long as before");
    memset(bytes, 'y', SIZE);
    check_file("short", bytes, SIZE);
    map = mmap(fd, AREA);
    REQUIRE(map != MAP_FAILED, "mmap again");
    compare_bytes(AREA, bytes, SIZE, 0, "short");
    check_zero(AREA + SIZE, 2 * PAGE_SIZE - SIZE, "the tail");
    msg("the tail is zero again");

    seek(fd, 2 * PAGE_SIZE - 1);
    REQUIRE(write(fd, "z", 1) == 1, "write behind the end");
    seek(fd, SIZE);
    static uint8_t tail[PAGE_SIZE];
    int size = 2 * PAGE_SIZE - SIZE;
    REQUIRE(read(fd, tail, sizeof tail) == size, "read to the end");
    check_zero(tail, (size_t)size - 1, "the tail");
    msg("a longer file has zeros there");
}
