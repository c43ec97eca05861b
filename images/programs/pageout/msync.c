// Has changed pages of a mapping written to their file while they stay.
// shows: msync writes the changed pages of shared mappings, once, and these alone.
#include <pages.h>

#define PAGES 10
#define LENGTH (PAGES * PAGE_SIZE)

// How many pages a msync of all writes.
static unsigned written(uint8_t *pages)
{
    unsigned before = stats_now().write_backs;
    int result = msync(pages, LENGTH);
    REQUIRE(result == 0, "msync returned %d", result);
    return stats_now().write_backs - before;
}

TEST
{
    make_file("data", NULL, LENGTH);
    int fd = must_open("data");
    uint8_t *pages = map_file(AREA, PAGES, MAP_SHARED, fd, 0);
    bool room = roomy(2 * PAGES + 24);
    check_zero(pages, LENGTH, "the new file");
    unsigned count = written(pages);
    CHECK(!room || count == 0, "no page is written while none is changed");
    fill_pages(pages + 2 * PAGE_SIZE, 3, 50);
    count = written(pages);
    CHECK(!room || count == 3, "changed pages are written");
    REQUIRE(!room || (page_entry(pages + 2 * PAGE_SIZE) & (PM_PRESENT | PM_DIRTY)) == PM_PRESENT,
            "a written page is not clean");
    count = written(pages);
    CHECK(!room || count == 0, "once");
    check_pages(pages + 2 * PAGE_SIZE, 3, 50, "the mapping");
    store(pages + 3 * PAGE_SIZE, 'x');
    count = written(pages);
    CHECK(!room || count == 1, "a page that is changed again is written again");

    // What the kernel stores counts as well.
    make_file("other", "other", 5);
    REQUIRE(read(must_open("other"), pages + 7 * PAGE_SIZE, 5) == 5, "read");
    count = written(pages);
    CHECK(!room || count == 1, "a page that read() has changed is written");

    uint8_t *private = map_file(AREA_2, PAGES, MAP_PRIVATE, fd, 0);
    fill_pages(private, PAGES, 70);
    count = written(private);
    CHECK(!room || count == 0, "private pages are not");
    CHECK(msync(pages + 1, PAGE_SIZE) == -EINVAL, "misaligned");
    CHECK(msync(pages, LENGTH + PAGE_SIZE) == -ENOMEM, "a hole");
    check_zero(pages, 2 * PAGE_SIZE, "the first pages");
    check_page(pages + 2 * PAGE_SIZE, 50, "page 2");
    check_page(pages + 4 * PAGE_SIZE, 52, "page 4");
    CHECK(memcmp(pages + 7 * PAGE_SIZE, "other", 5) == 0, "page 7");
}
