// Runs three children at once that compute in x87 and SSE registers, then
// computes the same alone and compares.
// shows: a process finds its x87 and SSE registers and rounding modes as it left them.
// needs: child-fpu
// flags: -msse
#include "fpu.h"

#include <test.h>

#define CHILDREN 3

static void check_child(int child, const char *file)
{
    struct fpu_result theirs;
    struct fpu_result ours = compute((uint32_t)child, STEPS);
    REQUIRE(ours.x87 == ours.x87 && ours.x87 != 0, "no number came out");
    int fd = must_open(file);
    REQUIRE(read(fd, &theirs, sizeof theirs) == sizeof theirs, "read \"%s\"", file);
    CHECK(memcmp(&theirs.x87, &ours.x87, 8) == 0, "x87 result of child %d", child);
    CHECK(memcmp(&theirs.sse, &ours.sse, 16) == 0, "SSE result of child %d", child);
    REQUIRE(theirs.x87_control == ours.x87_control, "x87 control word %#x", theirs.x87_control);
    REQUIRE(theirs.sse_control == ours.sse_control, "SSE control word %#x", theirs.sse_control);
}

TEST
{
    pid_t children[CHILDREN];
    char file[16];
    for (int i = 0; i < CHILDREN; i++) {
        char command[32];
        snprintf(file, sizeof file, "result%d", i);
        REQUIRE(create(file, 0), "create \"%s\"", file);
        snprintf(command, sizeof command, "child-fpu %d %s", i, file);
        children[i] = exec(command);
        REQUIRE(children[i] != PID_ERROR, "exec \"%s\"", command);
    }
    for (int i = 0; i < CHILDREN; i++) {
        int status = wait(children[i]);
        REQUIRE(status == 44, "child %d has status %d", i, status);
    }
    for (int i = 0; i < CHILDREN; i++) {
        snprintf(file, sizeof file, "result%d", i);
        check_child(i, file);
    }
}
