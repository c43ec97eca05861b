// Starts one child and waits for it.
// shows: exec starts a program of the file system.
// needs: child-simple
#include <test.h>

TEST
{
    msg("child's status is %d", run("child-simple"));
}
