// Forks with 64 pages in swap, three generations deep; each process checks them,
// stores to some, has all paged out again, and forks.
// shows: pages in swap are copied by fork without being read, and then belong to each process alone.
#include <pages.h>

#define PAGES 64
#define GENERATIONS 3

// Page i of generation g is filled with this: every third page is stored to.
static uint32_t seed_of(uint32_t page, int generation)
{
    int last = generation;
    while (last > 0 && (page + (uint32_t)last) % 3 != 0)
        last--;
    return 1000u * (uint32_t)last + page;
}

static void check(int generation, const char *what)
{
    for (uint32_t i = 0; i < PAGES; i++)
        check_page(AREA + i * PAGE_SIZE, seed_of(i, generation), what);
}

static int live(int generation)
{
    check(generation - 1, "as inherited");
    for (uint32_t i = 0; i < PAGES; i++)
        if ((i + (uint32_t)generation) % 3 == 0)
            fill_page(AREA + i * PAGE_SIZE, seed_of(i, generation));
    advise(AREA, PAGES, MADV_PAGEOUT);

    if (generation < GENERATIONS) {
        pid_t child = must_fork();
        if (child == 0)
            exit(live(generation + 1));
        check(generation, "after the fork");
        int status = wait(child);
        REQUIRE(status == 40 + generation + 1, "generation %d: %d", generation + 1, status);
    }
    check(generation, "in the end");
    return 40 + generation;
}

TEST
{
    map_zero(AREA, PAGES);
    for (uint32_t i = 0; i < PAGES; i++)
        fill_page(AREA + i * PAGE_SIZE, seed_of(i, 0));
    CHECK(live(1) == 41, "three generations");
}
