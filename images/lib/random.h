// Numbers that look random and are the same on every run.
//
// A counter grows by 2654435769 (2^32 over the golden ratio) each time, and
// two rounds of "xor with the upper half, multiply by an odd number" make its
// bits look unlike each other. Every 32-bit value comes once in 2^32 numbers.
// The generator starts at seed 0.
#ifndef LIB_RANDOM_H
#define LIB_RANDOM_H

#include <stddef.h>
#include <stdint.h>

// Starts the sequence that belongs to `seed`.
void random_init(uint32_t seed);

// The next number, any of 32 bits.
uint32_t random_next(void);

// The next number from 0 to `limit` - 1. The lower ones are very slightly more
// frequent if `limit` is not a power of two.
uint32_t random_below(uint32_t limit);

// Fills a buffer, four bytes from each number, the lowest byte first. Pieces
// of any multiple of four bytes give the same bytes as the whole at once.
void random_bytes(void *buffer, size_t size);

// Combines a buffer with the next numbers by xor: twice with the same seed
// gives back what was there.
void random_xor(void *buffer, size_t size);

#endif
