// Runs three children that each write code to the same addresses, and run it.
// shows: processes with different code at one address do not run each other's.
// needs: child-smc
#include <test.h>

#define CHILDREN 3

TEST
{
    pid_t children[CHILDREN];
    int statuses[CHILDREN];
    for (int i = 0; i < CHILDREN; i++) {
        char command[32];
        snprintf(command, sizeof command, "child-smc %d", i + 1);
        children[i] = exec(command);
        REQUIRE(children[i] != PID_ERROR, "exec \"%s\"", command);
    }
    for (int i = 0; i < CHILDREN; i++)
        statuses[i] = wait(children[i]);
    for (int i = 0; i < CHILDREN; i++)
        CHECK(statuses[i] == 33, "child %d has status %d", i, statuses[i]);
}
