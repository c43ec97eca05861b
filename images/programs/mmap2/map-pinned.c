// Unmaps pages that are pinned.
// shows: unmapping ends the pins of a mapping, and frees its frames.
#include <pages.h>

TEST
{
    for (int round = 0; round < 20; round++) {
        uint8_t *page = map_zero(AREA, 2);
        fill_pages(page, 2, 3);
        REQUIRE(pin_pages(page, 2 * PAGE_SIZE, 1) == 0, "pin in round %d", round);
        REQUIRE(munmap2(page, 2 * PAGE_SIZE) == 0, "munmap2 in round %d", round);
        REQUIRE(unpin_pages(page, 2 * PAGE_SIZE) < 0, "pins are left in round %d", round);
    }
    msg("20 rounds");
}
