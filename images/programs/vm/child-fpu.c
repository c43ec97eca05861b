// Computes with the seed in its first argument and writes the result to the
// file that its second names; a child of fpu-switch.
// flags: -msse
// shows: x87 and SSE1 instructions work in user programs.
#include "fpu.h"

#include <test.h>

int main(int argc, char *argv[])
{
    REQUIRE(argc == 3, "two arguments are needed");
    struct fpu_result result = compute((uint32_t)atoi(argv[1]), STEPS);
    int fd = must_open(argv[2]);
    REQUIRE(write(fd, &result, sizeof result) == sizeof result, "write \"%s\"", argv[2]);
    return 44;
}
