// Waits for a child.
// shows: wait returns the status of the child.
// needs: child-simple
#include <test.h>

TEST
{
    msg("wait(exec()) = %d", wait(exec("child-simple")));
}
