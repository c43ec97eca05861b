// Opens one file 120 times and closes it again.
// shows: a process can have many files open, and descriptors are free again after close.
// needs: sample.txt
#include <test.h>

TEST
{
    int fds[120];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 120; i++)
            fds[i] = must_open("sample.txt");
        for (int i = 0; i < 120; i++)
            for (int j = 0; j < i; j++)
                REQUIRE(fds[i] != fds[j], "descriptor %d was given out twice", fds[i]);
        for (int i = 0; i < 120; i++)
            close(fds[i]);
        msg("round %d", round);
    }
}
