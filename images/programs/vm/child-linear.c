// Encrypts 768 KiB, decrypts them, checks that all are zero again and exits
// with 66; a child of several tests.
// shows: each process has its own data at the same addresses.
#include <random.h>
#include <test.h>

#define SIZE (768 * 1024)

static char data[SIZE];

int main(int argc, char *argv[])
{
    // Each process that is given a number has a key of its own.
    uint32_t key = argc > 1 ? (uint32_t)atoi(argv[1]) : 0;
    random_init(key);
    random_xor(data, SIZE);
    random_init(key);
    random_xor(data, SIZE);
    for (size_t i = 0; i < SIZE; i++)
        REQUIRE(data[i] == 0, "byte %zu is not zero", i);
    return 0x42;
}
