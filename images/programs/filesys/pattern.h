// Files of random bytes, written and read in blocks of several kinds.
#ifndef FILESYS_PATTERN_H
#define FILESYS_PATTERN_H

#include <random.h>
#include <test.h>

#define SMALL 5000
#define LARGE 75000

// What the file is to hold.
static char contents[LARGE];

// The size of the next block; not more than `rest`.
typedef size_t block_size(size_t rest);

static inline size_t all_at_once(size_t rest)
{
    return rest;
}

static inline size_t blocks_of_1234(size_t rest)
{
    return rest < 1234 ? rest : 1234;
}

static inline size_t random_blocks(size_t rest)
{
    size_t size = 1 + random_below(2000);
    return rest < size ? rest : size;
}

// Creates a file of `size` bytes, writes it from start to end, in blocks, and
// checks what it holds.
static inline void write_in_sequence(const char *file, size_t size, block_size next)
{
    random_init(6);
    random_bytes(contents, size);
    CHECK(create(file, size), "create \"%s\"", file);
    int fd = must_open(file);
    msg("write \"%s\"", file);
    for (size_t done = 0; done < size;) {
        size_t block = next(size - done);
        int written = write(fd, contents + done, block);
        REQUIRE(written == (int)block, "write of %zu bytes at %zu returned %d", block, done,
                written);
        done += block;
    }
    msg("close \"%s\"", file);
    close(fd);
    check_file(file, contents, size);
}

// Puts the numbers below `count` into a random order.
static inline void shuffle_numbers(int *numbers, int count)
{
    for (int i = 0; i < count; i++) {
        int other = (int)random_below((uint32_t)i + 1);
        numbers[i] = numbers[other];
        numbers[other] = i;
    }
}

// Creates a file of `count` blocks, writes them in random order, and reads
// them in another one.
static inline void write_in_disorder(const char *file, size_t block, int count)
{
    int order[200];
    char actual[512];
    REQUIRE(count <= 200 && block <= sizeof actual, "too large");
    random_init(7);
    random_bytes(contents, block * (size_t)count);
    CHECK(create(file, block * (size_t)count), "create \"%s\"", file);
    int fd = must_open(file);
    msg("write \"%s\" in random order", file);
    shuffle_numbers(order, count);
    for (int i = 0; i < count; i++) {
        size_t at = block * (size_t)order[i];
        seek(fd, at);
        REQUIRE(write(fd, contents + at, block) == (int)block, "write at %zu", at);
    }
    msg("read \"%s\" in random order", file);
    shuffle_numbers(order, count);
    for (int i = 0; i < count; i++) {
        size_t at = block * (size_t)order[i];
        seek(fd, at);
        REQUIRE(read(fd, actual, block) == (int)block, "read at %zu", at);
        compare_bytes(actual, contents + at, block, at, file);
    }
    close(fd);
    check_file(file, contents, block * (size_t)count);
}

#endif
