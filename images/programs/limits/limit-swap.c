// Has copies of itself that store to more memory than there is: their own, and
// what they share copy-on-write.
// shows: when swap is full, the process that asks for more ends, and its slots are free again.
#include <pages.h>

#define PAGES 40
#define TOO_MANY (32 * 1024 * 1024 / PAGE_SIZE)

static int use_too_much(void *argument)
{
    fill_pages(AREA, PAGES / 2, 900);
    uint8_t *memory = map_zero(argument, TOO_MANY);
    for (uint32_t i = 0; i < TOO_MANY; i++)
        store(memory + i * PAGE_SIZE, 1);
    return 0;
}

static int use_enough(void *argument)
{
    fill_pages(AREA, PAGES, 900);
    check_pages(AREA, PAGES, 900, "a child");
    (void)argument;
    return 30;
}

TEST
{
    map_zero(AREA, PAGES);
    fill_pages(AREA, PAGES, 100);
    advise(AREA, PAGES, MADV_PAGEOUT);
    for (int i = 0; i < 3; i++) {
        must_kill(use_too_much, AREA_2, "a child that wants too much");
        check_pages(AREA, PAGES, 100, "the parent's");
        CHECK(run_forked(use_enough, NULL) == 30, "a child that does not");
    }
    check_pages(AREA, PAGES, 100, "the parent's, in the end");
    REQUIRE(munmap2(AREA, PAGES * PAGE_SIZE) == 0, "munmap2");
    struct vmstat stats = stats_now();
    // Code, data and stack.
    CHECK(stats.slots_in_use < 12, "no slot is left behind");
}
