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

static void merge(int pieces)
{
    size_t size = DATA_SIZE / pieces;
    const uint8_t *at[MAX_PIECES];
    const uint8_t *end[MAX_PIECES];
    msg("merge");
    for (int i = 0; i < pieces; i++) {
        at[i] = data + i * size;
        end[i] = at[i] + size;
    }
    // The piece with the lowest next byte gives it; empty pieces go.
    for (size_t done = 0; done < DATA_SIZE; done++) {
        int lowest = 0;
        for (int i = 1; i < pieces; i++)
            if (*at[i] < *at[lowest])
                lowest = i;
        merged[done] = *at[lowest]++;
        if (at[lowest] == end[lowest]) {
            pieces--;
            at[lowest] = at[pieces];
            end[lowest] = end[pieces];
        }
    }
}

static void verify(void)
{
    size_t at = 0;
    msg("verify");
    for (int value = 0; value < 256; value++)
        for (size_t i = 0; i < histogram[value]; i++, at++)
            REQUIRE(merged[at] == value, "byte %zu is %d, should be %d", at, merged[at], value);
    msg("all %'zu bytes are in order", at);
}

// Sorts with children that run `program`, which is given a file's name.
static void merge_sort(const char *program, int pieces, enum order order)
{
    fill();
    sort_pieces(program, pieces, order);
    merge(pieces);
    verify();
}

#endif
