// Maps a file in four forked processes, each by a mapping of its own at an
// address of its own, which add up numbers in turn.
// shows: a page of a file is one frame for all processes that map it, at any address.
#include <pages.h>

#define CHILDREN 4
#define PAGES 6
#define ROUNDS 25

// Whose turn it is, and the numbers; a page each.
static volatile uint32_t *word(uint8_t *at, unsigned page)
{
    return (uint32_t *)(at + page * PAGE_SIZE) + page;
}

static int be_child(uint32_t number)
{
    // The mapping that the parent made is not needed.
    REQUIRE(munmap2(AREA, PAGES * PAGE_SIZE) == 0, "munmap2");
    uint8_t *at = map_file(AREA_2 + 16 * number * PAGE_SIZE, PAGES, MAP_SHARED,
                           must_open("data"), 0);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        while (*word(at, 0) != round * CHILDREN + number)
            yield();
        for (unsigned page = 1; page < PAGES; page++)
            *word(at, page) = *word(at, page) * 3 + number + page;
        ++*word(at, 0);
    }
    return 26;
}

TEST
{
    make_file("data", NULL, PAGES * PAGE_SIZE);
    uint8_t *at = map_file(AREA, PAGES, MAP_SHARED, must_open("data"), 0);
    // What should come of it.
    uint32_t expected[PAGES] = { CHILDREN * ROUNDS };
    for (uint32_t turn = 0; turn < CHILDREN * ROUNDS; turn++)
        for (unsigned page = 1; page < PAGES; page++)
            expected[page] = expected[page] * 3 + turn % CHILDREN + page;

    pid_t children[CHILDREN];
    for (uint32_t i = 0; i < CHILDREN; i++) {
        children[i] = must_fork();
        if (children[i] == 0) {
            int status = be_child(i);
            await_file("go");
            exit(status);
        }
    }
    while (*word(at, 0) != CHILDREN * ROUNDS)
        yield();
    for (unsigned page = 0; page < PAGES; page++)
        REQUIRE(*word(at, page) == expected[page], "page %u has %u, should have %u", page,
                *word(at, page), expected[page]);
    msg("100 turns of four processes");
    post_file("go");
    for (int i = 0; i < CHILDREN; i++)
        REQUIRE(wait(children[i]) == 26, "child %d", i);
    msg("which all end");
}
