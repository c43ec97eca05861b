// Changes an instruction that lies on two pages, in its first and its second half.
// shows: stores into either page of an instruction across a page border take effect.
#include "code.h"

static uint8_t code[2 * PAGE_SIZE] __attribute__((aligned(4096)));

TEST
{
    for (uint32_t before = 1; before < 6; before++) {
        // So many bytes of the instruction movl $..., %eax are on the first page.
        uint8_t *start = code + PAGE_SIZE - before;
        emit_return(start, 0);
        for (uint32_t i = 0; i < 200; i++) {
            uint32_t value = i * 2654435769u;
            for (uint32_t byte = 0; byte < 4; byte++) {
                start[1 + byte] = (uint8_t)(value >> 8 * byte);
                uint32_t mask = byte == 3 ? 0xffffffff : (1u << (8 * byte + 8)) - 1;
                uint32_t result = call_code(start, 0) & mask;
                REQUIRE(result == (value & mask), "%#x should be %#x", result, value & mask);
            }
        }
        msg("%u bytes before the border", before);
    }
}
