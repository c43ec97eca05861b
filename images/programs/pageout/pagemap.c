// Follows the pagemap entry of a page through its life, and that of a file's.
// shows: pagemap and physical report where a page is, and change nothing about it.
#include <pages.h>

static int bad_entry(void *at)
{
    return pagemap(AREA, at);
}

TEST
{
    uint8_t *page = map_zero(AREA, 1);
    bool room = roomy(32);
    CHECK(page_entry(page) == 0 && physical(page) == 0, "untouched: nowhere");
    load(page);
    CHECK(!room || (in_frame(page) && (page_entry(page) & PM_DIRTY) == 0), "loaded: in a frame");
    store(page + 5, 'x');
    CHECK(!room || (page_entry(page) & (PM_PRESENT | PM_DIRTY)) == (PM_PRESENT | PM_DIRTY),
          "stored to: and changed");
    unsigned address = physical(page + 5);
    CHECK(!room || address == PM_FRAME(page_entry(page)) * PAGE_SIZE + 5,
          "physical() is the frame and the byte in it");
    advise(page, 1, MADV_PAGEOUT);
    uint64_t entry = page_entry(page);
    CHECK((entry & (PM_PRESENT | PM_SWAPPED)) == PM_SWAPPED, "paged out: in swap");
    CHECK(PM_SLOT(entry) < stats_now().slots_total, "in a slot that there is");
    CHECK(physical(page) == 0, "and in no frame");
    CHECK(load(page + 5) == 'x', "loaded again");

    make_file("data", NULL, PAGE_SIZE);
    uint8_t *file = map_file(AREA_2, 1, MAP_SHARED, must_open("data"), 0);
    load(file);
    CHECK(!room || (page_entry(file) & (PM_PRESENT | PM_FILE_OR_SHARED | PM_DIRTY)) ==
                       (PM_PRESENT | PM_FILE_OR_SHARED),
          "a file's: in a frame");
    uint8_t *after = AREA + PAGE_SIZE;
    CHECK(page_entry(after) == 0 && physical(after) == 0, "unmapped: nowhere");
    CHECK(physical((void *)PHYS_BASE) == 0, "the kernel's: nowhere");
    must_kill(bad_entry, (void *)PHYS_BASE, "an entry at a kernel address");
}
