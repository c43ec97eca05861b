// Numbers from text, and sorting.
#ifndef LIB_STDLIB_H
#define LIB_STDLIB_H

#include <stddef.h>
#include <stdint.h>

// The decimal number at the start of `text`, 0 if there is none.
int atoi(const char *text);

// Sorts `count` elements of `size` bytes, in place, by the order that
// `compare` gives (below, equal to or above 0). Heap sort: no stack, no worst
// case.
void qsort(void *elements, size_t count, size_t size,
           int (*compare)(const void *, const void *));

// Sorts bytes from low to high, by counting them.
void sort_bytes(uint8_t *bytes, size_t count);

#endif
