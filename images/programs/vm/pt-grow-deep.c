// Moves the stack pointer down by 64 KiB a hundred times and writes there.
// shows: the stack grows to several MiB, with pages between that nobody touches.
#include "stack.h"

#define STEP 65536
#define STEPS 100

static uint32_t use_step(int depth)
{
    volatile char object[STEP];
    use_whole(object);
    object[0] = (char)depth;
    uint32_t below = depth < STEPS ? use_step(depth + 1) : 0;
    REQUIRE(object[0] == (char)depth, "the object at depth %d changed", depth);
    return below + 1;
}

TEST
{
    CHECK(use_step(1) == STEPS, "100 objects of 64 KiB");
}
