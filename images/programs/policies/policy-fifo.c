// Uses pages in the order of the example that shows Belady's anomaly, with all
// that the program needs otherwise pinned.
// shows: under first in, first out more frames can mean more faults.
#include <pages.h>

static void pin(const void *address)
{
    uintptr_t page = (uintptr_t)address & ~(uintptr_t)(PAGE_SIZE - 1);
    int result = pin_pages((void *)page, PAGE_SIZE, false);
    REQUIRE(result == 0, "pin_pages returned %d", result);
}

// Needs one page of code, and of data only the stack.
__attribute__((noinline, aligned(512))) static void touch_in_order(void)
{
    volatile uint8_t order[] = {0, 1, 2, 3, 4, 0, 1, 5, 0, 1, 2, 3, 4, 5};
    for (unsigned i = 0; i < sizeof order; i++)
        store(AREA + order[i] * PAGE_SIZE, 1);
}

TEST
{
    int local = 0;
    map_zero(AREA, 6);
    pin((const void *)touch_in_order);
    pin(&test_name);
    pin(&local);
    pin(map_zero(AREA_2, 1));
    touch_in_order();
    msg("all pages stored to");
}
