// Has pages paged out that a child shares: a file's, and copy-on-write ones; by
// parent and child.
// shows: a page is evicted from all processes that share it, and none loses data.
#include <pages.h>

#define PAGES 10

static int be_child(const char *go)
{
    await_file(go);
    for (int round = 0; round < 3; round++) {
        check_pages(AREA, PAGES, 100, "the child's own");
        check_pages(AREA_2, PAGES, 500, "the child's file");
        advise(AREA, PAGES, MADV_PAGEOUT);
        advise(AREA_2, PAGES, MADV_PAGEOUT);
        yield();
    }
    fill_page(AREA_2, 999);
    return 21;
}

TEST
{
    make_file("data", NULL, PAGES * PAGE_SIZE);
    map_zero(AREA, PAGES);
    map_file(AREA_2, PAGES, MAP_SHARED, must_open("data"), 0);
    fill_pages(AREA, PAGES, 100);
    bool room = roomy(2 * PAGES + 40);
    pid_t child = must_fork();
    if (child == 0)
        exit(be_child("go"));
    fill_pages(AREA_2, PAGES, 500);
    advise(AREA, PAGES, MADV_PAGEOUT);
    advise(AREA_2, PAGES, MADV_PAGEOUT);
    REQUIRE(!room || (in_swap(AREA) && in_swap(AREA + (PAGES - 1) * PAGE_SIZE)),
            "copy-on-write pages are not in swap");
    REQUIRE(!room || page_entry(AREA_2) == 0, "a page of the file is still there");
    msg("both are paged out");
    post_file("go");
    for (int round = 0; round < 3; round++) {
        check_pages(AREA, PAGES, 100, "the parent's own");
        yield();
    }
    check_child(child, 21, "the child has all of them");
    check_pages(AREA, PAGES, 100, "the parent's own");
    check_page(AREA_2, 999, "the child's last store");
    check_pages(AREA_2 + PAGE_SIZE, PAGES - 1, 501, "the parent's file");
    msg("and so has the parent");
}
