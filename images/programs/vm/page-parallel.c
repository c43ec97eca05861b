// Runs four children at once, each of which walks through 768 KiB.
// shows: processes share the frames and none sees another's data.
// needs: child-linear
#include <test.h>

#define CHILDREN 4

TEST
{
    pid_t children[CHILDREN];
    int statuses[CHILDREN];
    for (int i = 0; i < CHILDREN; i++) {
        char command[32];
        snprintf(command, sizeof command, "child-linear %d", i);
        children[i] = exec(command);
        REQUIRE(children[i] != PID_ERROR, "exec \"%s\"", command);
    }
    for (int i = 0; i < CHILDREN; i++)
        statuses[i] = wait(children[i]);
    for (int i = 0; i < CHILDREN; i++)
        CHECK(statuses[i] == 0x42, "child %d has status %#x", i, statuses[i]);
}
