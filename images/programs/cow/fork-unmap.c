// Forks with mappings; child and parent each end their own.
// shows: unmapping in one process leaves the other's mapping in place.
#include <pages.h>

TEST
{
    make_file("data", NULL, PAGE_SIZE);
    int fd = must_open("data");
    mapid_t map = mmap(fd, AREA);
    REQUIRE(map != MAP_FAILED, "mmap");
    close(fd);
    fill_page(AREA, 1);
    map_zero(AREA_2, 2);
    fill_pages(AREA_2, 2, 10);

    pid_t child = must_fork();
    if (child == 0) {
        munmap(map);
        REQUIRE(munmap2(AREA_2, PAGE_SIZE) == 0, "munmap2");
        check_page(AREA_2 + PAGE_SIZE, 11, "what the child keeps");
        exit(load(AREA));
    }
    check_child(child, -1, "the child has no mapping any more");
    check_page(AREA, 1, "the parent's mapping");
    check_pages(AREA_2, 2, 10, "the parent's memory");

    child = must_fork();
    if (child == 0) {
        await_file("go");
        check_page(AREA, 1, "the child's mapping");
        fill_page(AREA, 2);
        exit(4);
    }
    munmap(map);
    post_file("go");
    check_child(child, 4, "the child has a mapping that its parent ended");
    mapid_t again = mmap(must_open("data"), AREA);
    REQUIRE(again != MAP_FAILED, "mmap again");
    check_page(AREA, 2, "the file");
    msg("and its stores are in the file");
}
