// Says of pages of each kind, in frames and in swap, that they are not needed.
// shows: after MADV_DONTNEED memory is zero, a private page is as in its file, a shared one as it was.
#include <pages.h>

#define PAGES 6

TEST
{
    make_file("data", NULL, PAGES * PAGE_SIZE);
    int fd = must_open("data");
    uint8_t *memory = map_zero(AREA, PAGES);
    uint8_t *shared = map_file(AREA_2, PAGES, MAP_SHARED, fd, 0);
    uint8_t *private = map_file(AREA_2 + 16 * PAGE_SIZE, PAGES, MAP_PRIVATE, fd, 0);
    fill_pages(shared, PAGES, 300);
    fill_pages(memory, PAGES, 100);
    fill_pages(private, PAGES, 200);
    advise(memory + 3 * PAGE_SIZE, 3, MADV_PAGEOUT);
    advise(private + 3 * PAGE_SIZE, 3, MADV_PAGEOUT);

    unsigned slots = stats_now().slots_in_use;
    advise(memory, 5, MADV_DONTNEED);
    advise(private, 5, MADV_DONTNEED);
    advise(shared, PAGES, MADV_DONTNEED);
    REQUIRE(stats_now().slots_in_use < slots, "no slot is free again");
    check_zero(memory, 5 * PAGE_SIZE, "memory that is not needed");
    check_page(memory + 5 * PAGE_SIZE, 105, "memory that is");
    msg("memory is zero");
    check_pages(private, 5, 300, "private pages that are not needed");
    check_page(private + 5 * PAGE_SIZE, 205, "a private page that is");
    msg("private pages are as their file has them");
    check_pages(shared, PAGES, 300, "shared pages");
    msg("shared pages are as they were");

    fill_pages(memory, PAGES, 400);
    check_pages(memory, PAGES, 400, "memory that is used again");
    pid_t child = must_fork();
    if (child == 0) {
        advise(memory, PAGES, MADV_DONTNEED);
        check_zero(memory, PAGES * PAGE_SIZE, "the child's memory");
        exit(22);
    }
    check_child(child, 22, "a child does not need its memory");
    check_pages(memory, PAGES, 400, "the parent's memory");

    // Code comes back from the executable, data as they were at the start.
    static volatile uint32_t data[2 * PAGE_SIZE / 4] = { 7 };
    uintptr_t page = ((uintptr_t)data + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
    volatile uint32_t *word = (uint32_t *)page;
    uint32_t first = *word;
    *word = first + 1;
    advise((void *)page, 1, MADV_DONTNEED);
    CHECK(*word == first, "data are as they were at the start");
    advise((void *)0x08048000, 1, MADV_DONTNEED);
    msg("code is as it is");
}
