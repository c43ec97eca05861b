// Stores to pages in an order made of the number, round after round, and sums them up.
#include "nonce.h"

#define PAGES 48
#define WORDS ((int)PAGE_SIZE / 4)

static uint32_t room[PAGES][WORDS] __attribute__((aligned(PAGE_SIZE)));

int main(int argc, char *argv[])
{
    msg("begin");
    seed(argv[argc - 1]);
    for (int round = 0; round < 4; round++) {
        for (int step = 0; step < 3 * PAGES; step++) {
            uint32_t *from = room[next() % PAGES], *to = room[next() % PAGES];
            uint32_t key = next();
            for (int i = 0; i < WORDS; i++)
                to[i] = (from[(i + 1) % WORDS] << 1 | from[i] >> 31) ^ (key + (uint32_t)i);
        }
        uint32_t sums[PAGES];
        for (int page = 0; page < PAGES; page++)
            sums[page] = sum(room[page], WORDS);
        msg("round %d: %08x", round, sum(sums, PAGES));
    }
    return 0;
}
