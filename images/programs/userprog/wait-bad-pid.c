// Waits for processes that do not exist, and for itself.
// shows: wait for a process that is not a child returns -1.
#include <test.h>

TEST
{
    static const pid_t pids[] = { 0x0c020301, -1, 0, 2147483647 };
    for (size_t i = 0; i < sizeof pids / sizeof *pids; i++)
        msg("wait(%d) = %d", pids[i], wait(pids[i]));
}
