// Runs sixteen children, each with 768 KiB of data, one after the other.
// shows: frames and swap slots of a process that ended are free for the next.
// needs: child-linear
#include <test.h>

TEST
{
    for (int i = 0; i < 16; i++) {
        int status = run("child-linear");
        REQUIRE(status == 0x42, "child %d has status %d", i, status);
    }
}
