// Pseudo-random numbers; see random.h.
#include "random.h"

static uint32_t counter;

void random_init(uint32_t seed)
{
    counter = seed;
}

uint32_t random_next(void)
{
    counter += 2654435769u;
    uint32_t x = counter;
    x = (x ^ x >> 16) * 73244475u;
    x = (x ^ x >> 15) * 1664525u;
    return x ^ x >> 16;
}

uint32_t random_below(uint32_t limit)
{
    return random_next() % limit;
}

void random_xor(void *buffer, size_t size)
{
    uint8_t *bytes = buffer;
    uint32_t word = 0;
    for (size_t i = 0; i < size; i++) {
        word = i % 4 == 0 ? random_next() : word >> 8;
        bytes[i] ^= (uint8_t)word;
    }
}

void random_bytes(void *buffer, size_t size)
{
    uint8_t *bytes = buffer;
    uint32_t word = 0;
    for (size_t i = 0; i < size; i++) {
        word = i % 4 == 0 ? random_next() : word >> 8;
        bytes[i] = (uint8_t)word;
    }
}
