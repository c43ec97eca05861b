// Ends with a status of its own.
// shows: exit ends the process with the status that it was given.
#include <test.h>

int main(void)
{
    msg("begin");
    exit(57);
    fail("still alive");
}
