// Reads 4,096 bytes below the stack pointer.
// shows: an access far below %esp is not stack growth: it ends the process.
#include <test.h>

TEST
{
    msg("read 4,096 bytes below the stack pointer");
    __asm__ volatile("movl -4096(%%esp), %%eax" : : : "eax");
    fail("still alive");
}
