// Powers the machine off.
// shows: halt ends all at once: nothing is printed after it.
#include <test.h>

int main(void)
{
    msg("begin");
    halt();
    fail("still alive");
}
