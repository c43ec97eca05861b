// Starts five children and waits for them from the last to the first, each twice.
// shows: a status is kept until it is asked for, in any order, and no longer.
// needs: child-number
#include <test.h>

TEST
{
    pid_t children[5];
    for (int i = 0; i < 5; i++) {
        char command[32];
        snprintf(command, sizeof command, "child-number %d", 10 + i);
        children[i] = exec(command);
        REQUIRE(children[i] != PID_ERROR, "exec \"%s\"", command);
    }
    for (int i = 4; i >= 0; i--) {
        int status = wait(children[i]);
        REQUIRE(status == 10 + i, "child %d has status %d", i, status);
        REQUIRE(wait(children[i]) == -1, "child %d can be waited for twice", i);
    }
}
