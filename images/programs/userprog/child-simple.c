// Says hello and exits with 81; a child of the exec and wait tests.
// shows: a child runs and its status is that of its exit call.
#include <test.h>

int main(void)
{
    msg("run");
    return 81;
}
