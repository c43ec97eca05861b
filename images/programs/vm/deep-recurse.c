// Recurses 2,000 times with 1 KiB of local data each, and checks them on the
// way back; four times.
// shows: a deep stack is paged out and in, and returns find their way.
#include <test.h>

static uint32_t recurse(uint32_t depth, uint32_t round)
{
    volatile uint32_t object[256];
    for (uint32_t i = 0; i < 256; i++)
        object[i] = depth * 1000 + i + round;
    uint32_t sum = depth > 1 ? recurse(depth - 1, round) : 0;
    for (uint32_t i = 0; i < 256; i++)
        REQUIRE(object[i] == depth * 1000 + i + round, "the object at depth %u changed", depth);
    return sum + object[depth % 256];
}

TEST
{
    for (uint32_t round = 0; round < 4; round++)
        msg("round %u: %u", round, recurse(2000, round));
}
