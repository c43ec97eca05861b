// Numbers from text, sorting, and memory.
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

// Memory of `size` bytes for as long as it is not freed, aligned to 16 bytes;
// NULL if there is no room. All of it lies in one array of HEAP_BYTES, so that
// no system call is needed: pages of it that nobody has used take no frame. A
// program without malloc() has no such array.
#define HEAP_BYTES (4u << 20)
void *malloc(size_t size) __attribute__((malloc));

// The same for `count` elements of `size` bytes each, all zero.
void *calloc(size_t count, size_t size) __attribute__((malloc));

// Makes `memory` longer or shorter; it may move. NULL if there is no room, and
// `memory` stays as it is. NULL for `memory` is a malloc().
void *realloc(void *memory, size_t size);

// Gives memory back; NULL is none.
void free(void *memory);

#endif
