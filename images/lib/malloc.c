// Memory out of one array: malloc() and its kin; see stdlib.h.
//
// The array is a row of blocks, each a header and the bytes behind it. Free
// blocks are in a list in the order of their addresses, and no two of them lie
// side by side: free() joins what does. malloc() takes the first that is large
// enough and leaves the rest of it free, so memory is used from low addresses
// up, and a page is touched when it is needed.
#include "stdlib.h"

#include <stdbool.h>

#include "string.h"

#define ALIGNMENT 16u

struct block {
    // Of the block with its header; a multiple of ALIGNMENT.
    size_t bytes;
    // The next free block; has a meaning in free blocks alone.
    struct block *next;
    char fill[ALIGNMENT - sizeof(size_t) - sizeof(struct block *)];
};

static _Alignas(ALIGNMENT) char heap[HEAP_BYTES];
static struct block *first_free;
static bool ready;

static void prepare(void)
{
    if (ready)
        return;
    ready = true;
    first_free = (struct block *)heap;
    first_free->bytes = HEAP_BYTES;
    first_free->next = NULL;
}

static struct block *block_of(void *memory)
{
    return (struct block *)memory - 1;
}

static struct block *behind(struct block *block)
{
    return (struct block *)((char *)block + block->bytes);
}

// The bytes of a block for `size` bytes; 0 if there cannot be one.
static size_t needed(size_t size)
{
    if (size > HEAP_BYTES - sizeof(struct block))
        return 0;
    return sizeof(struct block) + (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

// Cuts a block off at `bytes`, if enough is left for another, which follows it.
static bool cut(struct block *block, size_t bytes)
{
    if (block->bytes - bytes <= sizeof(struct block))
        return false;
    size_t rest = block->bytes - bytes;
    block->bytes = bytes;
    behind(block)->bytes = rest;
    return true;
}

void *malloc(size_t size)
{
    size_t bytes = needed(size);
    if (bytes == 0)
        return NULL;
    prepare();
    for (struct block **link = &first_free; *link != NULL; link = &(*link)->next) {
        struct block *block = *link;
        if (block->bytes < bytes)
            continue;
        if (cut(block, bytes)) {
            behind(block)->next = block->next;
            *link = behind(block);
        } else {
            *link = block->next;
        }
        return block + 1;
    }
    return NULL;
}

void *calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    void *memory = malloc(bytes);
    if (memory != NULL)
        memset(memory, 0, bytes);
    return memory;
}

// Joins a free block with the next one, if that lies right behind it.
static void join(struct block *block)
{
    if (block->next != NULL && behind(block) == block->next) {
        block->bytes += block->next->bytes;
        block->next = block->next->next;
    }
}

void free(void *memory)
{
    if (memory == NULL)
        return;
    struct block *block = block_of(memory);
    struct block *before = NULL;
    struct block *after = first_free;
    while (after != NULL && after < block) {
        before = after;
        after = after->next;
    }
    block->next = after;
    join(block);
    if (before == NULL) {
        first_free = block;
    } else {
        before->next = block;
        join(before);
    }
}

void *realloc(void *memory, size_t size)
{
    if (memory == NULL)
        return malloc(size);
    struct block *block = block_of(memory);
    size_t bytes = needed(size);
    if (bytes == 0)
        return NULL;
    if (bytes <= block->bytes) {
        if (cut(block, bytes))
            free(behind(block) + 1);
        return memory;
    }
    void *moved = malloc(size);
    if (moved == NULL)
        return NULL;
    memcpy(moved, memory, block->bytes - sizeof(struct block));
    free(memory);
    return moved;
}
