// Maps a file a thousand times, each time two pages further, and stores through
// every mapping.
// shows: a process can have a thousand mappings, all of the same memory.
#include "mmap.h"

#define MAPPINGS 1000

static mapid_t maps[MAPPINGS];

static uint8_t *place(size_t i)
{
    return AREA + 2 * PAGE_SIZE * i;
}

TEST
{
    make_file("page", NULL, PAGE_SIZE);
    int fd = must_open("page");
    for (size_t i = 0; i < MAPPINGS; i++) {
        maps[i] = mmap(fd, place(i));
        REQUIRE(maps[i] != MAP_FAILED, "mapping %zu", i);
    }
    msg("1,000 mappings");
    for (size_t i = 0; i < MAPPINGS; i++) {
        store(place(i) + i, (uint8_t)(i * 7));
        size_t other = i * 389 % MAPPINGS;
        REQUIRE(load(place(other) + i) == (uint8_t)(i * 7), "store %zu through mapping %zu", i,
                other);
    }
    msg("1,000 stores seen through others");
    for (size_t i = 0; i < MAPPINGS; i += 2)
        munmap(maps[i]);
    for (size_t i = 1; i < MAPPINGS; i += 2) {
        REQUIRE(load(place(i) + i - 1) == (uint8_t)((i - 1) * 7), "mapping %zu, half gone", i);
        munmap(maps[i]);
    }
    static uint8_t bytes[PAGE_SIZE];
    for (size_t i = 0; i < MAPPINGS; i++)
        bytes[i] = (uint8_t)(i * 7);
    check_file("page", bytes, PAGE_SIZE);
}
