// Fills pages, says of the later half that they are cold, and wants frames for
// as many new ones.
// shows: whether cold pages go before others that were used no later.
#include <pages.h>

#define HALF 4
#define NEW 7

TEST
{
    uint8_t *warm = map_zero(AREA, HALF);
    uint8_t *cold = map_zero(AREA_2, HALF);
    uint8_t *new = map_zero(AREA_2 + 16 * PAGE_SIZE, NEW);
    for (unsigned i = 0; i < HALF; i++) {
        store(warm + i * PAGE_SIZE, (uint8_t)(i + 1));
        store(cold + i * PAGE_SIZE, (uint8_t)(i + 1));
    }
    advise(cold, HALF, MADV_COLD);
    for (unsigned i = 0; i < NEW; i++)
        store(new + i * PAGE_SIZE, (uint8_t)(i + 1));
    for (unsigned i = 0; i < HALF; i++)
        REQUIRE(load(warm + i * PAGE_SIZE) == i + 1, "warm page %u", i);
    msg("the warm pages hold what was stored");
}
