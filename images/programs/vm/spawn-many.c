// Starts 200 children, all alive until a file appears, and adds up their
// statuses.
// shows: hundreds of processes at once share the frames.
// needs: child-spawn
#include <test.h>

#define CHILDREN 200

TEST
{
    pid_t children[CHILDREN];
    for (int i = 0; i < CHILDREN; i++) {
        char command[32];
        snprintf(command, sizeof command, "child-spawn %d", i);
        children[i] = exec(command);
        REQUIRE(children[i] != PID_ERROR, "exec \"%s\"", command);
    }
    CHECK(create("go", 0), "200 children are there, let them go");
    int sum = 0;
    for (int i = 0; i < CHILDREN; i++) {
        int status = wait(children[i]);
        REQUIRE(status == i, "child %d has status %d", i, status);
        sum += status;
    }
    msg("the statuses add up to %d", sum);
}
