// Calls 64 functions, each on a page of its own, in changing order, and walks
// through 1 MiB of data in between.
// shows: code pages that are evicted come back as they were, and the right code runs.
#include <random.h>
#include <test.h>

// A function that starts a page and does with its argument what no other does.
#define FUNCTION(tens, ones)                                                                  \
    static __attribute__((aligned(4096), noinline, used)) uint32_t f##tens##ones(uint32_t x)  \
    {                                                                                         \
        return x * (8 * tens + ones + 3) + (8 * tens + ones) * 1000003u;                      \
    }

#define EIGHT(macro, tens)                                                   \
    macro(tens, 0) macro(tens, 1) macro(tens, 2) macro(tens, 3)              \
    macro(tens, 4) macro(tens, 5) macro(tens, 6) macro(tens, 7)

#define ALL(macro)                                                           \
    EIGHT(macro, 0) EIGHT(macro, 1) EIGHT(macro, 2) EIGHT(macro, 3)          \
    EIGHT(macro, 4) EIGHT(macro, 5) EIGHT(macro, 6) EIGHT(macro, 7)

ALL(FUNCTION)

#define NAME(tens, ones) f##tens##ones,

static uint32_t (*const functions[64])(uint32_t) = { ALL(NAME) };

static uint32_t data[256 * 1024];

static void call_all(uint32_t round)
{
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t n = i * (2 * round + 1) % 64;
        uint32_t x = random_next();
        uint32_t result = functions[n](x);
        REQUIRE(result == x * (n + 3) + n * 1000003u, "function %u of %u is %u", n, x, result);
    }
}

TEST
{
    random_init(5);
    for (uint32_t round = 0; round < 12; round++) {
        call_all(round);
        for (size_t i = 0; i < 256 * 1024; i += 256)
            data[i] += round;
        call_all(round + 7);
    }
    REQUIRE(data[0] == 66 && data[256 * 1023] == 66, "the data changed");
    msg("1,536 calls were right");
}
