// Forks ten children with 64 pages in swap, and counts slots and copies.
// shows: swap slots are shared by parent and children, and freed with their last user.
#include <pages.h>

#define PAGES 64
#define CHILDREN 10

static int hold(void)
{
    await_file("go");
    check_pages(AREA, PAGES, 500, "a child");
    return 0;
}

TEST
{
    map_zero(AREA, PAGES);
    fill_pages(AREA, PAGES, 500);
    advise(AREA, PAGES, MADV_PAGEOUT);
    bool room = roomy(PAGES + 12 * CHILDREN + 32);
    unsigned slots = stats_now().slots_in_use;
    pid_t children[CHILDREN];
    for (int i = 0; i < CHILDREN; i++) {
        children[i] = must_fork();
        if (children[i] == 0)
            exit(hold());
    }
    struct vmstat now = stats_now();
    REQUIRE(!room || now.slots_in_use == slots, "%u slots became %u", slots, now.slots_in_use);
    msg("10 forks took no slot");
    post_file("go");
    for (int i = 0; i < CHILDREN; i++)
        REQUIRE(wait(children[i]) == 0, "child %d", i);
    check_pages(AREA, PAGES, 500, "the parent");
    now = stats_now();
    REQUIRE(!room || now.slots_in_use <= slots - PAGES, "%u slots are in use", now.slots_in_use);
    REQUIRE(munmap2(AREA, PAGES * PAGE_SIZE) == 0, "munmap2");
    msg("all saw the same pages");
}
