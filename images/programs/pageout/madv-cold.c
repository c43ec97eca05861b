// Says of pages that they are cold, and walks through others.
// shows: MADV_COLD costs a page its place at most, never its content.
#include <pages.h>

#define PAGES 32

static volatile uint8_t others[400 * PAGE_SIZE];

TEST
{
    make_file("data", NULL, PAGES * PAGE_SIZE);
    uint8_t *memory = map_zero(AREA, PAGES);
    uint8_t *file = map_file(AREA_2, PAGES, MAP_SHARED, must_open("data"), 0);
    fill_pages(memory, PAGES, 100);
    fill_pages(file, PAGES, 200);
    for (int round = 0; round < 3; round++) {
        advise(memory, PAGES, MADV_COLD);
        advise(file, PAGES, MADV_COLD);
        for (size_t i = 0; i < sizeof others; i += PAGE_SIZE)
            others[i]++;
        check_pages(memory, PAGES, 100, "memory");
        check_pages(file, PAGES, 200, "the file");
        msg("round %d", round);
    }
    for (size_t i = 0; i < sizeof others; i += PAGE_SIZE)
        REQUIRE(others[i] == 3, "byte %zu", i);
}
