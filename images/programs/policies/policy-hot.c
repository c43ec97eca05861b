// Uses one page over and over while it walks once through many others.
// shows: which policies spare a page that is in use, and which do not.
#include <pages.h>

#define WALKED 150

TEST
{
    uint8_t *hot = map_zero(AREA, 1);
    uint8_t *walked = map_zero(AREA_2, WALKED);
    for (unsigned i = 0; i < WALKED; i++) {
        store(hot + i, (uint8_t)i);
        store(walked + i * PAGE_SIZE, (uint8_t)i);
    }
    for (unsigned i = 0; i < WALKED; i++)
        REQUIRE(load(hot + i) == i, "byte %u of the page in use", i);
    msg("%d pages walked through", WALKED);
}
