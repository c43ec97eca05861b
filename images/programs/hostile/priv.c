// Runs the one instruction that its argument names, and exits with 0 if that
// had no effect, as some are to have in ring 3; a child of priv-all.
// shows: a program in ring 3 cannot do what only the kernel may.
#include "instructions.h"

#include <test.h>

int main(int argc, char *argv[])
{
    REQUIRE(argc == 2, "the name of an instruction is needed");
    int count;
    const struct instruction *all = instructions(&count);
    for (int i = 0; i < count; i++)
        if (strcmp(all[i].name, argv[1]) == 0)
            return all[i].run() ? 0 : 2;
    fail("there is no instruction '%s'", argv[1]);
}
