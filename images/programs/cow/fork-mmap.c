// Forks with a file mapped shared and private, dirty and clean, and with a page
// of each paged out.
// shows: shared mappings stay shared after fork, private ones become copy-on-write.
#include <pages.h>

#define PAGES 6

TEST
{
    make_file("data", NULL, PAGES * PAGE_SIZE);
    int fd = must_open("data");
    uint8_t *shared = map_file(AREA, PAGES, MAP_SHARED, fd, 0);
    uint8_t *private = map_file(AREA_2, PAGES, MAP_PRIVATE, fd, 0);
    fill_pages(shared, PAGES, 100);
    fill_pages(private + PAGE_SIZE, 2, 201);
    advise(shared + 2 * PAGE_SIZE, 2, MADV_PAGEOUT);
    advise(private + 2 * PAGE_SIZE, 2, MADV_PAGEOUT);

    pid_t child = must_fork();
    if (child == 0) {
        check_pages(shared, PAGES - 1, 100, "the child's shared one");
        check_pages(private + PAGE_SIZE, 2, 201, "the child's private one");
        check_pages(private + 3 * PAGE_SIZE, 2, 103, "the child's private one, not stored to");
        fill_pages(shared, PAGES - 1, 300);
        fill_pages(private, PAGES, 400);
        // A store of the parent's, seen at once.
        await_file("go");
        check_page(shared + 5 * PAGE_SIZE, 505, "the parent's store");
        check_pages(private, PAGES, 400, "the child's private one in the end");
        exit(3);
    }
    fill_page(shared + 5 * PAGE_SIZE, 505);
    post_file("go");
    check_child(child, 3, "the child stores to both");
    check_pages(shared, PAGES - 1, 300, "the parent's shared one");
    check_page(shared + 5 * PAGE_SIZE, 505, "the parent's store");
    check_pages(private + PAGE_SIZE, 2, 201, "the parent's private one");
    REQUIRE(munmap2(private, PAGES * PAGE_SIZE) == 0, "munmap2");
    REQUIRE(munmap2(shared, PAGES * PAGE_SIZE) == 0, "munmap2");

    map_file(shared, PAGES, MAP_PRIVATE, fd, 0);
    check_pages(shared, PAGES - 1, 300, "the file");
    msg("the file holds what was stored to the shared one");
}
