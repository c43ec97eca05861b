// Shuffles the 8,192 records of a mapped file of 128 KiB ten times, prints a
// checksum each time, and checks that the file holds the last order.
// shows: a mapped file larger than memory takes random stores and keeps them all.
#include <random.h>

#include "mmap.h"

#define SIZE (128 * 1024)
#define RECORDS (SIZE / sizeof(struct record))

struct record {
    uint32_t words[4];
};

static uint32_t checksum(const volatile uint8_t *data)
{
    uint32_t sum = 1;
    for (size_t i = 0; i < SIZE; i++)
        sum = sum * 16777619u ^ data[i];
    return sum;
}

static void shuffle(volatile struct record *records)
{
    for (uint32_t i = RECORDS - 1; i > 0; i--) {
        uint32_t other = random_below(i + 1);
        struct record record = records[i];
        records[i] = records[other];
        records[other] = record;
    }
}

// The checksum of the file, read piece by piece.
static uint32_t file_checksum(int fd)
{
    uint32_t sum = 1;
    static uint8_t block[1024];
    seek(fd, 0);
    for (size_t done = 0; done < SIZE; done += sizeof block) {
        REQUIRE(read(fd, block, sizeof block) == sizeof block, "read at %zu", done);
        for (size_t i = 0; i < sizeof block; i++)
            sum = sum * 16777619u ^ block[i];
    }
    return sum;
}

TEST
{
    CHECK(create("buffer", SIZE), "create \"buffer\"");
    int fd = must_open("buffer");
    mapid_t map;
    CHECK((map = mmap(fd, AREA)) != MAP_FAILED, "mmap \"buffer\"");
    for (size_t i = 0; i < SIZE; i++)
        AREA[i] = (uint8_t)(i * 257 >> 8);
    msg("start: checksum %u", checksum(AREA));
    random_init(4);
    for (int round = 1; round <= 10; round++) {
        shuffle((struct record *)AREA);
        msg("shuffle %d: checksum %u", round, checksum(AREA));
    }
    uint32_t last = checksum(AREA);
    munmap(map);
    CHECK(file_checksum(fd) == last, "the file holds the last order");
}
