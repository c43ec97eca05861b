// Moves its stack pointer to an unmapped place and makes a call there.
// shows: a child that does wrong is ended, and not its parent.
#include <test.h>

int main(void)
{
    msg("begin");
    __asm__ volatile("movl $0x20101234, %esp; int $0x30");
    fail("still alive");
}
