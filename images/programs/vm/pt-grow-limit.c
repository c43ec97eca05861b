// Recurses without end.
// shows: the stack has a limit of 8 MiB; the process that exceeds it ends, its parent goes on.
#include "stack.h"

static volatile int forever = 1;

static int recurse(int depth)
{
    volatile char object[32 * 1024];
    use_whole(object);
    object[0] = (char)depth;
    // 8 MiB have room for 255 objects and what lies between them.
    REQUIRE(depth < 255, "the stack is larger than 8 MiB");
    return forever ? recurse(depth + 1) + object[0] : 0;
}

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1)
        return recurse(0);
    msg("begin");
    msg("child's status is %d", run("pt-grow-limit child"));
    msg("end");
    return 0;
}
