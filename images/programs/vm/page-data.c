// Changes half of 512 KiB of initialised data and checks all of it, again and
// again, in two orders.
// shows: pages of the executable come back from the file if clean, from swap if changed.
#include <test.h>

#define PAGES 128

// Not zero, so that the executable holds it.
static uint32_t data[PAGES][PAGE_SIZE / 4] = { [0 ... PAGES - 1] = { [0 ... 1023] = 0x01020304 } };

static void check_page(int page, uint32_t changed)
{
    uint32_t expected = page % 2 == 0 ? 0x01020304 : changed;
    for (size_t i = 0; i < PAGE_SIZE / 4; i++)
        REQUIRE(data[page][i] == expected, "page %d has %#x", page, data[page][i]);
}

TEST
{
    for (uint32_t round = 1; round <= 4; round++) {
        for (int page = 1; page < PAGES; page += 2)
            for (size_t i = 0; i < PAGE_SIZE / 4; i++)
                data[page][i] = round;
        for (int page = 0; page < PAGES; page++)
            check_page(page, round);
        for (int page = PAGES; page-- > 0;)
            check_page(page, round);
        msg("round %u", round);
    }
}
