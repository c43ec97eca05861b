// Sorts 1 MiB: pieces go into files, children sort these, and this process
// merges them. What the programs page-merge-* consist of.
#ifndef VM_MERGE_H
#define VM_MERGE_H

#include <random.h>
#include <test.h>

#define DATA_SIZE (1024 * 1024)
#define MAX_PIECES 16

enum order { ONE_BY_ONE, ALL_AT_ONCE };

static uint8_t data[DATA_SIZE];
static uint8_t merged[DATA_SIZE];
static size_t histogram[256];

static void fill(void)
{
    msg("fill");
    random_init(3);
    random_bytes(data, DATA_SIZE);
    for (size_t i = 0; i < DATA_SIZE; i++)
        histogram[data[i]]++;
}

static void write_piece(const char *file, const uint8_t *piece, size_t size)
{
    REQUIRE(create(file, size), "create \"%s\"", file);
    int fd = must_open(file);
    REQUIRE(write(fd, piece, size) == (int)size, "write \"%s\"", file);
    close(fd);
}

static void read_piece(const char *file, uint8_t *piece, size_t size)
{
    int fd = must_open(file);
    REQUIRE(read(fd, piece, size) == (int)size, "read \"%s\"", file);
    close(fd);
}

static void sort_pieces(const char *program, int pieces, enum order order)
{
    size_t size = DATA_SIZE / pieces;
    pid_t children[MAX_PIECES];
    int statuses[MAX_PIECES];
    msg("sort %d pieces", pieces);
    for (int i = 0; i < pieces; i++) {
        char command[32];
        char file[16];
        snprintf(file, sizeof file, "piece%d", i);
        write_piece(file, data + i * size, size);
        snprintf(command, sizeof command, "%s %s", program, file);
        children[i] = exec(command);
        REQUIRE(children[i] != PID_ERROR, "exec \"%s\"", command);
        if (order == ONE_BY_ONE)
            statuses[i] = wait(children[i]);
    }
    for (int i = 0; i < pieces; i++) {
        if (order == ALL_AT_ONCE)
            statuses[i] = wait(children[i]);
        REQUIRE(statuses[i] == 42, "child %d has status %d", i, statuses[i]);
        char file[16];
        snprintf(file, sizeof file, "piece%d", i);
        read_piece(file, data + i * size, size);
    }
}

// Merges each two neighbouring runs of `size` bytes.
static void merge_pairs(const uint8_t *from, uint8_t *to, size_t size)
{
    for (size_t start = 0; start < DATA_SIZE; start += 2 * size) {
        const uint8_t *left = from + start;
        const uint8_t *right = left + size;
        const uint8_t *left_end = right;
        const uint8_t *right_end = right + size;
        for (size_t i = 0; i < 2 * size; i++) {
            bool take_left = right == right_end || (left < left_end && *left <= *right);
            to[start + i] = take_left ? *left++ : *right++;
        }
    }
}

// Merges the pieces, as many as a power of two, by pairs: that goes through all
// the memory again and again, but needs only three pages of it at a time.
static const uint8_t *merge(int pieces)
{
    uint8_t *from = data;
    uint8_t *to = merged;
    msg("merge");
    for (size_t size = DATA_SIZE / pieces; size < DATA_SIZE; size *= 2) {
        merge_pairs(from, to, size);
        uint8_t *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

static void verify(const uint8_t *sorted)
{
    size_t at = 0;
    msg("verify");
    for (int value = 0; value < 256; value++)
        for (size_t i = 0; i < histogram[value]; i++, at++)
            REQUIRE(sorted[at] == value, "byte %zu is %d, should be %d", at, sorted[at], value);
    msg("all %'zu bytes are in order", at);
}

// Sorts with children that run `program`, which is given a file's name.
static void merge_sort(const char *program, int pieces, enum order order)
{
    fill();
    sort_pieces(program, pieces, order);
    verify(merge(pieces));
}

#endif
