// Closes the keyboard.
// shows: closing descriptor 0 does no harm.
#include <test.h>

TEST
{
    close(STDIN_FILENO);
}
