// Has the kernel write code: reads functions from a file to one address, and
// calls each.
// shows: code that a system call replaces is run as it is now.
#include "code.h"

static uint8_t code[PAGE_SIZE] __attribute__((aligned(4096)));

#define FUNCTIONS 50
#define FUNCTION_SIZE 6

TEST
{
    CHECK(create("functions", FUNCTIONS * FUNCTION_SIZE), "create \"functions\"");
    int fd = must_open("functions");
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        uint8_t function[FUNCTION_SIZE];
        emit_return(function, i * 7 + 1);
        REQUIRE(write(fd, function, sizeof function) == sizeof function, "write \"functions\"");
    }
    for (uint32_t round = 0; round < 3; round++) {
        seek(fd, 0);
        for (uint32_t i = 0; i < FUNCTIONS; i++) {
            REQUIRE(read(fd, code + 100, FUNCTION_SIZE) == FUNCTION_SIZE, "read \"functions\"");
            uint32_t result = call_code(code + 100, 0);
            REQUIRE(result == i * 7 + 1, "function %u gave %u", i, result);
        }
    }
    msg("150 calls were right");
}
