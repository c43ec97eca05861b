// Pins one page after the other until that is refused, works on, and unpins.
// shows: half of the frames can be pinned and no more, so that all processes can go on.
#include <pages.h>

#define OTHERS 200

static volatile uint8_t others[OTHERS * PAGE_SIZE];

TEST
{
    unsigned frames = stats_now().frames_total;
    unsigned pages = frames / 2;
    uint8_t *area = map_zero(AREA, pages + 2);
    for (int round = 0; round < 2; round++) {
        unsigned pinned = 0;
        int result = 0;
        while (pinned <= pages && result == 0) {
            result = pin_pages(area + pinned * PAGE_SIZE, PAGE_SIZE, 1);
            if (result == 0)
                pinned++;
        }
        REQUIRE(result == -EAGAIN, "pin %u returned %d", pinned + 1, result);
        REQUIRE(pinned == pages, "%u of %u frames are pinned", pinned, frames);
        msg("half of the frames are pinned, one more is refused");
        CHECK(pin_pages(area, PAGE_SIZE, 1) == 0, "a pinned page can be pinned again");
        CHECK(pin_pages(area + (pages - 1) * PAGE_SIZE, 2 * PAGE_SIZE, 1) == -EAGAIN,
              "two pages, of which one is not pinned, cannot");
        for (size_t i = 0; i < sizeof others; i += PAGE_SIZE)
            others[i]++;
        for (unsigned i = 0; i < pages; i++)
            REQUIRE(physical(area + i * PAGE_SIZE) != 0, "pinned page %u is in no frame", i);
        msg("the others have room enough");
        CHECK(unpin_pages(area, pages * PAGE_SIZE) == 0, "unpin all");
        CHECK(unpin_pages(area, PAGE_SIZE) == 0, "unpin the one that was pinned twice");
        CHECK(unpin_pages(area, PAGE_SIZE) == -EINVAL, "but not three times");
    }
}
