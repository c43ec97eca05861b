// Gives the same file to mmap() and to mmap2(), and ends each mapping by the
// other's call.
// shows: both kinds of mappings are one kind.
#include <pages.h>

static int do_load(void *at)
{
    return load(at);
}

TEST
{
    make_file("data", NULL, 3 * PAGE_SIZE);
    int fd = must_open("data");
    mapid_t map = mmap(fd, AREA);
    REQUIRE(map != MAP_FAILED, "mmap");
    uint8_t *second = map_file(AREA_2, 3, MAP_SHARED, fd, 0);
    fill_pages(AREA, 3, 60);
    check_pages(second, 3, 60, "mmap2's");
    CHECK(mmap(fd, AREA_2) == MAP_FAILED, "mmap over mmap2's");
    CHECK(map_error(mmap2(AREA, 1, PROT_READ, MAP_SHARED, fd, 0)) == -EEXIST, "mmap2 over mmap's");
    CHECK(munmap2(AREA + PAGE_SIZE, PAGE_SIZE) == 0, "munmap2 of a page of mmap's");
    check_page(AREA, 60, "its first page");
    check_page(AREA + 2 * PAGE_SIZE, 62, "its last page");
    munmap(map);
    must_kill(do_load, AREA, "its first page after munmap");
    must_kill(do_load, AREA + 2 * PAGE_SIZE, "its last page after munmap");
    check_pages(second, 3, 60, "mmap2's in the end");
}
