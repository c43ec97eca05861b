// Compares what vmstat counts with what it does.
// shows: the counters count what happens.
#include <pages.h>

#define PAGES 16

static int bad_pointer(void *at)
{
    return vmstat(at);
}

TEST
{
    uint8_t *memory = map_zero(AREA, PAGES);
    struct vmstat before = stats_now();
    // The second call brings in whatever the first did not.
    before = stats_now();
    bool room = roomy(PAGES + 32);
    CHECK(before.frames_in_use <= before.frames_total, "frames in use are frames");
    CHECK(before.slots_in_use <= before.slots_total, "slots in use are slots");
    CHECK(before.minor_faults + before.major_faults <= before.faults, "faults are minor or major");
    for (uint32_t i = 0; i < PAGES; i++)
        store(memory + i * PAGE_SIZE, 1);
    struct vmstat after = stats_now();
    CHECK(after.faults >= before.faults + PAGES, "a fault for each new page");
    CHECK(!room || after.minor_faults == before.minor_faults + PAGES, "minor, for there are zeros");
    CHECK(!room || after.frames_in_use == before.frames_in_use + PAGES, "and a frame for each");
    before = after;
    advise(memory, PAGES, MADV_PAGEOUT);
    after = stats_now();
    CHECK(!room || after.swap_writes == before.swap_writes + PAGES, "a write for each paged out");
    CHECK(!room || after.slots_in_use == before.slots_in_use + PAGES, "a slot for each");
    CHECK(!room || after.frames_in_use == before.frames_in_use - PAGES, "and a frame less");
    before = after;
    for (uint32_t i = 0; i < PAGES; i++)
        load(memory + i * PAGE_SIZE);
    after = stats_now();
    CHECK(after.swap_reads >= before.swap_reads + PAGES, "a read for each that comes back");
    CHECK(!room || after.major_faults == before.major_faults + PAGES, "a major fault for each");
    CHECK(!room || after.slots_in_use == before.slots_in_use - PAGES, "and a slot less");
    CHECK(munmap2(memory, PAGES * PAGE_SIZE) == 0, "munmap2");
    CHECK(!room || stats_now().frames_in_use == after.frames_in_use - PAGES, "the frames are free");
    must_kill(bad_pointer, (void *)PHYS_BASE, "statistics for the kernel");
    must_kill(bad_pointer, (void *)0x08048000, "statistics into code");
}
