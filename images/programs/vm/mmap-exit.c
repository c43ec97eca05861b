// Has a child that writes into a mapping and exits without munmap.
// shows: what a mapping holds is in its file after exit.
// needs: child-mm-wrt
#include "mmap.h"

TEST
{
    CHECK(run("child-mm-wrt") == 3, "child-mm-wrt");
    check_file("sample", sample, SAMPLE_SIZE);
}
