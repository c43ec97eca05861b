// Forks with 1,000 filled pages. The child finds each of them in the frame that
// its parent has it in, and stores to four.
// shows: a fork copies no page, and a store copies just one.
#include <pages.h>

#define PAGES 1000
#define STORES 4

static unsigned frames[PAGES];

static uint8_t *page(uint32_t i)
{
    return AREA + i * PAGE_SIZE;
}

// The most copies of stack and data of the two processes.
#define OWN 6

static int be_child(bool room, unsigned copies)
{
    for (uint32_t i = 0; room && i < PAGES; i++)
        REQUIRE(physical(page(i)) == frames[i], "page %u is not where the parent has it", i);
    unsigned now = stats_now().copies;
    REQUIRE(!room || now <= copies + OWN, "fork made %u copies", now - copies);
    for (uint32_t i = 0; i < STORES; i++)
        store(page(i * 200), 'x');
    unsigned later = stats_now().copies;
    REQUIRE(!room || later == now + STORES, "4 stores made %u copies", later - now);
    for (uint32_t i = 0; room && i < PAGES; i++) {
        bool moved = physical(page(i)) != frames[i];
        bool stored = i % 200 == 0 && i / 200 < STORES;
        REQUIRE(moved == stored, "page %u: stored to %d, moved %d", i, stored, moved);
    }
    for (uint32_t i = 0; i < PAGES; i += 50) {
        if (i % 200 == 0 && i / 200 < STORES)
            REQUIRE(load(page(i)) == 'x', "page %u of the child's", i);
        else
            check_page(page(i), i, "the child's");
    }
    return 12;
}

TEST
{
    map_zero(AREA, PAGES);
    fill_pages(AREA, PAGES, 0);
    for (uint32_t i = 0; i < PAGES; i++)
        frames[i] = physical(page(i));
    msg("1,000 pages");
    // No page may have been evicted, and some more must fit.
    bool room = roomy(STORES + 2 * OWN);
    for (uint32_t i = 0; i < PAGES; i++)
        room = room && frames[i] != 0;
    unsigned copies = stats_now().copies;
    pid_t child = must_fork();
    if (child == 0)
        exit(be_child(room, copies));
    check_child(child, 12, "the child has the same, and stores to 4 of them");
    check_pages(AREA, PAGES, 0, "the parent's");
    for (uint32_t i = 0; room && i < PAGES; i++)
        REQUIRE(physical(page(i)) == frames[i], "page %u of the parent's has moved", i);

    // Nobody shares them any more.
    copies = stats_now().copies;
    for (uint32_t i = 0; i < PAGES; i++)
        store(page(i), 'y');
    unsigned later = stats_now().copies;
    REQUIRE(later == copies, "1,000 stores made %u copies", later - copies);
    msg("without a child no store copies");
}
