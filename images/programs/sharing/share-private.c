// Has two programs map one file private, each of which stores to its pages, and
// compares with the file.
// shows: stores to private mappings of a file reach neither other processes nor the file.
// needs: child-private
#include <pages.h>

#define PAGES 20

TEST
{
    make_file("data", NULL, PAGES * PAGE_SIZE);
    int fd = must_open("data");
    uint8_t *pages = map_file(AREA, PAGES, MAP_SHARED, fd, 0);
    fill_pages(pages, PAGES, 300);
    REQUIRE(munmap2(pages, PAGES * PAGE_SIZE) == 0, "munmap2");
    pages = map_file(AREA, PAGES, MAP_PRIVATE, fd, 0);
    fill_pages(pages, PAGES / 2, 700);
    pid_t children[2];
    for (int i = 0; i < 2; i++) {
        children[i] = exec(i == 0 ? "child-private 1" : "child-private 2");
        REQUIRE(children[i] != PID_ERROR, "exec child-private");
    }
    for (int i = 0; i < 2; i++)
        REQUIRE(wait(children[i]) == 28, "child %d", i);
    msg("two children");
    check_pages(pages, PAGES / 2, 700, "the parent's own pages");
    check_pages(pages + PAGES / 2 * PAGE_SIZE, PAGES / 2, 300 + PAGES / 2,
                "the pages not stored to");
    uint8_t *file = map_file(AREA_2, PAGES, MAP_SHARED, fd, 0);
    check_pages(file, PAGES, 300, "the file");
    msg("the file is as it was");
}
