// Shuffles 128 KiB ten times and prints a checksum each time.
// shows: random accesses all over the data always find what was written.
#include <random.h>
#include <test.h>

#define SIZE (128 * 1024)

static uint8_t data[SIZE];

// A checksum for which the order of the bytes matters.
static uint32_t checksum(void)
{
    uint32_t sum = 1;
    for (size_t i = 0; i < SIZE; i++)
        sum = sum * 16777619u ^ data[i];
    return sum;
}

static void shuffle(void)
{
    for (uint32_t i = SIZE - 1; i > 0; i--) {
        uint32_t other = random_below(i + 1);
        uint8_t byte = data[i];
        data[i] = data[other];
        data[other] = byte;
    }
}

TEST
{
    random_init(4);
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (uint8_t)(i * 257 >> 8);
    msg("start: checksum %u", checksum());
    for (int round = 1; round <= 10; round++) {
        shuffle();
        msg("shuffle %d: checksum %u", round, checksum());
    }
}
