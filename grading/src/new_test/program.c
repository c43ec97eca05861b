// A test: TEST prints "(@NAME@) begin" before its body and "(@NAME@) end" after it. test.h and
// syscall.h in images/lib document what a program can call.
#include <test.h>

#define PAGES 64

// More than the 16 frames that suite.toml gives the machine: some of it has to go to swap.
static uint8_t data[PAGES * PAGE_SIZE];

TEST
{
    for (unsigned page = 0; page < PAGES; page++)
        data[page * PAGE_SIZE] = page + 1;
    for (unsigned page = 0; page < PAGES; page++)
        REQUIRE(data[page * PAGE_SIZE] == page + 1, "page %u lost its data", page);
    msg("%d pages hold what was written", PAGES);
}
