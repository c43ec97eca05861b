// Uses a few pages beside others until memory is full; then walks through many
// pages, using the few just once for each walk.
// shows: whether a walk through many pages drives out those that are used again.
#include <pages.h>

#define HOT 6
#define WALKED 100
#define WALKS 3

static void use_all(uint8_t *hot, unsigned time)
{
    for (unsigned i = 0; i < HOT; i++) {
        uint8_t *byte = hot + i * PAGE_SIZE;
        REQUIRE(load(byte) == time, "hot page %u at time %u", i, time);
        store(byte, (uint8_t)(time + 1));
    }
}

TEST
{
    uint8_t *hot = map_zero(AREA, HOT);
    uint8_t *walked = map_zero(AREA_2, WALKED);
    unsigned time = 0;
    for (unsigned i = 0; i < WALKED; i++) {
        use_all(hot, time++);
        store(walked + i * PAGE_SIZE, 1);
    }
    for (unsigned walk = 0; walk < WALKS; walk++) {
        use_all(hot, time++);
        for (unsigned i = 0; i < WALKED; i++)
            store(walked + i * PAGE_SIZE, 2);
        msg("walk %u", walk);
    }
    use_all(hot, time);
}
