// Waits for the same child twice.
// shows: the second wait for a child returns -1 at once.
// needs: child-simple
#include <test.h>

TEST
{
    pid_t child = exec("child-simple");
    msg("wait(exec()) = %d", wait(child));
    msg("wait(child) = %d", wait(child));
}
