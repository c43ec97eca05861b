// Jumps into the kernel.
// shows: user programs cannot run the kernel's memory.
#include <test.h>

typedef int function(void);

TEST
{
    function *volatile kernel = (function *)0xc0000000;
    MUST_DIE(kernel());
}
