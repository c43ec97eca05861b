// Reads a file into its own mapping, and writes it from there.
// shows: a mapping can be the buffer of a call on the very file that is mapped.
#include <random.h>

#include "mmap.h"

#define HALF (5 * PAGE_SIZE)

static uint8_t expected[2 * HALF];

TEST
{
    random_init(17);
    random_bytes(expected, HALF);
    make_file("self", NULL, 2 * HALF);
    int fd;
    mapid_t map = open_and_map("self", AREA, &fd);
    memcpy(AREA, expected, HALF);
    CHECK(read(fd, AREA + HALF, HALF) == HALF, "read the first half into the second");
    compare_bytes(AREA + HALF, expected, HALF, HALF, "self");
    memcpy(expected + HALF, expected, HALF);

    // One page on, from a buffer that is half a page off.
    seek(fd, PAGE_SIZE);
    CHECK(write(fd, AREA + HALF + PAGE_SIZE / 2, 2 * PAGE_SIZE) == 2 * PAGE_SIZE,
          "write a part of the second half into the first");
    memcpy(expected + PAGE_SIZE, expected + HALF + PAGE_SIZE / 2, 2 * PAGE_SIZE);
    compare_bytes(AREA, expected, 2 * HALF, 0, "self");
    munmap(map);
    check_file("self", expected, 2 * HALF);
}
