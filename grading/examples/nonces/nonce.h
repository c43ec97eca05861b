// A generator that is seeded with the last argument, and a sum that depends on the order of what it sums.
#ifndef NONCE_H
#define NONCE_H

#include <pages.h>
#include <stdint.h>
#include <test.h>

static uint64_t state;

// The next number (splitmix64, by Steele, Lea and Flood).
static inline uint32_t next(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) >> 16);
}

static inline void seed(const char *digits)
{
    for (; *digits; digits++) {
        int digit = *digits <= '9' ? *digits - '0' : *digits - 'a' + 10;
        state = state << 4 | (uint64_t)digit;
    }
}

// Of words in their order (FNV-1a, a word at a time).
static inline uint32_t sum(const uint32_t *words, int count)
{
    uint32_t sum = 0x811c9dc5u;
    for (int i = 0; i < count; i++)
        sum = (sum ^ words[i]) * 0x01000193u;
    return sum;
}

#endif
