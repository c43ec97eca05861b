// Forks with a function in memory that both processes have run, and rewrite and
// run again in turns.
// shows: each process runs its own copy of code that it changes, never the other's.
#include "../vm/code.h"
#include <pages.h>

#define ROUNDS 60

static uint8_t code[PAGE_SIZE] __attribute__((aligned(4096)));

static int rewrite(uint32_t first)
{
    for (uint32_t i = 0; i < ROUNDS; i++) {
        emit_return(code, first + i);
        yield();
        uint32_t result = call_code(code, 0);
        REQUIRE(result == first + i, "%u is %u", first + i, result);
    }
    return 14;
}

TEST
{
    emit_return(code, 1);
    REQUIRE(call_code(code, 0) == 1, "before the fork");
    pid_t children[2];
    for (uint32_t i = 0; i < 2; i++) {
        children[i] = must_fork();
        if (children[i] == 0) {
            REQUIRE(call_code(code, 0) == 1, "a child, right after the fork");
            exit(rewrite(1000 + 1000 * i));
        }
    }
    REQUIRE(call_code(code, 0) == 1, "the parent, right after the forks");
    int status = rewrite(5000);
    for (int i = 0; i < 2; i++)
        REQUIRE(wait(children[i]) == 14, "child %d", i);
    CHECK(status == 14, "three processes, each with its own function");
    CHECK(call_code(code, 0) == 5000 + ROUNDS - 1, "the parent's is still its own");
}
