// Counts its page tables: as it is, and while it uses memory here and there.
// shows: a process has the page tables that its pages in frames need, and no more.
#include <pages.h>

// A page table is for 4 MiB.
#define FAR (8 * 1024 * 1024)

static unsigned tables(void)
{
    return stats_now().page_tables;
}

TEST
{
    bool room = roomy(32);
    CHECK(tables() == 2, "one for code and data, one for the stack");
    map_zero(AREA, 64 * 1024);
    CHECK(tables() == 2, "none for 256 MiB that nobody touches");
    for (unsigned i = 0; i < 5; i++) {
        store(AREA + i * FAR, 1);
        REQUIRE(!room || tables() == 3 + i, "%u pages: %u tables", i + 1, tables());
    }
    msg("one more for each far page that is touched");
    store(AREA + PAGE_SIZE, 1);
    CHECK(!room || tables() == 7, "none more for a near one");
    for (unsigned i = 1; i < 5; i++) {
        advise(AREA + i * FAR, 1, MADV_PAGEOUT);
        REQUIRE(!room || tables() == 7 - i, "%u pages out: %u tables", i, tables());
    }
    msg("one less for each that is paged out");
    CHECK(load(AREA + FAR) == 1, "which comes back");
    REQUIRE(munmap2(AREA, 64 * 1024 * PAGE_SIZE) == 0, "munmap2");
    CHECK(tables() == 2, "and none for what is unmapped");
}
