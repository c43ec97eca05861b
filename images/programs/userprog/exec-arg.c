// Gives a child an argument.
// shows: exec takes a command line, not only a name.
// needs: child-args
#include <test.h>

TEST
{
    msg("child's status is %d", run("child-args childarg"));
}
