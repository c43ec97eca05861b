// The same with a chain of five children that run one executable.
// shows: an executable stays protected until the last of its processes ends.
// needs: child-rox
#include "rox.h"

TEST
{
    check_protection(5);
}
