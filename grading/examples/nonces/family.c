// Parent and child go on from the same pages with numbers of their own.
#include "nonce.h"

#define PAGES 20
#define WORDS ((int)PAGE_SIZE / 4)

static uint32_t room[PAGES][WORDS] __attribute__((aligned(PAGE_SIZE)));

static void scribble(int pages)
{
    for (int i = 0; i < pages; i++) {
        uint32_t *page = room[next() % PAGES];
        for (int word = 0; word < WORDS; word += 7)
            page[word] += next();
    }
}

static uint32_t all(void)
{
    uint32_t sums[PAGES];
    for (int page = 0; page < PAGES; page++)
        sums[page] = sum(room[page], WORDS);
    return sum(sums, PAGES);
}

int main(int argc, char *argv[])
{
    msg("begin");
    seed(argv[argc - 1]);
    scribble(3 * PAGES);
    msg("before: %08x", all());
    pid_t child = fork();
    if (child == 0) {
        state ^= 0x5bd1e995u;
        scribble(PAGES);
        msg("child: %08x", all());
        return 0;
    }
    wait(child);
    msg("parent, as before: %08x", all());
    scribble(PAGES);
    msg("parent: %08x", all());
    return 0;
}
