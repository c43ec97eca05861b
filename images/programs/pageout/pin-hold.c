// Pins pages of each kind and walks through 2 MiB of other memory, several
// times.
// shows: pinned pages stay in their frames, whatever happens to all others.
#include <pages.h>

static volatile uint8_t others[2 * 1024 * 1024];

TEST
{
    make_file("data", NULL, PAGE_SIZE);
    uint8_t *pinned[3] = { map_zero(AREA, 1), map_zero(AREA + 4 * PAGE_SIZE, 1),
                           map_file(AREA_2, 1, MAP_SHARED, must_open("data"), 0) };
    unsigned frames[3];
    for (uint32_t i = 0; i < 3; i++)
        fill_page(pinned[i], 10 + i);
    // Pinning brings in what is in swap.
    advise(pinned[1], 1, MADV_PAGEOUT);
    for (uint32_t i = 0; i < 3; i++) {
        CHECK(pin_pages(pinned[i], PAGE_SIZE, i < 2) == 0, "pin page %u", i);
        frames[i] = physical(pinned[i]);
        REQUIRE(frames[i] != 0, "page %u is in no frame", i);
    }
    for (int round = 1; round <= 4; round++) {
        for (size_t i = 0; i < sizeof others; i += PAGE_SIZE)
            others[i]++;
        for (uint32_t i = 0; i < 3; i++) {
            REQUIRE(physical(pinned[i]) == frames[i], "page %u has moved", i);
            check_page(pinned[i], 10 + i, "a pinned page");
        }
        msg("round %d", round);
    }
    for (uint32_t i = 0; i < 3; i++)
        REQUIRE(unpin_pages(pinned[i], PAGE_SIZE) == 0, "unpin page %u", i);
    for (size_t i = 0; i < sizeof others; i += PAGE_SIZE)
        others[i]++;
    for (uint32_t i = 0; i < 3; i++)
        check_page(pinned[i], 10 + i, "a page that was pinned");
    msg("and are as they were");
}
