// Looks at 1 MiB of .bss, dirties it, and has children look at theirs.
// shows: fresh memory is zero, also in frames that held another process's data.
#include <test.h>

#define SIZE (1024 * 1024)

// In the file, so that .bss begins in the middle of a page of the file.
static volatile uint32_t neighbour = 0x01020304;
static uint32_t data[SIZE / 4];

static void check_zero_and_dirty(void)
{
    REQUIRE(neighbour == 0x01020304, "initialised data are %#x", neighbour);
    for (size_t i = 0; i < SIZE / 4; i++) {
        REQUIRE(data[i] == 0, "word %zu is %#x", i, data[i]);
        data[i] = 0xdeadbeef;
    }
}

int main(int argc, char *argv[])
{
    (void)argv;
    check_zero_and_dirty();
    if (argc > 1)
        return 9;
    msg("begin");
    for (int i = 0; i < 3; i++)
        msg("child's status is %d", run("page-zero child"));
    for (size_t i = 0; i < SIZE / 4; i++)
        REQUIRE(data[i] == 0xdeadbeef, "word %zu is %#x", i, data[i]);
    msg("end");
    return 0;
}
