/* A program for Linux that uses more pages than there are frames, and looks at them again. */
#include "linux.h"

#define PAGES 40

static char *memory;

/* Where the debugger stops: the pages that were stored to first have lost their frames by now. */
__attribute__((noinline)) static int look(int page) {
    int found = memory[page * PAGE];
    found += page;
    return found;
}

int test(int argc, char **argv) {
    int sum = 0;
    (void)argc;
    (void)argv;
    memory = pages(PAGES, 0);
    for (int page = 0; page < PAGES; page++)
        memory[page * PAGE] = 100 + page % 20;
    for (int page = 0; page < PAGES; page++)
        sum += look(page);
    say("sum", sum);
    return 9;
}
