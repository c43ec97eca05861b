// Closes descriptors that are not open.
// shows: closing a descriptor that is not open does no harm.
#include <test.h>

TEST
{
    close(0x20101234);
    close(-1);
    close(-2147483647 - 1);
    close(1000);
}
