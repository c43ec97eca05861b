// Writes a function into each of 64 pages, has them evicted, and calls them;
// then other functions into the same pages. What smc-evict and child-smc do.
#ifndef VM_SMC_EVICT_H
#define VM_SMC_EVICT_H

#include "code.h"

#define CODE_PAGES 64

static uint8_t code[CODE_PAGES][PAGE_SIZE] __attribute__((aligned(4096)));
static volatile uint8_t ballast[1024 * 1024];

static inline void walk_ballast(uint8_t value)
{
    for (size_t i = 0; i < sizeof ballast; i += PAGE_SIZE / 2)
        ballast[i] = value;
}

// Functions return numbers that start at `first`.
static inline void check_eviction(uint32_t first, uint32_t rounds)
{
    for (uint32_t round = 0; round < rounds; round++) {
        for (uint32_t i = 0; i < CODE_PAGES; i++)
            emit_return(code[i] + 8 * i, first + 100 * round + i);
        walk_ballast((uint8_t)round);
        // Backwards too, so that frames change hands between the pages.
        for (uint32_t i = 0; i < 2 * CODE_PAGES; i++) {
            uint32_t n = i < CODE_PAGES ? i : 2 * CODE_PAGES - 1 - i;
            uint32_t result = call_code(code[n] + 8 * n, 0);
            REQUIRE(result == first + 100 * round + n, "round %u: function %u gave %u", round, n,
                    result);
        }
    }
}

#endif
