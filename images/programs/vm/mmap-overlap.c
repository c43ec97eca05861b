// Maps a file of three pages over a mapping, in whole and in part.
// shows: mappings are checked page by page, and one that is refused leaves nothing behind.
#include "mmap.h"

TEST
{
    make_file("first", NULL, 3 * PAGE_SIZE);
    make_file("second", NULL, 3 * PAGE_SIZE);
    make_file("page", "one page", 8);
    int first = must_open("first");
    int second = must_open("second");
    int page = must_open("page");
    uint8_t *at = AREA + 3 * PAGE_SIZE;
    mapid_t map;
    CHECK((map = mmap(first, at)) != MAP_FAILED, "mmap \"first\"");
    CHECK(mmap(first, at) == MAP_FAILED, "mmap \"first\" again, in the same place");
    CHECK(mmap(second, at) == MAP_FAILED, "mmap \"second\" in the same place");
    CHECK(mmap(second, at - 2 * PAGE_SIZE) == MAP_FAILED, "mmap \"second\" over its first page");
    CHECK(mmap(second, at + 2 * PAGE_SIZE) == MAP_FAILED, "mmap \"second\" over its last page");
    CHECK(mmap(page, at + PAGE_SIZE) == MAP_FAILED, "mmap \"page\" over its middle");
    CHECK(mmap(page, at - PAGE_SIZE) != MAP_FAILED, "mmap \"page\" right before it");
    CHECK(mmap(page, at + 3 * PAGE_SIZE) != MAP_FAILED, "mmap \"page\" right after it");
    check_zero(at, 3 * PAGE_SIZE, "\"first\"");
    munmap(map);
    CHECK(mmap(second, at) != MAP_FAILED, "mmap \"second\" when its place is free");
}
