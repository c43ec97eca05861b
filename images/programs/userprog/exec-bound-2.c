// Gives exec a string that runs out of mapped memory before it ends.
// shows: a string has to be in valid memory up to its last byte.
// needs: child-args
#include <test.h>

TEST
{
    // The last bytes of the stack's last page, where argv[0] lies so far; above
    // them the kernel begins.
    test_name = "exec-bound-2";
    char *end = (char *)PHYS_BASE - 4;
    memcpy(end, "chil", 4);
    MUST_DIE(exec(end));
}
