// Reads and writes files with buffers of 300 KiB that are out on swap.
// shows: the kernel brings in, and keeps, the pages of a buffer during a call.
#include <random.h>
#include <test.h>

#define SIZE (300 * 1024)

static char out[SIZE];
static char in[SIZE];

TEST
{
    CHECK(create("data", SIZE), "create \"data\"");
    int fd = must_open("data");
    for (uint32_t round = 1; round <= 3; round++) {
        random_init(round);
        random_bytes(out, SIZE);
        memset(in, (int)round, SIZE);
        seek(fd, 0);
        REQUIRE(write(fd, out, SIZE) == SIZE, "write \"data\"");
        seek(fd, 0);
        REQUIRE(read(fd, in, SIZE) == SIZE, "read \"data\"");
        compare_bytes(in, out, SIZE, 0, "data");
        msg("round %u", round);
    }
}
