// Fills 2 MiB, combines them with random numbers twice, and checks each byte.
// shows: data larger than memory keep their contents when they are walked from end to end.
#include <random.h>
#include <test.h>

#define SIZE (2 * 1024 * 1024)

static char data[SIZE];

static void check_all(char expected)
{
    for (size_t i = 0; i < SIZE; i++)
        REQUIRE(data[i] == expected, "byte %zu is %d, should be %d", i, data[i], expected);
}

TEST
{
    msg("fill");
    memset(data, 0x5a, SIZE);
    msg("check");
    check_all(0x5a);
    msg("invert");
    for (size_t i = 0; i < SIZE; i++)
        data[i] = ~data[i];
    msg("encrypt");
    random_init(2);
    random_xor(data, SIZE);
    msg("decrypt");
    random_init(2);
    random_xor(data, SIZE);
    msg("check");
    check_all(~0x5a);
}
