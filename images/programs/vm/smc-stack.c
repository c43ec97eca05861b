// Writes code on the stack and calls it, at one address with other code each time.
// shows: code on the stack runs, and is what was written last.
#include "code.h"

static __attribute__((noinline)) uint32_t build_and_call(uint32_t value)
{
    uint8_t code[16];
    emit_return(code, value);
    return call_code(code, 0);
}

TEST
{
    for (uint32_t i = 0; i < 1000; i++)
        REQUIRE(build_and_call(i * i) == i * i, "code for %u", i * i);
    msg("1,000 calls were right");
}
