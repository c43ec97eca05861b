// Forks 100 children that all exist at once, each with a page and a number
// of its own, and lets them go.
// shows: a hundred copies of a process exist at once, and cost only what they store.
#include <pages.h>

#define CHILDREN 100
#define PAGES 30

static int be_child(uint32_t number)
{
    fill_page(AREA + number % PAGES * PAGE_SIZE, 5000 + number);
    await_file("go");
    for (uint32_t i = 0; i < PAGES; i++) {
        uint32_t seed = i == number % PAGES ? 5000 + number : 40 + i;
        check_page(AREA + i * PAGE_SIZE, seed, "a child");
    }
    return 16;
}

TEST
{
    map_zero(AREA, PAGES);
    fill_pages(AREA, PAGES, 40);
    pid_t children[CHILDREN];
    for (uint32_t i = 0; i < CHILDREN; i++) {
        children[i] = must_fork();
        if (children[i] == 0)
            exit(be_child(i));
    }
    post_file("go");
    for (int i = 0; i < CHILDREN; i++)
        REQUIRE(wait(children[i]) == 16, "child %d", i);
    check_pages(AREA, PAGES, 40, "the parent");
    msg("100 children");
}
