// A child loads from each page first and stores to it then, until memory and swap are full. Its parent computes
// meanwhile, and needs nothing but the pages that it has.
// shows: when memory is full of private pages, the process that asks for one more ends, and its parent runs on.
#include <test.h>
#include <vm.h>

#define PAGES 8192

static volatile char data[PAGES * PAGE_SIZE];

static int be_greedy(void)
{
    for (size_t page = 0; page < PAGES; page++)
        data[page * PAGE_SIZE] ^= 1;
    return 0;
}

TEST
{
    pid_t child = fork();
    if (child == 0)
        exit(be_greedy());
    volatile unsigned sum = 0;
    for (unsigned i = 0; i < 400000; i++)
        sum += i;
    REQUIRE(wait(child) == -1, "the child got all that it wanted");
    msg("the child is gone, and so are its pages");
}
