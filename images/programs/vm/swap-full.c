// Has a child that dirties 32 MiB, more than memory and swap disk hold, between
// two that dirty 256 KiB, and checks its own data.
// shows: without a free swap slot the process that needs one ends, and leaves nothing behind.
#include <random.h>
#include <test.h>

static char data[64 * 1024];
static volatile char large[32 * 1024 * 1024];

static int dirty(size_t size)
{
    for (size_t i = 0; i < size; i += PAGE_SIZE)
        large[i] = 1;
    return 6;
}

int main(int argc, char *argv[])
{
    if (argc > 1)
        return dirty((size_t)atoi(argv[1]) * 1024);
    msg("begin");
    random_init(9);
    random_xor(data, sizeof data);
    msg("256 KiB: %d", run("swap-full 256"));
    msg("32 MiB: %d", run("swap-full 32768"));
    msg("256 KiB: %d", run("swap-full 256"));
    random_init(9);
    random_xor(data, sizeof data);
    for (size_t i = 0; i < sizeof data; i++)
        REQUIRE(data[i] == 0, "byte %zu changed", i);
    msg("end");
    return 0;
}
