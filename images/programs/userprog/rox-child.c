// Tries to write to a child's executable while it runs and after it ended.
// shows: an executable is protected exactly as long as a process runs it.
// needs: child-rox
#include "rox.h"

TEST
{
    check_protection(1);
}
