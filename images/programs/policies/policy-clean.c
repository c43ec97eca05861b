// Leaves some pages changed and others only read, uses none of them any more,
// and wants frames for a few new ones.
// shows: whether a page that need not be written out goes rather than a dirty one.
#include <pages.h>

#define DIRTY 4
#define CLEAN 6
#define NEW 6

TEST
{
    make_file("data", NULL, CLEAN * PAGE_SIZE);
    uint8_t *dirty = map_zero(AREA, DIRTY);
    uint8_t *clean = map_file(AREA_2, CLEAN, MAP_SHARED, must_open("data"), 0);
    uint8_t *new = map_zero(AREA_2 + 16 * PAGE_SIZE, NEW);
    for (unsigned i = 0; i < DIRTY; i++)
        store(dirty + i * PAGE_SIZE, (uint8_t)(i + 1));
    for (unsigned i = 0; i < CLEAN; i++)
        REQUIRE(load(clean + i * PAGE_SIZE) == 0, "page %u of the file", i);
    for (unsigned i = 0; i < NEW; i++)
        store(new + i * PAGE_SIZE, (uint8_t)(i + 1));
    for (unsigned i = 0; i < DIRTY; i++)
        REQUIRE(load(dirty + i * PAGE_SIZE) == i + 1, "changed page %u", i);
    for (unsigned i = 0; i < NEW; i++)
        REQUIRE(load(new + i * PAGE_SIZE) == i + 1, "new page %u", i);
    msg("every page holds what was stored");
}
