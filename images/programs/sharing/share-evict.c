// Four children and their parent each add to numbers of their own in each of 48
// shared pages, with memory of their own in between.
// shows: stores of several processes to one frame are all kept when it is evicted.
#include <pages.h>

#define CHILDREN 4
#define PAGES 48
#define ROUNDS 6

// No divisor of 48 in them, so that each order comes to all pages.
static const uint32_t strides[CHILDREN + 1] = { 5, 7, 11, 13, 17 };

static volatile uint32_t own[PAGES * PAGE_SIZE / 4];

static uint32_t *number(uint32_t page, uint32_t who)
{
    return (uint32_t *)(AREA + page * PAGE_SIZE) + 100 * who + page;
}

static int add(uint32_t who)
{
    for (uint32_t round = 0; round < ROUNDS; round++)
        for (uint32_t i = 0; i < PAGES; i++) {
            // Each in an order of its own.
            uint32_t page = i * strides[who] % PAGES;
            *(volatile uint32_t *)number(page, who) += page + who;
            own[i * PAGE_SIZE / 4] += who;
        }
    for (uint32_t i = 0; i < PAGES; i++)
        REQUIRE(own[i * PAGE_SIZE / 4] == ROUNDS * who, "page %u of process %u", i, who);
    return 29;
}

TEST
{
    make_file("numbers", NULL, PAGES * PAGE_SIZE);
    int fd = must_open("numbers");
    map_file(AREA, PAGES, MAP_SHARED, fd, 0);
    pid_t children[CHILDREN];
    for (uint32_t i = 0; i < CHILDREN; i++) {
        children[i] = must_fork();
        if (children[i] == 0)
            exit(add(i + 1));
    }
    add(0);
    for (int i = 0; i < CHILDREN; i++)
        REQUIRE(wait(children[i]) == 29, "child %d", i);
    msg("five processes have added");
    for (uint32_t page = 0; page < PAGES; page++)
        for (uint32_t who = 0; who <= CHILDREN; who++) {
            uint32_t sum = *number(page, who);
            REQUIRE(sum == ROUNDS * (page + who), "page %u, process %u: %u", page, who, sum);
        }
    msg("every number is right");
    REQUIRE(munmap2(AREA, PAGES * PAGE_SIZE) == 0, "munmap2");
    for (uint32_t page = 0; page < PAGES; page++) {
        uint32_t sum;
        seek(fd, (uint32_t)number(page, 0) - (uint32_t)AREA);
        REQUIRE(read(fd, &sum, 4) == 4 && sum == ROUNDS * page, "page %u of the file: %u", page,
                sum);
    }
    msg("and in the file");
}
