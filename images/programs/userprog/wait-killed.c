// Waits for a child that the kernel ends.
// shows: wait returns -1 for a killed child.
// needs: child-bad
#include <test.h>

TEST
{
    msg("wait(exec()) = %d", wait(exec("child-bad")));
}
