// Patches two functions on one page by turns and calls both after each patch.
// shows: each store into a page of code takes effect, not only the first.
#include "code.h"

static uint8_t code[PAGE_SIZE] __attribute__((aligned(4096)));

TEST
{
    for (uint32_t i = 0; i < 1000; i++) {
        emit_return(code + 16, i);
        REQUIRE(call_code(code + 16, 0) == i, "the first function in round %u", i);
        emit_return(code + 2048, ~i);
        REQUIRE(call_code(code + 2048, 0) == ~i, "the second function in round %u", i);
        REQUIRE(call_code(code + 16, 0) == i, "the first function again in round %u", i);
    }
    msg("1,000 rounds were right");
}
