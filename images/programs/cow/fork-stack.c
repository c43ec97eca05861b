// Forks at the bottom of a recursion with 4 KiB in each of 40 calls; child and
// parent return through all of them, each with its own changes.
// shows: the stack is copied on write, and both processes find their way back.
#include <pages.h>

#define DEPTH 40

static pid_t child;
static uint32_t mark;

static __attribute__((noinline)) uint32_t descend(uint32_t depth)
{
    uint32_t frame[PAGE_SIZE / 4];
    volatile uint32_t *words = frame;
    for (uint32_t i = 0; i < PAGE_SIZE / 4; i += 8)
        words[i] = depth * 10000 + i;
    uint32_t sum;
    if (depth == DEPTH) {
        child = must_fork();
        mark = child == 0 ? 7 : 3;
        sum = 0;
    } else {
        sum = descend(depth + 1);
    }
    for (uint32_t i = 0; i < PAGE_SIZE / 4; i += 8) {
        REQUIRE(words[i] == depth * 10000 + i, "word %u of call %u is %u", i, depth, words[i]);
        words[i] += mark;
    }
    yield();
    return sum + words[8] - depth * 10000 - 8;
}

TEST
{
    uint32_t sum = descend(1);
    if (child == 0)
        exit((int)sum);
    int status = wait(child);
    CHECK(status == 7 * DEPTH, "the child returned with %d", status);
    CHECK(sum == 3 * DEPTH, "the parent returned with %u", sum);
}
