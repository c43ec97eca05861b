// Closes the console.
// shows: closing descriptor 1 does no harm.
#include <test.h>

int main(void)
{
    msg("begin");
    close(STDOUT_FILENO);
    return 0;
}
