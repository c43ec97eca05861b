// Maps parts of a file of eight pages: from page 3 on, two pages and a byte.
// shows: a mapping may begin at any page of a file and have any length, rounded up to pages.
#include <pages.h>

TEST
{
    make_file("data", NULL, 8 * PAGE_SIZE);
    int fd = must_open("data");
    uint8_t *whole = map_file(AREA_2, 8, MAP_SHARED, fd, 0);
    fill_pages(whole, 8, 100);

    unsigned length = 2 * PAGE_SIZE + 1;
    uint8_t *part = mmap2(AREA, length, PROT_RW, MAP_SHARED, fd, 3 * PAGE_SIZE);
    CHECK(part == AREA, "mmap2 of 2 pages and a byte, from page 3 on");
    check_pages(part, 3, 103, "the part");
    fill_page(part + PAGE_SIZE, 7);
    check_page(whole + 4 * PAGE_SIZE, 7, "page 4 of the whole");
    CHECK(munmap2(AREA, length) == 0, "munmap2 of the part");
    check_page(whole + 4 * PAGE_SIZE, 7, "page 4 without the part");
    CHECK(munmap2(whole, 8 * PAGE_SIZE) == 0, "munmap2 of the whole");

    part = map_file(AREA, 1, MAP_SHARED, fd, 4);
    check_page(part, 7, "page 4 mapped again");
    msg("the file holds what was stored");
}
