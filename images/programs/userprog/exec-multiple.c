// Starts four children, one after the other.
// shows: exec works again and again.
// needs: child-simple
#include <test.h>

TEST
{
    for (int i = 0; i < 4; i++)
        msg("child's status is %d", run("child-simple"));
}
