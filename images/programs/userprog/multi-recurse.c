// Starts itself with a number one lower, down to 0, and waits for it.
// shows: a chain of processes, each of which waits for the next.
#include <test.h>

int main(int argc, char *argv[])
{
    int depth = argc > 1 ? atoi(argv[1]) : 15;
    msg("begin %d", depth);
    if (depth > 0) {
        char command[32];
        snprintf(command, sizeof command, "multi-recurse %d", depth - 1);
        int status = run(command);
        REQUIRE(status == depth - 1, "child %d has status %d", depth - 1, status);
    }
    msg("end %d", depth);
    return depth;
}
