// Chapter 10: so many processes at once, each of which goes round a working set of so many pages. All of
// them together make the same number of rounds, however many they are.
//
//   ./vmlab run docs/book/src/programs/working-sets.c PROCESSES PAGES --frames 64 --stats
#include <test.h>
#include <vm.h>

#define MOST_PROCESSES 16
#define MOST_PAGES 64
#define ROUNDS 1200
// Work between the touch of one page and that of the next.
#define WORK 40

static volatile unsigned char data[MOST_PAGES * PAGE_SIZE];

static void go_round(int pages, int rounds)
{
    for (int round = 0; round < rounds; round++)
        for (int page = 0; page < pages; page++) {
            data[page * PAGE_SIZE] += 1;
            for (volatile int i = 0; i < WORK; i++)
                continue;
        }
}

int main(int argc, char *argv[])
{
    int processes = argc > 1 ? atoi(argv[1]) : 4;
    int pages = argc > 2 ? atoi(argv[2]) : 12;
    REQUIRE(1 <= processes && processes <= MOST_PROCESSES, "%d processes", processes);
    REQUIRE(1 <= pages && pages <= MOST_PAGES, "%d pages", pages);
    pid_t children[MOST_PROCESSES];
    for (int i = 0; i < processes; i++) {
        children[i] = fork();
        REQUIRE(children[i] >= 0, "fork returned %d", children[i]);
        if (children[i] == 0) {
            go_round(pages, ROUNDS / processes);
            exit(0);
        }
    }
    for (int i = 0; i < processes; i++)
        REQUIRE(wait(children[i]) == 0, "child %d", i);
    return 0;
}
