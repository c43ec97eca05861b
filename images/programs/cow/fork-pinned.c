// Forks with two pinned pages.
// shows: a pinned page stays in its frame over a fork, and the child has a copy without a pin.
#include <pages.h>

TEST
{
    uint8_t *pages = map_zero(AREA, 4);
    fill_pages(pages, 4, 30);
    CHECK(pin_pages(pages, 2 * PAGE_SIZE, 1) == 0, "pin two pages");
    unsigned frames[2] = { physical(pages), physical(pages + PAGE_SIZE) };
    REQUIRE(frames[0] != 0 && frames[1] != 0, "pinned pages are in no frame");

    pid_t child = must_fork();
    if (child == 0) {
        check_pages(pages, 4, 30, "the child");
        REQUIRE(physical(pages) != frames[0], "the child has the pinned frame");
        REQUIRE(unpin_pages(pages, PAGE_SIZE) == -EINVAL, "the child has a pin");
        fill_pages(pages, 4, 70);
        await_file("go");
        check_pages(pages, 4, 70, "the child, in the end");
        exit(5);
    }
    fill_pages(pages, 4, 90);
    for (int i = 0; i < 2; i++)
        REQUIRE(physical(pages + (unsigned)i * PAGE_SIZE) == frames[i], "page %d has moved", i);
    post_file("go");
    check_child(child, 5, "the child has copies");
    check_pages(pages, 4, 90, "the parent");
    for (int i = 0; i < 2; i++)
        REQUIRE(physical(pages + (unsigned)i * PAGE_SIZE) == frames[i], "page %d has moved", i);
    CHECK(unpin_pages(pages, 2 * PAGE_SIZE) == 0, "unpin them");
}
